/** Sums of mixed numbers: an int while all are ints (it wraps at 64 bits), else a float. And of durations alone. */
import { add, isInt, isNumber, makeFloat, toDouble } from "../value/numbers.ts";
import { HDuration, type Value } from "../value/value.ts";

/** Items that are no numbers are left out; `onOther` may refuse them. */
export function sumOf(items: readonly Value[], onOther: (item: Value) => void = () => {}): Value {
  const count = smallSum(items);
  if (count !== null) return count;
  const time = durationOf(items);
  if (time !== null) return time;
  let whole: Value = 0;
  let real = 0;
  let anyFloat = false;
  for (const item of items) {
    if (!isNumber(item)) {
      onOther(item);
      continue;
    }
    if (isInt(item)) whole = add(whole, item);
    else anyFloat = true;
    real += toDouble(item);
  }
  return anyFloat ? makeFloat(real) : whole;
}

/** Null: they are not all ints, or the sum is none that a number holds exactly. */
function smallSum(items: readonly Value[]): number | null {
  let sum = 0;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (typeof item !== "number" || !Number.isInteger(item)) return null;
    sum += item;
    if (!Number.isSafeInteger(sum)) return null;
  }
  return sum;
}

/** Null: they are not all durations, or there is none. */
function durationOf(items: readonly Value[]): Value | null {
  if (!(items[0] instanceof HDuration) || !items.every((item) => item instanceof HDuration)) return null;
  return items.reduce<Value>((sum, item) => add(sum, item), new HDuration(0));
}
