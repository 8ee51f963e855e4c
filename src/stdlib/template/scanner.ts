/**
 * Cuts a template into text and directives.
 *
 * Invariants
 * 1. `{{-` takes the blanks before it and one line break with them, `-}}` those behind it. Comments and raw blocks take nothing.
 * 2. A `}}` inside quotes does not end a directive. Inside a raw block only `{{ endraw }}` means anything.
 */
import { type Position, TemplateProblem } from "./syntax.ts";

export type Piece =
  | { readonly kind: "text"; readonly text: string }
  /** `body` without braces, trim marks and outer blanks; `source` as it was written. */
  | { readonly kind: "directive"; readonly body: string; readonly source: string; readonly at: Position };

const RAW = /\{\{-?[ \t]*raw\s*-?\}\}/y;
const END_RAW = /\{\{-?[ \t]*endraw\s*-?\}\}/g;
/** Blanks, then one line break if there is one. */
const LEADING = /^[ \t]*(?:\r?\n|\r)?/;

export function scanTemplate(source: string): Piece[] {
  const pieces: Piece[] = [];
  const positionOf = createPositions(source);
  let at = 0;
  let trimStart = false;
  while (at < source.length) {
    const open = source.indexOf("{{", at);
    const trimEnd = open >= 0 && source[open + 2] === "-";
    let text = source.slice(at, open < 0 ? source.length : open);
    if (trimStart) text = text.replace(LEADING, "");
    if (trimEnd) text = trimTrailing(text);
    if (text !== "") pieces.push({ kind: "text", text });
    trimStart = false;
    if (open < 0) break;

    const body = open + (trimEnd ? 3 : 2);
    if (source[body] === "#") {
      const close = source.indexOf("#}}", body + 1);
      if (close < 0) throw new TemplateProblem(positionOf(open), "unterminated comment");
      at = close + 3;
      continue;
    }
    RAW.lastIndex = open;
    if (RAW.test(source)) {
      const from = RAW.lastIndex;
      END_RAW.lastIndex = from;
      const end = END_RAW.exec(source);
      if (end === null) throw new TemplateProblem(positionOf(open), "unterminated `{{ raw }}` block");
      if (end.index > from) pieces.push({ kind: "text", text: source.slice(from, end.index) });
      at = END_RAW.lastIndex;
      continue;
    }
    const close = findClose(source, body);
    if (close < 0) throw new TemplateProblem(positionOf(open), "unterminated directive");
    trimStart = close > body && source[close - 1] === "-";
    pieces.push({
      kind: "directive",
      body: source.slice(body, trimStart ? close - 1 : close).trim(),
      source: source.slice(open, close + 2),
      at: positionOf(open),
    });
    at = close + 2;
  }
  return pieces;
}

/** By hand: a pattern that is tied to the end is tried at each run of blanks. */
function trimTrailing(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === " " || text[end - 1] === "\t")) end--;
  if (text[end - 1] !== "\n") return text.slice(0, end);
  return text.slice(0, text[end - 2] === "\r" ? end - 2 : end - 1);
}

/** Where the `}}` of the directive stands; -1: nowhere. */
function findClose(source: string, from: number): number {
  let quote: string | null = null;
  for (let i = from; i < source.length; i++) {
    const char = source[i]!;
    if (quote !== null) {
      if (char === "\\") i++;
      else if (char === quote) quote = null;
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "}" && source[i + 1] === "}") return i;
  }
  return -1;
}

/** Positions of growing offsets, each part of the text counted once. */
function createPositions(source: string): (offset: number) => Position {
  let seen = 0;
  let line = 1;
  let column = 1;
  return (offset) => {
    for (const char of source.slice(seen, offset)) {
      if (char === "\n") {
        line++;
        column = 1;
      } else column++;
    }
    seen = offset;
    return { line, column };
  };
}
