/**
 * Values from JSON and to JSON.
 *
 * Invariants
 * 1. Reading tells `3` (int) from `3.0` and `3e0` (floats); ints beyond 64 bits and `-0` are floats, as in the reference.
 * 2. The platform's parser is used where its answer is right as it stands; a scan of the text decides (vm.md, section 3).
 * 3. Writing follows key order and never fails; what JSON cannot say is null, or its display text when asked for.
 */
import type { Json } from "../base/json.ts";
import { displayFloat, displayValue } from "./display.ts";
import { platformJson } from "./json-plain.ts";
import { readJson } from "./json-reader.ts";
import { makeFloat, normalizeInt } from "./numbers.ts";
import {
  dictOf,
  HDict,
  HDuration,
  HFloat,
  HList,
  HRange,
  HRecord,
  HSet,
  SMALL_DICT,
  shapeOf,
  type Value,
} from "./value.ts";

export type JsonResult =
  | { readonly ok: true; readonly value: Value }
  /** `expected value at line 1 column 6`. */
  | { readonly ok: false; readonly message: string };

/** Anything that the platform's numbers would blur: a float written integrally, an exponent, a long integer, a negative zero. */
const DELICATE_NUMBER = /\.0|\d[eE]|\d{16}|-0/g;
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
  const shape = shapeOf(keys);
  const values: Value[] = new Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const value = fromPlain(fields[shape.keys[i]!], depth);
    if (value === undefined) return undefined;
    values[i] = value;
  }
  return dictOf(shape, values);
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

export interface JsonTextOptions {
  /** Spaces of one level; none: one line without spaces. */
  readonly indent?: number;
  /** `display`: values without a JSON form as their display text instead of null. */
  readonly others?: "null" | "display";
  /** Integral floats keep their `.0`, so that they are floats when read again. */
  readonly keepFloats?: boolean;
  /** Told about how many characters there will be before they are written; may throw. */
  readonly reserve?: (bytes: number) => void;
}

export function stringifyJson(value: Value, options: JsonTextOptions = {}): string {
  return platformJson(value, options) ?? joinJson(value, options);
}

/** The same from pieces of text: all that there is. */
export function joinJson(value: Value, options: JsonTextOptions): string {
  const out: string[] = [];
  writeJson(value, options, 0, out);
  return out.join("");
}

function writeJson(value: Value, options: JsonTextOptions, level: number, out: string[]): void {
  switch (typeof value) {
    case "string":
      out.push(quoteJson(value));
      return;
    case "boolean":
    case "bigint":
      out.push(String(value));
      return;
    case "number":
      out.push(Number.isFinite(value) ? (Number.isInteger(value) ? String(value) : displayFloat(value)) : "null");
      return;
    default:
      if (value === null) out.push("null");
      else if (value instanceof HFloat) out.push(integralFloat(value.value, options.keepFloats ?? false));
      else if (value instanceof HList) writeItems(value.items, options, level, out);
      else if (value instanceof HSet) writeItems([...value.items.values()], options, level, out);
      else if (value instanceof HRecord) writeFields(value, options, level, out);
      else if (value instanceof HDuration && options.others !== "display") out.push(String(value.ms));
      else if (value instanceof HRange || options.others === "display") out.push(quoteJson(displayValue(value)));
      else out.push("null");
  }
}

function integralFloat(n: number, keep: boolean): string {
  const text = displayFloat(n);
  if (keep) return text.includes(".") ? text : `${text}.0`;
  return text.endsWith(".0") ? text.slice(0, -2) : text;
}

function writeItems(items: readonly Value[], options: JsonTextOptions, level: number, out: string[]): void {
  if (items.length === 0) {
    out.push("[]");
    return;
  }
  for (let i = 0; i < items.length; i++) {
    out.push(i === 0 ? "[" : ",", lineBreak(options, level + 1));
    writeJson(items[i]!, options, level + 1, out);
  }
  out.push(lineBreak(options, level), "]");
}

function writeFields(dict: HRecord, options: JsonTextOptions, level: number, out: string[]): void {
  const keys = dict.keys();
  if (keys.length === 0) {
    out.push("{}");
    return;
  }
  for (let i = 0; i < keys.length; i++) {
    out.push(i === 0 ? "{" : ",", lineBreak(options, level + 1), quoteJson(keys[i]!), options.indent ? ": " : ":");
    writeJson(dict.get(keys[i]!)!, options, level + 1, out);
  }
  out.push(lineBreak(options, level), "}");
}

function lineBreak(options: JsonTextOptions, level: number): string {
  return options.indent ? `\n${" ".repeat(options.indent * level)}` : "";
}

/** What needs escaping: quotes, backslashes and control characters, C1 included. */
const NEEDS_ESCAPE = /["\\\u0000-\u001f\u007f-\u009f]/;
const ESCAPED = /["\\\u0000-\u001f\u007f-\u009f]/g;

/** A JSON string literal: short escapes only for quote, backslash, line feed, carriage return and tab. */
export function quoteJson(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  return `"${text.replace(ESCAPED, escapeCharacter)}"`;
}

function escapeCharacter(char: string): string {
  switch (char) {
    case '"':
      return '\\"';
    case "\\":
      return "\\\\";
    case "\n":
      return "\\n";
    case "\r":
      return "\\r";
    case "\t":
      return "\\t";
    default:
      return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  }
}
