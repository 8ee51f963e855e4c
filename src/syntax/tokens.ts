/**
 * The one table of token kinds.
 *
 * Invariants
 * 1. A keyword's and a punctuator's kind is its own text; only names, literals, string pieces, `error` and `eof` have other kinds.
 * 2. Token texts with the trivia in front of them, concatenated, are the source text: nothing is lost, nothing overlaps.
 */
import type { Span } from "../base/span.ts";

export const KEYWORDS = [
  "break",
  "catch",
  "continue",
  "deadline",
  "defer",
  "else",
  "enum",
  "exclusive",
  "extends",
  "false",
  "finally",
  "fn",
  "for",
  "from",
  "guard",
  "if",
  "impl",
  "import",
  "in",
  "interface",
  "let",
  "match",
  "mutex",
  "nil",
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
  "to",
  "tool",
  "true",
  "try",
  "type",
  "var",
  "while",
  "yield",
] as const;

/** Longest first, so that the first hit is the right one. */
export const PUNCTUATORS = [
  "==",
  "!=",
  "&&",
  "||",
  "|>",
  "??",
  "**",
  "?.",
  "->",
  "<=",
  ">=",
  "+=",
  "-=",
  "*=",
  "/=",
  "%=",
  "=",
  "!",
  ".",
  "+",
  "-",
  "*",
  "/",
  "%",
  "<",
  ">",
  "?",
  "|",
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  ",",
  ":",
  ";",
  "@",
] as const;

export type Keyword = (typeof KEYWORDS)[number];
export type Punctuator = (typeof PUNCTUATORS)[number];

/**
 * - `string`: a whole string without interpolation; `raw-string`: `r"…"`.
 * - `string-open`, `string-text`, `interpolation-open`, `interpolation-close`, `string-close`: the pieces of a string with `${…}`;
 *   what stands between open and close of an interpolation are ordinary tokens, strings included.
 * - `error`: text that is no token. The lexer has reported it; the parser stays silent about it.
 */
export type TokenKind =
  | Keyword
  | Punctuator
  | "name"
  | "int"
  | "float"
  | "duration"
  | "string"
  | "raw-string"
  | "string-open"
  | "string-text"
  | "interpolation-open"
  | "interpolation-close"
  | "string-close"
  | "error"
  | "eof";

/**
 * What a token means, beside its kind. `name`, `string`, `raw-string`, `string-text`: the text, escapes and indentation done;
 * `int`: a number where it is safe, else a bigint (at most 64 bits signed); `float`: its value; `duration`: milliseconds; `null` for the rest.
 */
export type TokenValue = string | number | bigint | null;

export interface Token extends Span {
  readonly kind: TokenKind;
  readonly value: TokenValue;
  /** Where the trivia in front of this token starts; it ends at `start`. */
  readonly leading: number;
  /** A line break that counts as one stands in that trivia (not in a comment, not after a backslash). */
  readonly onNewLine: boolean;
}

const KEYWORD_SET: ReadonlySet<string> = new Set(KEYWORDS);

export function isKeyword(text: string): text is Keyword {
  return KEYWORD_SET.has(text);
}

/** An ASCII name that is no keyword. */
export function isPlainName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !isKeyword(text);
}
