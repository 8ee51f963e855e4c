/**
 * `harn doc`: pages from the doc comments of modules.
 *
 * `--json` prints a list of `{module, file, name, kind, signature, doc, line}`.
 */
import fs from "node:fs";
import path from "node:path";
import { Failure } from "../../base/failure.ts";
import { systemReason } from "../../hosts/node/errno.ts";
import { createFilesPort } from "../../hosts/node/files.ts";
import { documentModule, type ModuleDoc } from "../../tools/doc/module-doc.ts";
import { pageName, renderDocIndex, renderModulePage } from "../../tools/doc/pages.ts";
import { findPrograms } from "../../tools/program-files.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";

export interface DocFlags {
  readonly out?: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** Prints one page after the other, or writes them. With `--check` ends with 1 when what is written is not what would be. */
export async function documentPrograms(names: readonly string[], flags: DocFlags): Promise<number> {
  if (flags.check && flags.out === undefined) throw new UsageFailure("--check compares pages: it needs --out");
  const files = createFilesPort();
  const programs = await findPrograms(files, process.cwd(), names.length === 0 ? ["."] : names);
  const modules = programs.map(({ path: file, name }) => ({
    file: name,
    ...documentModule(moduleName(file), files.readTextSync(file)),
  }));
  const shown = modules.filter(({ entries, header }) => entries.length > 0 || header !== "");
  if (flags.json) {
    const rows = shown.flatMap(({ module, file, entries }) => entries.map((entry) => ({ module, file, ...entry })));
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return EXIT.ok;
  }
  if (flags.out === undefined) {
    process.stdout.write(shown.map(renderModulePage).join("\n"));
    return EXIT.ok;
  }
  const pages = pagesOf(shown);
  return flags.check ? comparePages(flags.out, pages) : writePages(flags.out, pages);
}

/** As seen from here; for what lies elsewhere the file's name. */
function moduleName(file: string): string {
  const way = path.relative(process.cwd(), file).replaceAll(path.sep, "/");
  return (way.startsWith("../") || path.isAbsolute(way) ? path.basename(file) : way).replace(/\.harn$/, "");
}

function pagesOf(modules: readonly ModuleDoc[]): ReadonlyMap<string, string> {
  const pages = modules.map((module) => [pageName(module.module), renderModulePage(module)] as const);
  return new Map([["README.md", renderDocIndex(modules)], ...pages]);
}

function writePages(folder: string, pages: ReadonlyMap<string, string>): number {
  for (const [name, text] of pages) {
    const target = path.join(folder, name);
    try {
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, text);
    } catch (error) {
      throw new Failure(`cannot write ${target}: ${systemReason(error)}`);
    }
  }
  process.stdout.write(`${pages.size} pages in ${folder}\n`);
  return EXIT.ok;
}

function comparePages(folder: string, pages: ReadonlyMap<string, string>): number {
  let failed = false;
  for (const [name, text] of pages) {
    const target = path.join(folder, name);
    const there = fs.existsSync(target) ? fs.readFileSync(target, "utf8") : null;
    if (there === text) continue;
    failed = true;
    process.stderr.write(`${target}: ${there === null ? "is missing" : "is not what the modules say"}\n`);
  }
  return failed ? EXIT.failed : EXIT.ok;
}
