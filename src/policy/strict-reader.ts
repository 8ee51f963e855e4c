/**
 * Reads policy records strictly: a key that is unknown or has the wrong type is a `Failure` that names it. A policy that is not what it looks like
 * must never pass for a wider one.
 */
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { closestName } from "../check/suggestion.ts";

/** The type of a JSON value in the words of the language. */
export function kindOfJson(json: Json | undefined): string {
  if (json === undefined || json === null) return "nil";
  if (Array.isArray(json)) return "list";
  if (typeof json === "object") return "dict";
  if (typeof json === "boolean") return "bool";
  return typeof json === "number" ? (Number.isInteger(json) ? "int" : "float") : "string";
}

export function wrongType(where: string, wanted: string, got: Json | undefined): Failure {
  return new Failure(`${where} must be ${wanted}, got ${kindOfJson(got)}`);
}

export function readObject(json: Json | undefined, where: string): JsonObject {
  if (!isJsonObject(json)) throw wrongType(where, "a dict", json);
  return json;
}

export function refuseUnknownKeys(object: JsonObject, known: readonly string[], where: string): void {
  for (const key of Object.keys(object)) {
    if (!known.includes(key)) throw new Failure(`${where}: unknown key "${key}"${hint(key, known)}`);
  }
}

/** ` (did you mean …)`, or what there is. */
function hint(name: string, known: readonly string[]): string {
  const near = closestName(name, known);
  return near === null ? ` (expected one of: ${known.join(", ")})` : ` (did you mean "${near}"?)`;
}

/** Absent: empty. Blank entries are refused, since they can only be mistakes; repeats are dropped. */
export function readTexts(json: Json | undefined, where: string): readonly string[] {
  if (json === undefined) return [];
  if (!Array.isArray(json)) throw wrongType(where, "a list of strings", json);
  const texts = new Set<string>();
  for (const item of json as readonly Json[]) {
    if (typeof item !== "string") throw new Failure(`${where} must hold strings only, got ${kindOfJson(item)}`);
    if (item.trim() === "") throw new Failure(`${where} must not hold a blank string`);
    texts.add(item.trim());
  }
  return [...texts];
}

/** Absent or nil: null. */
export function readChoice<const C extends string>(
  json: Json | undefined,
  choices: readonly C[],
  where: string,
): C | null {
  if (json === undefined || json === null) return null;
  if (typeof json !== "string") throw wrongType(where, "a string", json);
  const found = choices.find((choice) => choice === json);
  if (found === undefined) throw new Failure(`${where}: unknown value "${json}"${hint(json, choices)}`);
  return found;
}

/** Absent or nil: null. */
export function readCount(json: Json | undefined, where: string): number | null {
  if (json === undefined || json === null) return null;
  if (!Number.isSafeInteger(json)) throw wrongType(where, "a whole number", json);
  if ((json as number) < 0) throw new Failure(`${where} must not be negative, got ${json}`);
  return json as number;
}
