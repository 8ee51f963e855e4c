/** Numbers. What is no number gives nil, as in the reference. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { typeError } from "../builtin/raise.ts";
import { isFloat, isInt, isNumber, makeFloat, normalizeInt, pow, toDouble, truncateToInt } from "../value/numbers.ts";
import { HDuration, HFloat, type Value } from "../value/value.ts";
import { asDouble, asWhole } from "./number-reading.ts";

const onFloat = (name: string, doc: string, code: string, prints: string, run: (n: number) => number): Builtin =>
  builtin(name, {
    sig: "(number: any) -> float",
    doc,
    needs: "nothing",
    borrows: true,
    examples: [{ code: `println(${code})`, prints }],
    run(_call, args) {
      const value = args.raw("number");
      // Not nil: generated code may know of an operand that it is the result of arithmetic, and then expects a float here.
      if (value instanceof HDuration) throw typeError(`${name} takes a number, got duration`);
      const n = asDouble(value);
      return n === null ? null : makeFloat(run(n));
    },
  });

const toWhole = (name: string, doc: string, prints: string, run: (n: number) => number): Builtin =>
  builtin(name, {
    sig: "(number: any) -> any",
    doc,
    needs: "nothing",
    borrows: true,
    examples: [{ code: `println([${name}(2.5), ${name}(-2.5)])`, prints }],
    run(_call, args) {
      const value = args.raw("number");
      if (isInt(value)) return value;
      return isFloat(value) ? truncateToInt(run(toDouble(value))) : null;
    },
  });

/** Half away from zero. */
const roundHalf = (n: number) => Math.sign(n) * Math.round(Math.abs(n));

const extreme = (name: "min" | "max", prints: string): Builtin =>
  builtin(name, {
    sig: "(a: any, b: any) -> any",
    doc: `The ${name === "min" ? "smaller" : "larger"} of two numbers or durations; of an int and a float, as a float.`,
    needs: "nothing",
    borrows: true,
    examples: [{ code: `println([${name}(1, 2), ${name}(1, 0.5)])`, prints }],
    run(_call, args) {
      const a = args.raw("a");
      const b = args.raw("b");
      if (a instanceof HDuration && b instanceof HDuration) return a.ms < b.ms === (name === "min") ? a : b;
      if (!isNumber(a) || !isNumber(b)) return null;
      if (isInt(a) && isInt(b)) return a < b === (name === "min") ? a : b;
      const [x, y] = [toDouble(a), toDouble(b)];
      if (Number.isNaN(x)) return makeFloat(y);
      return makeFloat(Number.isNaN(y) ? x : Math[name](x, y));
    },
  });

/** Any int from `low` to `high`, both included. */
function randomInt(float: () => number, low: number, high: number): Value {
  const span = high - low + 1;
  if (span <= 2 ** 52) return low + Math.floor(float() * span);
  const wide = BigInt(high) - BigInt(low) + 1n;
  const drawn = (BigInt(Math.floor(float() * 2 ** 32)) << 32n) + BigInt(Math.floor(float() * 2 ** 32));
  return normalizeInt(BigInt(low) + (drawn % wide));
}

export const mathBuiltins: readonly Builtin[] = [
  builtin("abs", {
    sig: "(number: any) -> any",
    doc: "Without its sign.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println([abs(-3), abs(-1.5)])", prints: "[3, 1.5]" }],
    run(_call, args) {
      const value = args.raw("number");
      if (typeof value === "bigint") return normalizeInt(value < 0n ? -value : value);
      if (typeof value === "number") return Math.abs(value);
      if (value instanceof HDuration) return new HDuration(Math.abs(value.ms));
      return value instanceof HFloat ? makeFloat(Math.abs(value.value)) : null;
    },
  }),
  extreme("min", "[1, 0.5]"),
  extreme("max", "[2, 1.0]"),
  toWhole("floor", "The largest int that is not greater.", "[2, -3]", Math.floor),
  toWhole("ceil", "The smallest int that is not less.", "[3, -2]", Math.ceil),
  toWhole("round", "The nearest int; halves go away from zero.", "[3, -3]", roundHalf),
  onFloat("sqrt", "The square root; NaN of a negative number.", "sqrt(16)", "4.0", Math.sqrt),
  onFloat("sin", "Sine.", "sin(0)", "0.0", Math.sin),
  onFloat("cos", "Cosine.", "cos(0)", "1.0", Math.cos),
  onFloat("tan", "Tangent.", "tan(0)", "0.0", Math.tan),
  onFloat("asin", "Arc sine.", "asin(0)", "0.0", Math.asin),
  onFloat("acos", "Arc cosine.", "acos(1)", "0.0", Math.acos),
  onFloat("atan", "Arc tangent.", "atan(0)", "0.0", Math.atan),
  onFloat("log2", "Logarithm to base 2.", "log2(8)", "3.0", Math.log2),
  onFloat("log10", "Logarithm to base 10.", "log10(1000)", "3.0", Math.log10),
  onFloat("ln", "Natural logarithm.", "ln(1)", "0.0", Math.log),
  onFloat("exp", "e to a power.", "exp(0)", "1.0", Math.exp),
  builtin("atan2", {
    sig: "(y: any, x: any) -> float",
    doc: "The angle of a point.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println(atan2(0, 1))", prints: "0.0" }],
    run(_call, args) {
      const y = asDouble(args.raw("y"));
      const x = asDouble(args.raw("x"));
      return y === null || x === null ? null : makeFloat(Math.atan2(y, x));
    },
  }),
  builtin("pow", {
    sig: "(base: any, exponent: any) -> any",
    doc: "A power: an int for an int to a non-negative int (it wraps at 64 bits), else a float.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println([pow(2, 10), pow(2, -1)])", prints: "[1024, 0.5]" }],
    run(_call, args) {
      const base = args.raw("base");
      const exponent = args.raw("exponent");
      return isNumber(base) && isNumber(exponent) ? pow(base, exponent) : null;
    },
  }),
  builtin("sign", {
    sig: "(number: any) -> int",
    doc: "-1, 0 or 1; NaN of NaN.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println([sign(-5), sign(0.0), sign(2)])", prints: "[-1, 0, 1]" }],
    run(_call, args) {
      const n = asDouble(args.raw("number"));
      return n === null ? null : Number.isNaN(n) ? n : Math.sign(n) + 0;
    },
  }),
  builtin("is_nan", {
    sig: "(number: any) -> bool",
    doc: "Is it the float that is no number?",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println([is_nan(sqrt(-1)), is_nan(1)])", prints: "[true, false]" }],
    run: (_call, args) => Number.isNaN(args.raw("number")),
  }),
  builtin("is_infinite", {
    sig: "(number: any) -> bool",
    doc: "Is it an infinite float?",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println([is_infinite(1.0 / 0.0), is_infinite(1)])", prints: "[true, false]" }],
    run(_call, args) {
      const value = args.raw("number");
      return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
    },
  }),
  builtin("random", {
    sig: "() -> float",
    doc: "A float from 0 to before 1.",
    needs: "nothing",
    examples: [{ code: "println(random() < 1.0)", prints: "true" }],
    run: (call) => makeFloat(call.ports.random.float()),
  }),
  builtin("random_int", {
    sig: "(low: any, high: any) -> any",
    doc: "An int from `low` to `high`, both included; nil when there is none.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println([random_int(7, 7), random_int(2, 1)])", prints: "[7, nil]" }],
    run(call, args) {
      if (args.count < 2) return null;
      const low = asWhole(args.raw("low")) ?? 0;
      const high = asWhole(args.raw("high")) ?? 0;
      return low <= high ? randomInt(() => call.ports.random.float(), low, high) : null;
    },
  }),
];
