/** From source text to the chunks of a program: reads the module graph, checks and compiles each module, collects what is wrong with any of them. */
import type { Diagnostic } from "../base/diagnostic.ts";
import { legacyMessage, renderDiagnostic } from "../base/diagnostic.ts";
import { Failure } from "../base/failure.ts";
import type { BuiltinTable } from "../builtin/declaration.ts";
import type { Chunk } from "../bytecode/chunk.ts";
import type { GraphModule, ModuleGraph, ModuleText } from "../check/module-graph.ts";
import { importCandidates, loadGraph } from "../check/module-graph.ts";
import { compileModule } from "../compiler/module.ts";
import { FileFailure, type FilesPort } from "../ports/files.ts";
import { stdModules } from "../stdlib/index.ts";
import type { Program } from "../vm/run.ts";

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

const PRELUDE = "std/prelude";

/** Throws a `ProgramFailure` with everything that is wrong, or a `Failure` when the entry cannot be read. */
export async function loadProgram(source: ProgramSource, doors: ProgramDoors): Promise<Program> {
  const text = source.code ?? (await readEntry(source, doors.files));
  const entry: ModuleText = { key: source.entry, path: source.name, text };
  const graph = loadGraph(entry, (importer, path) => resolveImport(importer, path, doors.files));
  const { chunks, problems } = await buildModules(graph, source.entry, doors);
  const errors = problems.filter(({ diagnostic }) => diagnostic.severity === "error");
  if (errors.length > 0) throw new ProgramFailure(errors);
  return { entry: source.entry, chunks };
}

/** Everything that is wrong or odd in a program, warnings too, without starting it. Throws a `Failure` when the entry cannot be read. */
export async function inspectProgram(source: ProgramSource, doors: ProgramDoors): Promise<readonly SourceProblem[]> {
  const text = source.code ?? (await readEntry(source, doors.files));
  const entry: ModuleText = { key: source.entry, path: source.name, text };
  const graph = loadGraph(entry, (importer, path) => resolveImport(importer, path, doors.files));
  return (await buildModules(graph, source.entry, doors)).problems;
}

async function buildModules(
  graph: ModuleGraph,
  entry: string,
  doors: ProgramDoors,
): Promise<{ readonly chunks: readonly Chunk[]; readonly problems: readonly SourceProblem[] }> {
  // Loaded with the first program, not with the runtime.
  const { checkModule, startCheck } = await import("../check/check-program.ts");
  const session = startCheck(graph, doors);
  const chunks: Chunk[] = [];
  const problems: SourceProblem[] = [];
  for (const key of graph.order) {
    const module = graph.modules.get(key)!;
    const found: Diagnostic[] = [...module.diagnostics];
    // What the syntax leaves out would only give errors that follow from it. The library is ours, and tested.
    if (!found.some(({ severity }) => severity === "error")) {
      if (!key.startsWith("std/")) found.push(...checkModule(session, key).diagnostics);
      const compiled = compile(module, graph, doors, key === entry);
      if (compiled.chunk !== null) chunks.push(compiled.chunk);
      found.push(...compiled.diagnostics);
    }
    for (const diagnostic of found) problems.push({ path: module.path, text: module.text, diagnostic });
  }
  return { chunks, problems };
}

function compile(module: GraphModule, graph: ModuleGraph, doors: ProgramDoors, entry: boolean) {
  const { table, globals } = doors;
  return compileModule(module.file, {
    key: module.key,
    file: module.path,
    resolveImport: (path) => {
      const target = graph.modules.get(module.imports.get(path) ?? "");
      return target?.interface ?? `Import error: cannot find module ${path}`;
    },
    isBuiltin: (name) => table.builtins.has(name),
    isGlobal: (name) => globals.has(name),
    builtinBorrows: (name) => table.builtins.get(name)?.borrows === true,
    builtinNames: () => [...table.builtins.keys(), ...globals],
    entry,
  });
}

/** The module of the methods that take callbacks. A mistake in it is ours. */
export function compilePrelude(text: string, table: BuiltinTable): Chunk {
  const graph = loadGraph({ key: PRELUDE, path: PRELUDE, text }, () => "the prelude imports nothing");
  const module = graph.modules.get(PRELUDE)!;
  const { chunk, diagnostics } = compileModule(module.file, {
    key: PRELUDE,
    file: PRELUDE,
    resolveImport: () => "the prelude imports nothing",
    isBuiltin: (name) => table.builtins.has(name),
    isGlobal: () => false,
    builtinBorrows: (name) => table.builtins.get(name)?.borrows === true,
    internal: true,
  });
  const problem = [...module.diagnostics, ...diagnostics].find(({ severity }) => severity === "error");
  if (chunk === null || problem !== undefined) {
    const line = problem?.labels[0]?.span.line ?? 0;
    throw new Error(`the prelude does not compile: ${problem?.message ?? "no code"} (line ${line})`);
  }
  return chunk;
}

async function readEntry(source: ProgramSource, files: FilesPort): Promise<string> {
  try {
    return await files.readText(source.entry);
  } catch (error) {
    if (!(error instanceof FileFailure)) throw error;
    throw new Failure(`cannot read ${source.name}: ${error.reason}`, "not_found");
  }
}

function resolveImport(importer: string, path: string, files: FilesPort): ModuleText | string {
  if (path.startsWith("std/")) {
    const text = stdModules.get(path);
    return text === undefined ? `Import error: there is no module ${path}` : { key: path, path, text };
  }
  const candidates = importCandidates(importer, path);
  for (const candidate of candidates) {
    if (files.statSync(candidate)?.kind !== "file") continue;
    try {
      return { key: candidate, path: candidate, text: files.readTextSync(candidate) };
    } catch (error) {
      if (error instanceof FileFailure) return `Import error: cannot read ${candidate}: ${error.reason}`;
      throw error;
    }
  }
  return `Import error: cannot find module ${path}: no file ${candidates[candidates.length - 1]}`;
}
