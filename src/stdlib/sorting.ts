/**
 * Sorting. `compareValues` (value/equality.ts) is the order; lists of one simple kind, which most are, are sorted by quicker comparisons that agree
 * with it.
 */
import type { Meter } from "../value/cost.ts";
import { compareValues } from "../value/equality.ts";
import type { Value } from "../value/value.ts";

/** Stable. */
export function sortItems(items: readonly Value[], meter: Meter): Value[] {
  switch (simpleKind(items)) {
    case "numbers":
      // Equal numbers are the same, so it does not matter that this way is not stable.
      return Array.from(Float64Array.from(items as readonly number[]).sort());
    case "texts":
      return items.slice().sort();
    default:
      return items.slice().sort((a, b) => compareValues(a, b, meter));
  }
}

/** The positions of the keys, in the order of the keys. Stable. */
export function orderOf(keys: readonly Value[], meter: Meter): number[] {
  const kind = simpleKind(keys);
  const packed = kind === "numbers" ? orderOfInts(keys as readonly number[]) : null;
  if (packed !== null) return packed;
  const order = keys.map((_, i) => i);
  switch (kind) {
    case "numbers": {
      const numbers = Float64Array.from(keys as readonly number[]);
      return order.sort((a, b) => numbers[a]! - numbers[b]!);
    }
    case "texts": {
      const texts = keys as readonly string[];
      return order.sort((a, b) => (texts[a]! < texts[b]! ? -1 : texts[a] === texts[b] ? 0 : 1));
    }
    default:
      return order.sort((a, b) => compareValues(keys[a]!, keys[b]!, meter));
  }
}

/** Of ints that are close enough to each other: each is put into one number with its position, and numbers sort without calling back. */
function orderOfInts(keys: readonly number[]): number[] | null {
  const count = keys.length;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const key of keys) {
    if (!Number.isInteger(key)) return null;
    if (key < least) least = key;
    if (key > most) most = key;
  }
  if (!Number.isSafeInteger((most - least + 1) * count)) return null;
  const packed = new Float64Array(count);
  for (let i = 0; i < count; i++) packed[i] = (keys[i]! - least) * count + i;
  return Array.from(packed.sort(), (n) => n % count);
}

/** From here on the order of UTF-16 units is not that of the characters. */
const BEYOND_SURROGATES = /[\ud800-\uffff]/;

/** `numbers`: all of them are plain numbers, none NaN. `texts`: the platform's order of texts is ours. */
function simpleKind(items: readonly Value[]): "numbers" | "texts" | "others" {
  if (typeof items[0] === "number") {
    for (const item of items) if (typeof item !== "number" || Number.isNaN(item)) return "others";
    return "numbers";
  }
  if (typeof items[0] !== "string") return "others";
  for (const item of items) if (typeof item !== "string" || BEYOND_SURROGATES.test(item)) return "others";
  return "texts";
}
