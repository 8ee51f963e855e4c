/** YAML and TOML as texts. */
import { parse as parseToml, stringify as stringifyToml, TomlError } from "smol-toml";
import { isScalar, LineCounter, parseDocument, stringify as stringifyYaml, visit, YAMLParseError } from "yaml";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { makeFloat, normalizeInt } from "../value/numbers.ts";
import type { Value } from "../value/value.ts";
import { HDict, HFloat, HList, HRecord, HSet } from "../value/value.ts";
import { TOML, YAML } from "./paces.ts";
import { reserve } from "./reserve.ts";

/** What the parsers give: ints as bigints where they are asked to, dates as texts. */
function fromParsed(data: unknown): Value {
  switch (typeof data) {
    case "string":
    case "boolean":
      return data;
    case "bigint":
      return normalizeInt(data);
    case "number":
      return makeFloat(data);
    case "object":
      if (data === null) return null;
      if (Array.isArray(data)) return new HList(data.map(fromParsed));
      if (data instanceof Date) return data.toISOString();
      if (data instanceof Map)
        return HDict.from([...data].map(([key, item]) => [String(key), fromParsed(item)] as const));
      return HDict.from(Object.entries(data).map(([key, item]) => [key, fromParsed(item)] as const));
    default:
      return null;
  }
}

/** Ints as bigints, so that they are told from floats. */
function toData(value: Value): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== "object") return value;
  if (value instanceof HFloat) return value.value;
  if (value instanceof HList) return value.items.map(toData);
  if (value instanceof HSet) return [...value.items.values()].map(toData);
  if (value instanceof HRecord) return Object.fromEntries(value.entries().map(([key, item]) => [key, toData(item)]));
  return displayValue(value);
}

function explain(what: string, error: unknown): never {
  if (error instanceof Error && /call stack/i.test(error.message)) throw thrownError(`${what}: nested too deeply`);
  if (error instanceof YAMLParseError || error instanceof TomlError || error instanceof TypeError) {
    throw thrownError(`${what}: ${error.message}`);
  }
  throw error;
}

/** The library compares each key of a map with all others; this does not. */
function parseYaml(text: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { intAsBigInt: true, uniqueKeys: false, lineCounter });
  if (document.errors.length > 0) throw document.errors[0];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || key.value === "<<") continue;
        if (seen.has(key.value)) {
          const { line, col } = lineCounter.linePos(key.range?.[0] ?? 0);
          throw thrownError(`YAML parse error: Map keys must be unique at line ${line}, column ${col}`);
        }
        seen.add(key.value);
      }
    },
  });
  return document.toJS({ mapAsMap: true });
}

/** About what the parsers hold for a character of their text, at most: measured with texts of many short lists. */
const YAML_BYTES = 150;
const TOML_BYTES = 50;

export const markupBuiltins: readonly Builtin[] = [
  builtin("yaml_parse", {
    sig: "(text: any) -> any",
    doc: "The value of a YAML text. Throws `YAML parse error: …`.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(yaml_parse("a: 1\\nb: [x, 2.0]"))', prints: "{a: 1, b: [x, 2.0]}" }],
    pace: YAML,
    run(call, args) {
      const text = args.text("text");
      reserve(call, text.length * YAML_BYTES);
      try {
        return fromParsed(parseYaml(text));
      } catch (error) {
        return explain("YAML parse error", error);
      }
    },
  }),
  builtin("yaml_stringify", {
    sig: "(value: any) -> string",
    doc: "A value as YAML.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "print(yaml_stringify({a: [1, 2.5]}))", prints: "a:\n- 1\n- 2.5" }],
    deep: true,
    pace: YAML,
    run: (_call, args) => stringifyYaml(toData(args.raw("value")), { indentSeq: false, lineWidth: 0 }),
  }),
  builtin("toml_parse", {
    sig: "(text: any) -> any",
    doc: "The value of a TOML text. Throws `TOML parse error: …`.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(toml_parse("a = 1"))', prints: "{a: 1}" }],
    pace: TOML,
    run(call, args) {
      const text = args.text("text");
      reserve(call, text.length * TOML_BYTES);
      try {
        return fromParsed(parseToml(text, { integersAsBigInt: true }));
      } catch (error) {
        return explain("TOML parse error", error);
      }
    },
  }),
  builtin("toml_stringify", {
    sig: "(value: any) -> string",
    doc: "A dict as TOML. Throws `toml_stringify: …` for what TOML has no form for (nil, a list at the root).",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "print(toml_stringify({a: 1}))", prints: "a = 1" }],
    deep: true,
    pace: TOML,
    run(_call, args) {
      const value = args.raw("value");
      if (!(value instanceof HRecord)) {
        throw thrownError("toml_stringify: the value must be a dict");
      }
      if (hasNil(value)) throw thrownError("toml_stringify: TOML has no nil");
      try {
        return stringifyToml(toData(value), { numbersAsFloat: true });
      } catch (error) {
        return explain("toml_stringify", error);
      }
    },
  }),
];

function hasNil(value: Value): boolean {
  if (value === null) return true;
  if (value instanceof HList) return value.items.some(hasNil);
  if (value instanceof HSet) return [...value.items.values()].some(hasNil);
  if (value instanceof HRecord) return value.values().some(hasNil);
  return false;
}
