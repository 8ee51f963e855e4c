/**
 * The assertions of the library as a test runner has them: what they throw is the same, and before it they tell the two values in an event, as
 * lines to be compared.
 */
import type { Builtin } from "../../builtin/declaration.ts";
import { Raise } from "../../builtin/raise.ts";
import { assertionBuiltins } from "../../stdlib/assertions.ts";
import { displayValue } from "../../value/display.ts";
import { valueLines } from "./value-lines.ts";

export const DIFFERENCE_EVENT = "assertion_difference";

/** In the place of `assert_eq`. */
export const tellingAssertions: readonly Builtin[] = assertionBuiltins
  .filter(({ name }) => name === "assert_eq")
  .map((builtin) => ({
    ...builtin,
    run(call, args, owned) {
      try {
        return builtin.run(call, args, owned);
      } catch (error) {
        if (args.length >= 2 && error instanceof Raise) {
          call.emit({
            type: DIFFERENCE_EVENT,
            message: displayValue(error.error.value),
            actual: [...valueLines(args[0] ?? null)],
            expected: [...valueLines(args[1] ?? null)],
          });
        }
        throw error;
      }
    },
  }));
