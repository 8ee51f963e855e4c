/** Reading numbers out of arguments. The reference's builtins look at ints only in most places: a float or text there counts as missing. */
import { isInt } from "../value/numbers.ts";
import { HDuration, HFloat, type Value } from "../value/value.ts";

/** An int as a JavaScript number (large ones rounded); null for every other kind. */
export function asWhole(value: Value): number | null {
  return isInt(value) ? Number(value) : null;
}

/** Milliseconds: an int, or a duration; null for every other kind. */
export function asMilliseconds(value: Value): number | null {
  return value instanceof HDuration ? value.ms : asWhole(value);
}

/** An int or float as a double; null for every other kind. */
export function asDouble(value: Value): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  return value instanceof HFloat ? value.value : null;
}
