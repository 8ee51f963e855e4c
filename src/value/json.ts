/**
 * Values from JSON and to the plain JSON of ports; texts are written by json-writer.ts.
 *
 * Invariants
 * 1. Reading tells `3` (int) from `3.0` and `3e0` (floats); ints beyond 64 bits and `-0` are floats, as in the reference.
 * 2. The platform's parser is used where its answer is right as it stands; a scan of the text decides (vm.md, section 3).
 */
import type { Json } from "../base/json.ts";
import { displayValue } from "./display.ts";
import { readJson } from "./json-reader.ts";

export { type JsonTextOptions, quoteJson, stringifyJson } from "./json-writer.ts";

import { makeFloat, normalizeInt } from "./numbers.ts";
import { HDict, HFloat, HList, HRecord, HSet, SMALL_DICT, type Value } from "./value.ts";

export type JsonResult =
  | { readonly ok: true; readonly value: Value }
  /** `expected value at line 1 column 6`. */
  | { readonly ok: false; readonly message: string };

/**
 * A number that the platform's would blur: a float written integrally, an exponent, a long integer, a negative zero. What looks like one inside a string
 * does no harm.
 */
const DELICATE_NUMBER = /(?:^|[:,[\s])-?(?:\d+\.0+(?!\d)|[\d.]+[eE]|\d{16}|(?<=-)0(?![.\d]))/;
/** Nesting that the reference refuses. */
const DEEPEST = 128;

export function parseJson(text: string): JsonResult {
  if (DELICATE_NUMBER.test(text)) return readJson(text);
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
