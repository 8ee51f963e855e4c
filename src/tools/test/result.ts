/** What a test run found, one result a test. */
import type { SourceProblem } from "../../runtime/program.ts";
import type { RaisedError } from "../../value/value.ts";

export interface TestResult {
  /** As messages name it. */
  readonly file: string;
  /** The pipeline; null: the file itself could not be used. */
  readonly test: string | null;
  /** From 1; 1 for a file. */
  readonly line: number;
  readonly ms: number;
  /** All that it printed. */
  readonly output: string;
  readonly verdict: TestVerdict;
}

export type TestVerdict =
  | { readonly kind: "passed" }
  | { readonly kind: "timed-out"; readonly message: string }
  | {
      readonly kind: "failed";
      /** What was thrown, as text. */
      readonly message: string;
      /** Where the error was raised, innermost first. */
      readonly trace: RaisedError["trace"];
      /** Errors of the source, which keep it from starting. */
      readonly problems: readonly SourceProblem[];
      /** The values of the assertion that failed, as lines. */
      readonly difference: Difference | null;
    };

/** `message`: what the assertion threw. */
export interface Difference {
  readonly message: string;
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

export function failure(message: string, more: Partial<Extract<TestVerdict, { kind: "failed" }>> = {}): TestVerdict {
  return { kind: "failed", message, trace: [], problems: [], difference: null, ...more };
}
