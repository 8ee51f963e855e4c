/** A program with tests, compiled once for all of them. */
import { findModule } from "../../check/find-module.ts";
import { loadGraph, type ModuleText } from "../../check/module-graph.ts";
import { compileModule } from "../../compiler/module.ts";
import type { FilesPort } from "../../ports/files.ts";
import { loadProgram, type ProgramDoors, ProgramFailure } from "../../runtime/program.ts";
import { stdModules } from "../../stdlib/modules/index.ts";
import type { Program } from "../../vm/run.ts";
import type { ProgramFile } from "../program-files.ts";
import type { LineCounts } from "./instrument.ts";

/** Throws a `ProgramFailure` with everything that is wrong in it, or a `Failure` when it cannot be read. */
export async function loadTestProgram(
  file: ProgramFile,
  doors: ProgramDoors,
  counts: LineCounts | null,
): Promise<Program> {
  const program = await loadProgram({ entry: file.path, name: file.name }, doors);
  return counts === null ? program : counted(file, doors, counts);
}

/** The program as it is with one of its pipelines alone, which is then its entry. */
export function onlyPipeline(program: Program, name: string): Program {
  const chunks = program.chunks.map((chunk) =>
    chunk.module === program.entry
      ? { ...chunk, pipelines: chunk.pipelines.filter((pipeline) => pipeline.name === name) }
      : chunk,
  );
  return { ...program, chunks };
}

/** Checked already: what is wrong now is our own doing. */
async function counted(file: ProgramFile, doors: ProgramDoors, counts: LineCounts): Promise<Program> {
  const entry: ModuleText = { key: file.path, path: file.name, text: await doors.files.readText(file.path) };
  const graph = loadGraph(entry, (importer, path) => moduleText(importer, path, doors.files));
  const { table, globals } = doors;
  const chunks = graph.order.map((key) => {
    const module = graph.modules.get(key)!;
    const tree = key.startsWith("std/") ? module.file : counts.instrument(key, module.file);
    const { chunk, diagnostics } = compileModule(tree, {
      key,
      file: module.path,
      resolveImport: (path) => graph.modules.get(module.imports.get(path) ?? "")?.interface ?? `no module ${path}`,
      isBuiltin: (name) => table.builtins.has(name),
      isGlobal: (name) => globals.has(name),
      builtinBorrows: (name) => table.builtins.get(name)?.borrows === true,
      builtinNames: () => [...table.builtins.keys(), ...globals],
      entry: key === file.path,
    });
    if (chunk !== null) return chunk;
    throw new ProgramFailure(diagnostics.map((diagnostic) => ({ path: module.path, text: module.text, diagnostic })));
  });
  return { entry: file.path, chunks };
}

function moduleText(importer: string, path: string, files: FilesPort): ModuleText | string {
  const std = path.startsWith("std/") ? stdModules.get(path) : undefined;
  if (std !== undefined) return { key: path, path, text: std };
  const found = findModule(importer, path, files);
  return found === null ? `no module ${path}` : { ...found, path: found.key };
}
