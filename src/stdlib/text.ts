/** Builtins on texts. What is no string is taken by its display text. Positions and lengths are code points. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import type { Meter } from "../value/cost.ts";
import { displayCounted } from "../value/display.ts";
import { valuesEqual } from "../value/equality.ts";
import { codePointLength, sliceCodePoints } from "../value/strings.ts";
import { HDict, HList, type Value } from "../value/value.ts";
import { asWhole } from "./number-reading.ts";
import { PIECES, WORDS } from "./paces.ts";
import { reserveGrowing, reserveJoined, reserveReplaced } from "./reserve.ts";
import { lowerFirst, replaceText, splitText, titleCase, trimBoth, upperFirst } from "./text-edges.ts";

/** `{key}` from the dict; what it does not hold stays as written. */
function fillNamed(template: string, fields: HDict, grown: (by: string) => string, meter: Meter): string {
  let out = "";
  for (let at = 0; ; ) {
    const open = template.indexOf("{", at);
    const close = open < 0 ? -1 : template.indexOf("}", open);
    if (close < 0) return out + template.slice(at);
    const value = fields.get(template.slice(open + 1, close));
    const whole = template.slice(open, close + 1);
    out += template.slice(at, open) + grown(value === undefined ? whole : displayCounted(value, meter));
    at = close + 1;
  }
}

/** `{}` one after the other; those without an argument stay. */
function fillPositional(
  template: string,
  values: readonly Value[],
  grown: (by: string) => string,
  meter: Meter,
): string {
  let next = 0;
  return template.replaceAll("{}", () => grown(next < values.length ? displayCounted(values[next++]!, meter) : "{}"));
}

const onText = (
  name: string,
  doc: string,
  code: string,
  prints: string,
  run: (text: string) => string,
  pace = 1,
): Builtin =>
  builtin(name, {
    sig: "(text: any) -> string",
    doc,
    needs: "nothing",
    borrows: true,
    examples: [{ code, prints }],
    pace,
    run: (_call, args) => run(args.text("text")),
  });

export const textBuiltins: readonly Builtin[] = [
  builtin("format", {
    sig: "(template: any, ...values: any) -> string",
    doc: "Fills `{}` with the values in turn, or `{key}` from a dict. What has no value stays as written.",
    needs: "nothing",
    borrows: true,
    examples: [
      { code: 'println(format("{} of {}", 1, 2))', prints: "1 of 2" },
      { code: 'println(format("{a} and {b}", {a: 1}))', prints: "1 and {b}" },
    ],
    run(call, args) {
      const template = args.text("template");
      const values = args.rest("values");
      const tell = reserveGrowing(call);
      let length = template.length;
      const grown = (by: string): string => {
        length += by.length;
        tell(length);
        return by;
      };
      if (values[0] instanceof HDict) return fillNamed(template, values[0], grown, call);
      return fillPositional(template, values, grown, call);
    },
  }),
  onText("trim", "Without white space at both ends.", 'println(trim("  a b  "))', "a b", trimBoth),
  onText("lowercase", "In lower case.", 'println(lowercase("AbC"))', "abc", (text) => text.toLowerCase()),
  onText("uppercase", "In upper case.", 'println(uppercase("AbC"))', "ABC", (text) => text.toUpperCase()),
  onText(
    "title_case",
    "Each word with a capital.",
    'println(title_case("the QUICK fox"))',
    "The Quick Fox",
    titleCase,
    WORDS,
  ),
  onText("uppercase_first", "The first character in upper case.", 'println(uppercase_first("abc"))', "Abc", upperFirst),
  onText("lowercase_first", "The first character in lower case.", 'println(lowercase_first("ABC"))', "aBC", lowerFirst),
  builtin("split", {
    sig: "(text: any, separator?: any) -> any",
    doc: "The pieces between separators (default: one space). An empty separator splits at every character.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(split("a,b", ","))', prints: "[a, b]" }],
    pace: PIECES,
    run: (call, args) =>
      new HList(splitText(args.text("text"), args.has("separator") ? args.text("separator") : " ", call)),
  }),
  builtin("join", {
    sig: "(items: any, separator?: any) -> string",
    doc: "The texts of a list's items, with a separator between them.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(join([1, 2], "+"))', prints: "1+2" }],
    pace: PIECES,
    run(call, args) {
      const separator = args.text("separator");
      const texts = (args.list("items")?.items ?? []).map((item) => displayCounted(item, call));
      reserveJoined(call, texts, separator);
      return texts.join(separator);
    },
  }),
  builtin("starts_with", {
    sig: "(text: any, prefix: any) -> any",
    doc: "Does the text begin so?",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(starts_with("harn", "ha"))', prints: "true" }],
    run: (_call, args) => args.text("text").startsWith(args.text("prefix")),
  }),
  builtin("ends_with", {
    sig: "(text: any, suffix: any) -> any",
    doc: "Does the text end so?",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(ends_with("harn", "rn"))', prints: "true" }],
    run: (_call, args) => args.text("text").endsWith(args.text("suffix")),
  }),
  builtin("contains", {
    sig: "(collection: any, item: any) -> any",
    doc: "Is the item in the list, or the text in the text? False for other kinds.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println([contains("harn", "ar"), contains([1, 2], 2)])', prints: "[true, true]" }],
    run(call, args) {
      const whole = args.raw("collection");
      if (typeof whole === "string") return whole.includes(args.text("item"));
      const item = args.raw("item");
      return whole instanceof HList && whole.items.some((other) => valuesEqual(other, item, call));
    },
  }),
  builtin("replace", {
    sig: "(text: any, from: any, to: any) -> string",
    doc: "Every occurrence replaced, as it stands.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(replace("a-b-c", "-", "+"))', prints: "a+b+c" }],
    pace: PIECES,
    run(call, args) {
      const [text, from, to] = [args.text("text"), args.text("from"), args.text("to")];
      reserveReplaced(call, text, from, to);
      return replaceText(text, from, to, call);
    },
  }),
  builtin("substring", {
    sig: "(text: any, start: int, length?: int) -> string",
    doc: "`length` characters from `start` on, or all the rest. (The method `substring` takes an end instead of a length.)",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println([substring("harness", 0, 4), substring("harness", 4)])', prints: "[harn, ess]" }],
    pace: 0,
    run(call, args) {
      const text = args.text("text");
      const start = Math.max(0, asWhole(args.raw("start")) ?? 0);
      const length = asWhole(args.raw("length"));
      return sliceCodePoints(
        text,
        start,
        length === null ? codePointLength(text, call) : start + Math.max(0, length),
        call,
      );
    },
  }),
];
