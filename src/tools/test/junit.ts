/** Test results as JUnit XML, which most build servers read. */

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

export interface JunitCase {
  readonly name: string;
  readonly ms: number;
  /** One line, and more of it; null: passed. */
  readonly failure: { readonly message: string; readonly details: string } | null;
  readonly output?: string;
}

export function renderJunit(suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${totals(all)}>
${suites.map(renderSuite).join("")}</testsuites>
`;
}

function renderSuite({ name, cases }: JunitSuite): string {
  return `  <testsuite name="${attribute(name)}" ${totals(cases)}>
${cases.map((test) => renderCase(name, test)).join("")}  </testsuite>
`;
}

function renderCase(suite: string, { name, ms, failure, output = "" }: JunitCase): string {
  const head = `    <testcase classname="${attribute(suite)}" name="${attribute(name)}" time="${seconds(ms)}"`;
  const parts = [
    failure === null
      ? ""
      : `      <failure message="${attribute(failure.message)}">${escapeXml(failure.details)}</failure>\n`,
    output === "" ? "" : `      <system-out>${escapeXml(output)}</system-out>\n`,
  ].join("");
  return parts === "" ? `${head}/>\n` : `${head}>\n${parts}    </testcase>\n`;
}

function totals(cases: readonly JunitCase[]): string {
  const failures = cases.filter(({ failure }) => failure !== null).length;
  const total = cases.reduce((sum, { ms }) => sum + ms, 0);
  return `tests="${cases.length}" failures="${failures}" time="${seconds(total)}"`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** A line break would come back as a space. */
function attribute(text: string): string {
  return escapeXml(text).replaceAll("\n", "&#10;");
}

/** Characters that XML cannot hold become `?`. */
function escapeXml(text: string): string {
  return text
    .replace(/[&<>"]/g, (char) => ENTITIES[char]!)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "?");
}
