/**
 * The comments of a file, and who has placed which.
 *
 * Invariants
 * 1. Every comment is given out exactly once: `take` never gives the same one twice, and what a part of the tree does not take, the
 *    statement around it takes. Nothing is lost.
 * 2. Comments in the code of an interpolation are not listed: that code is printed as it stands.
 */
import type { SourceFile } from "../../syntax/ast.ts";
import { leadingTrivia } from "../../syntax/trivia.ts";

export interface Comment {
  readonly start: number;
  readonly end: number;
  /** Of `start`, from 1. */
  readonly line: number;
  /** Of the last character. */
  readonly endLine: number;
  readonly isBlock: boolean;
  readonly isDoc: boolean;
  /** With its marks, as written. */
  readonly text: string;
}

const NONE: readonly Comment[] = [];

export class CommentStore {
  readonly all: readonly Comment[];
  readonly #taken: boolean[];

  constructor(file: SourceFile) {
    this.all = collect(file);
    this.#taken = this.all.map(() => false);
  }

  /** Is there a comment between the offsets that nobody has taken? */
  has(from: number, to: number): boolean {
    for (let at = this.#firstFrom(from); at < this.all.length && this.all[at]!.start < to; at++) {
      if (!this.#taken[at]) return true;
    }
    return false;
  }

  /** The comments that start between the offsets and that nobody has taken, in order. `until` ends the search early. */
  take(from: number, to: number, until?: (comment: Comment) => boolean): readonly Comment[] {
    if (this.all.length === 0) return NONE;
    let found: Comment[] | null = null;
    for (let at = this.#firstFrom(from); at < this.all.length && this.all[at]!.start < to; at++) {
      if (this.#taken[at]) continue;
      const comment = this.all[at]!;
      if (until?.(comment)) break;
      this.#taken[at] = true;
      found ??= [];
      found.push(comment);
    }
    return found ?? NONE;
  }

  /** Index of the first comment that starts at `offset` or behind it. */
  #firstFrom(offset: number): number {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.all[middle]!.start < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function collect(file: SourceFile): readonly Comment[] {
  const { text, tokens } = file;
  const found: Comment[] = [];
  let interpolations = 0;
  let line = 1;
  let counted = 0;
  const lineOf = (offset: number): number => {
    for (let at = text.indexOf("\n", counted); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
      line++;
      counted = at + 1;
    }
    return line;
  };
  let leading = 0;
  let slash = text.indexOf("/");
  for (let at = 0; at < tokens.length; leading = tokens.end(at++)) {
    const start = tokens.start(at);
    while (slash !== -1 && slash < leading) slash = text.indexOf("/", leading);
    if (interpolations === 0 && slash !== -1 && slash < start) {
      for (const piece of leadingTrivia(text, tokens.at(at))) {
        if (piece.kind !== "line-comment" && piece.kind !== "block-comment") continue;
        found.push({
          start: piece.start,
          end: piece.end,
          line: lineOf(piece.start),
          endLine: lineOf(piece.end),
          isBlock: piece.kind === "block-comment",
          isDoc: piece.isDoc,
          text: text.slice(piece.start, piece.end),
        });
      }
    }
    const kind = tokens.kind(at);
    if (kind === "interpolation-open") interpolations++;
    else if (kind === "interpolation-close") interpolations--;
  }
  return found;
}
