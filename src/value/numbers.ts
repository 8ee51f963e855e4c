/**
 * Arithmetic on values: 64-bit ints that wrap, doubles, and the overloads for texts, lists, dicts and durations.
 *
 * Invariants
 * 1. What leaves this file keeps the number invariants of value.ts: a safe int is a number and never −0, a larger one a bigint; an
 *    integral float is boxed.
 * 2. These are the complete operations: the interpreter and generated code inline the int32 and float cases and call here for the rest.
 * 3. An operation that fails throws a `Raise` before it has changed anything.
 */
import {
  addDurations,
  divideDuration,
  multiplyDuration,
  negateDuration,
  remainderOfDuration,
  subtractDurations,
} from "./durations.ts";
import { makeFloat } from "./floats.ts";
import { plainError, runtimeError, typeError } from "./raise.ts";
import { typeName } from "./type-name.ts";
import { copyDict, floatList, HDict, HFloat, HList, share, type Value } from "./value.ts";

export { makeFloat } from "./floats.ts";

export type Int = number | bigint;

/** Wraps to 64 bits; a number when it is a safe integer. */
export function normalizeInt(value: bigint): Int {
  const wrapped = BigInt.asIntN(64, value);
  return wrapped >= -9007199254740991n && wrapped <= 9007199254740991n ? Number(wrapped) : wrapped;
}

export function isInt(value: Value): value is Int {
  return (typeof value === "number" && Number.isInteger(value)) || typeof value === "bigint";
}

export function isFloat(value: Value): value is number | HFloat {
  return (typeof value === "number" && !Number.isInteger(value)) || value instanceof HFloat;
}

export function isNumber(value: Value): value is Int | HFloat {
  return typeof value === "number" || typeof value === "bigint" || value instanceof HFloat;
}

/** The value of an int or float as a double; large ints are rounded. */
export function toDouble(value: Int | HFloat): number {
  return value instanceof HFloat ? value.value : Number(value);
}

/** From a double to an int: truncated, saturating at 64 bits, 0 for NaN. */
export function truncateToInt(n: number): Int {
  if (Number.isNaN(n)) return 0;
  const whole = Math.trunc(n);
  if (Number.isSafeInteger(whole)) return whole + 0;
  if (whole >= 2 ** 63) return 9223372036854775807n;
  if (whole <= -(2 ** 63)) return -9223372036854775808n;
  return normalizeInt(BigInt(whole));
}

export function add(a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) {
    if (isInt(a) && isInt(b)) {
      if (typeof a === "number" && typeof b === "number") {
        const sum = a + b;
        if (Number.isSafeInteger(sum)) return sum;
      }
      return normalizeInt(BigInt(a) + BigInt(b));
    }
    return makeFloat(toDouble(a) + toDouble(b));
  }
  if (typeof a === "string" && typeof b === "string") return a + b;
  if (a instanceof HList && b instanceof HList) {
    if (a.floats !== null && b.floats !== null) return floatList(a.floats.concat(b.floats));
    const items = a.items.concat(b.items);
    for (let i = 0; i < items.length; i++) share(items[i]);
    return new HList(items);
  }
  if (a instanceof HDict && b instanceof HDict) {
    const sum = copyDict(a);
    for (const key of b.keys()) sum.set(key, share(b.get(key)!));
    return sum;
  }
  const time = addDurations(a, b);
  if (time !== undefined) return time;
  throw typeError(`Cannot add ${typeName(a)} and ${typeName(b)}`);
}

export function sub(a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) {
    if (isInt(a) && isInt(b)) {
      if (typeof a === "number" && typeof b === "number") {
        const difference = a - b;
        if (Number.isSafeInteger(difference)) return difference;
      }
      return normalizeInt(BigInt(a) - BigInt(b));
    }
    return makeFloat(toDouble(a) - toDouble(b));
  }
  const time = subtractDurations(a, b);
  if (time !== undefined) return time;
  throw typeError(`Cannot subtract ${typeName(b)} from ${typeName(a)}`);
}

export function mul(a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) {
    if (isInt(a) && isInt(b)) {
      if (typeof a === "number" && typeof b === "number") {
        const product = a * b;
        if (Number.isSafeInteger(product)) return product + 0;
      }
      return normalizeInt(BigInt(a) * BigInt(b));
    }
    return makeFloat(toDouble(a) * toDouble(b));
  }
  if (typeof a === "string" && isInt(b)) return repeat(a, b);
  if (typeof b === "string" && isInt(a)) return repeat(b, a);
  const time = multiplyDuration(a, b);
  if (time !== undefined) return time;
  throw typeError(`Cannot multiply ${typeName(a)} and ${typeName(b)}`);
}

/** The longest string that V8 can hold; the reference runs out of memory there. */
const LONGEST_STRING = 536870888;

function repeat(text: string, count: Int): string {
  if (count <= 0 || text === "") return "";
  if (BigInt(count) * BigInt(text.length) > BigInt(LONGEST_STRING)) {
    throw runtimeError(`string repeated ${count} times is too long`);
  }
  return text.repeat(Number(count));
}

export function div(a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) {
    if (isInt(a) && isInt(b)) {
      if (b === 0) throw plainError("Division by zero");
      if (typeof a === "number" && typeof b === "number") return Math.trunc(a / b) + 0;
      return normalizeInt(BigInt(a) / BigInt(b));
    }
    return makeFloat(toDouble(a) / toDouble(b));
  }
  const time = divideDuration(a, b);
  if (time !== undefined) return time;
  throw runtimeError(`Cannot divide ${typeName(a)} by ${typeName(b)}`);
}

/** The sign follows the dividend; zero of either kind is an error. */
export function mod(a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) {
    if (b === 0 || (b instanceof HFloat && b.value === 0)) throw plainError("Division by zero");
    if (isInt(a) && isInt(b)) {
      if (typeof a === "number" && typeof b === "number") return (a % b) + 0;
      return normalizeInt(BigInt(a) % BigInt(b));
    }
    return makeFloat(toDouble(a) % toDouble(b));
  }
  const time = remainderOfDuration(a, b);
  if (time !== undefined) return time;
  throw runtimeError(`Cannot modulo ${typeName(a)} by ${typeName(b)}`);
}

/** An int for an int raised to 0 … 2^32−1 (it wraps), else a float. */
export function pow(a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) {
    if (isInt(a) && isInt(b) && b >= 0 && b <= 4294967295) {
      if (typeof a === "number") {
        const result = a ** Number(b);
        if (Number.isSafeInteger(result)) return result + 0;
      }
      return normalizeInt(wrappingPower(BigInt(a), BigInt(b)));
    }
    return makeFloat(toDouble(a) ** toDouble(b));
  }
  throw typeError(`Cannot exponentiate ${typeName(a)} by ${typeName(b)}`);
}

function wrappingPower(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = BigInt.asIntN(64, base);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}

export function negate(a: Value): Value {
  if (typeof a === "number" && Number.isInteger(a)) return 0 - a;
  if (typeof a === "number") return -a;
  if (typeof a === "bigint") return normalizeInt(-a);
  if (a instanceof HFloat) return new HFloat(-a.value);
  const time = negateDuration(a);
  if (time !== undefined) return time;
  throw runtimeError(`Cannot negate value of type ${typeName(a)}`);
}
