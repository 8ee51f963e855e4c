/**
 * What types mean when the program runs: the tests of typed parameters, the schemas that a type alias stands for, and the parameter schemas of
 * tool declarations.
 */
import type { TypeTest } from "../bytecode/chunk.ts";
import type { TypeExpr } from "../syntax/ast.ts";
import { compareUtf8 } from "../value/key-order.ts";
import type { FunctionContext } from "./function-context.ts";
import type { ModuleContext } from "./module-context.ts";
import { emitBoolean, emitInt, emitString } from "./operands.ts";

/** Type names that a value can be tested for. */
const TESTED = new Set(["int", "float", "string", "bool", "list", "dict", "set", "nil", "closure"]);
/** How deep aliases may refer to aliases. */
const ALIAS_DEPTH = 32;

/** Null: any value passes. Aliases are not followed: the reference checks those statically only. */
export function parameterTest(module: ModuleContext, type: TypeExpr): TypeTest | null {
  const test = testOf(module, type);
  return test === null || test.kind === "any" ? null : test;
}

function testOf(module: ModuleContext, type: TypeExpr): TypeTest | null {
  switch (type.kind) {
    case "type-name":
      return nameTest(module, type);
    case "type-union": {
      const members = type.members.map((member) => testOf(module, member));
      // A member that cannot be tested lets every value through.
      return members.some((member) => member === null) ? null : { kind: "union", members: members as TypeTest[] };
    }
    case "type-shape": {
      const fields = type.fields.map((field) => ({
        name: field.name.name,
        type: testOf(module, field.type) ?? { kind: "any" as const },
        optional: field.optional,
      }));
      return { kind: "shape", fields };
    }
    case "type-fn":
      return { kind: "name", name: "closure" };
    case "type-string":
      return { kind: "literal", value: type.value };
    case "type-int":
      return typeof type.value === "number" ? { kind: "literal", value: type.value } : { kind: "name", name: "int" };
  }
}

function nameTest(module: ModuleContext, type: Extract<TypeExpr, { kind: "type-name" }>): TypeTest | null {
  const [first, second] = type.args;
  if (type.name === "list" && first !== undefined) {
    return { kind: "list", item: testOf(module, first) ?? { kind: "any" } };
  }
  if (type.name === "dict" && second !== undefined) {
    return { kind: "dict", value: testOf(module, second) ?? { kind: "any" } };
  }
  return TESTED.has(type.name) && type.args.length === 0 ? { kind: "name", name: type.name } : null;
}

/** A schema as data: emitted as dict and list literals. */
type Schema = string | number | bigint | boolean | readonly Schema[] | { readonly [key: string]: Schema };

/** The words of the language's own schemas, or those of JSON Schema. */
type Dialect = "harn" | "json";

const JSON_TYPES: Readonly<Record<string, string>> = {
  int: "integer",
  float: "number",
  string: "string",
  bool: "boolean",
  list: "array",
  dict: "object",
  set: "array",
  nil: "null",
  closure: "closure",
};

/** Puts the schema of a type alias into `dst`; false when the name is none, or its type has no schema. */
export function compileAliasSchema(f: FunctionContext, name: string, dst: number): boolean {
  const alias = f.module.typeAliases.get(name);
  if (alias === undefined || f.findLocal(name) !== null) return false;
  const schema = schemaOf(expand(f.module, alias, 0), "harn");
  if (schema === null) return false;
  emitSchema(f, schema, dst);
  return true;
}

/** The JSON Schema of a tool's parameter or result; `{type: "any"}` for what has none. */
export function compileJsonSchema(
  f: FunctionContext,
  type: TypeExpr | null,
  extra: { readonly [key: string]: Schema },
  dst: number,
): void {
  const schema = type === null ? null : schemaOf(expand(f.module, type, 0), "json");
  const base = schema !== null && typeof schema === "object" && !Array.isArray(schema) ? schema : { type: "any" };
  emitSchema(f, { ...base, ...extra }, dst);
}

export function hasSchema(module: ModuleContext, type: TypeExpr): boolean {
  return schemaOf(expand(module, type, 0), "json") !== null;
}

/** Aliases replaced by what they stand for. */
function expand(module: ModuleContext, type: TypeExpr, depth: number): TypeExpr {
  if (depth > ALIAS_DEPTH) return type;
  const inner = (part: TypeExpr) => expand(module, part, depth + 1);
  switch (type.kind) {
    case "type-name": {
      const alias = type.args.length === 0 ? module.typeAliases.get(type.name) : undefined;
      return alias === undefined ? { ...type, args: type.args.map(inner) } : inner(alias);
    }
    case "type-union":
      return { ...type, members: type.members.map(inner) };
    case "type-shape":
      return { ...type, fields: type.fields.map((field) => ({ ...field, type: inner(field.type) })) };
    default:
      return type;
  }
}

function schemaOf(type: TypeExpr, dialect: Dialect): Schema | null {
  const word = (name: string) => (dialect === "json" ? JSON_TYPES[name]! : name);
  switch (type.kind) {
    case "type-name":
      return nameSchema(type, dialect, word);
    case "type-shape":
      return shapeSchema(type, dialect, word);
    case "type-union":
      return unionSchema(type.members, dialect, word);
    case "type-fn":
      return { type: word("closure") };
    case "type-string":
      return { type: word("string"), const: type.value };
    case "type-int":
      return { type: word("int"), const: type.value };
  }
}

function nameSchema(
  type: Extract<TypeExpr, { kind: "type-name" }>,
  dialect: Dialect,
  word: (name: string) => string,
): Schema | null {
  const [first, second] = type.args;
  if (type.args.length === 0) return TESTED.has(type.name) ? { type: word(type.name) } : null;
  if (type.name === "list" && first !== undefined) {
    const items = schemaOf(first, dialect);
    return { type: word("list"), ...(items === null ? {} : { items }) };
  }
  if (type.name === "dict" && first?.kind === "type-name" && first.name === "string" && second !== undefined) {
    const values = schemaOf(second, dialect);
    const key = dialect === "json" ? "additionalProperties" : "additional_properties";
    return { type: word("dict"), ...(values === null ? {} : { [key]: values }) };
  }
  return type.name === "dict" ? { type: word("dict") } : null;
}

function shapeSchema(
  type: Extract<TypeExpr, { kind: "type-shape" }>,
  dialect: Dialect,
  word: (name: string) => string,
): Schema | null {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const field of type.fields) {
    const schema = schemaOf(field.type, dialect);
    if (schema === null) return null;
    properties[field.name.name] = schema;
    if (!field.optional) required.push(field.name.name);
  }
  return { type: word("dict"), properties, ...(required.length === 0 ? {} : { required }) };
}

function unionSchema(members: readonly TypeExpr[], dialect: Dialect, word: (name: string) => string): Schema | null {
  const texts = members.flatMap((member) => (member.kind === "type-string" ? [member.value] : []));
  if (texts.length === members.length) return { type: word("string"), enum: texts };
  const ints = members.flatMap((member) => (member.kind === "type-int" ? [member.value] : []));
  if (ints.length === members.length) return { type: word("int"), enum: ints };
  const branches = members.map((member) => schemaOf(member, dialect)).filter((branch) => branch !== null);
  if (branches.length === 0) return null;
  return dialect === "json" ? { oneOf: branches } : { union: branches };
}

function emitSchema(f: FunctionContext, schema: Schema, dst: number): void {
  const { code, module } = f;
  switch (typeof schema) {
    case "string":
      emitString(f, schema, dst);
      return;
    case "boolean":
      emitBoolean(f, schema, dst);
      return;
    case "number":
    case "bigint":
      emitInt(f, schema, dst);
      return;
    default: {
      const mark = code.top;
      if (Array.isArray(schema)) {
        const base = code.takeRun(schema.length);
        for (const [i, item] of schema.entries()) emitSchema(f, item as Schema, base + i);
        code.emit("LIST", dst, base, schema.length);
      } else {
        const dict = schema as { readonly [key: string]: Schema };
        const keys = Object.keys(dict).sort(compareUtf8);
        const base = code.takeRun(keys.length);
        for (const [i, key] of keys.entries()) emitSchema(f, dict[key]!, base + i);
        code.emit("DICT", dst, module.pool.shape(keys), base);
      }
      code.top = mark;
    }
  }
}
