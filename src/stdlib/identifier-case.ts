/** Identifiers between snake_case, camelCase, PascalCase and kebab-case. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { IDENTIFIERS } from "./paces.ts";
import { lowerFirst, upperFirst } from "./text-edges.ts";

const separated = (separator: string) => (text: string) => text.split(separator).filter((word) => word !== "");

/** Words begin at a capital after a small letter or digit, and at the last capital of a row before a small letter (`HTTPServer`). */
function camelWords(text: string): string[] {
  const words: string[] = [];
  let word = "";
  const chars = Array.from(text);
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    const before = chars[i - 1];
    if (before !== undefined && /\p{Uppercase}/u.test(char)) {
      const afterSmall = /[\p{Lowercase}0-9]/u.test(before);
      const endsRow = /\p{Uppercase}/u.test(before) && /\p{Lowercase}/u.test(chars[i + 1] ?? "");
      if ((afterSmall || endsRow) && word !== "") {
        words.push(word);
        word = "";
      }
    }
    word += char.toLowerCase();
  }
  if (word !== "") words.push(word);
  return words;
}

const pascal = (words: readonly string[]) => words.map((word) => upperFirst(word.toLowerCase())).join("");
const camel = (words: readonly string[]) => (words[0]?.toLowerCase() ?? "") + pascal(words.slice(1));
const joined = (separator: string) => (words: readonly string[]) =>
  words.map((word) => word.toLowerCase()).join(separator);

const snakeWords = separated("_");
const kebabWords = separated("-");

const CONVERSIONS: readonly (readonly [string, (text: string) => string, string, string])[] = [
  ["snake_to_camel", (text) => camel(snakeWords(text)), "user_id_list", "userIdList"],
  ["snake_to_pascal", (text) => pascal(snakeWords(text)), "user_id", "UserId"],
  ["snake_to_kebab", (text) => joined("-")(snakeWords(text)), "user_id", "user-id"],
  ["camel_to_snake", (text) => joined("_")(camelWords(text)), "parseHTTPUrl", "parse_http_url"],
  ["camel_to_kebab", (text) => joined("-")(camelWords(text)), "userId", "user-id"],
  ["camel_to_pascal", upperFirst, "userId", "UserId"],
  ["pascal_to_snake", (text) => joined("_")(camelWords(text)), "UserId", "user_id"],
  ["pascal_to_camel", lowerFirst, "UserId", "userId"],
  ["kebab_to_camel", (text) => camel(kebabWords(text)), "user-id", "userId"],
  ["kebab_to_snake", (text) => joined("_")(kebabWords(text)), "user-id", "user_id"],
];

export const identifierCaseBuiltins: readonly Builtin[] = CONVERSIONS.map(([name, convert, from, to]) => {
  const [source, target] = name.split("_to_");
  return builtin(name, {
    sig: "(text: any) -> string",
    doc: `An identifier in ${source} case, in ${target} case.`,
    needs: "nothing",
    pace: IDENTIFIERS,
    borrows: true,
    examples: [{ code: `println(${name}("${from}"))`, prints: to }],
    run: (_call, args) => convert(args.text("text")),
  });
});
