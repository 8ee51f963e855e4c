/** Names of run-time kinds, as `type_of` gives them and error texts use them. */
import { unreachable } from "../base/unreachable.ts";
import {
  type HandleKind,
  HBuiltin,
  HCaught,
  HClosure,
  HCursor,
  HDict,
  HDuration,
  HEnum,
  HFloat,
  HHandle,
  HList,
  HPair,
  HRange,
  HSet,
  HStruct,
  type Value,
} from "./value.ts";

export function typeName(value: Value): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return Number.isInteger(value) ? "int" : "float";
    default:
      return objectTypeName(value);
  }
}

function objectTypeName(value: Exclude<Value, string | boolean | bigint | number>): string {
  if (value === null) return "nil";
  if (value instanceof HList) return "list";
  if (value instanceof HDict) return "dict";
  if (value instanceof HFloat) return "float";
  if (value instanceof HClosure) return "closure";
  if (value instanceof HStruct) return "struct";
  if (value instanceof HEnum) return "enum";
  if (value instanceof HBuiltin) return "builtin";
  if (value instanceof HDuration) return "duration";
  if (value instanceof HSet) return "set";
  if (value instanceof HRange) return "range";
  if (value instanceof HPair) return "pair";
  if (value instanceof HHandle) return handleTypeName(value.kind);
  // Loop cursors and caught failures never reach a program.
  if (value instanceof HCursor || value instanceof HCaught) return "internal";
  return unreachable(value);
}

function handleTypeName(kind: HandleKind): string {
  switch (kind) {
    case "task":
      return "task_handle";
    case "iterator":
      return "iter";
    case "channel":
    case "atomic":
    case "generator":
    case "mutex":
    case "mcp_client":
      return kind;
    default:
      return unreachable(kind);
  }
}
