/** What a rule finds, and how it could be mended. */
import type { Span } from "../../base/span.ts";

export type LintSeverity = "error" | "warning" | "note";

/** Replaces the text between two offsets. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

export interface Fix {
  readonly edits: readonly Edit[];
  /** The program does the same afterwards, whatever its values are. Others are made only when they are asked for. */
  readonly isSafe: boolean;
}

export interface Finding {
  readonly rule: string;
  readonly severity: LintSeverity;
  /** The file's own text. */
  readonly span: Span;
  readonly message: string;
  /** What to do about it. */
  readonly help: string | null;
  readonly fix: Fix | null;
}
