/** What one pass over the brackets of a file tells before it is parsed, and where one is missing. */
import type { Token } from "../tokens.ts";

export interface Outline {
  /** Names declared by `struct` anywhere in the file. */
  readonly structNames: ReadonlySet<string>;
  /** Indexes of the `{` tokens that have a `->` directly inside. */
  readonly arrowBraces: ReadonlySet<number>;
}

export function outline(tokens: readonly Token[]): Outline {
  const structNames = new Set<string>();
  const arrowBraces = new Set<number>();
  const open: number[] = [];
  tokens.forEach((token, at) => {
    const next = tokens[at + 1];
    switch (token.kind) {
      case "struct":
        if (next?.kind === "name") structNames.add(String(next.value));
        break;
      case "->": {
        const innermost = open.at(-1);
        if (innermost !== undefined && tokens[innermost]!.kind === "{") arrowBraces.add(innermost);
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
        if (open.length > 0 && tokens[open.at(-1)!]!.kind !== "{") open.pop();
        break;
      case "}":
      case "interpolation-close":
        open.pop();
        break;
    }
  });
  return { structNames, arrowBraces };
}

/**
 * The `{` that most likely lacks its `}` in a file that ended too early: the first whose `}` stands further left than its line, as such a
 * `}` belongs to a block further out; else the innermost open one. Null if all are closed.
 */
export function findUnclosed(tokens: readonly Token[]): Token | null {
  const open: { readonly brace: Token; readonly indent: number }[] = [];
  let indent = 1;
  for (const [at, token] of tokens.entries()) {
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
