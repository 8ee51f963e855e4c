/**
 * Where the parser stands in the token list, and the questions and demands that all productions are made of.
 *
 * Invariants
 * 1. Line breaks are trivia, yet some productions end at one: `atNewline` says that a line break before the current token has not been
 *    passed. `check` does not see a token behind it; `checkAcross`, `expect…` and `skipNewlines` pass it.
 * 2. A production that cannot go on reports once (`fail`) and throws a `SyntaxFault`, caught where statements are synchronised. Nothing
 *    is reported twice at one place, nor where the lexer has reported already.
 * 3. Recursion is bounded by `enter`, the height of the tree by `grow`: the limits abort the file.
 */
import type { SourceDiagnostic } from "../../base/diagnostic-code.ts";
import { type Span, spanOf } from "../../base/span.ts";
import { indexLines, type LineIndex } from "../../base/text.ts";
import type { Ident } from "../ast.ts";
import {
  chainedTooLong,
  type ExpectedDetails,
  expectedNotNewline,
  expectedToken,
  nestedTooDeeply,
  unexpectedEnd,
} from "../problems.ts";
import type { TokenTable } from "../token-table.ts";
import { isKeyword, type Token, type TokenKind } from "../tokens.ts";
import { leadingTrivia } from "../trivia.ts";
import { findUnclosed } from "./brackets.ts";

/** Thrown when a production cannot go on; its diagnostic has been recorded. Never leaves the parser. */
export class SyntaxFault {
  /** The rest of the file is not looked at. */
  readonly fatal: boolean;
  constructor(fatal: boolean) {
    this.fatal = fatal;
  }
}

/** Blocks, brackets, operators in front: levels of recursion. */
export const MAX_NESTING = 200;
/** Operators, accesses and `else if`s in a row: depth of the tree that recursion does not bound. */
export const MAX_CHAIN = 500;
const MOST_DIAGNOSTICS = 100;

/** Keywords that the reference does not take as member names or dict keys. */
const NEVER_NAMES: ReadonlySet<TokenKind> = new Set(["finally", "require", "select", "skill"]);

/** Of anything. */
export const NONE: readonly never[] = [];

/** A finished list without the room that V8 keeps for more: sixteen places and a half of what there is. */
export function exact<T>(items: readonly T[]): readonly T[] {
  return items.length === 0 ? NONE : items.slice();
}

export class ParserState {
  readonly text: string;
  readonly tokens: TokenTable;
  /** Names declared by `struct` anywhere in the file: before `{` they make a struct literal. */
  readonly structNames: ReadonlySet<string>;
  readonly diagnostics: SourceDiagnostic[] = [];
  /** The current token, its kind and its index. */
  #current: Token | null = null;
  #kind: TokenKind;
  #pos = 0;
  atNewline: boolean;
  /** Height of the expression tree read so far, of the innermost expression under way. */
  height = 0;
  depth = 0;
  #reportedAt = -1;
  #lines: LineIndex | null = null;

  constructor(text: string, tokens: TokenTable, structNames: ReadonlySet<string>) {
    this.text = text;
    this.tokens = tokens;
    this.structNames = structNames;
    this.#kind = tokens.kind(0);
    this.atNewline = tokens.onNewLine(0);
  }

  // -------------------------------------------------------------- looking

  /** Made when somebody asks: most are only compared with what may stand there. */
  get current(): Token {
    this.#current ??= this.tokens.at(this.#pos);
    return this.#current;
  }

  get kind(): TokenKind {
    return this.#kind;
  }

  /** Where the current token starts. */
  get start(): number {
    return this.tokens.start(this.#pos);
  }

  /** Index of the current token. */
  get pos(): number {
    return this.#pos;
  }

  /** The token `offset` places on, line breaks or not; `eof` behind the end. */
  peek(offset: number): Token {
    return this.tokens.at(this.#placeOf(offset));
  }

  #placeOf(offset: number): number {
    return Math.min(this.#pos + offset, this.tokens.length - 1);
  }

  /** The token `offset` places on has this kind, and no line break stands before it. */
  peekIs(offset: number, kind: TokenKind): boolean {
    if (offset === 0) return this.check(kind);
    const at = this.#placeOf(offset);
    return this.tokens.kind(at) === kind && !this.tokens.onNewLine(at);
  }

  get lines(): LineIndex {
    this.#lines ??= indexLines(this.text);
    return this.#lines;
  }

  get previous(): Token {
    return this.tokens.at(Math.max(0, this.#pos - 1));
  }

  /** Where the last token that was read ends. */
  get end(): number {
    return this.tokens.end(Math.max(0, this.#pos - 1));
  }

  get atEnd(): boolean {
    return !this.atNewline && this.#kind === "eof";
  }

  /** Nothing but line breaks is left. */
  get nothingLeft(): boolean {
    return this.#kind === "eof";
  }

  /** The current token has this kind, line break before it or not. */
  isAt(kind: TokenKind): boolean {
    return this.#kind === kind;
  }

  check(kind: TokenKind): boolean {
    return !this.atNewline && this.#kind === kind;
  }

  /** Like `check`, on this line or at the start of a later one; if so the line breaks are passed. */
  checkAcross(kind: TokenKind): boolean {
    if (this.#kind !== kind) return false;
    this.atNewline = false;
    return true;
  }

  /** A name that is a word of the language in this place only (`each`, `with`, `where`, …). */
  checkWord(word: string): boolean {
    return this.check("name") && this.current.value === word;
  }

  /** `...` */
  checkEllipsis(): boolean {
    return this.check(".") && this.peekIs(1, ".") && this.peekIs(2, ".");
  }

  skipNewlines(): void {
    this.atNewline = false;
  }

  // -------------------------------------------------------------- moving

  advance(): Token {
    const token = this.current;
    this.skip();
    return token;
  }

  /** Moves behind the current token, whatever it is. */
  skip(): void {
    if (this.#kind !== "eof") this.moveTo(this.#pos + 1);
  }

  accept(kind: TokenKind): boolean {
    if (!this.check(kind)) return false;
    this.skip();
    return true;
  }

  moveTo(pos: number): void {
    this.#pos = pos;
    this.#current = null;
    this.#kind = this.tokens.kind(pos);
    this.atNewline = this.tokens.onNewLine(pos);
  }

  // -------------------------------------------------------------- demanding

  /** `what` is the reference's word for it, the token's text if left out. */
  expect(kind: TokenKind, what: string = kind, details?: ExpectedDetails): Token {
    this.skipNewlines();
    if (this.#kind !== kind) this.fail(what, details);
    return this.advance();
  }

  /** The bracket that closes `open`. */
  expectClose(kind: ")" | "]" | "}" | ">", open: Token): Token {
    this.skipNewlines();
    if (this.#kind !== kind) {
      const unclosed = kind === "}" && this.nothingLeft ? findUnclosed(this.tokens, this.lines) : open;
      // All braces of the file are closed: recovery from an earlier mistake has lost one.
      if (!unclosed && this.diagnostics.length > 0) throw new SyntaxFault(false);
      this.fail(kind, { also: [{ span: spanOf(unclosed ?? open), text: "this is not closed" }] });
    }
    return this.advance();
  }

  /** A name; a keyword is refused as one. */
  expectName(what: string, details: ExpectedDetails = {}): Ident {
    this.skipNewlines();
    const token = this.current;
    if (token.kind !== "name") this.fail(what, { reserved: isKeyword(token.kind), ...details });
    this.advance();
    return { name: String(token.value), start: token.start, end: token.end };
  }

  /** A member or key: most keywords may stand here too. */
  expectNameOrKeyword(what: string): Ident {
    this.skipNewlines();
    const token = this.current;
    const isName = token.kind === "name" || (isKeyword(token.kind) && !NEVER_NAMES.has(token.kind));
    if (!isName) this.fail(what);
    this.advance();
    return { name: this.text.slice(token.start, token.end), start: token.start, end: token.end };
  }

  // -------------------------------------------------------------- giving up

  /** Reports that `what` was needed at the current token, and gives up the production. */
  fail(what: string, details: ExpectedDetails = {}): never {
    const token = this.current;
    if (this.atNewline) this.failWith(expectedNotNewline(what, this.newlineSpan(), this.lines, details));
    if (token.kind === "eof") this.failWith(unexpectedEnd(what, spanOf(token), details));
    this.failWith(expectedToken(what, token, this.lines, details));
  }

  failWith(diagnostic: SourceDiagnostic): never {
    this.report(diagnostic);
    throw new SyntaxFault(false);
  }

  report(diagnostic: SourceDiagnostic): void {
    const token = this.current;
    const before = Math.max(0, this.#pos - 1);
    const known = token.kind === "error" || this.tokens.kind(before) === "error" || token.start === this.#reportedAt;
    this.#reportedAt = token.start;
    if (!known && this.diagnostics.length < MOST_DIAGNOSTICS) this.diagnostics.push(diagnostic);
  }

  /** The line break before the current token. */
  newlineSpan(): Span {
    const { start } = leadingTrivia(this.text, this.current).find(({ kind }) => kind === "newline")!;
    return { start, end: start };
  }

  // -------------------------------------------------------------- limits

  /** One level of recursion more; `leave` undoes it, and so does whoever catches a fault. */
  enter(): void {
    if (++this.depth > MAX_NESTING) this.#abort(nestedTooDeeply(spanOf(this.current), MAX_NESTING));
  }

  leave(): void {
    this.depth--;
  }

  /** The tree of the expression under way has grown by one level. */
  grow(): void {
    if (++this.height > MAX_CHAIN) this.#abort(chainedTooLong(spanOf(this.previous), MAX_CHAIN));
  }

  #abort(diagnostic: SourceDiagnostic): never {
    this.report(diagnostic);
    throw new SyntaxFault(true);
  }
}
