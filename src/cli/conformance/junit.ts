/** The results of a conformance run as JUnit XML. */
import { renderJunit as renderSuites } from "../../tools/test/junit.ts";
import type { CaseResult } from "./run-case.ts";

export function renderJunit(results: readonly CaseResult[]): string {
  const cases = results.map(({ name, verdict, ms }) => {
    if (verdict.kind === "passed") return { name, ms, failure: null };
    const details = verdict.expected === undefined ? "" : `expected:\n${verdict.expected}\n\nfound:\n${verdict.found}`;
    return { name, ms, failure: { message: verdict.reason, details } };
  });
  return renderSuites([{ name: "conformance", cases }]);
}
