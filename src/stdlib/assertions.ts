/** Assertions. They throw their message as a string, so that a test sees it as it stands. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import { valuesEqual } from "../value/equality.ts";
import { isTruthy } from "../value/truthiness.ts";

export const assertionBuiltins: readonly Builtin[] = [
  builtin("assert", {
    sig: "(condition: any, message?: any) -> nil",
    doc: "Throws the message unless the condition is true.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'try {\n  assert(1 > 2, "no")\n} catch e {\n  println(e)\n}', prints: "no" }],
    run(_call, args) {
      if (isTruthy(args.raw("condition"))) return null;
      throw thrownError(args.has("message") ? args.text("message") : "Assertion failed");
    },
  }),
  builtin("assert_eq", {
    sig: "(actual: any, expected: any, message?: any) -> nil",
    doc: "Throws unless both values are equal.",
    needs: "nothing",
    borrows: true,
    examples: [
      {
        code: "try {\n  assert_eq(1 + 1, 3)\n} catch e {\n  println(e)\n}",
        prints: "Assertion failed: expected 3, got 2",
      },
    ],
    run(call, args) {
      if (!args.has("expected")) throw thrownError("assert_eq requires at least 2 arguments");
      if (valuesEqual(args.raw("actual"), args.raw("expected"), call)) return null;
      throw thrownError(
        args.has("message")
          ? args.text("message")
          : `Assertion failed: expected ${args.text("expected")}, got ${args.text("actual")}`,
      );
    },
  }),
  builtin("assert_ne", {
    sig: "(actual: any, unexpected: any, message?: any) -> nil",
    doc: "Throws when both values are equal.",
    needs: "nothing",
    borrows: true,
    examples: [
      {
        code: "try {\n  assert_ne(2, 2)\n} catch e {\n  println(e)\n}",
        prints: "Assertion failed: values should not be equal: 2",
      },
    ],
    run(call, args) {
      if (!args.has("unexpected")) throw thrownError("assert_ne requires at least 2 arguments");
      if (!valuesEqual(args.raw("actual"), args.raw("unexpected"), call)) return null;
      throw thrownError(
        args.has("message")
          ? args.text("message")
          : `Assertion failed: values should not be equal: ${args.text("actual")}`,
      );
    },
  }),
];
