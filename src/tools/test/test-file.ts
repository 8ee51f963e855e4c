/** What of a program is a test: pipelines whose name begins with `test_`, and those with the attribute `@test`. */

import { joinPath, parentPath } from "../../base/path.ts";
import { indexLines, lineAt } from "../../base/text.ts";
import { findModulePath } from "../../check/find-module.ts";
import { loadGraph } from "../../check/module-graph.ts";
import type { FilesPort } from "../../ports/files.ts";
import { FileFailure } from "../../ports/files.ts";
import { parseSource } from "../../syntax/parser.ts";
import { findPrograms, type ProgramFile } from "../program-files.ts";

export interface TestName {
  readonly name: string;
  /** Line of the pipeline, from 1. */
  readonly line: number;
}

/** In the order of the text. Of a text with syntax errors what can be read. */
export function testsIn(path: string, text: string): readonly TestName[] {
  const lines = indexLines(text);
  return parseSource(path, text).file.items.flatMap((item) => {
    if (item.kind !== "pipeline") return [];
    const marked = item.attributes.some(({ name }) => name.name === "test");
    return marked || item.name.name.startsWith("test_")
      ? [{ name: item.name.name, line: lineAt(lines, item.name.start) }]
      : [];
  });
}

/**
 * The programs that may have tests: those that are named, and those below folders whose text mentions one. Throws a `Failure` for a name with
 * nothing behind it.
 */
export async function findTestFiles(
  files: FilesPort,
  cwd: string,
  names: readonly string[],
): Promise<readonly ProgramFile[]> {
  const named = new Set(names.map((name) => joinPath(cwd, name)));
  const programs = await findPrograms(files, cwd, names);
  return programs.filter(({ path }) => {
    if (named.has(path)) return true;
    try {
      return /\btest_|@test\b/.test(files.readTextSync(path));
    } catch (error) {
      // It is reported when it is run.
      if (error instanceof FileFailure) return true;
      throw error;
    }
  });
}

/** Absolute paths of the modules that a program is made of, itself first; without the library's. */
export function modulesOf(files: FilesPort, program: ProgramFile): ReadonlySet<string> {
  const found = new Set([program.path]);
  const read = (path: string) => {
    try {
      return files.statSync(path)?.kind === "file" ? files.readTextSync(path) : null;
    } catch {
      return null;
    }
  };
  const text = read(program.path);
  if (text === null) return found;
  loadGraph({ key: program.path, path: program.path, text }, (importer, path) => {
    const key = findModulePath(importer, path, files);
    const there = key === null ? null : read(key);
    if (key === null || there === null) return `${path} is not here`;
    found.add(key);
    return { key, path: key, text: there };
  });
  return found;
}

/** The folder where its tests run. */
export function folderOf(program: ProgramFile): string {
  return parentPath(program.path);
}
