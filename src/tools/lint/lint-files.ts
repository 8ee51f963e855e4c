/**
 * Lints files on the disk, and mends them if that is wanted.
 *
 * Invariants
 * 1. All files are read before the first is looked at: whether a function is used depends on all of them.
 * 2. A file with syntax errors is neither linted nor changed; one that does not pass its check is not changed.
 */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { Failure } from "../../base/failure.ts";
import { parentPath } from "../../base/path.ts";
import { FileFailure, type FilesPort } from "../../ports/files.ts";
import type { SourceFile } from "../../syntax/ast.ts";
import { parseSource } from "../../syntax/parser.ts";
import { readHostFunctions } from "../host-functions.ts";
import { ManifestFinder } from "../manifest.ts";
import type { ProgramFile } from "../program-files.ts";
import type { LintSurroundings } from "./context.ts";
import type { Finding } from "./finding.ts";
import { type FixResult, fixText } from "./fix.ts";
import { lintFile } from "./lint-text.ts";
import { LintModules } from "./modules.ts";
import { applySettings, type LintSettings, readLintSettings } from "./settings.ts";

export type LintReport =
  | {
      readonly kind: "linted";
      readonly file: ProgramFile;
      /** As it is now, after the fixes. */
      readonly text: string;
      readonly findings: readonly Finding[];
      readonly fixed: number;
      /** Something could be mended, but the file has errors. */
      readonly isHeldBack: boolean;
      /** A warning counts like an error. */
      readonly isStrict: boolean;
    }
  | {
      readonly kind: "refused";
      readonly file: ProgramFile;
      readonly text: string;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly kind: "failed"; readonly message: string }
  /** About the settings. */
  | { readonly kind: "warning"; readonly message: string };

export interface LintFilesOptions {
  readonly fix: "none" | "safe" | "all";
  readonly requireFileHeader: boolean;
  readonly builtins: Pick<LintSurroundings, "isBuiltin" | "builtinNames" | "givesBool">;
  /** Whether a program with this text would start, on a host with these functions. Only such are mended, and only to such. */
  accepts(program: ProgramFile, text: string, hostFunctions: ReadonlySet<string>): Promise<boolean>;
}

interface Loaded {
  readonly program: ProgramFile;
  readonly file: SourceFile;
}

export async function* lintFiles(
  programs: readonly ProgramFile[],
  files: FilesPort,
  options: LintFilesOptions,
): AsyncGenerator<LintReport> {
  const loaded: Loaded[] = [];
  for (const program of programs) {
    const report = load(program, files);
    if (report.kind === "loaded") loaded.push({ program, file: report.file });
    else yield report;
  }
  const modules = new LintModules(files);
  const importedNames = modules.importedNames(loaded.map(({ program, file }) => ({ path: program.path, file })));
  const manifests = new ManifestFinder(files);
  const warned = new Set<string>();
  for (const { program, file } of loaded) {
    const manifest = manifests.nearest(parentPath(program.path));
    const settings = readLintSettings(manifest, options.requireFileHeader);
    const hostFunctions = readHostFunctions(manifest);
    for (const message of settings.warnings) {
      if (warned.has(message)) continue;
      warned.add(message);
      yield { kind: "warning", message };
    }
    const around: LintSurroundings = {
      ...options.builtins,
      isBuiltin: (name) => options.builtins.isBuiltin(name) || hostFunctions.has(name),
      importedNames,
      importedModule: (path) => modules.imported(program.path, path),
    };
    const report = await lintOne(program, file, files, settings, around, {
      ...options,
      accepts: (own, text) => options.accepts(own, text, hostFunctions),
    });
    if (report.kind === "linted" && report.isHeldBack) {
      yield { kind: "warning", message: `${program.name} has errors (see harn check): nothing in it was fixed` };
    }
    yield report;
  }
}

function load(
  program: ProgramFile,
  files: FilesPort,
): LintReport | { readonly kind: "loaded"; readonly file: SourceFile } {
  try {
    const text = files.readTextSync(program.path);
    const { file, diagnostics } = parseSource(program.name, text);
    if (diagnostics.some(({ severity }) => severity === "error"))
      return { kind: "refused", file: program, text, diagnostics };
    return { kind: "loaded", file };
  } catch (error) {
    if (!(error instanceof FileFailure)) throw error;
    return { kind: "failed", message: `cannot read ${program.name}: ${error.reason}` };
  }
}

async function lintOne(
  program: ProgramFile,
  file: SourceFile,
  files: FilesPort,
  settings: LintSettings,
  around: LintSurroundings,
  {
    fix,
    accepts,
  }: { readonly fix: LintFilesOptions["fix"]; accepts(program: ProgramFile, text: string): Promise<boolean> },
): Promise<LintReport> {
  const { requireFileHeader, complexityThreshold, isStrict } = settings;
  const lint = (current: SourceFile) =>
    applySettings(lintFile(current, around, { name: program.name, requireFileHeader, complexityThreshold }), settings);
  const report = { kind: "linted", file: program, text: file.text, fixed: 0, isStrict, isHeldBack: false } as const;
  if (fix === "none") return { ...report, findings: lint(file) };
  let mended: FixResult;
  try {
    mended = fixText(file, lint, fix === "all");
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { kind: "failed", message: error.message };
  }
  const { text, count } = mended;
  if (text === file.text) return { ...report, findings: lint(file) };
  if (!(await accepts(program, file.text))) return { ...report, findings: lint(file), isHeldBack: true };
  if (!(await accepts(program, text))) {
    const message = `fixing ${program.name} would give it errors: this is a defect of harn; the file was left as it is`;
    return { kind: "failed", message };
  }
  try {
    await files.writeText(program.path, text);
  } catch (error) {
    if (!(error instanceof FileFailure)) throw error;
    return { kind: "failed", message: `cannot fix ${program.name}: ${error.reason}` };
  }
  return { ...report, text, findings: lint(parseSource(program.name, text).file), fixed: count };
}
