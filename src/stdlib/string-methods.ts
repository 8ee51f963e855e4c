/** Methods of strings. Positions and lengths are code points; arguments that are no strings are taken by their text. */
import type { Args } from "../builtin/arguments.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { method } from "../builtin/declaration.ts";
import { type Meter, SHORT_TEXT, UNMETERED } from "../value/cost.ts";
import { mul } from "../value/numbers.ts";
import {
  codePointAt,
  codePointIndex,
  codePointLength,
  codePoints,
  isKnownFlat,
  sliceCodePoints,
} from "../value/strings.ts";
import { HList, type Value } from "../value/value.ts";
import { asWhole } from "./number-reading.ts";
import { PIECES } from "./paces.ts";
import { reserve, reserveReplaced } from "./reserve.ts";
import { replaceText, splitLines, splitText, trimBoth, trimEnd, trimStart } from "./text-edges.ts";

const plain = (
  names: readonly string[],
  result: string,
  doc: string,
  sample: string,
  prints: string,
  run: (text: string, meter: Meter) => Value,
  pace = 1,
): Builtin[] =>
  names.map((name) =>
    method("string", name, {
      sig: `() -> ${result}` as "() -> any",
      doc,
      needs: "nothing",
      examples: [{ code: `println("${sample}".${name}())`, prints }],
      pace,
      run: (self: string, _args, _owned, call) => run(self, call),
    }),
  );

/** The text, filled up to `width` characters with the first character of `fill`. */
/** Beyond it the text is impossible, whatever the limit. */
const LONGEST_TEXT = 536_870_888;

function padding(self: string, args: Args<"width" | "fill">, meter: Meter): string {
  const width = asWhole(args.raw("width")) ?? 0;
  const missing = width - codePointLength(self, meter);
  const fill = codePointAt(args.text("fill"), 0, meter) ?? " ";
  return missing > 0 ? String(mul(fill, missing)) : "";
}

const isShortText = (value: Value | undefined): value is string =>
  typeof value === "string" && value.length <= SHORT_TEXT;

const isIndex = (value: Value | undefined): value is number =>
  typeof value === "number" && value >> 0 === value && value >= 0;

export const stringMethods: readonly Builtin[] = [
  ...plain(["count", "len"], "int", "Number of characters.", "naïve", "5", codePointLength, 0),
  ...plain(["empty"], "bool", "Is it the empty text?", "a", "false", (text) => text === "", 0),
  ...plain(["trim"], "string", "Without white space at both ends.", "  a ", "a", trimBoth),
  ...plain(["trim_start"], "string", "Without white space at the beginning.", "  a", "a", trimStart),
  ...plain(["trim_end"], "string", "Without white space at the end.", "a  ", "a", trimEnd),
  ...plain(["lowercase", "lower", "to_lower"], "string", "In lower case.", "AbC", "abc", (text) => text.toLowerCase()),
  ...plain(["uppercase", "upper", "to_upper"], "string", "In upper case.", "AbC", "ABC", (text) => text.toUpperCase()),
  ...plain(
    ["chars"],
    "list",
    "Its characters.",
    "añ",
    "[a, ñ]",
    (text, meter) => new HList(codePoints(text, meter)),
    PIECES,
  ),
  ...plain(
    ["reverse"],
    "string",
    "From the last character to the first.",
    "abc",
    "cba",
    (text, meter) => codePoints(text, meter).reverse().join(""),
    PIECES,
  ),
  ...plain(
    ["lines"],
    "list",
    "Its lines, without their ends.",
    "a\\nb\\n",
    "[a, b]",
    (text, meter) => new HList(splitLines(text, meter)),
    PIECES,
  ),
  method("string", "contains", {
    sig: "(part: any) -> bool",
    doc: "Does the text contain this one?",
    needs: "nothing",
    quick: (self, part) =>
      typeof part === "string" && (self as string).length <= SHORT_TEXT ? (self as string).includes(part) : undefined,
    examples: [{ code: 'println("harn".contains("ar"))', prints: "true" }],
    run: (self: string, args) => self.includes(args.text("part")),
  }),
  method("string", "starts_with", {
    sig: "(prefix: any) -> bool",
    doc: "Does the text begin so?",
    needs: "nothing",
    quick: (self, prefix) => (isShortText(prefix) ? (self as string).startsWith(prefix) : undefined),
    examples: [{ code: 'println("harn".starts_with("ha"))', prints: "true" }],
    run: (self: string, args) => self.startsWith(args.text("prefix")),
  }),
  method("string", "ends_with", {
    sig: "(suffix: any) -> bool",
    doc: "Does the text end so?",
    needs: "nothing",
    quick: (self, suffix) => (isShortText(suffix) ? (self as string).endsWith(suffix) : undefined),
    examples: [{ code: 'println("harn".ends_with("rn"))', prints: "true" }],
    run: (self: string, args) => self.endsWith(args.text("suffix")),
  }),
  method("string", "replace", {
    sig: "(from: any, to: any) -> string",
    doc: "Every occurrence replaced, as it stands.",
    needs: "nothing",
    examples: [{ code: 'println("a-b-c".replace("-", "+"))', prints: "a+b+c" }],
    pace: PIECES,
    // Not where the text may grow, nor where it is long.
    quick: (self, from, to) =>
      typeof from === "string" && typeof to === "string" && to.length <= from.length && isShortText(self)
        ? replaceText(self, from, to, UNMETERED)
        : undefined,
    run(self: string, args, _owned, call) {
      if (!args.has("to")) return null;
      const [from, to] = [args.text("from"), args.text("to")];
      reserveReplaced(call, self, from, to);
      return replaceText(self, from, to, call);
    },
  }),
  method("string", "split", {
    sig: "(separator?: any) -> list",
    doc: "The pieces between separators (default: a comma). An empty separator splits at every character.",
    needs: "nothing",
    examples: [{ code: 'println("a b".split(" "))', prints: "[a, b]" }],
    pace: PIECES,
    run: (self: string, args, _owned, call) =>
      new HList(splitText(self, args.has("separator") ? args.text("separator") : ",", call)),
  }),
  method("string", "substring", {
    sig: "(start?: int, end?: int) -> string",
    doc: "The characters from `start` to before `end`, without one or with one below 0 to the end. (The builtin `substring` takes a length instead of an end.)",
    needs: "nothing",
    quick: (self, start, end) =>
      isIndex(start) && isIndex(end) && isKnownFlat(self as string)
        ? sliceCodePoints(self as string, start, end, UNMETERED)
        : undefined,
    pace: 0,
    examples: [{ code: 'println("harness".substring(1, 4))', prints: "arn" }],
    run(self: string, args, _owned, call) {
      const start = Math.max(0, asWhole(args.raw("start")) ?? 0);
      const end = asWhole(args.raw("end"));
      return sliceCodePoints(self, start, end === null || end < 0 ? codePointLength(self, call) : end, call);
    },
  }),
  method("string", "index_of", {
    sig: "(part: any) -> int",
    doc: "Where the text first stands in this one; -1: nowhere.",
    needs: "nothing",
    examples: [{ code: 'println(["naïve".index_of("v"), "a".index_of("b")])', prints: "[3, -1]" }],
    run(self: string, args, _owned, call) {
      const at = self.indexOf(args.text("part"));
      return at < 0 ? -1 : codePointIndex(self, at, call);
    },
  }),
  method("string", "last_index_of", {
    sig: "(part: any) -> int",
    doc: "Where the text last stands in this one; -1: nowhere.",
    needs: "nothing",
    examples: [{ code: 'println("abab".last_index_of("ab"))', prints: "2" }],
    run(self: string, args, _owned, call) {
      const at = self.lastIndexOf(args.text("part"));
      return at < 0 ? -1 : codePointIndex(self, at, call);
    },
  }),
  method("string", "repeat", {
    sig: "(count?: int) -> string",
    doc: "The text `count` times.",
    needs: "nothing",
    examples: [{ code: 'println("ab".repeat(2))', prints: "abab" }],
    run(self: string, args, _owned, call) {
      const count = asWhole(args.raw("count")) ?? 1;
      if (self.length * count <= LONGEST_TEXT) reserve(call, self.length * count);
      return mul(self, count);
    },
  }),
  method("string", "pad_left", {
    sig: "(width: int, fill?: any) -> string",
    doc: "Filled up to a width on the left.",
    needs: "nothing",
    examples: [{ code: 'println("7".pad_left(3, "0"))', prints: "007" }],
    run(self: string, args, _owned, call) {
      reserve(call, asWhole(args.raw("width")) ?? 0);
      return padding(self, args, call) + self;
    },
  }),
  method("string", "pad_right", {
    sig: "(width: int, fill?: any) -> string",
    doc: "Filled up to a width on the right.",
    needs: "nothing",
    examples: [{ code: 'println("7".pad_right(3, "."))', prints: "7.." }],
    run(self: string, args, _owned, call) {
      reserve(call, asWhole(args.raw("width")) ?? 0);
      return self + padding(self, args, call);
    },
  }),
  method("string", "char_at", {
    sig: "(index: int) -> any",
    doc: "The character at a position from 0 on; nil when there is none.",
    needs: "nothing",
    examples: [{ code: 'println(["abc".char_at(1), "abc".char_at(9)])', prints: "[b, nil]" }],
    pace: 0,
    run(self: string, args, _owned, call) {
      const index = asWhole(args.raw("index")) ?? 0;
      return index < 0 ? null : codePointAt(self, index, call);
    },
  }),
];
