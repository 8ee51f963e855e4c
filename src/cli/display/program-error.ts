/** An error that nothing in the program caught, with the line that raised it and how the program came there. */
import fs from "node:fs";
import path from "node:path";
import { renderDiagnostic } from "../../base/diagnostic.ts";
import { indexLines, lineText, offsetAt } from "../../base/text.ts";
import type { RunOutcome } from "../../runtime/index.ts";

type Failed = Extract<RunOutcome, { kind: "failed" }>;

/** `code`: the program's text when it is no file. Without a final line break. */
export function renderProgramError(outcome: Failed, code: string | undefined, color: boolean): string {
  const trace = outcome.trace ?? [];
  const [site] = trace;
  const text = site === undefined ? null : sourceOf(site.file, code);
  const head =
    site === undefined || text === null || site.line === 0
      ? `error: ${outcome.message}${site === undefined || site.line === 0 ? "" : `\n  at ${site.file}:${site.line}:${site.column}`}`
      : frame(outcome.message, site, text, color);
  const calls = trace.slice(1).map(({ fn, file, line, column }) => `  called from ${fn} at ${file}:${line}:${column}`);
  return [head, ...(calls.length > MOST_CALLS ? shorten(calls) : calls)].join("\n");
}

const MOST_CALLS = 12;

/** A runaway recursion is told by its ends. */
function shorten(calls: readonly string[]): readonly string[] {
  return [...calls.slice(0, 6), `  … ${calls.length - MOST_CALLS} more`, ...calls.slice(-6)];
}

function frame(message: string, site: NonNullable<Failed["trace"]>[number], text: string, color: boolean): string {
  const index = indexLines(text);
  const start = offsetAt(index, site.line, site.column);
  // A call or a name is marked whole; anything else by its first character.
  const word = /^[\p{L}_][\p{L}\p{N}_]*/u.exec(text.slice(start, start + 80))?.[0] ?? "";
  const span = { start, end: start + Math.max(1, word.length), line: site.line, column: site.column };
  if (lineText(index, site.line) === "") return `error: ${message}\n  at ${site.file}:${site.line}`;
  return renderDiagnostic(
    { severity: "error", message, labels: [{ span }] },
    { path: site.file, text, color },
  ).trimEnd();
}

function sourceOf(file: string, code: string | undefined): string | null {
  if (code !== undefined && file === "<code>") return code;
  try {
    return fs.readFileSync(path.resolve(file), "utf8");
  } catch {
    // A module of the language itself, or a file that is gone: the place must do.
    return null;
  }
}
