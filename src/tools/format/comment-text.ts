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
  | { readonly kind: "doc"; readonly comments: readonly Comment[] }
  | { readonly kind: "plain"; readonly comment: Comment };

/** `fits`: whether a text stands on one line. */
export function groupComments(
  comments: readonly Comment[],
  level: number,
  fits: (line: string) => boolean,
): readonly CommentGroup[] {
  const groups: CommentGroup[] = [];
  for (const group of groupsAsWritten(comments)) {
    const previous = groups.at(-1);
    // Printed right below the other it would be one block with it the next time.
    const isRun = previous?.kind === "doc" && group.kind === "doc" && isOneLine(group, level, fits);
    if (isRun) groups[groups.length - 1] = { kind: "doc", comments: [...previous.comments, ...group.comments] };
    else groups.push(group);
  }
  return groups;
}

/** A doc comment that ends on the line below the last one belongs to it: so it stands on one line. */
function groupsAsWritten(comments: readonly Comment[]): readonly CommentGroup[] {
  const groups: CommentGroup[] = [];
  for (const comment of comments) {
    const group = groups.at(-1);
    if (!comment.isDoc) groups.push({ kind: "plain", comment });
    else if (group?.kind === "doc" && comment.endLine - group.comments.at(-1)!.endLine <= 1) {
      groups[groups.length - 1] = { kind: "doc", comments: [...group.comments, comment] };
    } else groups.push({ kind: "doc", comments: [comment] });
  }
  return groups;
}

function isOneLine(group: CommentGroup, level: number, fits: (line: string) => boolean): boolean {
  const text = renderGroup(group, level, fits);
  return text.indexOf("\n") === text.length - 1;
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
