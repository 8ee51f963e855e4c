/**
 * Arithmetic on durations: sums, differences and remainders of two, whole multiples and parts of one, how often one goes into another.
 *
 * Invariants
 * 1. A duration is a whole number of milliseconds, which may be negative; what a division leaves over is dropped, as between ints.
 * 2. Floats take no part: generated code relies on it that an operation with a float in it gives a float.
 */
import { plainError, runtimeError } from "./raise.ts";
import { HDuration, type Value } from "./value.ts";

/** Some 285,000 years; beyond, milliseconds are no longer exact. */
const LONGEST_MS = Number.MAX_SAFE_INTEGER;

/** Undefined, here and below: durations have no such operation for these operands. */
export function addDurations(a: Value, b: Value): HDuration | undefined {
  return a instanceof HDuration && b instanceof HDuration ? duration(a.ms + b.ms) : undefined;
}

export function subtractDurations(a: Value, b: Value): HDuration | undefined {
  return a instanceof HDuration && b instanceof HDuration ? duration(a.ms - b.ms) : undefined;
}

export function multiplyDuration(a: Value, b: Value): HDuration | undefined {
  if (a instanceof HDuration) return isWhole(b) ? duration(a.ms * Number(b)) : undefined;
  return b instanceof HDuration && isWhole(a) ? duration(b.ms * Number(a)) : undefined;
}

/** A part of a duration, or how many times `b` fits into `a`: a whole number either way. */
export function divideDuration(a: Value, b: Value): HDuration | number | undefined {
  if (!(a instanceof HDuration)) return undefined;
  const by = b instanceof HDuration ? b.ms : isWhole(b) ? Number(b) : undefined;
  if (by === undefined) return undefined;
  if (by === 0) throw plainError("Division by zero");
  const quotient = Math.trunc(a.ms / by) + 0;
  return b instanceof HDuration ? quotient : new HDuration(quotient);
}

export function remainderOfDuration(a: Value, b: Value): HDuration | undefined {
  if (!(a instanceof HDuration && b instanceof HDuration)) return undefined;
  if (b.ms === 0) throw plainError("Division by zero");
  return new HDuration((a.ms % b.ms) + 0);
}

export function negateDuration(a: Value): HDuration | undefined {
  return a instanceof HDuration ? new HDuration(0 - a.ms) : undefined;
}

function isWhole(value: Value): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

function duration(ms: number): HDuration {
  if (Math.abs(ms) > LONGEST_MS) throw runtimeError("the duration is too long: durations end at 285,000 years");
  return new HDuration(ms + 0);
}
