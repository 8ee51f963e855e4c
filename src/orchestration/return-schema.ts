/** Checks what a sub-agent returned against `returns.schema`: the JSON Schema words that matter, as complaints with the place. */

import { UNMETERED } from "../value/cost.ts";
import { displayValue } from "../value/display.ts";
import { valuesEqual } from "../value/equality.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList } from "../value/value.ts";

/** null: it fits. */
export function schemaComplaint(value: Value, schema: Value, at = "root"): string | null {
  if (!(schema instanceof HDict)) return null;
  const type = schema.get("type");
  const types =
    typeof type === "string" ? [type] : type instanceof HList ? type.items.filter((t) => typeof t === "string") : [];
  if (types.length > 0 && !types.some((name) => fits(value, name))) {
    return `at ${at}: expected type '${types.join("' or '")}', got '${typeName(value)}'`;
  }
  const allowed = schema.get("enum");
  if (allowed instanceof HList && !allowed.items.some((item) => valuesEqual(item, value, UNMETERED))) {
    return `at ${at}: value must be one of [${allowed.items.map((item) => displayValue(item)).join(", ")}]`;
  }
  if (value instanceof HDict) return dictComplaint(value, schema, at);
  if (value instanceof HList) {
    const items = schema.get("items") ?? null;
    for (let i = 0; i < value.items.length; i++) {
      const complaint = schemaComplaint(value.items[i]!, items, `${at === "root" ? "" : at}[${i}]`);
      if (complaint !== null) return complaint;
    }
  }
  return null;
}

function dictComplaint(value: HDict, schema: HDict, at: string): string | null {
  const required = schema.get("required");
  if (required instanceof HList) {
    for (const key of required.items) {
      if (typeof key === "string" && !value.has(key)) return `at ${at}: missing required key '${key}'`;
    }
  }
  const properties = schema.get("properties");
  if (properties instanceof HDict) {
    for (const [key, inner] of properties.entries()) {
      const item = value.get(key);
      if (item === undefined) continue;
      const complaint = schemaComplaint(item, inner, at === "root" ? key : `${at}.${key}`);
      if (complaint !== null) return complaint;
    }
  }
  if (schema.get("additionalProperties") === false || schema.get("additional_properties") === false) {
    for (const key of value.keys()) {
      if (!(properties instanceof HDict && properties.has(key))) return `at ${at}: unexpected key '${key}'`;
    }
  }
  return null;
}

function fits(value: Value, type: string): boolean {
  const kind = typeName(value);
  switch (type) {
    case "object":
    case "dict":
      return kind === "dict" || kind === "struct";
    case "array":
    case "list":
      return kind === "list";
    case "integer":
    case "int":
      return kind === "int";
    case "number":
      return kind === "int" || kind === "float";
    case "float":
      return kind === "float";
    case "boolean":
    case "bool":
      return kind === "bool";
    case "null":
    case "nil":
      return value === null;
    case "string":
      return kind === "string";
    default:
      return true;
  }
}
