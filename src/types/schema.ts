/** The type that a schema describes, as far as its text says so. */
import type { DictEntry, Expr } from "../syntax/ast.ts";
import { BOOL, DICT, type FieldType, FLOAT, INT, LIST, listOf, NIL, named, STRING, type Type } from "./type.ts";
import { unionOf } from "./union.ts";

/** What a name means where a schema stands: a variable that holds one, or a type alias; null: unknown. */
export type SchemaNames = (name: string) => Type | null;

/** null: it cannot be told. */
export function typeOfSchema(schema: Expr, names: SchemaNames): Type | null {
  switch (schema.kind) {
    case "name":
      return names(schema.name);
    case "call": {
      const [arg] = schema.args;
      const isSchemaOf = schema.callee.kind === "name" && schema.callee.name === "schema_of";
      return isSchemaOf && arg?.kind === "name" ? names(arg.name) : null;
    }
    case "dict":
      return typeOfSchemaDict(schema.entries, names);
    default:
      return null;
  }
}

function typeOfSchemaDict(entries: readonly DictEntry[], names: SchemaNames): Type | null {
  const parts = new Map<string, Expr>();
  for (const entry of entries) {
    if (entry.key?.kind !== "key-name") return null;
    parts.set(entry.key.name, entry.value);
  }
  const described = describe(parts, names);
  if (described === null) return null;
  const nullable = parts.get("nullable");
  return nullable?.kind === "bool" && nullable.value ? unionOf([described, NIL]) : described;
}

function describe(parts: ReadonlyMap<string, Expr>, names: SchemaNames): Type | null {
  const union = parts.get("union") ?? parts.get("oneOf") ?? parts.get("anyOf");
  if (union !== undefined) {
    if (union.kind !== "list") return null;
    const members = union.items.map((item) => typeOfSchema(item, names));
    return members.length === 0 || members.includes(null) ? null : unionOf(members as Type[]);
  }
  const properties = parts.get("properties");
  if (properties !== undefined) return typeOfProperties(properties, requiredNames(parts.get("required")), names);
  const items = parts.get("items");
  if (items !== undefined) {
    const item = typeOfSchema(items, names);
    return item === null ? null : listOf(item);
  }
  const type = parts.get("type");
  if (type?.kind === "string") return simpleType(type.value);
  if (type?.kind !== "list") return null;
  const members = type.items.map((item) => (item.kind === "string" ? simpleType(item.value) : null));
  return members.length === 0 || members.includes(null) ? null : unionOf(members as Type[]);
}

function typeOfProperties(properties: Expr, required: ReadonlySet<string>, names: SchemaNames): Type | null {
  if (properties.kind !== "dict") return null;
  const fields: FieldType[] = [];
  for (const { key, value } of properties.entries) {
    if (key?.kind !== "key-name") return null;
    const type = typeOfSchema(value, names);
    if (type === null) return null;
    fields.push({ name: key.name, type, optional: !required.has(key.name) });
  }
  return { kind: "shape", fields };
}

function requiredNames(list: Expr | undefined): ReadonlySet<string> {
  if (list?.kind !== "list") return new Set();
  return new Set(
    list.items.flatMap((item) => (item.kind === "string" ? [item.value] : item.kind === "name" ? [item.name] : [])),
  );
}

function simpleType(name: string): Type | null {
  switch (name) {
    case "object":
    case "dict":
      return DICT;
    case "array":
    case "list":
      return LIST;
    case "integer":
    case "int":
      return INT;
    case "number":
      return unionOf([INT, FLOAT]);
    case "float":
      return FLOAT;
    case "boolean":
    case "bool":
      return BOOL;
    case "null":
    case "nil":
      return NIL;
    case "string":
      return STRING;
    case "closure":
    case "set":
      return named(name);
    default:
      return null;
  }
}
