/** Sets of kinds of values, as bits: what a variable may hold, and what was seen in it. */
import type { Value } from "../../value/value.ts";
import { HClosure, HCursor, HDict, HFloat, HList, HRange, HStruct } from "../../value/value.ts";

const SMALL = 4;
const WIDE = 8192;
const FLAT = 32;

export const T = {
  NIL: 1,
  BOOL: 2,
  /** An int of 32 bits: V8 keeps these in registers. */
  SMALL,
  /** An int that is a JavaScript number but not small. */
  WIDE,
  /** An int that is a JavaScript number. */
  INT: SMALL | WIDE,
  BIG: 8,
  FLOAT: 16,
  /** A text without surrogates: its units are its characters. */
  FLAT,
  STRING: FLAT | 32_768,
  LIST: 64,
  DICT: 128,
  CLOSURE: 256,
  RANGE: 512,
  STRUCT: 1024,
  OTHER: 2048,
  /** The state of a loop over a range, taken apart into numbers; with WIDE, not all of them are small. */
  CURSOR_RANGE: 4096,
  /** The state of a loop over a list that is not one of floats. */
  CURSOR_LIST: 16_384,
} as const;

export const ANY = 4095 | WIDE | T.STRING;

/** All that a variable may hold is in `mask`. */
export function only(type: number, mask: number): boolean {
  return type !== 0 && (type & ~mask) === 0;
}

/** Values of these kinds have no owner, and are never marked as shared. */
export function isPlain(type: number): boolean {
  return only(type, T.NIL | T.BOOL | T.INT | T.BIG | T.FLOAT | T.STRING | T.CLOSURE | T.RANGE);
}

export function isRangeCursor(type: number): boolean {
  return (type & T.CURSOR_RANGE) !== 0 && only(type, T.CURSOR_RANGE | WIDE);
}

/** The kind of one value, as a set; also of the state of a loop, and of a JavaScript number that is too large for an int. */
export function kindOf(value: Value | undefined): number {
  switch (typeof value) {
    case "number":
      if (value >> 0 === value) return SMALL;
      if (!Number.isInteger(value)) return T.FLOAT;
      return Number.isSafeInteger(value) ? WIDE : T.BIG;
    case "string":
      return T.STRING;
    case "boolean":
      return T.BOOL;
    case "bigint":
      return T.BIG;
    case "object":
      return value === null ? T.NIL : kindOfObject(value);
    default:
      return T.OTHER;
  }
}

function kindOfObject(value: object): number {
  if (value instanceof HFloat) return T.FLOAT;
  if (value instanceof HList) return T.LIST;
  if (value instanceof HDict) return T.DICT;
  if (value instanceof HStruct) return T.STRUCT;
  if (value instanceof HClosure) return T.CLOSURE;
  if (value instanceof HRange) return T.RANGE;
  if (!(value instanceof HCursor)) return T.OTHER;
  if (value.source instanceof HRange) return T.CURSOR_RANGE | (isSmallRange(value.source) ? 0 : WIDE);
  return value.source instanceof HList && value.source.floats === null ? T.CURSOR_LIST : T.OTHER;
}

/** All numbers of a loop over it are small, also the one behind the last. */
export function isSmallRange({ start, end }: HRange): boolean {
  return start >> 0 === start && end >> 0 === end && end < 2_147_483_647;
}

/**
 * A test that `code` is an object of a class of values. Asking for the constructor costs V8 one look at the hidden class, which then is known for
 * the accesses that follow; `instanceof` walks the chain of prototypes each time, and behind `?.` the class is not known any more.
 */
export function isA(code: string, type: number, kind: "HList" | "HDict" | "HStruct" | "HEnum" | "HClosure"): string {
  return `${type & T.NIL ? notNil(code) : ""}${code}.constructor === ${kind}`;
}

/** The beginning of a test that needs an object: a parameter that was not given and an item that is not there are undefined. */
export function notNil(code: string): string {
  return `${code} !== null && ${code} !== undefined && `;
}
