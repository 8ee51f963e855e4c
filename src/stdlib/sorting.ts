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
export function orderOf(keys: readonly Value[], meter: Meter): ArrayLike<number> {
  const kind = simpleKind(keys);
  const ints = kind === "texts" ? ranksOf(keys as readonly string[]) : (keys as readonly number[]);
  const packed = kind === "others" ? null : orderOfInts(ints);
  if (packed !== null) return packed;
  const order = keys.map((_, i) => i);
  if (kind !== "numbers") return order.sort((a, b) => compareValues(keys[a]!, keys[b]!, meter));
  const numbers = Float64Array.from(keys as readonly number[]);
  return order.sort((a, b) => numbers[a]! - numbers[b]!);
}

/** Of ints that are close enough to each other: each is put into one number with its position, and numbers sort without calling back. */
function orderOfInts(keys: readonly number[]): Float64Array | null {
  const count = keys.length;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const key = keys[i]!;
    if (!Number.isInteger(key)) return null;
    if (key < least) least = key;
    if (key > most) most = key;
  }
  if (!Number.isSafeInteger((most - least + 1) * count)) return null;
  const packed = new Float64Array(count);
  for (let i = 0; i < count; i++) packed[i] = (keys[i]! - least) * count + i;
  packed.sort();
  for (let i = 0; i < count; i++) packed[i] = packed[i]! % count;
  return packed;
}

/** For each text how many others are before it in order: the different ones are sorted without calling back, and each is looked up once. */
function ranksOf(texts: readonly string[]): number[] {
  const numbers = new Map<string, number>();
  const found: number[] = new Array(texts.length);
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i]!;
    const known = numbers.get(text);
    found[i] = known ?? numbers.size;
    if (known === undefined) numbers.set(text, numbers.size);
  }
  const sorted = [...numbers.keys()].sort();
  const ranks: number[] = new Array(sorted.length);
  for (let i = 0; i < sorted.length; i++) ranks[numbers.get(sorted[i]!)!] = i;
  for (let i = 0; i < found.length; i++) found[i] = ranks[found[i]!]!;
  return found;
}

/** From here on the order of UTF-16 units is not that of the characters. */
const BEYOND_SURROGATES = /[\ud800-\uffff]/;

/** `numbers`: all of them are plain numbers, none NaN. `texts`: the platform's order of texts is ours. */
function simpleKind(items: readonly Value[]): "numbers" | "texts" | "others" {
  if (typeof items[0] === "number") {
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      if (typeof item !== "number" || Number.isNaN(item)) return "others";
    }
    return "numbers";
  }
  if (typeof items[0] !== "string") return "others";
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (typeof item !== "string" || BEYOND_SURROGATES.test(item)) return "others";
  }
  return "texts";
}
