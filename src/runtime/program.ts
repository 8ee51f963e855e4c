/**
 * A program ready to run: from the code cache when it was compiled before, else from its sources. Parser, checker and compiler are only loaded when
 * they are needed.
 */
import type { Diagnostic } from "../base/diagnostic.ts";
import { legacyMessage, renderDiagnostic } from "../base/diagnostic.ts";
import { Failure } from "../base/failure.ts";
import type { BuiltinTable } from "../builtin/declaration.ts";
import { findModule } from "../check/find-module.ts";
import type { CodeCachePort } from "../ports/code-cache.ts";
import { FileFailure, type FilesPort } from "../ports/files.ts";
import { stdModules } from "../stdlib/modules/late.ts";
import type { Program } from "../vm/run.ts";
import { type ProgramSetting, readCompiled, writeCompiled } from "./compiled-program.ts";

export interface ProgramSource {
  /** Absolute path of the entry; for code the folder counts, where its imports are looked up. */
  readonly entry: string;
  /** As messages show it. */
  readonly name: string;
  /** Code in place of the entry's file. */
  readonly code?: string;
}

export interface ProgramDoors {
  readonly files: FilesPort;
  readonly table: BuiltinTable;
  /** Names that the host defines beside the builtins. */
  readonly globals: ReadonlySet<string>;
  /** Those of the builtins that are not the language's own. */
  readonly hostNames?: readonly string[];
}

export interface SourceProblem {
  readonly path: string;
  readonly text: string;
  readonly diagnostic: Diagnostic;
}

/** The program does not start: every error of every module, in order. */
export class ProgramFailure extends Failure {
  readonly problems: readonly SourceProblem[];
  constructor(problems: readonly SourceProblem[]) {
    super(problems.map(({ diagnostic }) => legacyMessage(diagnostic)).join("\n"));
    this.name = "ProgramFailure";
    this.problems = problems;
  }

  render(color: boolean): string {
    return this.problems
      .map(({ path, text, diagnostic }) => renderDiagnostic(diagnostic, { path, text, color }))
      .join("\n");
  }
}

/** Throws a `ProgramFailure` with everything that is wrong, or a `Failure` when the entry cannot be read. */
export async function loadProgram(
  source: ProgramSource,
  doors: ProgramDoors & { readonly cache?: CodeCachePort },
): Promise<Program> {
  const text = source.code ?? readEntry(source, doors.files);
  const setting: ProgramSetting = {
    entry: source.entry,
    name: source.name,
    text,
    names: [...doors.globals, ...(doors.hostNames ?? [])].toSorted(),
  };
  if (doors.cache !== undefined) {
    const chunks = readCompiled(doors.cache, setting, (importer, path) => findCached(importer, path, doors.files));
    if (chunks !== null) return { entry: source.entry, chunks };
  }
  const { compileProgram } = await import("./compile-program.ts");
  const { problems, ...parts } = compileProgram({ key: source.entry, path: source.name, text }, doors);
  const errors = problems.filter(({ diagnostic }) => diagnostic.severity === "error");
  if (errors.length > 0) throw new ProgramFailure(errors);
  if (doors.cache !== undefined) writeCompiled(doors.cache, setting, parts);
  return { entry: source.entry, chunks: parts.chunks };
}

/** Asks the library, too: the build then sees that it is still the one that was compiled. */
function findCached(importer: string, path: string, files: FilesPort) {
  if (!path.startsWith("std/")) return findModule(importer, path, files);
  const text = stdModules.get(path);
  return text === undefined ? null : { key: path, text };
}

/** Everything that is wrong or odd in a program, warnings too, without starting it. Throws a `Failure` when the entry cannot be read. */
export async function inspectProgram(source: ProgramSource, doors: ProgramDoors): Promise<readonly SourceProblem[]> {
  const text = source.code ?? readEntry(source, doors.files);
  const { compileProgram } = await import("./compile-program.ts");
  return compileProgram({ key: source.entry, path: source.name, text }, doors).problems;
}

function readEntry(source: ProgramSource, files: FilesPort): string {
  try {
    return files.readTextSync(source.entry);
  } catch (error) {
    if (!(error instanceof FileFailure)) throw error;
    throw new Failure(`cannot read ${source.name}: ${error.reason}`, "not_found");
  }
}
