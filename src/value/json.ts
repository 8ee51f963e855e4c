/**
 * Values from JSON and to JSON.
 *
 * Invariants
 * 1. Reading tells `3` (int) from `3.0` and `3e0` (floats); ints beyond 64 bits and `-0` are floats, as in the reference.
 * 2. Texts are read by a reader of our own. It is about as fast as the platform's with a copy afterwards, and the platform's, in Node 26.10, reads
 *    `{"a":1,"\u0063":2}` wrongly once it has seen an object whose key after `a` is a backslash.
 * 3. Writing follows key order and never fails; what JSON cannot say is null, or its display text when asked for.
 */
import type { Json } from "../base/json.ts";
import { displayFloat, displayValue } from "./display.ts";
import { platformJson } from "./json-plain.ts";
import { readJson } from "./json-reader.ts";
import { makeFloat, normalizeInt } from "./numbers.ts";
import { HDict, HDuration, HFloat, HList, HRange, HRecord, HSet, type Value } from "./value.ts";

export type JsonResult =
  | { readonly ok: true; readonly value: Value }
  /** `expected value at line 1 column 6`. */
  | { readonly ok: false; readonly message: string };

export function parseJson(text: string): JsonResult {
  return readJson(text);
}

/** JSON that came through a port: numbers that are integral become ints. */
export function jsonToValue(json: Json): Value {
  return fromPlain(json);
}

function fromPlain(plain: unknown): Value {
  switch (typeof plain) {
    case "string":
    case "boolean":
      return plain;
    case "number":
      return fromNumber(plain);
    case "object":
      if (plain === null) return null;
      return Array.isArray(plain) ? new HList(plain.map(fromPlain)) : fromObject(plain);
    default:
      return null;
  }
}

function fromNumber(n: number): Value {
  if (!Number.isInteger(n)) return n;
  if (Number.isSafeInteger(n)) return n + 0;
  return Math.abs(n) < 2 ** 63 ? normalizeInt(BigInt(n)) : makeFloat(n);
}

const fromObject = (object: object): Value => HDict.fromKeys(Object.keys(object), Object.values(object).map(fromPlain));

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
      if (value instanceof HList) return value.values().map(valueToJson);
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
  /** JavaScript may be generated for dicts of shapes that are met often. */
  readonly generate?: boolean;
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
      else if (value instanceof HList) writeItems(value.values(), options, level, out);
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
