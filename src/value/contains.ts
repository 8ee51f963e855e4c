/** Membership, as `in` tests it: list and set items, dict keys, substrings, numbers of a range; false for every other kind. */
import { itemsCost, type Meter, SHORT_TEXT, textCost } from "./cost.ts";
import { hashKey, valuesEqual } from "./equality.ts";
import { isInt } from "./numbers.ts";
import { HDict, HList, HRange, HSet, type Value } from "./value.ts";

export function contains(collection: Value, item: Value, meter: Meter): boolean {
  if (typeof collection === "string") {
    if (typeof item !== "string") return false;
    if (collection.length > SHORT_TEXT) meter.spend(textCost(collection.length));
    return collection.includes(item);
  }
  if (collection instanceof HList) {
    const items = collection.items;
    const found = items.findIndex((other) => valuesEqual(other, item, meter));
    meter.spend(itemsCost(found < 0 ? items.length : found));
    return found >= 0;
  }
  if (collection instanceof HDict) return typeof item === "string" && collection.has(item);
  if (collection instanceof HSet) return collection.items.has(hashKey(item, meter));
  if (collection instanceof HRange) {
    if (!isInt(item) || typeof item === "bigint" || item < collection.start) return false;
    return collection.exclusive ? item < collection.end : item <= collection.end;
  }
  return false;
}
