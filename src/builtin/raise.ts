/** The failures of ports as failures of a program; the raising itself is value/raise.ts, which arithmetic needs too. */
import { Failure } from "../base/failure.ts";
import { Raise, runtimeError } from "../value/raise.ts";

export { categoryError, plainError, Raise, runtimeError, thrownError, typeError } from "../value/raise.ts";

/** The failure of a port or an effect, as the program sees it. */
export function raiseFailure(failure: { readonly message: string; readonly category: string | null }): Raise {
  return failure.category === null
    ? runtimeError(failure.message)
    : new Raise({ kind: "category", message: failure.message, category: failure.category, value: null, trace: [] });
}

/** Turns what JavaScript threw into a `Raise`, or throws it on when it is a defect. */
export function asRaise(thrown: unknown): Raise {
  if (thrown instanceof Raise) return thrown;
  if (thrown instanceof Failure) return raiseFailure(thrown);
  if (thrown instanceof RangeError && /call stack/i.test(thrown.message)) {
    return runtimeError("value is nested too deeply");
  }
  throw thrown;
}
