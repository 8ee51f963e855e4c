/**
 * JSON by the platform's writer, which is several times faster than joining pieces of text: a value is copied into plain objects and arrays, as far
 * as the platform then writes what we write (json.ts).
 *
 * Invariants
 * 1. The text is the one that `joinJson` makes, character by character; null where the platform would write something else.
 * 2. Nothing is written before its size is known, at least roughly.
 */
import { displayValue } from "./display.ts";
import type { JsonTextOptions } from "./json.ts";
import { copierOf, type FieldCopy, type Plain } from "./json-copier.ts";
import { HDuration, HFloat, HList, HRange, HRecord, HSet, type Shape, slotAt, type Value } from "./value.ts";

export function platformJson(value: Value, options: JsonTextOptions): string | null {
  const copy = new PlainCopy(options);
  const plain = copy.of(value);
  options.reserve?.(copy.size);
  if (!copy.fits) return null;
  // With more arguments, even undefined ones, the platform takes a slower way.
  const text = options.indent === undefined ? JSON.stringify(plain) : JSON.stringify(plain, null, options.indent);
  return isWrittenAlike(text) ? text : null;
}

/** Keys that an object would put elsewhere or take for something else. */
const ODD_KEY = /^(?:\d+|__proto__)$/;

/** How many characters are copied before somebody has to make room for them. */
const STEP = 1024 * 1024;

class PlainCopy implements FieldCopy {
  /** Is everything so far written alike? */
  fits = true;
  /** Characters, without escapes. */
  size = 0;
  /** Whoever has to make room is told when there are so many. */
  private told = STEP;
  private readonly options: JsonTextOptions;
  /** An object with the keys of a shape, to be cloned: that is faster than adding the keys again. */
  private readonly blanks = new Map<Shape, Plain>();

  constructor(options: JsonTextOptions) {
    this.options = options;
  }

  of(value: Value): unknown {
    switch (typeof value) {
      case "string":
        this.size += value.length + 3;
        return value;
      case "number":
        this.size += 8;
        // The platform writes an exponent where we write zeros.
        if (!Number.isInteger(value) && !hasNoExponent(value)) this.fits = false;
        return value;
      case "boolean":
        this.size += 6;
        return value;
      case "bigint":
        this.fits = false;
        return null;
      default:
        this.size += 5;
        if (value === null) return null;
        if (this.size > this.told) this.tell();
        if (value instanceof HRecord) return this.record(value);
        if (value instanceof HList) return this.items(value.values());
        if (value instanceof HFloat) return this.integral(value.value);
        return this.other(value);
    }
  }

  private tell(): void {
    this.options.reserve?.(this.size);
    this.told = this.size + STEP;
  }

  private items(items: readonly Value[]): readonly unknown[] {
    let size = 0;
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      if (typeof item === "string") size += item.length + 3;
      else if (typeof item === "object") return this.copies(items);
      else this.of(item);
    }
    this.size += size;
    return items;
  }

  private copies(items: readonly Value[]): unknown[] {
    const copies: unknown[] = new Array(items.length);
    for (let i = 0; i < items.length; i++) copies[i] = this.of(items[i]!);
    return copies;
  }

  private record(record: HRecord): Plain {
    const { shape } = record;
    if (shape.copier !== null && this.options.generate) return shape.copier(record, this);
    if (shape.large) return this.large(record);
    const blank = this.blank(shape);
    const copier = this.options.generate && this.fits ? copierOf(shape) : null;
    if (copier !== null) return copier(record, this);
    const { keys } = shape;
    const plain = { ...blank };
    for (let i = 0; i < keys.length; i++) this.put(plain, keys[i]!, slotAt(record, i)!);
    return plain;
  }

  private put(plain: Plain, key: string, value: Value): void {
    if (typeof value === "string") {
      this.size += value.length + 3;
      plain[key] = value;
    } else if (value === null || typeof value === "boolean" || Number.isInteger(value)) {
      plain[key] = value;
    } else plain[key] = this.of(value);
  }

  private blank(shape: Shape): Plain {
    const known = this.blanks.get(shape);
    if (known !== undefined) {
      this.size += shape.keys.length * 12;
      return known;
    }
    const blank: Plain = {};
    for (const key of shape.keys) this.add(blank, key, null);
    this.blanks.set(shape, blank);
    return blank;
  }

  private large(dict: HRecord): Plain {
    const plain: Plain = {};
    for (const key of dict.keys()) this.add(plain, key, this.of(dict.get(key)!));
    return plain;
  }

  private add(plain: Plain, key: string, value: unknown): void {
    this.size += key.length + 4;
    if (ODD_KEY.test(key)) this.fits = false;
    else plain[key] = value;
  }

  private integral(n: number): number {
    if (this.options.keepFloats || Math.abs(n) >= 1e21 || Object.is(n, -0)) this.fits = false;
    return n;
  }

  private other(value: Value): unknown {
    const { others } = this.options;
    if (value instanceof HSet) return this.items([...value.items.values()]);
    if (value instanceof HDuration && others !== "display") return value.ms;
    if (value instanceof HRange || others === "display") return this.of(displayValue(value));
    return null;
  }
}

const hasNoExponent = (n: number): boolean => {
  const size = Math.abs(n);
  return !Number.isFinite(n) || (size >= 1e-6 && size < 1e21);
};

/** Below, one pattern is faster than several searches. */
const LONG = 4_096;

/**
 * The platform has short escapes for backspace and form feed, escapes halves of surrogate pairs, and leaves delete and the controls from U+0080 to
 * U+009F as they are; so far as a text has none of them it is ours. A backslash in the text that looks like such an escape is taken for one.
 */
function isWrittenAlike(text: string): boolean {
  if (text.length < LONG) return !/[\u007f-\u009f]|\\[bf]|\\ud/.test(text);
  for (const other of ["\u008a", "\\b", "\\f", "\\ud"]) if (text.includes(other)) return false;
  if (/[^\0-\u00ff]/.test(text)) return !/[\u007f-\u009f]/.test(text);
  // Texts of a byte a character: V8 looks at sixteen of them at once for up to sixteen others, by their lower seven bits; those of U+008A are a line feed's.
  return !/[\u007f-\u0089\u008b-\u008f]/.test(text) && !/[\u0090-\u009f]/.test(text);
}
