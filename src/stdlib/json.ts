/** JSON as text, and JSON found inside prose. */
import type { Call } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import { ITEM_BYTES, PAIR_BYTES } from "../value/cost.ts";
import { type JsonTextOptions, parseJson, stringifyJson } from "../value/json.ts";
import { HDict, share } from "../value/value.ts";
import { vmCall } from "../vm/vm-call.ts";
import { JSON_READING, JSON_WRITING } from "./paces.ts";
import { reserve } from "./reserve.ts";

/** The JSON in a text: of the first fenced block, else the first balanced `{…}`, else `[…]`, else all of it. */
export function findJson(text: string): string {
  const trimmed = text.trim();
  const fence = trimmed.indexOf("```");
  if (fence >= 0) {
    const after = trimmed.slice(fence + 3);
    const content = after.slice(after.indexOf("\n") + 1);
    const end = content.indexOf("```");
    if (end >= 0) return content.slice(0, end).trim();
  }
  return balanced(trimmed, "{", "}") ?? balanced(trimmed, "[", "]") ?? trimmed;
}

function balanced(text: string, open: string, close: string): string | null {
  const start = text.indexOf(open);
  if (start < 0) return null;
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === open) depth++;
    else if (char === close && --depth === 0) return text.slice(start, i + 1);
  }
  return null;
}

const textOptions = (call: Call): JsonTextOptions => ({
  generate: vmCall(call).run.host.tiering !== "off",
  reserve: (length) => reserve(call, length),
});

/** From so many characters on it is worth finding out what a text will make. */
const LONG = 32_000_000;
const [COMMA, BRACKET, BRACE] = [0x2c, 0x5b, 0x7b];

/** Room for what a long text says: many short lists take more than their text. */
function reserveParsed(call: Call, text: string): string {
  if (text.length < LONG) return text;
  let [items, lists] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === COMMA) items++;
    else if (unit === BRACKET || unit === BRACE) lists++;
  }
  reserve(call, text.length + 2 * items * ITEM_BYTES + lists * PAIR_BYTES);
  return text;
}

export const jsonBuiltins: readonly Builtin[] = [
  builtin("json_stringify", {
    sig: "(value: any) -> string",
    doc: "JSON on one line, keys in order. Values that JSON has no form for become null.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println(json_stringify({b: [1, 2.5], a: nil}))", prints: '{"a":null,"b":[1,2.5]}' }],
    pace: JSON_WRITING,
    run: (call, args) => stringifyJson(args.raw("value"), textOptions(call)),
  }),
  builtin("json_pretty", {
    sig: "(value: any) -> string",
    doc: "JSON on many lines, indented by two.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println(json_pretty({a: [1]}))", prints: '{\n  "a": [\n    1\n  ]\n}' }],
    pace: JSON_WRITING,
    run: (call, args) => stringifyJson(args.raw("value"), { indent: 2, ...textOptions(call) }),
  }),
  builtin("json_parse", {
    sig: "(text: any) -> any",
    doc: "The value of a JSON text. Throws `JSON parse error: …` with line and column.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(json_parse("[1, 1.0, null]"))', prints: "[1, 1.0, nil]" }],
    pace: JSON_READING,
    run(call, args) {
      const result = parseJson(reserveParsed(call, args.text("text")));
      if (!result.ok) throw thrownError(`JSON parse error: ${result.message}`);
      return result.value;
    },
  }),
  builtin("json_extract", {
    sig: "(text: any, key?: any) -> any",
    doc: "The JSON inside a text that says more (a model's answer): from a fenced block, else the first object or list; with `key`, that field.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(json_extract("It is [1, 2] then"))', prints: "[1, 2]" }],
    pace: JSON_READING,
    run(call, args) {
      const result = parseJson(reserveParsed(call, findJson(args.text("text"))));
      if (!result.ok) throw thrownError(`json_extract: failed to parse JSON: ${result.message}`);
      if (!args.has("key")) return result.value;
      if (!(result.value instanceof HDict)) {
        throw thrownError("json_extract: parsed value is not a dict, cannot extract key");
      }
      const found = result.value.get(args.text("key"));
      if (found === undefined) throw thrownError(`json_extract: key '${args.text("key")}' not found`);
      return share(found);
    },
  }),
];
