/**
 * Values against canonical schemas. All complaints are found, each with its place (`items[0].name`); the value comes back with defaults filled in
 * when they are asked for.
 */
import { UNMETERED } from "../../value/cost.ts";
import { displayFloat, displayValue } from "../../value/display.ts";
import { valuesEqual } from "../../value/equality.ts";
import { codePointLength } from "../../value/strings.ts";
import { typeName } from "../../value/type-name.ts";
import { asDict, HDict, HList, HSet, HStruct, share, structOf, type Value } from "../../value/value.ts";
import { asDouble, asWhole } from "../number-reading.ts";
import { setOf } from "../sets.ts";
import { dictAt, listAt, resolveReference, schemasAt, textAt } from "./canonical.ts";

export interface Validation {
  readonly value: Value;
  readonly errors: readonly string[];
}

export interface ValidationContext {
  /** For references. */
  readonly root: HDict;
  readonly defaults: boolean;
  /** Compiles a pattern into a test, or says what is wrong with it. */
  pattern(text: string): ((value: string) => boolean) | string;
}

const fits = (value: Value): Validation => ({ value, errors: [] });
const fails = (value: Value, path: string, message: string): Validation => ({
  value,
  errors: [complaint(path, message)],
});
const complaint = (path: string, message: string): string => `at ${path === "" ? "root" : path}: ${message}`;
const childPath = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

export function validate(value: Value, schema: HDict, context: ValidationContext, path = ""): Validation {
  const pointer = textAt(schema, "$ref");
  if (pointer !== null) {
    const target = resolveReference(context.root, pointer);
    if (target === null) return fails(value, path, `unresolved schema reference '${pointer}'`);
    return validate(value, target, context, path);
  }
  if (value === null && schema.get("nullable") === true) return fits(value);
  const constant = schema.get("const");
  if (constant !== undefined && !valuesEqual(value, constant, UNMETERED)) {
    return fails(value, path, `expected constant ${displayValue(constant)}, got ${displayValue(value)}`);
  }
  const all = schemasAt(schema, "all_of");
  if (all !== null) return validateAll(value, all, context, path);
  const union = schemasAt(schema, "union");
  if (union !== null) {
    for (const branch of union) {
      const result = validate(value, branch, context, path);
      if (result.errors.length === 0) return result;
    }
    return fails(value, path, "value did not match any union branch");
  }
  const expected = textAt(schema, "type");
  if (expected !== null && !hasType(value, expected)) {
    return fails(value, path, `expected type '${expected}', got '${kindOf(value)}'`);
  }
  return validateParts(value, schema, context, path);
}

const kindOf = (value: Value): string => (value instanceof HStruct ? "dict" : typeName(value));

function hasType(value: Value, expected: string): boolean {
  if (expected === "any") return true;
  if (expected === "number") return typeName(value) === "int" || typeName(value) === "float";
  return kindOf(value) === expected;
}

function validateAll(value: Value, branches: readonly HDict[], context: ValidationContext, path: string): Validation {
  let current = value;
  const errors: string[] = [];
  for (const branch of branches) {
    const result = validate(current, branch, context, path);
    current = result.value;
    errors.push(...result.errors);
  }
  return { value: current, errors };
}

function validateParts(value: Value, schema: HDict, context: ValidationContext, path: string): Validation {
  if (value instanceof HDict) return validateFields(value, schema, context, path);
  if (value instanceof HStruct) {
    const { value: fields, errors } = validateFields(asDict(value), schema, context, path);
    return { value: structOf(value.name, fields), errors };
  }
  if (value instanceof HList || value instanceof HSet) return validateItems(value, schema, context, path);
  const errors: string[] = [];
  if (typeof value === "string") checkText(value, schema, context, path, errors);
  else checkNumber(value, schema, path, errors);
  const allowed = listAt(schema, "enum");
  if (allowed !== null && !allowed.some((candidate) => valuesEqual(candidate, value, UNMETERED))) {
    const names = allowed.map((candidate) => displayValue(candidate)).join(", ");
    errors.push(complaint(path, `value must be one of [${names}]`));
  }
  return { value, errors };
}

function validateItems(value: HList | HSet, schema: HDict, context: ValidationContext, path: string): Validation {
  const items = value instanceof HList ? value.items : [...value.items.values()];
  const errors: string[] = [];
  const least = asWhole(schema.get("min_items") ?? null);
  const most = asWhole(schema.get("max_items") ?? null);
  if (least !== null && items.length < least) {
    errors.push(complaint(path, `expected at least ${least} items, got ${items.length}`));
  }
  if (most !== null && items.length > most) {
    errors.push(complaint(path, `expected at most ${most} items, got ${items.length}`));
  }
  const itemSchema = dictAt(schema, "items");
  if (itemSchema === null) return { value, errors };
  const kept: Value[] = [];
  items.forEach((item, i) => {
    const result = validate(item, itemSchema, context, `${path}[${i}]`);
    if (result.errors.length === 0) kept.push(share(result.value));
    else errors.push(...result.errors);
  });
  return { value: value instanceof HSet ? setOf(kept, UNMETERED) : new HList(kept), errors };
}

function validateFields(
  fields: HDict,
  schema: HDict,
  context: ValidationContext,
  path: string,
): { readonly value: HDict; readonly errors: readonly string[] } {
  const errors: string[] = [];
  const merged = new Map<string, Value>([...fields.entries()].map(([key, value]) => [key, share(value)]));
  const properties = dictAt(schema, "properties");
  const check = (key: string, value: Value, inner: HDict) => {
    const result = validate(value, inner, context, childPath(path, key));
    if (result.errors.length === 0) merged.set(key, share(result.value));
    else errors.push(...result.errors);
  };
  for (const name of listAt(schema, "required") ?? []) {
    const key = displayValue(name);
    const property = properties === null ? null : dictAt(properties, key);
    if (fields.has(key) || (context.defaults && property?.has("default"))) continue;
    errors.push(complaint(path, `missing required key '${key}'`));
  }
  for (const [key, inner] of properties?.entries() ?? []) {
    if (!(inner instanceof HDict)) continue;
    const value = fields.get(key) ?? (fields.has(key) ? null : context.defaults ? inner.get("default") : undefined);
    if (value !== undefined) check(key, value, inner);
  }
  const extra = schema.get("additional_properties");
  for (const [key, value] of fields.entries()) {
    if (properties?.has(key)) continue;
    if (extra === false) errors.push(complaint(path, `unexpected key '${key}'`));
    else if (extra instanceof HDict) check(key, value, extra);
  }
  return { value: HDict.fromMap(merged), errors };
}

function checkText(text: string, schema: HDict, context: ValidationContext, path: string, errors: string[]): void {
  const length = codePointLength(text, UNMETERED);
  const least = asWhole(schema.get("min_length") ?? null);
  const most = asWhole(schema.get("max_length") ?? null);
  if (least !== null && length < least) errors.push(complaint(path, `expected length >= ${least}, got ${length}`));
  if (most !== null && length > most) errors.push(complaint(path, `expected length <= ${most}, got ${length}`));
  const pattern = textAt(schema, "pattern");
  if (pattern === null) return;
  const test = context.pattern(pattern);
  if (typeof test === "string") errors.push(complaint(path, `invalid regex pattern '${pattern}': ${test}`));
  else if (!test(text)) errors.push(complaint(path, `value does not match pattern '${pattern}'`));
}

function checkNumber(value: Value, schema: HDict, path: string, errors: string[]): void {
  const n = asDouble(value);
  if (n === null) return;
  const least = asDouble(schema.get("min") ?? null);
  const most = asDouble(schema.get("max") ?? null);
  if (least !== null && n < least) errors.push(complaint(path, `expected value >= ${plain(least)}, got ${plain(n)}`));
  if (most !== null && n > most) errors.push(complaint(path, `expected value <= ${plain(most)}, got ${plain(n)}`));
}

/** Without `.0`. */
const plain = (n: number): string => displayFloat(n).replace(/\.0$/, "");
