/** `Result` values: building and taking apart. Values that are no `Result` pass through the unwrapping builtins unchanged. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { HEnum, share, type Value } from "../value/value.ts";

export const okResult = (value: Value): HEnum => new HEnum("Result", "Ok", [value]);
export const errResult = (value: Value): HEnum => new HEnum("Result", "Err", [value]);

/** The payload of a `Result` of this variant; undefined for anything else. */
export function payload(value: Value, variant: "Ok" | "Err"): Value | undefined {
  if (!(value instanceof HEnum) || value.enumName !== "Result" || value.variant !== variant) return undefined;
  return share(value.fields[0] ?? null);
}

export const resultBuiltins: readonly Builtin[] = [
  builtin("Ok", {
    sig: "(value?: any) -> any",
    doc: "A result that went well.",
    needs: "nothing",
    examples: [{ code: "println(Ok(1))", prints: "Result.Ok(1)" }],
    run: (_call, args) => okResult(args.raw("value")),
  }),
  builtin("Err", {
    sig: "(value?: any) -> any",
    doc: "A result that did not.",
    needs: "nothing",
    examples: [{ code: 'println(Err("no"))', prints: "Result.Err(no)" }],
    run: (_call, args) => errResult(args.raw("value")),
  }),
  builtin("is_ok", {
    sig: "(value: any) -> bool",
    doc: "Is this an `Ok`?",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println([is_ok(Ok(1)), is_ok(Err(1)), is_ok(1)])", prints: "[true, false, false]" }],
    run: (_call, args) => payload(args.raw("value"), "Ok") !== undefined,
  }),
  builtin("is_err", {
    sig: "(value: any) -> bool",
    doc: "Is this an `Err`?",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println([is_err(Ok(1)), is_err(Err(1))])", prints: "[false, true]" }],
    run: (_call, args) => payload(args.raw("value"), "Err") !== undefined,
  }),
  builtin("unwrap", {
    sig: "(value: any) -> any",
    doc: "The value of an `Ok`; fails for an `Err`.",
    needs: "nothing",
    examples: [{ code: "println([unwrap(Ok(1)), unwrap(2)])", prints: "[1, 2]" }],
    run(_call, args) {
      const value = args.raw("value");
      const problem = payload(value, "Err");
      if (problem !== undefined) throw runtimeError(`unwrap called on Err: ${displayValue(problem)}`);
      return payload(value, "Ok") ?? (value instanceof HEnum && value.enumName === "Result" ? null : value);
    },
  }),
  builtin("unwrap_or", {
    sig: "(value: any, otherwise: any) -> any",
    doc: "The value of an `Ok`, or the second argument for an `Err`.",
    needs: "nothing",
    examples: [{ code: "println([unwrap_or(Ok(1), 2), unwrap_or(Err(1), 2)])", prints: "[1, 2]" }],
    run(_call, args) {
      const value = args.raw("value");
      if (payload(value, "Err") !== undefined) return args.raw("otherwise");
      const inner = payload(value, "Ok");
      return inner === undefined ? value : inner;
    },
  }),
  builtin("unwrap_err", {
    sig: "(value: any) -> any",
    doc: "The value of an `Err`; fails for anything else.",
    needs: "nothing",
    examples: [{ code: 'println(unwrap_err(Err("no")))', prints: "no" }],
    run(_call, args) {
      const problem = payload(args.raw("value"), "Err");
      if (problem === undefined) throw runtimeError("unwrap_err called on non-Err");
      return problem;
    },
  }),
];
