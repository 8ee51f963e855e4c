/**
 * Values from JSON and to the plain JSON of ports; texts are written by json-writer.ts.
 *
 * Invariants
 * 1. Reading tells `3` (int) from `3.0` and `3e0` (floats); ints beyond 64 bits and `-0` are floats, as in the reference.
 * 2. The platform's parser is used where its answer is right as it stands; a scan of the text decides (vm.md, section 3).
 */
import type { Json } from "../base/json.ts";
import { displayValue } from "./display.ts";
import { platformJson } from "./json-plain.ts";
import { readJson } from "./json-reader.ts";
import { type JsonTextOptions, joinJson } from "./json-writer.ts";
import { makeFloat, normalizeInt } from "./numbers.ts";
import { HDict, HFloat, HList, HRecord, HSet, SMALL_DICT, type Value } from "./value.ts";

export { type JsonTextOptions, joinJson, quoteJson } from "./json-writer.ts";

export type JsonResult =
  | { readonly ok: true; readonly value: Value }
  /** `expected value at line 1 column 6`. */
  | { readonly ok: false; readonly message: string };

/** Anything that the platform's numbers would blur: a float written integrally, an exponent, a long integer, a negative zero. */
const DELICATE_NUMBER = /\.0+(?!\d)|\d[eE]|(?<![.\d])\d{16}|-0(?![.\d])/g;
/** What a number is written with. */
const IN_NUMBER = /[-+.0-9eE]/;
const SPACE = /[ \n\r\t]/;
/** As many doubtful places are looked at closely: were they all within texts, there would be few. */
const LOOKED_AT = 10_000;

/**
 * May a number be written so? Most of what looks like one stands within a text (`"v1.0"`, `"2024-01-01"`, `\u00e9`) and is told from a number by what
 * stands around it. True is said when in doubt.
 */
function hasDelicateNumber(text: string): boolean {
  DELICATE_NUMBER.lastIndex = 0;
  for (let looked = 0; looked < LOOKED_AT; looked++) {
    const found = DELICATE_NUMBER.exec(text);
    if (found === null) return false;
    let start = found.index;
    let end = DELICATE_NUMBER.lastIndex;
    while (start > 0 && IN_NUMBER.test(text[start - 1]!)) start--;
    while (end < text.length && IN_NUMBER.test(text[end]!)) end++;
    DELICATE_NUMBER.lastIndex = end;
    while (start > 0 && SPACE.test(text[start - 1]!)) start--;
    while (end < text.length && SPACE.test(text[end]!)) end++;
    const before = start === 0 ? "[" : text[start - 1]!;
    const after = end === text.length ? "]" : text[end]!;
    if ("[:,".includes(before) && "]},".includes(after)) return true;
  }
  return true;
}

/** Nesting that the reference refuses. */
const DEEPEST = 128;

export function parseJson(text: string): JsonResult {
  // The platform takes halves of surrogate pairs.
  if (text.includes("\\ud") || text.includes("\\uD") || hasDelicateNumber(text)) return readJson(text);
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    return readJson(text);
  }
  const value = fromPlain(plain, 0);
  return value === undefined ? readJson(text) : { ok: true, value };
}

/** JSON that came through a port: numbers that are integral become ints. */
export function jsonToValue(json: Json): Value {
  const value = fromPlain(json, Number.NEGATIVE_INFINITY);
  return value === undefined ? null : value;
}

/** Undefined: nested deeper than the reference reads. */
function fromPlain(plain: unknown, depth: number): Value | undefined {
  switch (typeof plain) {
    case "string":
    case "boolean":
      return plain;
    case "number":
      return fromNumber(plain);
    case "object":
      if (plain === null) return null;
      if (depth >= DEEPEST) return undefined;
      return Array.isArray(plain) ? fromArray(plain, depth + 1) : fromObject(plain as object, depth + 1);
    default:
      return null;
  }
}

function fromNumber(n: number): Value {
  if (!Number.isInteger(n)) return n;
  if (Number.isSafeInteger(n)) return n + 0;
  return Math.abs(n) < 2 ** 63 ? normalizeInt(BigInt(n)) : makeFloat(n);
}

function fromArray(array: readonly unknown[], depth: number): Value | undefined {
  const items: Value[] = new Array(array.length);
  for (let i = 0; i < array.length; i++) {
    const item = fromPlain(array[i], depth);
    if (item === undefined) return undefined;
    items[i] = item;
  }
  return new HList(items);
}

function fromObject(object: object, depth: number): Value | undefined {
  const keys = Object.keys(object);
  const fields = object as { readonly [key: string]: unknown };
  if (keys.length > SMALL_DICT) {
    const map = new Map<string, Value>();
    for (const key of keys) {
      const value = fromPlain(fields[key], depth);
      if (value === undefined) return undefined;
      map.set(key, value);
    }
    return HDict.fromMap(map);
  }
  const values: Value[] = new Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const value = fromPlain(fields[keys[i]!], depth);
    if (value === undefined) return undefined;
    values[i] = value;
  }
  return HDict.fromKeys(keys, values);
}

/** Plain JSON of a value, for ports and effects. Large ints lose digits; what JSON cannot say becomes its display text. */
export function valueToJson(value: Value): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "bigint":
      return Number(value);
    default:
      if (value === null) return null;
      if (value instanceof HFloat) return value.value;
      if (value instanceof HList) return value.items.map(valueToJson);
      if (value instanceof HSet) return [...value.items.values()].map(valueToJson);
      if (value instanceof HRecord)
        return Object.fromEntries(value.entries().map(([key, item]) => [key, valueToJson(item)]));
      return displayValue(value);
  }
}

export function stringifyJson(value: Value, options: JsonTextOptions = {}): string {
  return platformJson(value, options) ?? joinJson(value, options);
}
