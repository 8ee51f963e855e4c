/**
 * Schemas in one form, whichever of three they were written in: Harn's own, JSON Schema, OpenAPI.
 *
 * The canonical form is a dict: `type` (Harn's names of kinds, `number` for int or float, `any`), `properties`, `required`, `items`,
 * `additional_properties`, `min`, `max`, `min_length`, `max_length`, `min_items`, `max_items`, `pattern`, `enum`, `const`, `default`, `nullable`,
 * `union`, `all_of`, `$ref`, `definitions`, `components.schemas`, and annotations. Other keys are dropped.
 */
import { displayValue } from "../../value/display.ts";
import { HDict, HList, share, type Value } from "../../value/value.ts";

/** A schema that is none. The message says what was expected. */
export class SchemaProblem {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export const ANNOTATIONS = [
  "title",
  "description",
  "format",
  "deprecated",
  "readOnly",
  "writeOnly",
  "example",
  "examples",
  "x-harn-type",
] as const;

/** Canonical key and what else it may be called. */
const BOUNDS: readonly (readonly [string, string])[] = [
  ["min", "minimum"],
  ["max", "maximum"],
  ["min_length", "minLength"],
  ["max_length", "maxLength"],
  ["min_items", "minItems"],
  ["max_items", "maxItems"],
];

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: "dict",
  array: "list",
  integer: "int",
  boolean: "bool",
  null: "nil",
};

/** Throws a `SchemaProblem`. */
export function canonicalSchema(schema: Value): HDict {
  if (!(schema instanceof HDict)) throw new SchemaProblem("schema must be a dict");
  const out = new Map<string, Value>();
  const put = (key: string, value: Value | undefined) => {
    if (value !== undefined) out.set(key, share(value));
  };
  for (const key of [...ANNOTATIONS, "$ref", "default", "const", "enum", "pattern"]) put(key, schema.get(key));
  for (const [key, other] of BOUNDS) put(key, schema.get(key) ?? schema.get(other));
  const properties = schema.get("properties");
  if (properties instanceof HDict) put("properties", canonicalMap(properties));
  const items = schema.get("items");
  if (items !== undefined) put("items", canonicalSchema(items));
  const extra = schema.get("additional_properties") ?? schema.get("additionalProperties");
  if (typeof extra === "boolean") put("additional_properties", extra);
  else if (extra instanceof HDict) put("additional_properties", canonicalSchema(extra));
  const required = schema.get("required");
  if (required !== undefined) {
    const keys = required instanceof HList ? required.items.map((key) => displayValue(key)) : [];
    put("required", new HList(keys));
  }
  if (schema.get("nullable") === true) put("nullable", true);
  putDefinitions(schema, put);
  const union = schema.get("union") ?? schema.get("oneOf") ?? schema.get("anyOf");
  if (union !== undefined) put("union", canonicalList(union));
  const all = schema.get("all_of") ?? schema.get("allOf");
  if (all !== undefined) put("all_of", canonicalList(all));
  const type = schema.get("type");
  if (typeof type === "string") put("type", typeNameOf(type));
  else if (type instanceof HList) {
    put("union", new HList(type.items.map((name) => HDict.of({ type: typeNameOf(displayValue(name)) }))));
  }
  if (schema.get("uniqueItems") === true && out.get("type") === "list" && !out.has("x-harn-type")) {
    put("x-harn-type", "set");
  }
  if (out.get("x-harn-type") === "set") put("type", "set");
  return HDict.fromMap(out);
}

function typeNameOf(name: string): string {
  return Object.hasOwn(TYPE_NAMES, name) ? TYPE_NAMES[name]! : name;
}

function putDefinitions(schema: HDict, put: (key: string, value: Value) => void): void {
  const definitions = schema.get("definitions") ?? schema.get("$defs");
  if (definitions instanceof HDict) put(schema.has("definitions") ? "definitions" : "$defs", canonicalMap(definitions));
  const components = schema.get("components");
  if (!(components instanceof HDict)) return;
  const schemas = components.get("schemas");
  const inner = new Map([...components.entries()].map(([key, value]) => [key, share(value)] as const));
  if (schemas instanceof HDict) inner.set("schemas", canonicalMap(schemas));
  put("components", HDict.fromMap(inner));
}

function canonicalMap(schemas: HDict): HDict {
  return HDict.from([...schemas.entries()].map(([key, value]) => [key, canonicalSchema(value)] as const));
}

function canonicalList(value: Value): HList {
  if (!(value instanceof HList)) throw new SchemaProblem("schema union/all_of must be a list");
  return new HList(value.items.map(canonicalSchema));
}

/** The part of a schema that `#/definitions/Name` names; null: none. */
export function resolveReference(root: HDict, pointer: string): HDict | null {
  let current: Value = root;
  for (const part of pointer.replace(/^#*\/*/, "").split("/")) {
    if (part === "") continue;
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (current instanceof HDict) current = current.get(key) ?? null;
    else if (current instanceof HList) current = current.items[Number(key)] ?? null;
    else return null;
  }
  return current instanceof HDict ? current : null;
}

export function textAt(schema: HDict, key: string): string | null {
  const value = schema.get(key);
  return typeof value === "string" ? value : null;
}

/** The schemas in a list; what is no dict is left out. */
export function schemasAt(schema: HDict, key: string): readonly HDict[] | null {
  const value = schema.get(key);
  return value instanceof HList ? value.items.filter((item) => item instanceof HDict) : null;
}

export function dictAt(schema: HDict, key: string): HDict | null {
  const value = schema.get(key);
  return value instanceof HDict ? value : null;
}

export function listAt(schema: HDict, key: string): readonly Value[] | null {
  const value = schema.get(key);
  return value instanceof HList ? value.items : null;
}
