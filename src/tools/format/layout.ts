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
import { indexLines, type LineIndex, lineAt } from "../../base/text.ts";
import type { SourceFile, Stmt } from "../../syntax/ast.ts";
import type { TokenKind } from "../../syntax/tokens.ts";
import { groupComments, plainText, renderGroup } from "./comment-text.ts";
import { type Comment, CommentStore } from "./comments.ts";
import type { FormatOptions } from "./options.ts";
import { Output } from "./output.ts";
import { renderAbove } from "./tool-docs.ts";

/** Items between brackets: where, and what the language counts as standing in front. */
export interface Brackets {
  /** The offsets just inside. */
  readonly open: number;
  readonly close: number;
  readonly prefix: number;
  /** The grammar wants the closing one right behind the last item: no comma, no line break. */
  readonly isTight?: boolean;
}

/** Lines in a block: the offsets between which the comments are its own, and how deep it stands. */
export interface BlockPlace {
  readonly from: number;
  readonly to: number;
  readonly level: number;
}

export class Layout {
  readonly file: SourceFile;
  readonly text: string;
  readonly comments: CommentStore;
  readonly options: FormatOptions;
  base = 0;
  width: number;
  readonly #ascii: boolean;
  readonly #lines: LineIndex;

  constructor(file: SourceFile, options: FormatOptions) {
    this.file = file;
    this.text = file.text;
    this.comments = new CommentStore(file);
    this.#lines = indexLines(file.text);
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

  /** Is there a line break between the offsets? A line may be as long as the text: nobody searches it. */
  breaksBetween(from: number, to: number): boolean {
    return lineAt(this.#lines, from) < lineAt(this.#lines, to);
  }

  /** Index of the token that starts at `offset`. */
  tokenAt(offset: number): number {
    return this.file.tokens.indexAt(offset);
  }

  kindAt(index: number): TokenKind | null {
    return this.file.tokens.findKind(index);
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
   * the midst of it, if nothing in it took them, above it too. With a final line break unless it is empty. An item is printed when its turn comes, so that
   * comments in front of it are taken first. `stmtOf`: what it is, if comments above it can mean something.
   */
  lines<T extends Span>(
    items: readonly T[],
    { from, to, level }: BlockPlace,
    print: (item: T) => string,
    stmtOf: (item: T) => Stmt | null = () => null,
  ): string {
    const indent = "  ".repeat(level);
    const out = new Output();
    let end = from;
    items.forEach((item, at) => {
      const { start, end: itemEnd } = item;
      const above = this.comments.take(end, start);
      const text = print(item);
      const inside = this.comments.take(start, itemEnd);
      const next = items[at + 1]?.start ?? to;
      const behind = this.takeBehind(itemEnd, next);
      out.add(renderAbove(this, above, inside, stmtOf(item), level));
      out.add(indent);
      out.add(text);
      for (const comment of behind) out.add(` ${plainText(comment)}`);
      out.add("\n");
      end = itemEnd;
    });
    out.add(this.commentLines(this.comments.take(end, to), level));
    return out.text();
  }

  /** The comments on the line of `end` that stand behind it: a block that goes on on the next line, or is followed by more on this one, is not among them. */
  takeBehind(end: number, next: number): readonly Comment[] {
    if (!this.comments.has(end, next)) return [];
    const newline = this.text.indexOf("\n", end);
    const lineEnd = newline === -1 ? this.text.length : newline;
    if (next <= lineEnd && next < this.text.length && this.text[next] !== "}") return [];
    return this.comments.take(end, Math.min(next, lineEnd), (comment) => comment.end > lineEnd);
  }

  /** Items separated by commas, with what stands around them between the brackets: in one line, or one a line. */
  sequence<T extends Span>(items: readonly T[], brackets: Brackets, print: (item: T) => string): string {
    const texts = items.map(print);
    if (this.comments.has(brackets.open, brackets.close)) return this.#sequenceWithComments(items, texts, brackets);
    if (texts.length === 0 || !this.mustWrap(texts, brackets.prefix)) return texts.join(", ");
    return this.wrapped(texts, brackets.isTight);
  }

  mustWrap(texts: readonly string[], prefix: number): boolean {
    let width = prefix + 1 - 2;
    for (const text of texts) {
      width += this.bytes(text) + 2;
      if (width > this.width || text.includes("\n")) return true;
    }
    return false;
  }

  /** Between brackets: each text with a comma on a line of its own, one level deeper than `base`. `isTight`: see `Brackets`. */
  wrapped(texts: readonly string[], isTight = false): string {
    const before = `\n${"  ".repeat(this.base + 1)}`;
    const out = new Output();
    texts.forEach((text, at) => {
      out.add(before);
      out.add(text);
      if (!isTight || at < texts.length - 1) out.add(",");
    });
    if (!isTight) out.add(`\n${"  ".repeat(this.base)}`);
    return out.text();
  }

  #sequenceWithComments(items: readonly Span[], texts: readonly string[], brackets: Brackets): string {
    const { open, close, prefix, isTight = false } = brackets;
    const rows: { above: readonly Comment[]; text: string; behind: readonly Comment[] }[] = [];
    let end = open;
    let mustBreak = false;
    items.forEach((item, at) => {
      const { start, end: itemEnd } = item;
      const found = [...this.comments.take(end, start), ...this.comments.take(start, itemEnd)];
      const sameLine = found.filter((c) => c.isBlock && c.end <= start && !this.breaksBetween(c.start, start));
      const above = found.filter((comment) => !sameLine.includes(comment));
      const next = items[at + 1]?.start ?? close;
      const comma = this.text.indexOf(",", itemEnd);
      const tight = this.comments.take(
        itemEnd,
        comma === -1 ? next : Math.min(comma, next),
        (c) => !c.isBlock || c.line !== c.endLine || this.breaksBetween(itemEnd, c.start),
      );
      // A comment behind the last one would part it from its bracket: it goes to the statement.
      const behind = isTight && at === items.length - 1 ? [] : this.takeBehind(itemEnd, next);
      const text = [...sameLine.map(plainText), texts[at]!, ...tight.map(plainText)].join(" ");
      rows.push({ above, text, behind });
      mustBreak ||= above.length > 0 || behind.length > 0;
      end = itemEnd;
    });
    const isClosed = isTight && items.length > 0;
    const below = isClosed ? [] : this.comments.take(end, close);
    const inline = rows.map((row) => row.text);
    if (!mustBreak && below.length === 0 && (items.length === 0 || !this.mustWrap(inline, prefix)))
      return inline.join(", ");
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
