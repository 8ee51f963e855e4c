/**
 * Number and duration literals.
 *
 * Invariant: digits first. `1.5` is a float, `1.x` an int and a member access; there are no exponents; a unit directly behind an integer
 * makes it a duration. An integer beyond 64 bits becomes a float rather than losing its magnitude.
 */
import { isAlphanumeric, isDigit } from "./characters.ts";

const DOT = 0x2e;
const BIGGEST_INT = 2n ** 63n - 1n;
const BIGGEST_COUNT = 2n ** 64n - 1n;

/** Milliseconds of each unit that is one letter; `ms` is read before them. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60 * 1000,
  h: 60 * 60 * 1000,
  d: 24 * 60 * 60 * 1000,
  w: 7 * 24 * 60 * 60 * 1000,
};

export type NumberLiteral =
  | { readonly kind: "int"; readonly value: number | bigint; readonly end: number }
  | { readonly kind: "float"; readonly value: number; readonly end: number }
  | { readonly kind: "duration"; readonly value: number; readonly end: number };

/** Reads the literal whose first digit stands at `start`. */
export function readNumber(text: string, start: number): NumberLiteral {
  let end = skipDigits(text, start);
  if (text.charCodeAt(end) === DOT && isDigit(text.charCodeAt(end + 1))) {
    end = skipDigits(text, end + 1);
    return { kind: "float", value: Number(text.slice(start, end)), end };
  }
  const digits = text.slice(start, end);
  return readDuration(text, digits, end) ?? readInt(digits, end);
}

function skipDigits(text: string, at: number): number {
  let pos = at;
  while (isDigit(text.charCodeAt(pos))) pos++;
  return pos;
}

function readDuration(text: string, digits: string, end: number): NumberLiteral | null {
  const unit = text[end];
  if (unit === undefined || UNITS[unit] === undefined || !fits(digits, BIGGEST_COUNT)) return null;
  if (unit === "m" && text[end + 1] === "s") return { kind: "duration", value: Number(digits), end: end + 2 };
  const next = text.codePointAt(end + 1);
  if (next !== undefined && isAlphanumeric(next)) return null;
  return { kind: "duration", value: Number(digits) * UNITS[unit], end: end + 1 };
}

function readInt(digits: string, end: number): NumberLiteral {
  const value = Number(digits);
  if (Number.isSafeInteger(value)) return { kind: "int", value, end };
  if (!fits(digits, BIGGEST_INT)) return { kind: "float", value, end };
  return { kind: "int", value: BigInt(digits), end };
}

function fits(digits: string, biggest: bigint): boolean {
  // BigInt is slow on thousands of digits, and a short text cannot be too big.
  const significant = digits.replace(/^0+/, "");
  return significant.length < 19 || (significant.length <= 20 && BigInt(significant) <= biggest);
}
