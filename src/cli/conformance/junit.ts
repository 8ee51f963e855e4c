/** The results of a conformance run as JUnit XML, which most build servers read. */
import type { CaseResult } from "./run-case.ts";

export function renderJunit(results: readonly CaseResult[]): string {
  const failures = results.filter(({ verdict }) => verdict.kind === "failed").length;
  const seconds = (ms: number) => (ms / 1_000).toFixed(3);
  const total = results.reduce((sum, { ms }) => sum + ms, 0);
  const cases = results.map(({ name, verdict, ms }) => {
    const head = `    <testcase classname="conformance" name="${escapeXml(name)}" time="${seconds(ms)}"`;
    if (verdict.kind === "passed") return `${head}/>\n`;
    const details = verdict.expected === undefined ? "" : `expected:\n${verdict.expected}\n\nfound:\n${verdict.found}`;
    return `${head}>\n      <failure message="${escapeXml(verdict.reason)}">${escapeXml(details)}</failure>\n    </testcase>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="${results.length}" failures="${failures}" time="${seconds(total)}">
  <testsuite name="conformance" tests="${results.length}" failures="${failures}" time="${seconds(total)}">
${cases.join("")}  </testsuite>
</testsuites>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** Characters that XML cannot hold become `?`. */
function escapeXml(text: string): string {
  return text
    .replace(/[&<>"]/g, (char) => ENTITIES[char]!)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "?");
}
