/** Policies as values of a program: read strictly, kept as the plain data that a scope holds. */
import type { JsonObject } from "../base/json.ts";
import { runtimeError } from "../builtin/raise.ts";
import { valueToJson } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HRecord } from "../value/value.ts";
import { readApproval, writeApproval } from "./approval.ts";
import { readPolicy, writePolicy } from "./capability.ts";

/** Nil: no policy. Throws what names `where` and the key. */
export function policyFromValue(value: Value, where: string): JsonObject | null {
  return value === null ? null : writePolicy(readPolicy(plainDict(value, where), where));
}

export function approvalFromValue(value: Value, where: string): JsonObject | null {
  return value === null ? null : writeApproval(readApproval(plainDict(value, where), where));
}

function plainDict(value: Value, where: string): JsonObject {
  if (!(value instanceof HRecord)) throw runtimeError(`${where} must be a dict, got ${typeName(value)}`);
  return valueToJson(value) as JsonObject;
}
