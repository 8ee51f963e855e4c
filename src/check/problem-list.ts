/** The problems of one module: of each severity only the first ones, since nobody reads a hundred thousand, and each takes more than the text it is about. */
import type { Severity } from "../base/diagnostic.ts";
import type { DiagnosticCode, SourceDiagnostic } from "../base/diagnostic-code.ts";
import { type Span, spanOf } from "../base/span.ts";

/** Of one severity: warnings never hide that there is an error. */
const MOST_PROBLEMS = 1_000;

interface LeftOut {
  count: number;
  /** Of the first one. */
  readonly code: DiagnosticCode;
  readonly span: Span;
}

export class ProblemList {
  readonly #found: SourceDiagnostic[] = [];
  readonly #counts: Record<Severity, number> = { error: 0, warning: 0, note: 0 };
  readonly #leftOut = new Map<Severity, LeftOut>();

  get found(): readonly SourceDiagnostic[] {
    return this.#found;
  }

  /** How many problems were left out, a note for each severity, about the first of them. */
  get leftOut(): readonly SourceDiagnostic[] {
    return [...this.#leftOut].map(([severity, { count, code, span }]) => ({
      severity: "note",
      code,
      message: `${count} more ${severity}${count === 1 ? "" : "s"} from here on: only the first ${MOST_PROBLEMS} are listed`,
      labels: [{ span }],
    }));
  }

  /** Whether one more is kept: otherwise what it says need not be made, and it is only counted. */
  takes(severity: Severity, code: DiagnosticCode, span: Span): boolean {
    if (this.#counts[severity] < MOST_PROBLEMS) return true;
    const known = this.#leftOut.get(severity);
    if (known === undefined) this.#leftOut.set(severity, { count: 1, code, span: spanOf(span) });
    else known.count++;
    return false;
  }

  /** One that `takes` has agreed to. */
  add(problem: SourceDiagnostic): void {
    this.#counts[problem.severity]++;
    this.#found.push(problem);
  }
}
