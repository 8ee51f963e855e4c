/**
 * Formats files on the disk, one after the other.
 *
 * Invariants
 * 1. A file is replaced as a whole, atomically, and only if its text changes.
 * 2. A file that cannot be read, parsed or written leaves the others unharmed.
 */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { Failure } from "../../base/failure.ts";
import { parentPath } from "../../base/path.ts";
import { FileFailure, type FilesPort } from "../../ports/files.ts";
import { ManifestFinder } from "../manifest.ts";
import type { ProgramFile } from "../program-files.ts";
import { type FormatResult, formatText } from "./format.ts";
import type { FormatOptions } from "./options.ts";
import { formatRange, type LineRange } from "./range.ts";
import { readFormatSettings } from "./settings.ts";

export type FileReport =
  | { readonly kind: "unchanged"; readonly file: ProgramFile }
  /** `line`: the first that differs. In a check nothing was written. */
  | { readonly kind: "changed"; readonly file: ProgramFile; readonly line: number }
  | {
      readonly kind: "refused";
      readonly file: ProgramFile;
      readonly text: string;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly kind: "failed"; readonly file: ProgramFile; readonly message: string }
  /** About the settings. */
  | { readonly kind: "warning"; readonly message: string };

export interface FormatFilesOptions {
  /** Report only. */
  readonly check: boolean;
  /** Given on the command line: stronger than the manifest. */
  readonly given: Partial<FormatOptions>;
  readonly range: LineRange | null;
}

export async function* formatFiles(
  programs: readonly ProgramFile[],
  files: FilesPort,
  options: FormatFilesOptions,
): AsyncGenerator<FileReport> {
  const manifests = new ManifestFinder(files);
  const warned = new Set<string>();
  for (const file of programs) {
    const settings = readFormatSettings(manifests.nearest(parentPath(file.path)), options.given);
    for (const message of settings.warnings) {
      if (warned.has(message)) continue;
      warned.add(message);
      yield { kind: "warning", message };
    }
    yield await formatOne(file, files, options, settings.options);
  }
}

async function formatOne(
  file: ProgramFile,
  files: FilesPort,
  { check, range }: FormatFilesOptions,
  options: FormatOptions,
): Promise<FileReport> {
  try {
    const text = files.readTextSync(file.path);
    const result = formatSource(file.name, text, range, options);
    if (result.kind === "refused") return { kind: "refused", file, text, diagnostics: result.diagnostics };
    if (result.text === text) return { kind: "unchanged", file };
    if (!check) await files.writeText(file.path, result.text);
    return { kind: "changed", file, line: firstDifference(text, result.text) };
  } catch (error) {
    if (error instanceof Failure && !(error instanceof FileFailure)) {
      return { kind: "failed", file, message: error.message };
    }
    if (!(error instanceof FileFailure)) throw error;
    return { kind: "failed", file, message: `cannot ${check ? "read" : "format"} ${file.name}: ${error.reason}` };
  }
}

export function formatSource(
  name: string,
  text: string,
  range: LineRange | null,
  options: FormatOptions,
): FormatResult {
  return range === null ? formatText(name, text, options) : formatRange(name, text, range, options);
}

/** The first line, from 1, in which two texts differ. */
export function firstDifference(a: string, b: string): number {
  let line = 1;
  for (let at = 0; at < a.length && a[at] === b[at]; at++) if (a[at] === "\n") line++;
  return line;
}
