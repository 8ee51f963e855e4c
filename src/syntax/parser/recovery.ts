/**
 * Where parsing goes on after a mistake.
 *
 * The failed statement ends at the first token, at a line's start, that can begin a statement and is not inside brackets which the statement
 * opened; or, whatever is open, that stands no further right than the statement did: then its brackets were never closed.
 */
import { columnAt } from "../../base/text.ts";
import type { TokenKind } from "../tokens.ts";
import type { ParserState } from "./state.ts";

const STATEMENT_STARTS: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "@",
  "break",
  "continue",
  "deadline",
  "defer",
  "enum",
  "fn",
  "for",
  "guard",
  "if",
  "impl",
  "import",
  "interface",
  "let",
  "match",
  "mutex",
  "override",
  "parallel",
  "pipeline",
  "pub",
  "require",
  "retry",
  "return",
  "select",
  "skill",
  "spawn",
  "struct",
  "throw",
  "tool",
  "try",
  "type",
  "var",
  "while",
  "yield",
]);

/** Moves from inside the statement that began at token `first` to where the next one (or the block's end) is. */
export function synchronize(p: ParserState, first: number): void {
  const column = columnAt(p.lines, p.tokens.start(first));
  let open = 0;
  for (let at = first; at < p.pos; at++) open = Math.max(0, open + nesting(p.tokens.kind(at)));
  for (; !p.nothingLeft; p.advance()) {
    const token = p.current;
    const startsLine = token.onNewLine;
    const tokenColumn = startsLine ? columnAt(p.lines, token.start) : 0;
    if (token.kind === "}" && (open === 0 || (startsLine && tokenColumn < column))) return;
    if (startsLine && p.pos > first) {
      const inColumn = tokenColumn === column && (token.kind === "name" || token.kind === "string-open");
      if ((STATEMENT_STARTS.has(token.kind) && (open === 0 || tokenColumn <= column)) || (inColumn && open === 0))
        return;
    }
    open = Math.max(0, open + nesting(token.kind));
  }
}

function nesting(kind: TokenKind): -1 | 0 | 1 {
  switch (kind) {
    case "{":
    case "(":
    case "[":
    case "interpolation-open":
      return 1;
    case "}":
    case ")":
    case "]":
    case "interpolation-close":
      return -1;
    default:
      return 0;
  }
}

/** The current token starts a line left of where `statement` stood, so the block whose statements stand there was never closed. */
export function standsLeftOf(p: ParserState, statement: number): boolean {
  const token = p.current;
  if (!token.onNewLine || !STATEMENT_STARTS.has(token.kind)) return false;
  return columnAt(p.lines, token.start) < columnAt(p.lines, statement);
}
