/**
 * Section titles between top-level items: a bar of dashes alone, a bar with a title in it, or a title between two bars. All are written
 * with bars of one length, with a blank line above and below.
 */

import { type CommentGroup, groupComments, renderGroup } from "./comment-text.ts";
import type { Comment } from "./comments.ts";
import type { Output } from "./output.ts";

/** Fewer dashes are no bar. */
const SHORTEST_BAR = 4;

type Bar = { readonly kind: "bar" } | { readonly kind: "titled"; readonly title: string };

export interface TopLevelStyle {
  readonly separatorWidth: number;
  readonly fits: (line: string) => boolean;
}

/** Writes the comments between two top-level items. */
export function addTopLevel(out: Output, comments: readonly Comment[], style: TopLevelStyle): void {
  const groups = groupComments(comments, 0, style.fits);
  const bar = `// ${"-".repeat(Math.max(0, style.separatorWidth - 3))}\n`;
  for (let at = 0; at < groups.length; at++) {
    const group = groups[at]!;
    const title = titleBetweenBars(groups, at);
    const own = title === null ? barOf(group) : null;
    if (title !== null) {
      out.addBlankLine();
      out.add(`${bar}// ${title}\n${bar}\n`);
      at += 2;
    } else if (own !== null) {
      out.addBlankLine();
      out.add(`${own.kind === "bar" ? bar : `${bar}// ${own.title}\n${bar}`}\n`);
    } else out.add(renderGroup(group, 0, style.fits));
  }
}

/** The title, if a bar, a title and a bar stand on three lines from group `at` on. */
function titleBetweenBars(groups: readonly CommentGroup[], at: number): string | null {
  const [above, middle, below] = [groups[at]!, groups[at + 1], groups[at + 2]];
  if (barOf(above)?.kind !== "bar" || middle?.kind !== "plain" || below?.kind !== "plain") return null;
  if (barOf(below)?.kind !== "bar" || barOf(middle)?.kind === "bar" || above.kind !== "plain") return null;
  const { line } = above.comment;
  if (middle.comment.line !== line + 1 || below.comment.line !== line + 2) return null;
  const title = lineText(middle)?.trim() ?? "";
  return title === "" ? null : title;
}

/** What stands behind the slashes of a line comment. */
function lineText(group: CommentGroup): string | null {
  return group.kind === "doc" || group.comment.isBlock ? null : group.comment.text.slice(2);
}

function barOf(group: CommentGroup): Bar | null {
  const text = lineText(group)?.trim() ?? "";
  const dashes = /^-*/.exec(text)![0].length;
  if (dashes < SHORTEST_BAR) return null;
  const rest = text.slice(dashes).trim();
  if (rest === "") return { kind: "bar" };
  const trailing = /-*$/.exec(rest)![0].length;
  const title = trailing >= SHORTEST_BAR ? rest.slice(0, -trailing).trim() : rest;
  return title === "" ? null : { kind: "titled", title };
}
