/** Builtins that check values against schemas and work on schemas. */

import type { Builtin } from "../../builtin/declaration.ts";
import { builtin } from "../../builtin/declaration.ts";
import { Raise, thrownError } from "../../builtin/raise.ts";
import { UNMETERED } from "../../value/cost.ts";
import { displayValue } from "../../value/display.ts";
import { isTruthy } from "../../value/truthiness.ts";
import { typeName } from "../../value/type-name.ts";
import { HDict, HList, share, type Value } from "../../value/value.ts";
import { compileRegex } from "../regex.ts";
import { errResult, okResult } from "../results.ts";
import { canonicalSchema, SchemaProblem } from "./canonical.ts";
import { exportSchema, extendSchema, filterSchema, partialSchema } from "./reshape.ts";
import { type Validation, validate } from "./validate.ts";

/** A pattern as a test, or what is wrong with it. */
function compilePattern(text: string): ((value: string) => boolean) | string {
  try {
    const regex = compileRegex(text, UNMETERED);
    return (value) => regex.matcher(value).find();
  } catch (error) {
    if (error instanceof Raise) return displayValue(error.error.value).replace(/^Invalid regex: /, "");
    throw error;
  }
}

/** A schema argument in canonical form; throws what is wrong with it as a text. */
function schemaOf(value: Value): HDict {
  try {
    return canonicalSchema(value);
  } catch (error) {
    if (error instanceof SchemaProblem) throw thrownError(error.message);
    throw error;
  }
}

function check(value: Value, schema: HDict, defaults: boolean): Validation {
  return validate(value, schema, { root: schema, defaults, pattern: compilePattern });
}

/** `Ok(value)`, or `Err({message, errors, value})`. */
function checkedResult(value: Value, schema: Value, defaults: boolean): Value {
  try {
    const result = check(value, canonicalSchema(schema), defaults);
    if (result.errors.length === 0) return okResult(share(result.value));
    return errResult(complaints(result.errors, share(result.value)));
  } catch (error) {
    if (error instanceof SchemaProblem) return errResult(complaints([error.message]));
    throw error;
  }
}

function complaints(errors: readonly string[], value?: Value): HDict {
  return HDict.of({
    message: errors[0] ?? "schema validation failed",
    errors: new HList(errors.slice()),
    ...(value === undefined ? {} : { value }),
  });
}

/** The value with defaults, or its complaints thrown. */
function expected(value: Value, schema: Value, defaults: boolean): Value {
  const result = check(value, schemaOf(schema), defaults);
  if (result.errors.length > 0) throw thrownError(result.errors.join("; "));
  return share(result.value);
}

const needed = (count: number, name: string, least: number) => {
  if (count < least) throw thrownError(`${name} requires ${least} arguments`);
};

const SAMPLE = '{type: "dict", properties: {n: {type: "int", default: 1}}, required: ["n"]}';

const onSchema = (
  name: string,
  doc: string,
  example: readonly [string, string],
  run: (schema: HDict) => HDict,
): Builtin =>
  builtin(name, {
    sig: "(schema: any) -> dict",
    doc,
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `println(${example[0]})`, prints: example[1] }],
    run(_call, args) {
      needed(args.count, name, 1);
      return run(schemaOf(args.raw("schema")));
    },
  });

const onKeys = (name: string, doc: string, prints: string, wanted: boolean): Builtin =>
  builtin(name, {
    sig: "(schema: any, keys: any) -> dict",
    doc,
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `println(${name}({properties: {a: {}, b: {}}}, ["a"]).properties.keys())`, prints }],
    run(_call, args) {
      needed(args.count, name, 2);
      const keys = args.list("keys");
      if (keys === null) throw thrownError(`${name}: keys must be a list`);
      const names = new Set(keys.items.map((key) => displayValue(key)));
      return filterSchema(schemaOf(args.raw("schema")), (key) => names.has(key) === wanted);
    },
  });

export const schemaBuiltins: readonly Builtin[] = [
  builtin("schema_check", {
    sig: "(value: any, schema: any) -> any",
    doc: "`Ok` with the value, or `Err` with {message, errors, value}. Ints and floats are told apart; defaults are not filled in.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      { code: `println(unwrap_err(schema_check({}, ${SAMPLE})).message)`, prints: "at root: missing required key 'n'" },
    ],
    run(_call, args) {
      needed(args.count, "schema_check", 2);
      return checkedResult(args.raw("value"), args.raw("schema"), false);
    },
  }),
  builtin("schema_parse", {
    sig: "(value: any, schema: any) -> any",
    doc: "As `schema_check`, with defaults filled in.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `println(unwrap(schema_parse({}, ${SAMPLE})))`, prints: "{n: 1}" }],
    run(_call, args) {
      needed(args.count, "schema_parse", 2);
      return checkedResult(args.raw("value"), args.raw("schema"), true);
    },
  }),
  ...["schema_is", "is_type"].map((name) =>
    builtin(name, {
      sig: "(value: any, schema: any) -> bool",
      doc: "Does the value fit the schema? A type alias may stand for it.",
      needs: "nothing",
      deep: true,
      pace: 8,
      borrows: true,
      examples: [{ code: `println(${name}(1, {type: "string"}))`, prints: "false" }],
      run(_call, args) {
        needed(args.count, name, 2);
        return check(args.raw("value"), schemaOf(args.raw("schema")), false).errors.length === 0;
      },
    }),
  ),
  builtin("schema_expect", {
    sig: "(value: any, schema: any, defaults?: any) -> any",
    doc: "The value, with defaults when they are asked for; throws all complaints when it does not fit.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `println(schema_expect({}, ${SAMPLE}, true))`, prints: "{n: 1}" }],
    run(_call, args) {
      needed(args.count, "schema_expect", 2);
      return expected(args.raw("value"), args.raw("schema"), isTruthy(args.raw("defaults")));
    },
  }),
  builtin("json_validate", {
    sig: "(value: any, schema: any) -> bool",
    doc: "True; throws all complaints when the value does not fit.",
    needs: "nothing",
    deep: true,
    pace: 8,
    borrows: true,
    examples: [{ code: `println(json_validate({n: 2}, ${SAMPLE}))`, prints: "true" }],
    run(_call, args) {
      needed(args.count, "json_validate", 2);
      expected(args.raw("value"), args.raw("schema"), false);
      return true;
    },
  }),
  builtin("schema_of", {
    sig: "(type: any) -> dict",
    doc: "The schema of a type alias, or a schema as it is.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: 'println(schema_of({type: "int"}))', prints: "{type: int}" }],
    run(_call, args) {
      needed(args.count, "schema_of", 1);
      const value = args.raw("type");
      if (value instanceof HDict) return value;
      throw thrownError(`schema_of: expected a type alias or schema dict, got ${typeName(value)}`);
    },
  }),
  onSchema(
    "schema_to_json_schema",
    "As JSON Schema.",
    ['schema_to_json_schema({type: "int"})', "{type: integer}"],
    (schema) => exportSchema(schema, false),
  ),
  onSchema(
    "schema_to_openapi_schema",
    "As an OpenAPI schema.",
    ['schema_to_openapi_schema({type: "int", nullable: true})', "{nullable: true, type: integer}"],
    (schema) => exportSchema(schema, true),
  ),
  onSchema(
    "schema_from_json_schema",
    "A JSON Schema in Harn's form.",
    ['schema_from_json_schema({type: "integer"})', "{type: int}"],
    (schema) => schema,
  ),
  onSchema(
    "schema_from_openapi_schema",
    "An OpenAPI schema in Harn's form.",
    ['schema_from_openapi_schema({type: "integer"})', "{type: int}"],
    (schema) => schema,
  ),
  onSchema(
    "schema_partial",
    "With nothing required, at any depth.",
    ['schema_partial({required: ["a"]})', "{}"],
    partialSchema,
  ),
  builtin("schema_extend", {
    sig: "(base: any, over: any) -> dict",
    doc: "A schema with the keys of another over its own.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: 'println(schema_extend({type: "int", min: 1}, {min: 2}))', prints: "{min: 2, type: int}" }],
    run(_call, args) {
      needed(args.count, "schema_extend", 2);
      return extendSchema(schemaOf(args.raw("base")), schemaOf(args.raw("over")));
    },
  }),
  onKeys("schema_pick", "With those properties only.", "[a]", true),
  onKeys("schema_omit", "Without those properties.", "[b]", false),
];
