/**
 * How comments are written: doc comments as one `/** … *\/` block, all others as they stand.
 *
 * Invariants
 * 1. Doc comments on lines that follow each other without a gap become one block.
 * 2. A doc text that would end the block that holds it keeps its `///`.
 */
import { unreachable } from "../../base/unreachable.ts";
import type { Comment } from "./comments.ts";

/** What is printed between two statements: one doc block, or one other comment. */
export type CommentGroup =
  | {
      readonly kind: "doc";
      readonly comments: readonly Comment[];
      /** Those of them that stood apart from the others, and came last. */
      readonly last: readonly Comment[];
    }
  | { readonly kind: "plain"; readonly comment: Comment };

/** `fits`: whether a text stands on one line. */
export function groupComments(
  comments: readonly Comment[],
  level: number,
  fits: (line: string) => boolean,
): readonly CommentGroup[] {
  const groups: CommentGroup[] = [];
  for (const comment of comments) {
    const group = groups.at(-1);
    if (!comment.isDoc) groups.push({ kind: "plain", comment });
    else if (group?.kind !== "doc") groups.push({ kind: "doc", comments: [comment], last: [comment] });
    else {
      const follows = comment.line - group.last.at(-1)!.line <= 1;
      const merged = [...group.comments, comment];
      // Printed below each other without a gap they would be one block the next time.
      if (follows) groups[groups.length - 1] = { kind: "doc", comments: merged, last: [...group.last, comment] };
      else if (endsInOneLine(group, level, fits))
        groups[groups.length - 1] = { kind: "doc", comments: merged, last: [comment] };
      else groups.push({ kind: "doc", comments: [comment], last: [comment] });
    }
  }
  return groups;
}

/** Whether the part of a doc block that was added last stands, printed alone, on one line. */
function endsInOneLine(
  group: Extract<CommentGroup, { kind: "doc" }>,
  level: number,
  fits: (line: string) => boolean,
): boolean {
  const text = renderDoc(group.last, "  ".repeat(level), fits);
  return text.indexOf("\n") === text.length - 1 || !text.endsWith("*/\n");
}

/** The lines of a group, indented by `level`, each with its line break. `fits`: whether a text stands on one line. */
export function renderGroup(group: CommentGroup, level: number, fits: (line: string) => boolean): string {
  const indent = "  ".repeat(level);
  switch (group.kind) {
    case "plain":
      return `${indent}${plainText(group.comment)}\n`;
    case "doc":
      return renderDoc(group.comments, indent, fits);
    default:
      return unreachable(group);
  }
}

/** As written, without blanks at the ends of lines. */
export function plainText(comment: Comment): string {
  const { text } = comment;
  return text.includes("\n") ? text.split("\n").map(trimLine).join("\n") : trimLine(text);
}

function trimLine(line: string): string {
  return line.trimEnd();
}

function renderDoc(comments: readonly Comment[], indent: string, fits: (line: string) => boolean): string {
  const lines = trimBlankLines(comments.flatMap(docLines));
  if (!closesWhole(lines)) return comments.map((comment) => `${indent}${plainText(comment)}\n`).join("");
  const [only] = lines;
  if (only === undefined) return `${indent}/** */\n`;
  if (lines.length === 1) {
    const compact = `${indent}/** ${only.trim()} */`;
    if (fits(compact)) return `${compact}\n`;
  }
  const body = lines.map((line) => `${indent} *${line.trim() === "" ? "" : ` ${line.trimEnd()}`}\n`);
  return `${indent}/**\n${body.join("")}${indent} */\n`;
}

function docLines(comment: Comment): readonly string[] {
  if (!comment.isBlock) return [comment.text.slice(3).replace(/^ /, "").trimEnd()];
  const inner = comment.text.slice(3, -2).split("\n");
  const lines: string[] = [];
  inner.forEach((raw, at) => {
    const line = raw.trim();
    if (at > 0) lines.push(line.startsWith("*") ? line.slice(1).replace(/^ /, "") : line);
    else if (line !== "") lines.push(line);
  });
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

function trimBlankLines(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line.trim() !== "");
  if (first === -1) return [];
  return lines.slice(first, lines.findLastIndex((line) => line.trim() !== "") + 1);
}

/** Whether the text between the marks of a block leaves the block open to its own end: comments nest. */
function closesWhole(lines: readonly string[]): boolean {
  let depth = 0;
  for (const [mark] of lines.join("\n").matchAll(/\/\*|\*\//g)) {
    depth += mark === "/*" ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}
