/**
 * The pages of `harn explain`, one for every code.
 *
 * Invariant: each wrong example gives the code that it stands for, and each mended one nothing (`explain.test.ts`).
 */
import { DIAGNOSTIC_CODES, type DiagnosticCode } from "../../base/diagnostic-code.ts";
import { casePages, compilePages } from "./cases.ts";
import { declaredPages } from "./declared.ts";
import type { Explanation, Explanations } from "./explanation.ts";
import { modulePages, namePages } from "./names.ts";
import { readingPages } from "./reading.ts";
import { typePages } from "./types.ts";

export const EXPLANATIONS: Explanations<DiagnosticCode> = {
  ...readingPages,
  ...namePages,
  ...modulePages,
  ...typePages,
  ...declaredPages,
  ...casePages,
  ...compilePages,
};

export function findExplanation(code: string): Explanation | null {
  return (DIAGNOSTIC_CODES as readonly string[]).includes(code) ? EXPLANATIONS[code as DiagnosticCode] : null;
}

/** The page as text, with a final line break. */
export function renderExplanation(code: string, { title, doc, wrong, right, modules }: Explanation): string {
  const files = Object.entries(modules ?? {}).map(([path, text]) => `With ${path}.harn:\n\n${indent(text)}\n`);
  return `${code}: ${title}\n\n${wrap(doc)}\n\nReported:\n\n${indent(wrong)}\nMended:\n\n${indent(right)}${files.map((file) => `\n${file}`).join("")}`;
}

const LONGEST_LINE = 100;

function wrap(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last !== "" && last.length + 1 + word.length > LONGEST_LINE) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.join("\n");
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line}\n`)
    .join("");
}
