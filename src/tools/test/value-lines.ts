/** Values as lines, so that two of them can be compared by eye and by line. */

import { displayValue } from "../../value/display.ts";
import { quoteJson } from "../../value/json.ts";
import { HDict, HList, HSet, type Value } from "../../value/value.ts";

/** Up to here a list or dict stays on one line; the whole value, which is to be compared, is laid out sooner. */
const WIDTH = 60;
const WHOLE_WIDTH = 24;
/** Deeper values are shown as they are printed. */
const DEEPEST = 20;
/** Of larger values the beginning. */
const MOST_LINES = 10_000;

/** A text alone is its lines; inside of others it stands in quotes. */
export function valueLines(value: Value): readonly string[] {
  const lines = typeof value === "string" ? value.split("\n") : linesOf(value, 0);
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), "…"] : lines;
}

function linesOf(value: Value, depth: number): readonly string[] {
  if (typeof value === "string") return [quoteJson(value)];
  if (depth > DEEPEST) return [displayValue(value)];
  const width = depth === 0 ? WHOLE_WIDTH : WIDTH;
  const inner = (item: Value) => linesOf(item, depth + 1);
  if (value instanceof HList) return group("[", "]", value.items.map(inner), width);
  if (value instanceof HSet) return group("set(", ")", [...value.items.values()].map(inner), width);
  if (!(value instanceof HDict)) return [displayValue(value)];
  const entries = [...value.entries()].map(([key, item]) => {
    const [first = "", ...rest] = inner(item);
    return [`${/^[A-Za-z_]\w*$/.test(key) ? key : quoteJson(key)}: ${first}`, ...rest];
  });
  return group("{", "}", entries, width);
}

function group(open: string, close: string, parts: readonly (readonly string[])[], width: number): readonly string[] {
  const line = `${open}${parts.map((part) => part.join(" ")).join(", ")}${close}`;
  if (line.length <= width && parts.every((part) => part.length === 1)) return [line];
  const inner = parts.flatMap((part) => part.map((text, i) => `  ${text}${i === part.length - 1 ? "," : ""}`));
  return [open, ...inner, close];
}
