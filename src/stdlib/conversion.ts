/** Kinds of values, and values as other kinds. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Meter } from "../value/cost.ts";
import { displayCounted } from "../value/display.ts";
import { valuesEqual } from "../value/equality.ts";
import { isInt, makeFloat, normalizeInt, truncateToInt } from "../value/numbers.ts";
import { codePointLength } from "../value/strings.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import {
  HBuiltin,
  HClosure,
  HDict,
  HDuration,
  HFloat,
  HHandle,
  HList,
  HPair,
  HRange,
  HSet,
  HStruct,
  share,
} from "../value/value.ts";
import { rangeLength } from "../vm/places.ts";
import { hashOf } from "./digests.ts";

/** Of an int. */
const MOST_DIGITS = 19;

/** Decimal digits with an optional sign, nothing around them, and within 64 bits. */
export function parseInt64(text: string): Value {
  if (!/^[+-]?\d+$/.test(text)) return null;
  // So many digits are a safe integer; adding 0 makes none of them -0.
  if (text.length <= 15) return Number(text) + 0;
  const digits = /^([+-]?)0*(\d*)$/.exec(text)!;
  if (digits[2]!.length > MOST_DIGITS) return null;
  const value = BigInt(`${digits[1] === "-" ? "-" : ""}${digits[2] || "0"}`);
  return BigInt.asIntN(64, value) === value ? normalizeInt(value) : null;
}

/** As the reference reads floats: decimal with optional exponent, `inf`, `infinity` and `nan` in any case. */
export function parseFloat64(text: string): Value {
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return makeFloat(Number(text));
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special === null) return null;
  if (special[2]!.toLowerCase() === "nan") return Number.NaN;
  return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function lengthOf(value: Value, meter: Meter): number {
  if (typeof value === "string") return codePointLength(value, meter);
  if (value instanceof HList) return value.length;
  if (value instanceof HDict) return value.size;
  if (value instanceof HSet) return value.items.size;
  if (value instanceof HStruct) return 0;
  return value instanceof HRange ? rangeLength(value) : 0;
}

const withIdentity = (value: Value) =>
  value instanceof HList ||
  value instanceof HDict ||
  value instanceof HSet ||
  value instanceof HClosure ||
  value instanceof HPair;

/** By content, not by place in memory: it is the same after a restart. */
function addressOf(value: Value, meter: Meter): string {
  const kind = typeName(value);
  if (value instanceof HBuiltin) return `builtin@${value.name}`;
  if (value instanceof HClosure) return `closure@${value.proto.chunk.module}#${value.proto.index}`;
  const plain = !(withIdentity(value) || typeof value === "string");
  if (plain) return `${kind}@${displayCounted(value, meter)}`;
  return `${kind}@0x${hashOf(value, meter).toString(16)}`;
}

export const conversionBuiltins: readonly Builtin[] = [
  builtin("type_of", {
    sig: "(value: any) -> string",
    doc: "The name of a value's kind: string, int, float, bool, nil, list, dict, closure, struct, enum, …",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println(type_of(1.5))", prints: "float" }],
    run: (_call, args) => typeName(args.raw("value")),
  }),
  builtin("to_string", {
    sig: "(value: any) -> string",
    doc: "What `println` would show.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(to_string({b: 1, a: "x"}))', prints: "{a: x, b: 1}" }],
    run: (_call, args) => (args.has("value") ? args.text("value") : "nil"),
  }),
  builtin("to_int", {
    sig: "(value: any) -> int",
    doc: "A float without its fraction, a duration's milliseconds, or the number that a text holds; nil when it holds none.",
    needs: "nothing",
    borrows: true,
    examples: [
      { code: 'println([to_int(-2.7), to_int("42"), to_int("4 2"), to_int(5s)])', prints: "[-2, 42, nil, 5000]" },
    ],
    quick: (value) => (typeof value === "string" ? parseInt64(value) : undefined),
    run(_call, args) {
      const value = args.raw("value");
      if (isInt(value)) return value;
      if (typeof value === "number") return truncateToInt(value);
      if (value instanceof HFloat) return truncateToInt(value.value);
      if (value instanceof HDuration) return value.ms;
      return typeof value === "string" ? parseInt64(value) : null;
    },
  }),
  builtin("to_float", {
    sig: "(value: any) -> float",
    doc: "An int as a float, a duration's milliseconds, or the number that a text holds; nil when it holds none.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println([to_float(3), to_float("1e3"), to_float("x")])', prints: "[3.0, 1000.0, nil]" }],
    run(_call, args) {
      const value = args.raw("value");
      if (isInt(value)) return makeFloat(Number(value));
      if (typeof value === "number" || value instanceof HFloat) return value;
      if (value instanceof HDuration) return makeFloat(value.ms);
      return typeof value === "string" ? parseFloat64(value) : null;
    },
  }),
  builtin("to_list", {
    sig: "(value: any) -> list",
    doc: "The items of a set; a list as it is; any other value in a list of its own.",
    needs: "nothing",
    examples: [{ code: "println([to_list(set(1, 2)), to_list(3)])", prints: "[[1, 2], [3]]" }],
    run(_call, args) {
      const value = args.raw("value");
      if (value instanceof HList) return value;
      if (value instanceof HSet) return new HList([...value.items.values()].map((item) => share(item)));
      return new HList([value]);
    },
  }),
  builtin("len", {
    sig: "(value: any) -> int",
    doc: "Characters of a string, items of a list or set, entries of a dict, numbers of a range; 0 for other kinds.",
    needs: "nothing",
    borrows: true,
    examples: [
      { code: 'println([len("naïve"), len([1, 2]), len({a: 1}), len(1 to 3), len(nil)])', prints: "[5, 2, 1, 3, 0]" },
    ],
    pace: 0,
    run: (call, args) => lengthOf(args.raw("value"), call),
  }),
  builtin("is_same", {
    sig: "(a: any, b: any) -> bool",
    doc: "Are two lists, dicts, sets or closures one and the same? Other kinds are compared by value.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "let a = [1]\nlet b = a\nprintln([is_same(a, b), is_same(a, [1])])", prints: "[true, false]" }],
    pace: 0,
    run(call, args) {
      const a = args.raw("a");
      const b = args.raw("b");
      if (withIdentity(a) && withIdentity(b)) return a === b;
      return a instanceof HHandle && b instanceof HHandle
        ? a.kind === b.kind && a.id === b.id
        : valuesEqual(a, b, call);
    },
  }),
  builtin("addr_of", {
    sig: "(value: any) -> string",
    doc: "A text that is the same for the same value. Lists, dicts and sets are known by what they hold, closures by where they stand in the source.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println(addr_of(42))", prints: "int@42" }],
    run: (call, args) => addressOf(args.raw("value"), call),
  }),
  builtin("unreachable", {
    sig: "(value?: any) -> never",
    doc: "Fails: code that should never run was reached. The type checker asks that `value` has no kind left.",
    needs: "nothing",
    borrows: true,
    examples: [
      {
        code: "try {\n  unreachable(1)\n} catch e {\n  println(e)\n}",
        prints: "Runtime error: unreachable code was reached: 1",
      },
    ],
    run(_call, args) {
      throw runtimeError(
        args.has("value") ? `unreachable code was reached: ${args.text("value")}` : "unreachable code was reached",
      );
    },
  }),
];
