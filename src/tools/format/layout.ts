/**
 * What all parts of the formatter share: the file, its comments, the widths, and the two ways in which several things follow each other,
 * one a line (`lines`) or separated by commas (`sequence`).
 *
 * Invariants
 * 1. Texts are built from the inside out: whether a list breaks depends on how long its items came out, never on what follows it.
 * 2. `base` is the level of the innermost statement that starts a line in a plain block. What breaks inside an expression is indented from
 *    there, however deep the expression is: that is the language's layout.
 * 3. Widths count UTF-8 bytes.
 */
import type { Span } from "../../base/span.ts";
import type { SourceFile, Stmt } from "../../syntax/ast.ts";
import type { TokenKind } from "../../syntax/tokens.ts";
import { groupComments, plainText, renderGroup } from "./comment-text.ts";
import { type Comment, CommentStore } from "./comments.ts";
import type { FormatOptions } from "./options.ts";
import { renderAbove } from "./tool-docs.ts";

/** Something with a place in the source and a text. */
export interface Part {
  readonly span: { readonly start: number; readonly end: number };
  readonly text: string;
  /** The grammar wants the closing bracket right behind it: no comma, no line break. Of the last part only. */
  readonly isLast?: boolean;
}

/** One of several things that each begin a line. Printed when its turn comes, so that comments in front of it are taken first. */
export interface Line {
  readonly span: { readonly start: number; readonly end: number };
  readonly print: () => string;
  /** What it is, if comments above it can mean something. */
  readonly stmt?: Stmt;
}

export class Layout {
  readonly file: SourceFile;
  readonly text: string;
  readonly comments: CommentStore;
  readonly options: FormatOptions;
  base = 0;
  width: number;
  readonly #ascii: boolean;

  constructor(file: SourceFile, options: FormatOptions) {
    this.file = file;
    this.text = file.text;
    this.comments = new CommentStore(file);
    this.options = options;
    this.width = options.lineWidth;
    this.#ascii = /^[\x00-\x7f]*$/.test(file.text);
  }

  bytes(text: string): number {
    if (this.#ascii) return text.length;
    let count = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      // Both halves of a surrogate pair: two bytes each.
      count += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
    }
    return count;
  }

  readonly fits = (line: string): boolean => this.bytes(line) <= this.width;

  /** Is there a line break between the offsets? */
  breaksBetween(from: number, to: number): boolean {
    const at = this.text.indexOf("\n", from);
    return at !== -1 && at < to;
  }

  /** Index of the token that starts at `offset`. */
  tokenAt(offset: number): number {
    const { tokens } = this.file;
    let low = 0;
    let high = tokens.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tokens[middle]!.start < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  kindAt(index: number): TokenKind | undefined {
    return this.file.tokens[index]?.kind;
  }

  /** Whether what `span` covers stands between parentheses of its own. Means nothing for arguments of calls. */
  isParenthesized(span: Span): boolean {
    const first = this.tokenAt(span.start);
    return this.kindAt(first - 1) === "(" && this.kindAt(this.tokenAt(span.end)) === ")";
  }

  commentLines(comments: readonly Comment[], level: number): string {
    if (comments.length === 0) return "";
    return groupComments(comments, level, this.fits)
      .map((group) => renderGroup(group, level, this.fits))
      .join("");
  }

  /**
   * Each item on a line of its own, comments where they belong: those in front of an item above it, those behind it on its line, those in
   * the midst of it, if nothing in it took them, above it too. With a final line break unless it is empty. `from` and `to` are the
   * offsets between which the comments are this block's.
   */
  lines(items: readonly Line[], from: number, to: number, level: number): string {
    const indent = "  ".repeat(level);
    let out = "";
    let end = from;
    items.forEach((item, at) => {
      const { start, end: itemEnd } = item.span;
      const above = this.comments.take(end, start);
      const text = item.print();
      const inside = this.comments.take(start, itemEnd);
      const next = items[at + 1]?.span.start ?? to;
      const behind = this.takeBehind(itemEnd, next);
      out += renderAbove(this, above, inside, item.stmt ?? null, level);
      out += `${indent}${text}${behind.map((comment) => ` ${plainText(comment)}`).join("")}\n`;
      end = itemEnd;
    });
    return out + this.commentLines(this.comments.take(end, to), level);
  }

  /** The comments on the line of `end` that stand behind it: a block that goes on on the next line, or is followed by more on this one, is not among them. */
  takeBehind(end: number, next: number): readonly Comment[] {
    if (!this.comments.has(end, next)) return [];
    const newline = this.text.indexOf("\n", end);
    const lineEnd = newline === -1 ? this.text.length : newline;
    if (next <= lineEnd && next < this.text.length && this.text[next] !== "}") return [];
    return this.comments.take(end, Math.min(next, lineEnd), (comment) => comment.end > lineEnd);
  }

  /**
   * Items separated by commas, with what stands around them between `open` and `close` (the offsets just inside the brackets): in one line,
   * or one a line. `prefix`: the width of what the language counts as standing in front.
   */
  sequence(items: readonly Part[], open: number, close: number, prefix: number): string {
    if (this.comments.has(open, close)) return this.#sequenceWithComments(items, open, close, prefix);
    const inline = items.map((item) => item.text).join(", ");
    if (items.length === 0 || !this.mustWrap(inline, prefix)) return inline;
    return this.wrapped(
      items.map((item) => `${item.text},`),
      items.at(-1)?.isLast,
    );
  }

  mustWrap(inline: string, prefix: number): boolean {
    return inline.includes("\n") || prefix + this.bytes(inline) + 1 > this.width;
  }

  /** Between brackets: each text on a line of its own, one level deeper than `base`. */
  wrapped(texts: readonly string[], isClosed = false): string {
    const indent = "  ".repeat(this.base + 1);
    const body = texts.map((text) => `\n${indent}${text}`).join("");
    return isClosed ? body.slice(0, -1) : `${body}\n${"  ".repeat(this.base)}`;
  }

  #sequenceWithComments(items: readonly Part[], open: number, close: number, prefix: number): string {
    const rows: { above: readonly Comment[]; text: string; behind: readonly Comment[] }[] = [];
    let end = open;
    let mustBreak = false;
    items.forEach((item, at) => {
      const { start, end: itemEnd } = item.span;
      const found = [...this.comments.take(end, start), ...this.comments.take(start, itemEnd)];
      const sameLine = found.filter((c) => c.isBlock && c.end <= start && !this.breaksBetween(c.start, start));
      const above = found.filter((comment) => !sameLine.includes(comment));
      const next = items[at + 1]?.span.start ?? close;
      const comma = this.text.indexOf(",", itemEnd);
      const tight = this.comments.take(
        itemEnd,
        comma === -1 ? next : Math.min(comma, next),
        (c) => !c.isBlock || c.line !== c.endLine || this.breaksBetween(itemEnd, c.start),
      );
      // A comment behind the last one would part it from its bracket: it goes to the statement.
      const behind = item.isLast ? [] : this.takeBehind(itemEnd, next);
      const text = [...sameLine.map(plainText), item.text, ...tight.map(plainText)].join(" ");
      rows.push({ above, text, behind });
      mustBreak ||= above.length > 0 || behind.length > 0;
      end = itemEnd;
    });
    const isClosed = items.at(-1)?.isLast ?? false;
    const below = isClosed ? [] : this.comments.take(end, close);
    const inline = rows.map((row) => row.text).join(", ");
    if (!mustBreak && below.length === 0 && (items.length === 0 || !this.mustWrap(inline, prefix))) return inline;
    const level = this.base + 1;
    const indent = "  ".repeat(level);
    const body = rows.map(({ above, text, behind }) => {
      const trailing = behind.map((comment) => ` ${plainText(comment)}`).join("");
      return `${this.commentLines(above, level)}${indent}${text},${trailing}\n`;
    });
    if (isClosed) return `\n${body.join("").slice(0, -2)}`;
    return `\n${body.join("")}${this.commentLines(below, level)}${"  ".repeat(this.base)}`;
  }

  /** Runs `print` with another base. */
  at<T>(base: number, print: () => T): T {
    const outer = this.base;
    this.base = base;
    const result = print();
    this.base = outer;
    return result;
  }
}
