/**
 * Places in a source text: offsets in UTF-16 code units. Lines and columns are found from the text when somebody wants them (`text.ts`): a syntax tree is
 * mostly places, and a text may be nothing but names of one letter.
 */

/** Whatever stands somewhere in a text: nodes and tokens are spans. */
export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** The place alone of what has one. */
export function spanOf({ start, end }: Span): Span {
  return { start, end };
}

/** The smallest span that covers both. `a` must start first. */
export function joinSpans(a: Span, b: Span): Span {
  return { start: a.start, end: Math.max(a.end, b.end) };
}
