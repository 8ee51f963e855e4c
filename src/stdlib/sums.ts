/** Sums of mixed numbers: an int while all are ints (it wraps at 64 bits), else a float. */
import { add, isInt, isNumber, makeFloat, toDouble } from "../value/numbers.ts";
import type { Value } from "../value/value.ts";

/** Items that are no numbers are left out; `onOther` may refuse them. */
export function sumOf(items: Iterable<Value>, onOther: (item: Value) => void = () => {}): Value {
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
