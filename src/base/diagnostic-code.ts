/**
 * The codes of everything that can be wrong with a program before it runs: what `[…]` in a report shows and `harn explain` takes.
 *
 * A code is there for people and tools to refer to: it keeps its meaning, whatever happens to the wording. Lint rules have names of their own.
 */
import type { Diagnostic } from "./diagnostic.ts";

export const DIAGNOSTIC_CODES = [
  // Reading the text
  "unexpected-character",
  "empty-interpolation",
  "unterminated-string",
  "unterminated-comment",
  "unexpected-token",
  "unexpected-end",
  "stray-brace",
  "nested-too-deeply",
  // Names
  "undefined-name",
  "undefined-call",
  "unknown-type",
  "immutable",
  "redeclared",
  "unknown-attribute",
  "misplaced-attribute",
  "deprecated",
  // Modules
  "import",
  "import-cycle",
  "import-collision",
  // Types
  "declared-type",
  "assigned-type",
  "return-type",
  "argument",
  "arity",
  "generic-conflict",
  "constraint",
  "not-callable",
  "operator",
  "comparison",
  "no-properties",
  "may-be-nil",
  "variance",
  // Structs, enums, methods
  "field-type",
  "missing-field",
  "unknown-field",
  "unknown-method",
  "unknown-variant",
  // Cases
  "non-exhaustive",
  "or-pattern",
  "pattern-type",
  "not-unreachable",
  "unknown-left",
  "unreachable-code",
  // What the compiler cannot make code of
  "compile",
] as const;

export type DiagnosticCode = (typeof DIAGNOSTIC_CODES)[number];

/** A diagnostic of a program's text; those of other tools may have codes of their own. */
export interface SourceDiagnostic extends Diagnostic {
  readonly code: DiagnosticCode;
}
