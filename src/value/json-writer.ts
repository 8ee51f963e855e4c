/**
 * JSON text of values. Follows key order and never fails; what JSON cannot say is null, or its display text when asked for.
 *
 * Texts are put together by `+`, small ones first: V8 copies short texts at once and keeps long ones as trees, which cost less than a list of parts.
 */
import { displayFloat, displayValue } from "./display.ts";
import type { Shape } from "./shape.ts";
import { HDuration, HFloat, HList, HRange, HRecord, HSet, slotAt, type Value } from "./value.ts";

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

/** From pieces of text: all that there is. */
export function joinJson(value: Value, options: JsonTextOptions): string {
  return new Writer(options).value(value, 0);
}

class Writer {
  private readonly indent: number;
  private readonly displays: boolean;
  private readonly keepFloats: boolean;
  private readonly colon: string;
  /** Of the shapes that were met: what stands in front of each value on one line. */
  private readonly heads = new Map<Shape, readonly string[]>();

  constructor({ indent = 0, others = "null", keepFloats = false }: JsonTextOptions) {
    this.indent = indent;
    this.displays = others === "display";
    this.keepFloats = keepFloats;
    this.colon = indent > 0 ? ": " : ":";
  }

  value(value: Value, level: number): string {
    switch (typeof value) {
      case "string":
        return quoteJson(value);
      case "boolean":
        return value ? "true" : "false";
      case "bigint":
        return String(value);
      case "number":
        return Number.isInteger(value) ? String(value) : Number.isFinite(value) ? displayFloat(value) : "null";
      default:
        if (value === null) return "null";
        if (value instanceof HRecord) return value.shape.large ? this.entries(value, level) : this.slots(value, level);
        if (value instanceof HList) return this.items(value.items, level);
        if (value instanceof HFloat) return integralFloat(value.value, this.keepFloats);
        if (value instanceof HSet) return this.items([...value.items.values()], level);
        if (value instanceof HDuration && !this.displays) return String(value.ms);
        return value instanceof HRange || this.displays ? quoteJson(displayValue(value)) : "null";
    }
  }

  private items(items: readonly Value[], level: number): string {
    if (items.length === 0) return "[]";
    const between = `,${this.lineBreak(level + 1)}`;
    let out = `[${this.lineBreak(level + 1)}${this.value(items[0]!, level + 1)}`;
    for (let i = 1; i < items.length; i++) out += between + this.value(items[i]!, level + 1);
    return `${out}${this.lineBreak(level)}]`;
  }

  private slots(record: HRecord, level: number): string {
    const { shape } = record;
    const count = shape.keys.length;
    if (count === 0) return "{}";
    if (this.indent > 0) return this.entries(record, level);
    const heads = this.headsOf(shape);
    let out = "";
    for (let i = 0; i < count; i++) out += heads[i]! + this.value(slotAt(record, i)!, level + 1);
    return `${out}}`;
  }

  private headsOf(shape: Shape): readonly string[] {
    let heads = this.heads.get(shape);
    if (heads === undefined) {
      heads = shape.keys.map((key, i) => `${i === 0 ? "{" : ","}${quoteJson(key)}:`);
      this.heads.set(shape, heads);
    }
    return heads;
  }

  private entries(record: HRecord, level: number): string {
    const line = this.lineBreak(level + 1);
    let out = "";
    for (const [key, value] of record.entries()) {
      out += `${out === "" ? "{" : ","}${line}${quoteJson(key)}${this.colon}${this.value(value, level + 1)}`;
    }
    return out === "" ? "{}" : `${out}${this.lineBreak(level)}}`;
  }

  private lineBreak(level: number): string {
    return this.indent > 0 ? `\n${" ".repeat(this.indent * level)}` : "";
  }
}

function integralFloat(n: number, keep: boolean): string {
  const text = displayFloat(n);
  if (keep) return text.includes(".") ? text : `${text}.0`;
  return text.endsWith(".0") ? text.slice(0, -2) : text;
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
