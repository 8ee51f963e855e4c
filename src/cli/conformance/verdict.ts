/** Whether a conformance program did what its author expects. */
import { legacyMessage } from "../../base/diagnostic.ts";
import type { RunOutcome } from "../../runtime/index.ts";
import type { Expectation } from "./cases.ts";

export type Verdict =
  | { readonly kind: "passed" }
  /** `expected` and `found`: whole texts, where they are the difference. */
  | { readonly kind: "failed"; readonly reason: string; readonly expected?: string; readonly found?: string };

/** `output`: all that the program printed. */
export function judge(expectation: Expectation, outcome: RunOutcome, output: string): Verdict {
  const error = errorText(outcome);
  if (expectation.kind === "error") {
    if (error === null)
      return { kind: "failed", reason: `ended well; expected an error: ${expectation.patterns.join(" | ")}` };
    if (expectation.patterns.some((pattern) => fits(pattern, error))) return { kind: "passed" };
    return { kind: "failed", reason: "another error", expected: expectation.patterns.join("\n"), found: error };
  }
  if (error !== null) return { kind: "failed", reason: error };
  const expected = comparable(expectation.text);
  const found = comparable(output);
  return expected === found
    ? { kind: "passed" }
    : { kind: "failed", reason: firstDifference(expected, found), expected, found };
}

/** Null: it ended well. Of a source that has errors the first counts, in the reference's words. */
function errorText(outcome: RunOutcome): string | null {
  switch (outcome.kind) {
    case "value":
      return null;
    case "failed": {
      const [first] = outcome.problems;
      return first === undefined ? outcome.message : legacyMessage(first.diagnostic);
    }
    case "cancelled":
      return outcome.reason;
    case "exited":
      return outcome.code === 0 ? null : `ended with exit code ${outcome.code}`;
    default:
      return outcome.kind;
  }
}

function fits(pattern: string, text: string): boolean {
  return pattern.startsWith("re:") ? new RegExp(pattern.slice(3)).test(text) : text.includes(pattern);
}

/** Without white space at the end and without the times of timers. */
export function comparable(text: string): string {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.replace(/^(\[timer\] [^:]*: ).*ms$/, "$1<time>ms"))
    .join("\n");
}

function firstDifference(expected: string, found: string): string {
  const [a, b] = [expected.split("\n"), found.split("\n")];
  const at = a.findIndex((line, i) => line !== b[i]);
  const line = at === -1 ? a.length : at;
  const show = (text: string | undefined) =>
    text === undefined ? "the end" : JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  return `line ${line + 1}: expected ${show(a[line])}, got ${show(b[line])}`;
}
