/** The problems of one module: of each severity only the first ones, since nobody reads a hundred thousand, and each takes more than the text it is about. */
import type { Severity } from "../base/diagnostic.ts";
import type { SourceDiagnostic } from "../base/diagnostic-code.ts";

/** Of one severity: warnings never hide that there is an error. */
export const MOST_PROBLEMS = 1_000;

export class ProblemList {
  readonly #found: SourceDiagnostic[] = [];
  readonly #counts: Record<Severity, number> = { error: 0, warning: 0, note: 0 };

  get found(): readonly SourceDiagnostic[] {
    return this.#found;
  }

  /** Whether one more would be kept: what it says need not be made otherwise. */
  takes(severity: Severity): boolean {
    return this.#counts[severity] < MOST_PROBLEMS;
  }

  add(problem: SourceDiagnostic): void {
    if (!this.takes(problem.severity)) return;
    this.#counts[problem.severity]++;
    this.#found.push(problem);
  }
}
