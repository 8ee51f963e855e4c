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
import { parseSource } from "../../syntax/parser.ts";
import { formatFile } from "./file.ts";
import { Layout } from "./layout.ts";
import { DEFAULT_FORMAT, type FormatOptions } from "./options.ts";
import { programDigest } from "./same-program.ts";

export type FormatResult =
  | { readonly kind: "formatted"; readonly text: string }
  /** What is wrong with the text. */
  | { readonly kind: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** `path` is only a name for messages. Throws a `Failure` if the layout would change the program: a defect of ours. */
export function formatText(path: string, text: string, options: FormatOptions = DEFAULT_FORMAT): FormatResult {
  const laid = layOut(path, text, options);
  if (laid.kind === "formatted" && laid.digest !== null) ensureSame(path, laid.digest, laid.text);
  return laid.kind === "formatted" ? { kind: "formatted", text: laid.text } : laid;
}

/** `digest`: of the program; null: its text does not change. Its tree is gone when the new one is parsed. */
type LaidOut =
  | { readonly kind: "formatted"; readonly text: string; readonly digest: string | null }
  | Extract<FormatResult, { kind: "refused" }>;

function layOut(path: string, text: string, options: FormatOptions): LaidOut {
  const { file, diagnostics } = parseSource(path, text);
  if (diagnostics.some(({ severity }) => severity === "error")) return { kind: "refused", diagnostics };
  const formatted = formatFile(new Layout(file, options));
  return { kind: "formatted", text: formatted, digest: formatted === text ? null : programDigest(file) };
}

/** Throws if `formatted` is not the program with that digest. */
export function ensureSame(path: string, digest: string, formatted: string): void {
  const { file, diagnostics } = parseSource(path, formatted);
  if (diagnostics.some(({ severity }) => severity === "error") || programDigest(file) !== digest) {
    throw new Failure(
      `formatting ${path} would change what it does: this is a defect of harn; the text was left as it is`,
    );
  }
}
