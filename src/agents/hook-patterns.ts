/**
 * Which events a hook of a manifest is for: an expression over what the hook is given. Blank or `*` is always; `path =~ "regex"`, `path == "text"` and
 * `path != "text"` compare; a dotted path alone asks whether there is something; anything else is a pattern for the tool's name.
 */

import type { Json, JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { Raise } from "../builtin/raise.ts";
import { matchesText } from "../policy/globs.ts";
import { compileRegex } from "../stdlib/regex.ts";
import { UNMETERED } from "../value/cost.ts";
import { displayValue } from "../value/display.ts";

export function matchesHook(pattern: string, payload: JsonObject): boolean {
  const text = pattern.trim();
  if (text === "" || text === "*") return true;
  const compared = /^([^=!~]*?)\s*(=~|==|!=)(.*)$/s.exec(text);
  if (compared !== null) {
    const [, path, operator, right] = compared;
    const left = textAt(payload, path!.trim());
    const wanted = unquoted(right!.trim());
    if (operator === "=~") return compileRegex(wanted, UNMETERED).matcher(left).find();
    return (left === wanted) === (operator === "==");
  }
  if (text.includes(".")) return isSomething(valueAt(payload, text));
  return matchesText(text, textAt(payload, "tool.name"));
}

/** What is wrong with a pattern, or null: one that can never match must not be kept in silence. */
export function hookPatternProblem(pattern: string): string | null {
  const right = /=~(.*)$/s.exec(pattern)?.[1];
  if (right === undefined) return null;
  try {
    compileRegex(unquoted(right.trim()), UNMETERED);
    return null;
  } catch (error) {
    if (error instanceof Raise) return displayValue(error.error.value);
    throw error;
  }
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;
}

function valueAt(payload: JsonObject, path: string): Json | undefined {
  let at: Json | undefined = payload;
  for (const part of path.split(".")) at = isJsonObject(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  return at;
}

/** Texts stand for themselves, what is missing for the empty text. */
function textAt(payload: JsonObject, path: string): string {
  const value = valueAt(payload, path);
  return value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

function isSomething(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "";
}
