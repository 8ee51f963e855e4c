/** Finds tools by what their names, descriptions and parameters say: by words (Okapi BM25) or by a regular expression. Pure functions over few texts. */

import type { JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { Raise } from "../builtin/raise.ts";
import { compileRegex } from "../stdlib/regex.ts";
import { UNMETERED } from "../value/cost.ts";
import { displayValue } from "../value/display.ts";
import { compareUtf8 } from "../value/key-order.ts";

/** What is searched of one tool. */
export interface ToolText {
  readonly name: string;
  readonly text: string;
}

export interface Ranking {
  /** Best first. */
  readonly names: readonly string[];
  /** For the model, when nothing was found: what to do better. */
  readonly diagnostic: string | null;
}

const MOST_RESULTS = 20;
const K1 = 1.5;
const B = 0.75;

/** `schema`: of the arguments. A tool of an MCP server is found by the server's name, too. */
export function toolText(name: string, description: string, schema: JsonObject, server: string | null): ToolText {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const params = Object.entries(properties).map(([key, value]) =>
    isJsonObject(value) && typeof value.description === "string" ? `${key}: ${value.description}` : key,
  );
  const tags = server === null ? [] : [`mcp:${server}`, server];
  return { name, text: [name, description, ...params, ...tags].join(" ") };
}

const nothing = (diagnostic: string): Ranking => ({ names: [], diagnostic });

/** Names are compared where scores are equal, so that the order is the same everywhere. */
function best(scored: readonly (readonly [string, number])[]): readonly string[] {
  return scored
    .filter(([, score]) => score > 0)
    .toSorted(([nameA, a], [nameB, b]) => b - a || compareUtf8(nameA, nameB))
    .slice(0, MOST_RESULTS)
    .map(([name]) => name);
}

export function rankByWords(query: string, tools: readonly ToolText[]): Ranking {
  const wanted = wordsOf(query);
  if (wanted.length === 0) return nothing("the query has no words: give some letters or digits");
  const documents = tools.map(({ name, text }) => ({ name, words: wordsOf(text) }));
  const average = documents.reduce((sum, { words }) => sum + words.length, 0) / Math.max(1, documents.length);
  const rarity = new Map(
    wanted.map((word) => {
      const holders = documents.filter(({ words }) => words.includes(word)).length;
      return [word, Math.log((documents.length - holders + 0.5) / (holders + 0.5) + 1)] as const;
    }),
  );
  const names = best(
    documents.map(({ name, words }) => {
      const norm = 1 - B + B * (words.length / Math.max(average, 1e-9));
      const score = wanted.reduce((sum, word) => {
        const count = words.filter((other) => other === word).length;
        return count === 0 ? sum : sum + rarity.get(word)! * ((count * (K1 + 1)) / (count + K1 * norm));
      }, 0);
      return [name, score] as const;
    }),
  );
  return names.length === 0
    ? nothing("no tool has these words: try fewer or more general ones")
    : { names, diagnostic: null };
}

/** Case does not matter. A tool with more matches comes first. */
export function rankByPattern(pattern: string, tools: readonly ToolText[]): Ranking {
  if (pattern.trim() === "") return nothing("the query is empty: give a regular expression");
  const regex = compilePattern(pattern.trim());
  if (typeof regex === "string") return nothing(regex);
  const names = best(
    tools.map(({ name, text }) => {
      const matcher = regex.matcher(text);
      let count = 0;
      while (matcher.find()) count++;
      return [name, count] as const;
    }),
  );
  return names.length === 0
    ? nothing("no tool matches: add alternatives with | or ask for less")
    : { names, diagnostic: null };
}

/** Or what is wrong with it. */
function compilePattern(pattern: string): ReturnType<typeof compileRegex> | string {
  try {
    return compileRegex(`(?i)${pattern}`, UNMETERED);
  } catch (error) {
    if (!(error instanceof Raise)) throw error;
    return `${displayValue(error.error.value)}; there are no back references and no lookaround`;
  }
}

/** Lower case, at anything that is neither letter nor digit: `open_file` is two words. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
