/** What one pass over the brackets of a file tells before it is parsed, and where one is missing. */
import { columnAt, type LineIndex } from "../../base/text.ts";
import type { TokenTable } from "../token-table.ts";
import type { Token } from "../tokens.ts";

/**
 * The names declared by `struct` anywhere in the file: before `{` they make a struct literal. Every `{` that has a `->` directly inside is marked in the
 * table: a closure, where a dict could stand.
 */
export function outline(tokens: TokenTable): ReadonlySet<string> {
  const structNames = new Set<string>();
  const open: number[] = [];
  for (let at = 0; at < tokens.length; at++) {
    switch (tokens.kind(at)) {
      case "struct":
        // The end of the file follows at least.
        if (tokens.kind(at + 1) === "name") structNames.add(String(tokens.value(at + 1)));
        break;
      case "->": {
        const innermost = open.at(-1);
        if (innermost !== undefined && tokens.kind(innermost) === "{") tokens.markArrowBrace(innermost);
        break;
      }
      case "{":
      case "(":
      case "[":
      case "interpolation-open":
        open.push(at);
        break;
      case ")":
      case "]":
        // One that nothing opened does not close a brace.
        if (open.length > 0 && tokens.kind(open.at(-1)!) !== "{") open.pop();
        break;
      case "}":
      case "interpolation-close":
        open.pop();
        break;
    }
  }
  return structNames;
}

/**
 * The `{` that most likely lacks its `}` in a file that ended too early: the first whose `}` stands further left than its line, as such a
 * `}` belongs to a block further out; else the innermost open one. Null if all are closed.
 */
export function findUnclosed(tokens: TokenTable, lines: LineIndex): Token | null {
  const open: { readonly brace: number; readonly indent: number }[] = [];
  let indent = 1;
  for (let at = 0; at < tokens.length; at++) {
    const kind = tokens.kind(at);
    const startsLine = at === 0 || tokens.onNewLine(at);
    if (startsLine) indent = columnAt(lines, tokens.start(at));
    if (kind === "{") open.push({ brace: at, indent });
    else if (kind === "}") {
      const last = open.pop();
      if (last && startsLine && indent < last.indent) return tokens.at(last.brace);
    }
  }
  const last = open.at(-1);
  return last === undefined ? null : tokens.at(last.brace);
}
