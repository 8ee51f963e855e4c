/** Which values count as true. False are: false, nil, 0, 0.0, and empty strings, lists, dicts, sets and durations. */
import { HDict, HDuration, HFloat, HList, HSet, type Value } from "./value.ts";

export function isTruthy(value: Value): boolean {
  switch (typeof value) {
    case "boolean":
      return value;
    case "number":
      // NaN is no zero: it counts as true.
      return value !== 0;
    case "string":
      return value.length > 0;
    case "bigint":
      return true;
    default:
      if (value === null) return false;
      if (value instanceof HList) return value.length > 0;
      if (value instanceof HDict) return value.size > 0;
      if (value instanceof HFloat) return value.value !== 0;
      if (value instanceof HSet) return value.items.size > 0;
      if (value instanceof HDuration) return value.ms !== 0;
      return true;
  }
}
