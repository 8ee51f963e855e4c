/** Places in a source text. Offsets are UTF-16 code units into the text; lines and columns count from 1, columns in code points. */

export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Line of `start`, from 1. */
  readonly line: number;
  /** Column of `start`, from 1, in code points. */
  readonly column: number;
}

/** The smallest span that covers both. `a` must start first. */
export function joinSpans(a: Span, b: Span): Span {
  return { start: a.start, end: Math.max(a.end, b.end), line: a.line, column: a.column };
}
