/**
 * The doc comment of a tool without a description is its description: part of the program, not of its layout.
 *
 * Invariant: no other doc comment comes to stand right above such a tool, where it would become its description; a blank line keeps it away.
 */
import type { Stmt } from "../../syntax/ast.ts";
import { docComment } from "../../syntax/trivia.ts";
import { groupComments } from "./comment-text.ts";
import type { Comment } from "./comments.ts";
import type { Layout } from "./layout.ts";

/** Whether a doc comment above the statement changes what it does. */
export function isDescribedByComment(stmt: Stmt): boolean {
  return stmt.kind === "tool" && stmt.description === null;
}

/** The comments above a statement: those that are only above it, and those that are its description. */
export function splitDescription(
  l: Layout,
  comments: readonly Comment[],
  stmt: Stmt,
): readonly [others: readonly Comment[], own: readonly Comment[]] {
  if (!isDescribedByComment(stmt)) return [comments, []];
  if (docComment(l.text, l.file.tokens.at(l.tokenAt(stmt.start))) === null) return [comments, []];
  let first = comments.length - 1;
  while (first > 0 && continues(comments[first - 1]!, comments[first]!)) first--;
  return [comments.slice(0, first), comments.slice(first)];
}

function continues(above: Comment, below: Comment): boolean {
  return above.isDoc && !above.isBlock && !below.isBlock && above.line === below.line - 1;
}

/** What must stand between comments and the statement's own doc comment, or the statement itself: a blank line, or nothing. */
export function gapBelow(l: Layout, comments: readonly Comment[], stmt: Stmt, level: number): string {
  if (!isDescribedByComment(stmt)) return "";
  const last = groupComments(comments, level, l.fits).at(-1);
  // An empty one says nothing.
  const isText = last?.kind === "doc" && last.comments.some(({ text }) => /[^\s/*]/.test(text));
  return isText ? "\n" : "";
}

/** The comments above a statement, with their line breaks; `inside`: those that stood in the midst of it. */
export function renderAbove(
  l: Layout,
  above: readonly Comment[],
  inside: readonly Comment[],
  stmt: Stmt | null,
  level: number,
): string {
  if (stmt === null || !isDescribedByComment(stmt)) return l.commentLines([...above, ...inside], level);
  const [others, own] = splitDescription(l, above, stmt);
  const first = [...others, ...inside];
  return l.commentLines(first, level) + gapBelow(l, first, stmt, level) + l.commentLines(own, level);
}
