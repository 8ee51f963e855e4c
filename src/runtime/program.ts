/** From source text to the chunks of a program: reads the module graph, compiles each module, collects what is wrong with any of them. */
import type { Diagnostic } from "../base/diagnostic.ts";
import { legacyMessage, renderDiagnostic } from "../base/diagnostic.ts";
import { Failure } from "../base/failure.ts";
import type { BuiltinTable } from "../builtin/declaration.ts";
import type { Chunk } from "../bytecode/chunk.ts";
import { loadGraph } from "../check/module-graph.ts";
import { readModuleInterface } from "../check/module-interface.ts";
import { compileModule } from "../compiler/module.ts";
import type { FilesPort } from "../ports/files.ts";
import { parseSource } from "../syntax/parser.ts";
import type { Program } from "../vm/run.ts";

export interface ProgramSource {
  /** Absolute path of the entry, or a name for code that is no file. */
  readonly entry: string;
  /** Code in place of the entry's file. */
  readonly code?: string;
}

export interface ProgramDoors {
  readonly files: FilesPort;
  readonly table: BuiltinTable;
  /** `std/NAME` → text. */
  readonly stdModules: ReadonlyMap<string, string>;
  /** Names that the host defines beside the builtins. */
  readonly globals: ReadonlySet<string>;
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
