/** What a person sees of test results. */
import { renderDiagnostic } from "../../base/diagnostic.ts";
import { type DifferentLine, lineDifference } from "../../tools/test/line-difference.ts";
import type { Difference, TestResult } from "../../tools/test/result.ts";
import { durationText } from "./cells.ts";
import { renderProgramError } from "./program-error.ts";

type Color = "red" | "green" | "dim";
const CODES: Readonly<Record<Color, string>> = { red: "31", green: "32", dim: "2" };

export function paint(text: string, color: Color, on: boolean): string {
  return on ? `\u001b[${CODES[color]}m${text}\u001b[0m` : text;
}

/** Lines of a failing test's output that are shown, from its end. */
const MOST_OUTPUT = 40;

/** With a final line break. `verbose` shows the output of tests that passed, too. */
export function renderTest(result: TestResult, color: boolean, verbose: boolean): string {
  const { verdict, file, test, ms } = result;
  const name = test === null ? file : `${test} [${file}]`;
  const output = result.output === "" ? "" : indent(outputLines(result.output, color));
  switch (verdict.kind) {
    case "passed":
      return `  ${paint("pass", "green", color)}  ${name} (${durationText(ms)})\n${verbose ? output : ""}`;
    case "timed-out":
      return `  ${paint("FAIL", "red", color)}  ${name}: ${verdict.message}\n${output}`;
    case "failed": {
      // What the difference shows better is not said twice.
      const message =
        verdict.difference !== null && verdict.message.startsWith("Assertion failed: expected ")
          ? "assert_eq: the values differ"
          : verdict.message;
      const details =
        verdict.problems.length > 0
          ? verdict.problems.map((problem) => renderDiagnostic(problem.diagnostic, { ...problem, color })).join("\n")
          : renderProgramError({ ...verdict, message, kind: "failed" }, undefined, color);
      const difference = verdict.difference === null ? "" : indent(differenceLines(verdict.difference, color));
      return `  ${paint("FAIL", "red", color)}  ${name} (${durationText(ms)})\n${indent(details.trimEnd().split("\n"))}${difference}${output}`;
    }
  }
}

function outputLines(text: string, color: boolean): readonly string[] {
  const lines = text.trimEnd().split("\n");
  const cut = lines.length - MOST_OUTPUT;
  return [
    paint("printed:", "dim", color),
    ...(cut > 0 ? [paint(`… ${cut} lines before`, "dim", color)] : []),
    ...lines.slice(Math.max(0, cut)).map((line) => `| ${line}`),
  ];
}

/** For colours and for places without. */
export function differenceLines({ expected, actual }: Difference, color: boolean): readonly string[] {
  const lines = lineDifference(expected, actual);
  if (lines.length === 0) return ["both are shown the same, but are of different kinds"];
  return [
    `${paint("- expected", "green", color)}  ${paint("+ actual", "red", color)}`,
    ...lines.map((line) => markedLine(line, color)),
  ];
}

function markedLine({ kind, text }: DifferentLine, color: boolean): string {
  switch (kind) {
    case "same":
      return `  ${text}`;
    case "expected":
      return paint(`- ${text}`, "green", color);
    case "actual":
      return paint(`+ ${text}`, "red", color);
    case "skipped":
      return paint(`  … ${text}`, "dim", color);
  }
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `        ${line}`.trimEnd()).join("\n") + (lines.length > 0 ? "\n" : "");
}

export function summaryLine(results: readonly TestResult[], ms: number, color: boolean): string {
  const failed = results.filter(({ verdict }) => verdict.kind !== "passed").length;
  const text = `${results.length - failed} passed, ${failed} failed, ${results.length} in all (${durationText(ms)})`;
  return `${paint(text, failed === 0 ? "green" : "red", color)}\n`;
}
