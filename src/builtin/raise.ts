/** Failures of ports, effects and JavaScript itself, as failures of the program. The constructors stand in value/raise.ts. */

import type { ErrorCategory } from "../base/failure.ts";
import { Failure } from "../base/failure.ts";
import { categoryError, Raise, runtimeError } from "../value/raise.ts";

export { categoryError, plainError, Raise, runtimeError, thrownError, typeError } from "../value/raise.ts";

/** The failure of a port or an effect, as the program sees it. */
export function raiseFailure(failure: { readonly message: string; readonly category: string | null }): Raise {
  return failure.category === null
    ? runtimeError(failure.message)
    : categoryError(failure.category as ErrorCategory, failure.message);
}

/** Turns what JavaScript threw into a `Raise`, or throws it on when it is a defect. */
export function asRaise(thrown: unknown): Raise {
  if (thrown instanceof Raise) return thrown;
  if (thrown instanceof Failure) return raiseFailure(thrown);
  if (thrown instanceof RangeError && /call stack/i.test(thrown.message)) {
    return runtimeError("value is nested too deeply");
  }
  if (thrown instanceof RangeError && /invalid string length/i.test(thrown.message)) {
    return runtimeError("text is too long: at most 536,870,888 characters are possible");
  }
  if (thrown instanceof RangeError && /invalid (typed )?array|array buffer allocation/i.test(thrown.message)) {
    return runtimeError("list is too long");
  }
  if (thrown instanceof RangeError && /(map|set) maximum size/i.test(thrown.message)) {
    return runtimeError("too many entries: at most 16,777,216 keys or items are possible in a dict or set");
  }
  throw thrown;
}
