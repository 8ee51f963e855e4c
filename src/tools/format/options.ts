/** What a person may choose about the layout. Everything else is the language's own. */

export interface FormatOptions {
  /** Longest line, in UTF-8 bytes, before a list or an operator is broken. */
  readonly lineWidth: number;
  /** Length of the bars around section titles. */
  readonly separatorWidth: number;
}

export const DEFAULT_FORMAT: FormatOptions = { lineWidth: 100, separatorWidth: 80 };
