/** Schemas made of schemas, and canonical schemas written as JSON Schema or OpenAPI. */
import { displayValue } from "../../value/display.ts";
import { copyDict, HDict, HFloat, HList, HSet, share, type Value } from "../../value/value.ts";
import { asDouble, asWhole } from "../number-reading.ts";
import { ANNOTATIONS, dictAt, listAt, schemasAt, textAt } from "./canonical.ts";

export function extendSchema(base: HDict, over: HDict): HDict {
  const merged = copyDict(base);
  for (const [key, value] of over.entries()) merged.set(key, share(value));
  return merged;
}

/** Nothing is required any more, at any depth. */
export function partialSchema(schema: HDict): HDict {
  const partial = copyDict(schema);
  partial.delete("required");
  const properties = dictAt(schema, "properties");
  if (properties !== null) partial.set("properties", mapSchemas(properties, partialSchema));
  for (const key of ["union", "all_of"]) {
    const branches = schemasAt(schema, key);
    if (branches !== null) partial.set(key, new HList(branches.map(partialSchema)));
  }
  for (const key of ["items", "additional_properties"]) {
    const inner = dictAt(schema, key);
    if (inner !== null) partial.set(key, partialSchema(inner));
  }
  return partial;
}

/** With those properties only that `keep` wants. */
export function filterSchema(schema: HDict, keep: (key: string) => boolean): HDict {
  const filtered = copyDict(schema);
  const properties = dictAt(schema, "properties");
  if (properties !== null) {
    const kept = [...properties.entries()].filter(([key]) => keep(key));
    filtered.set("properties", HDict.from(kept.map(([key, value]) => [key, share(value)] as const)));
  }
  const required = listAt(schema, "required");
  if (required !== null) filtered.set("required", new HList(required.filter((key) => keep(displayValue(key)))));
  return filtered;
}

function mapSchemas(schemas: HDict, change: (schema: HDict) => HDict): HDict {
  return HDict.from(
    [...schemas.entries()].map(([key, value]) => [key, value instanceof HDict ? change(value) : share(value)] as const),
  );
}

const JSON_TYPES: Readonly<Record<string, string>> = {
  int: "integer",
  float: "number",
  bool: "boolean",
  list: "array",
  dict: "object",
  nil: "null",
};

const NUMBER_BOUNDS = [
  ["min", "minimum"],
  ["max", "maximum"],
] as const;
const COUNT_BOUNDS = [
  ["min_length", "minLength"],
  ["max_length", "maxLength"],
  ["min_items", "minItems"],
  ["max_items", "maxItems"],
] as const;

/** `openapi`: what may be nil is `nullable` instead of a union with `null`. */
export function exportSchema(schema: HDict, openapi: boolean): HDict {
  const out = new Map<string, Value>();
  const inner = (value: HDict) => exportSchema(value, openapi);
  const reference = textAt(schema, "$ref");
  if (reference !== null) out.set("$ref", reference);
  exportType(schema, out);
  for (const [key, name] of NUMBER_BOUNDS) {
    if (asDouble(schema.get(key) ?? null) !== null) out.set(name, schema.get(key)!);
  }
  for (const [key, name] of COUNT_BOUNDS) {
    if (asWhole(schema.get(key) ?? null) !== null) out.set(name, schema.get(key)!);
  }
  for (const key of ["pattern", "default", "const", "enum", "required"]) {
    const value = schema.get(key);
    if (value !== undefined) out.set(key, plainData(value));
  }
  const items = dictAt(schema, "items");
  if (items !== null) out.set("items", inner(items));
  const properties = dictAt(schema, "properties");
  if (properties !== null) out.set("properties", mapSchemas(properties, inner));
  const extra = schema.get("additional_properties");
  if (extra !== undefined) out.set("additionalProperties", extra instanceof HDict ? inner(extra) : extra);
  const union = schemasAt(schema, "union");
  if (union !== null) {
    const nullable = openapi ? nullableBranch(union) : null;
    if (nullable !== null) return extendSchema(inner(nullable), HDict.of({ nullable: true }));
    out.set("oneOf", new HList(union.map(inner)));
  }
  const all = schemasAt(schema, "all_of");
  if (all !== null) out.set("allOf", new HList(all.map(inner)));
  if (schema.get("nullable") === true) {
    const type = out.get("type");
    if (openapi) out.set("nullable", true);
    else if (type !== undefined) out.set("type", new HList([type, "null"]));
  }
  exportDefinitions(schema, out, inner);
  for (const key of ANNOTATIONS) {
    const value = schema.get(key);
    if (value !== undefined) out.set(key, plainData(value));
  }
  return HDict.fromMap(out);
}

function exportType(schema: HDict, out: Map<string, Value>): void {
  const type = textAt(schema, "type");
  if (type === null) return;
  if (type === "set") {
    out.set("type", "array");
    out.set("uniqueItems", true);
  } else if (type === "closure" || type === "builtin") {
    out.set("type", "string");
    out.set("x-harn-type", type);
  } else out.set("type", Object.hasOwn(JSON_TYPES, type) ? JSON_TYPES[type]! : type);
}

/** Of a union of two with `nil`, the other one. */
function nullableBranch(union: readonly HDict[]): HDict | null {
  if (union.length !== 2) return null;
  const at = union.findIndex((branch) => textAt(branch, "type") === "nil");
  return at < 0 ? null : union[1 - at]!;
}

function exportDefinitions(schema: HDict, out: Map<string, Value>, inner: (schema: HDict) => HDict): void {
  for (const key of ["definitions", "$defs"]) {
    const definitions = dictAt(schema, key);
    if (definitions !== null) out.set(key, mapSchemas(definitions, inner));
  }
  const components = dictAt(schema, "components");
  if (components === null) return;
  const entries = [...components.entries()].map(
    ([key, value]) =>
      [key, key === "schemas" && value instanceof HDict ? mapSchemas(value, inner) : plainData(value)] as const,
  );
  out.set("components", HDict.from(entries));
}

/** As JSON would carry it: sets as lists, what has no form there as its text. */
function plainData(value: Value): Value {
  if (value instanceof HList) return new HList(value.items.map(plainData));
  if (value instanceof HSet) return new HList([...value.items.values()].map(plainData));
  if (value instanceof HDict)
    return HDict.from([...value.entries()].map(([key, item]) => [key, plainData(item)] as const));
  return value !== null && typeof value === "object" && !(value instanceof HFloat) ? displayValue(value) : value;
}
