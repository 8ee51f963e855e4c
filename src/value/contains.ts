/** Membership, as `in` tests it: list and set items, dict keys, substrings, numbers of a range; false for every other kind. */
import { hashKey, valuesEqual } from "./equality.ts";
import { isInt } from "./numbers.ts";
import { HDict, HList, HRange, HSet, type Value } from "./value.ts";

export function contains(collection: Value, item: Value): boolean {
  if (typeof collection === "string") return typeof item === "string" && collection.includes(item);
  if (collection instanceof HList) {
    const items = collection.items;
    for (let i = 0; i < items.length; i++) if (valuesEqual(items[i]!, item)) return true;
    return false;
  }
  if (collection instanceof HDict) return typeof item === "string" && collection.has(item);
  if (collection instanceof HSet) return collection.items.has(hashKey(item));
  if (collection instanceof HRange) {
    if (!isInt(item) || typeof item === "bigint" || item < collection.start) return false;
    return collection.exclusive ? item < collection.end : item <= collection.end;
  }
  return false;
}
