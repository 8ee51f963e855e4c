/** What one pass over the brackets of a file tells before it is parsed, and where one is missing. */
import type { TokenTable } from "../token-table.ts";
import type { Token } from "../tokens.ts";

export interface Outline {
  /** Names declared by `struct` anywhere in the file. */
  readonly structNames: ReadonlySet<string>;
  /** Indexes of the `{` tokens that have a `->` directly inside. */
  readonly arrowBraces: ReadonlySet<number>;
}

export function outline(tokens: TokenTable): Outline {
  const structNames = new Set<string>();
  const arrowBraces = new Set<number>();
  const open: number[] = [];
  for (let at = 0; at < tokens.length; at++) {
    switch (tokens.kind(at)) {
      case "struct":
        // The end of the file follows at least.
        if (tokens.kind(at + 1) === "name") structNames.add(String(tokens.value(at + 1)));
        break;
      case "->": {
        const innermost = open.at(-1);
        if (innermost !== undefined && tokens.kind(innermost) === "{") arrowBraces.add(innermost);
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
  return { structNames, arrowBraces };
}

/**
 * The `{` that most likely lacks its `}` in a file that ended too early: the first whose `}` stands further left than its line, as such a
 * `}` belongs to a block further out; else the innermost open one. Null if all are closed.
 */
export function findUnclosed(tokens: TokenTable): Token | null {
  const open: { readonly brace: Token; readonly indent: number }[] = [];
  let indent = 1;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens.at(at);
    const startsLine = at === 0 || token.newline >= 0;
    if (startsLine) indent = token.column;
    if (token.kind === "{") open.push({ brace: token, indent });
    else if (token.kind === "}") {
      const last = open.pop();
      if (last && startsLine && token.column < last.indent) return last.brace;
    }
  }
  return open.at(-1)?.brace ?? null;
}
