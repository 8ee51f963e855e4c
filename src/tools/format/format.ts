/**
 * Formats a text.
 *
 * Invariants
 * 1. Formatting what was formatted changes nothing.
 * 2. The text that comes out is the same program with the same number of comments; this is looked at each time before it is given out.
 * 3. A text with syntax errors is not formatted.
 */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { Failure } from "../../base/failure.ts";
import type { SourceFile } from "../../syntax/ast.ts";
import { parseSource } from "../../syntax/parser.ts";
import { formatFile } from "./file.ts";
import { Layout } from "./layout.ts";
import { DEFAULT_FORMAT, type FormatOptions } from "./options.ts";
import { isSameProgram } from "./same-program.ts";

export type FormatResult =
  | { readonly kind: "formatted"; readonly text: string }
  /** What is wrong with the text. */
  | { readonly kind: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** `path` is only a name for messages. Throws a `Failure` if the layout would change the program: a defect of ours. */
export function formatText(path: string, text: string, options: FormatOptions = DEFAULT_FORMAT): FormatResult {
  const { file, diagnostics } = parseSource(path, text);
  if (diagnostics.some(({ severity }) => severity === "error")) return { kind: "refused", diagnostics };
  const formatted = formatFile(new Layout(file, options));
  if (formatted !== text) ensureSame(file, formatted);
  return { kind: "formatted", text: formatted };
}

/** Throws if `formatted` is not the program of `file`. */
export function ensureSame(file: SourceFile, formatted: string): void {
  const again = parseSource(file.path, formatted);
  if (again.diagnostics.some(({ severity }) => severity === "error") || !isSameProgram(file, again.file)) {
    throw new Failure(
      `formatting ${file.path} would change what it does: this is a defect of harn; the text was left as it is`,
    );
  }
}
