/**
 * Which file an import means. Apart from the module graph, so that a program whose code is cached need not load the parser.
 *
 * Order: the path relative to the importing file, as it is and with `.harn`; then the package that its first part names (packages.ts), in it the path
 * as a file, as a folder with `lib.harn`, and as an entry of `[exports]`. `std/…` is not looked for here.
 */
import { joinPath, lastComponent, parentPath } from "../base/path.ts";
import type { FileReads } from "../ports/files.ts";
import { explainPackage, findPackage, moduleOfPackage, packageName } from "./packages.ts";
import { closestName } from "./suggestion.ts";

export interface ModuleFile {
  /** Absolute, normalised. */
  readonly key: string;
  readonly text: string;
}

/** The file behind an import; null: there is none. */
export function findModulePath(importer: string, path: string, files: FileReads): string | null {
  for (const candidate of relativeCandidates(importer, path)) {
    if (files.statSync(candidate)?.kind === "file") return candidate;
  }
  const found = packageName(path) === null ? null : findPackage(importer, path, files);
  return found === null ? null : moduleOfPackage(found, path, files);
}

/** The same with its text. Throws a `FileFailure` when it is there and cannot be read. */
export function findModule(importer: string, path: string, files: FileReads): ModuleFile | null {
  const key = findModulePath(importer, path, files);
  return key === null ? null : { key, text: files.readTextSync(key) };
}

/** Why there is no such module, for people: where it was looked for, and what would bring it there. */
export function explainMissing(importer: string, path: string, files: FileReads): string {
  const why =
    packageName(path) === null ? null : explainPackage(importer, path, findPackage(importer, path, files), files);
  return `Import error: cannot find module ${path}: ${why ?? explainFile(importer, path, files)}`;
}

function explainFile(importer: string, path: string, files: FileReads): string {
  const last = relativeCandidates(importer, path).at(-1)!;
  const folder = parentPath(last);
  if (files.statSync(folder)?.kind !== "directory") return `no file ${last}`;
  const names = files.listSync(folder).map(({ name }) => name);
  const near = closestName(
    lastComponent(last),
    names.filter((name) => name.endsWith(".harn") && joinPath(folder, name) !== importer),
  );
  return near === null ? `no file ${last}` : `no file ${last}; did you mean ${near}?`;
}

function relativeCandidates(importer: string, path: string): readonly string[] {
  const whole = joinPath(parentPath(importer), path);
  return whole.endsWith(".harn") ? [whole] : [whole, `${whole}.harn`];
}
