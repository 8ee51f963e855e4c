/**
 * What stands between tokens: white space, line breaks, comments, joined lines. Tokens only remember where their trivia starts;
 * this reads it again for those who want it (formatter, documentation, editor).
 */
import type { Token } from "./tokens.ts";

export interface TriviaPiece {
  readonly kind: "whitespace" | "newline" | "continuation" | "line-comment" | "block-comment";
  readonly start: number;
  readonly end: number;
  /** `///` (but not `////`) and `/** … *\/` (but not `/***` or an empty one). Always false for what is no comment. */
  readonly isDoc: boolean;
}

/** A blank ends with what the lexer skips: behind it the token stands, on a line that may be long. */
const PIECE = /(?<newline>\n)|(?<continuation>\\\r?\n)|(?<line>\/\/)|(?<block>\/\*)|(?<blank>[ \t\r\ufeff]+|[^\n])/y;

/** The trivia in front of `token`, without gaps. A comment that never ends reaches to the token. */
export function leadingTrivia(text: string, token: Token): readonly TriviaPiece[] {
  const pieces: TriviaPiece[] = [];
  let at = token.leading;
  while (at < token.start) {
    PIECE.lastIndex = at;
    const groups = PIECE.exec(text)?.groups ?? {};
    const kind = groups["newline"]
      ? "newline"
      : groups["continuation"]
        ? "continuation"
        : groups["line"]
          ? "line-comment"
          : groups["block"]
            ? "block-comment"
            : "whitespace";
    const end = Math.min(token.start, endOfPiece(text, at, kind, token.start));
    pieces.push({ kind, start: at, end, isDoc: isDocComment(text.slice(at, Math.min(end, at + 5)), kind) });
    at = end;
  }
  return pieces;
}

function endOfPiece(text: string, at: number, kind: TriviaPiece["kind"], limit: number): number {
  if (kind === "line-comment") {
    const end = text.indexOf("\n", at);
    return end === -1 ? limit : end;
  }
  if (kind !== "block-comment") return PIECE.lastIndex;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = at;
  let depth = 0;
  do {
    const mark = marks.exec(text);
    if (!mark || mark.index >= limit) return limit;
    depth += mark[0] === "/*" ? 1 : -1;
  } while (depth > 0);
  return marks.lastIndex;
}

/** `head`: the first characters of the comment. */
function isDocComment(head: string, kind: TriviaPiece["kind"]): boolean {
  if (kind === "line-comment") return /^\/\/\/(?!\/)/.test(head);
  return kind === "block-comment" && /^\/\*\*(?![*/])/.test(head);
}

/**
 * The doc comment that belongs to the declaration whose first token is `token`: a `/** *\/` block, or `///` lines, that ends on the line
 * above (or on the same line). Its text without the marks, null if there is none or it is empty.
 */
export function docComment(text: string, token: Token): string | null {
  const pieces = leadingTrivia(text, token).filter((piece) => piece.kind !== "whitespace");
  let at = pieces.length - 1;
  if (pieces[at]?.kind === "newline") at--;
  const last = pieces[at];
  if (!last?.isDoc) return null;
  if (last.kind === "block-comment") return blockText(text.slice(last.start, last.end));
  const lines: string[] = [];
  for (; at >= 0; at -= 2) {
    const line = pieces[at]!;
    if (line.kind !== "line-comment" || !line.isDoc) break;
    lines.unshift(
      text
        .slice(line.start + 3, line.end)
        .replace(/^ /, "")
        .trimEnd(),
    );
    if (pieces[at - 1]?.kind !== "newline") break;
  }
  return trimBlankLines(lines);
}

function blockText(comment: string): string | null {
  const inner = comment.slice(3).replace(/\*\/$/, "");
  const lines = inner
    .split("\n")
    .map((line, at) => (at === 0 ? line.trim() : line.trim().replace(/^\* ?/, "").trimEnd()));
  return trimBlankLines(lines);
}

function trimBlankLines(lines: readonly string[]): string | null {
  const first = lines.findIndex((line) => line !== "");
  if (first === -1) return null;
  return lines.slice(first, lines.findLastIndex((line) => line !== "") + 1).join("\n");
}
