/** From source text to the chunks of a program: reads the module graph, checks and compiles each module, collects what is wrong with any of them. */

import type { Diagnostic } from "../base/diagnostic.ts";
import { indexLines, lineAt } from "../base/text.ts";
import type { BuiltinTable } from "../builtin/declaration.ts";
import type { Chunk } from "../bytecode/chunk.ts";
import { checkModule, startCheck } from "../check/check-program.ts";
import { explainMissing, findModulePath } from "../check/find-module.ts";
import type { GraphModule, ModuleGraph, ModuleText } from "../check/module-graph.ts";
import { loadGraph } from "../check/module-graph.ts";
import { closestName } from "../check/suggestion.ts";
import { type CompiledModule, compileModule } from "../compiler/module.ts";
import { FileFailure, type FilesPort } from "../ports/files.ts";
import { stdModules } from "../stdlib/modules/late.ts";
import type { CompiledParts, ImportEdge } from "./compiled-program.ts";
import type { ProgramDoors, SourceProblem } from "./program.ts";

const PRELUDE = "std/prelude";

export interface Compiled extends CompiledParts {
  readonly problems: readonly SourceProblem[];
}

export function compileProgram(entry: ModuleText, doors: ProgramDoors): Compiled {
  const graph = loadGraph(entry, (importer, path) => resolveImport(importer, path, doors.files));
  const edges: ImportEdge[] = [];
  const texts: Record<string, string> = {};
  for (const [importer, module] of graph.modules) {
    if (importer.startsWith("std/")) continue;
    if (importer !== entry.key) texts[importer] = module.text;
    for (const [path, key] of module.imports) edges.push([importer, path, key]);
  }
  return { ...buildModules(graph, entry.key, doors), edges, texts };
}

function buildModules(graph: ModuleGraph, entry: string, doors: ProgramDoors): Pick<Compiled, "chunks" | "problems"> {
  const session = startCheck(graph, doors);
  const chunks: Chunk[] = [];
  const problems: SourceProblem[] = [];
  for (const key of graph.order) {
    const module = graph.modules.get(key)!;
    const found: Diagnostic[] = [...module.diagnostics];
    // What the syntax leaves out would only give errors that follow from it. The library is ours, and tested.
    if (!found.some(({ severity }) => severity === "error")) {
      if (!key.startsWith("std/")) found.push(...checkModule(session, key));
      const compiled = compile(module, graph, doors, key === entry);
      if (compiled.chunk !== null) chunks.push(compiled.chunk);
      found.push(...compiled.diagnostics);
    }
    for (const diagnostic of found) problems.push({ path: module.path, text: module.text, diagnostic });
  }
  return { chunks, problems };
}

/** The code of one module, and what the compiler finds wrong in it. */
export function compile(
  module: GraphModule,
  graph: Pick<ModuleGraph, "modules">,
  { table, globals }: Pick<ProgramDoors, "table" | "globals">,
  entry: boolean,
): CompiledModule {
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
    const line = lineAt(indexLines(text), problem?.labels[0]?.span.start ?? 0);
    throw new Error(`the prelude does not compile: ${problem?.message ?? "no code"} (line ${line})`);
  }
  return chunk;
}

function resolveImport(importer: string, path: string, files: FilesPort): ModuleText | string {
  const target = findImport(importer, path, files);
  if ("problem" in target) return target.problem;
  const read = readModule(target.key, files);
  return "problem" in read ? read.problem : read;
}

/** The key of the module that an import means. */
export function findImport(
  importer: string,
  path: string,
  files: FilesPort,
): { readonly key: string } | { readonly problem: string } {
  if (path.startsWith("std/")) {
    if (stdModules.has(path)) return { key: path };
    const near = closestName(path, stdModules.keys());
    return { problem: `Import error: there is no module ${path}${near === null ? "" : `; did you mean ${near}?`}` };
  }
  const key = findModulePath(importer, path, files);
  return key === null ? { problem: explainMissing(importer, path, files) } : { key };
}

export function readModule(key: string, files: FilesPort): ModuleText | { readonly problem: string } {
  try {
    return { key, path: key, text: stdModules.get(key) ?? files.readTextSync(key) };
  } catch (error) {
    if (error instanceof FileFailure) return { problem: `Import error: cannot read ${error.path}: ${error.reason}` };
    throw error;
  }
}
