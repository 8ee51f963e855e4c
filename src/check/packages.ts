/**
 * Packages: what `harn install` puts below `.harn/packages/`, and folders that `[dependencies]` of `harn.toml` names.
 *
 * Invariants
 * 1. Roots are looked through from the importing file upwards, not beyond the folder that holds `.git`; the first one with the package decides. So
 *    modules of a package find its neighbours.
 * 2. What is installed comes before the folder that a manifest names: it is what the lock file describes.
 * 3. No path leads out of its package.
 */
import { parse as parseToml, TomlError } from "smol-toml";
import { joinPath, parentPath } from "../base/path.ts";
import { FileFailure, type FileReads } from "../ports/files.ts";
import { closestName } from "./suggestion.ts";

const INSTALLED = ".harn/packages";
const MANIFEST = "harn.toml";
/** What an import of a folder means. */
const MAIN_MODULE = "lib.harn";

export interface FoundPackage {
  readonly name: string;
  /** Its folder; or, for a package that is one file, that file. */
  readonly path: string;
  readonly isFile: boolean;
}

/** The package that an import path may mean: its first part; null for a path that says where it is. */
export function packageName(path: string): string | null {
  const [first] = path.split("/");
  return first === undefined || first === "" || first.startsWith(".") || /[:\\]/.test(first) ? null : first;
}

export function findPackage(importer: string, path: string, files: FileReads): FoundPackage | null {
  const name = packageName(path)!;
  return findInstalled(importer, name, files) ?? findDependency(importer, name, files);
}

/** The file that `path` means in a package; null: there is none. */
export function moduleOfPackage(found: FoundPackage, path: string, files: FileReads): string | null {
  const rest = path.slice(found.name.length + 1);
  if (found.isFile) return rest === "" ? found.path : null;
  const direct = moduleAt(found.path, rest, files);
  if (direct !== null || rest === "") return direct;
  const exported = readManifest(found.path, files).exports.get(rest);
  return exported === undefined ? null : moduleAt(found.path, exported, files);
}

function moduleAt(folder: string, rest: string, files: FileReads): string | null {
  const whole = joinPath(folder, rest);
  if (whole !== folder && !whole.startsWith(`${folder}/`)) return null;
  for (const candidate of [whole, `${whole}.harn`, joinPath(whole, MAIN_MODULE)]) {
    if (files.statSync(candidate)?.kind === "file") return candidate;
  }
  return null;
}

function findInstalled(importer: string, name: string, files: FileReads): FoundPackage | null {
  for (const folder of foldersAround(importer, files)) {
    const found = packageAt(name, joinPath(folder, INSTALLED, name), files);
    if (found !== null) return found;
  }
  return null;
}

function packageAt(name: string, path: string, files: FileReads): FoundPackage | null {
  const kind = files.statSync(path)?.kind;
  if (kind === "directory") return { name, path, isFile: false };
  if (kind === "file") return { name, path, isFile: true };
  const single = `${path}.harn`;
  return files.statSync(single)?.kind === "file" ? { name, path: single, isFile: true } : null;
}

/** A dependency with a path needs no installation. Manifests further out count too: a package may lie in the project that uses it. */
function findDependency(importer: string, name: string, files: FileReads): FoundPackage | null {
  for (const folder of manifestFolders(importer, files)) {
    const dependency = readManifest(folder, files).dependencies.get(name);
    if (dependency?.path !== undefined) return packageAt(name, joinPath(folder, dependency.path), files);
  }
  return null;
}

/** Absolute, from the one of a file upwards. */
function* foldersAround(file: string, files: FileReads): Generator<string> {
  for (let folder = parentPath(file); ; folder = parentPath(folder)) {
    yield folder;
    if (parentPath(folder) === folder || files.existsSync(joinPath(folder, ".git"))) return;
  }
}

function* manifestFolders(file: string, files: FileReads): Generator<string> {
  for (const folder of foldersAround(file, files)) {
    if (files.statSync(joinPath(folder, MANIFEST))?.kind === "file") yield folder;
  }
}

// ---------------------------------------------------------------- manifests

interface Dependency {
  readonly path?: string;
  readonly git?: string;
}

interface PackageManifest {
  readonly exports: ReadonlyMap<string, string>;
  readonly dependencies: ReadonlyMap<string, Dependency>;
  /** Why nothing of it can be used. */
  readonly problem: string | null;
}

const NO_MANIFEST: PackageManifest = { exports: new Map(), dependencies: new Map(), problem: null };

/** Entries of another form count as missing here: who checks the manifest itself says so. */
function readManifest(folder: string, files: FileReads): PackageManifest {
  const path = joinPath(folder, MANIFEST);
  try {
    if (files.statSync(path)?.kind !== "file") return NO_MANIFEST;
    const tables = parseToml(files.readTextSync(path));
    return {
      exports: readExports(tables["exports"]),
      dependencies: readDependencies(tables["dependencies"]),
      problem: null,
    };
  } catch (error) {
    if (error instanceof FileFailure) return { ...NO_MANIFEST, problem: `${path}: ${error.reason}` };
    if (!(error instanceof TomlError)) throw error;
    const [reason] = error.message.split("\n");
    return { ...NO_MANIFEST, problem: `${path}:${error.line}:${error.column}: ${reason}` };
  }
}

function readExports(table: unknown): ReadonlyMap<string, string> {
  return new Map(entriesOf(table).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function readDependencies(table: unknown): ReadonlyMap<string, Dependency> {
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  return new Map(
    entriesOf(table).map(([name, value]): [string, Dependency] => {
      if (typeof value === "string") return [name, { path: value }];
      const fields = new Map(entriesOf(value));
      const [path, git] = [text(fields.get("path")), text(fields.get("git"))];
      return [name, { ...(path === undefined ? {} : { path }), ...(git === undefined ? {} : { git }) }];
    }),
  );
}

function entriesOf(table: unknown): [string, unknown][] {
  return typeof table === "object" && table !== null && !Array.isArray(table) ? Object.entries(table) : [];
}

// ---------------------------------------------------------------- explanations

/** Why a package does not give a module; null: nothing says that a package was meant. */
export function explainPackage(
  importer: string,
  path: string,
  found: FoundPackage | null,
  files: FileReads,
): string | null {
  const name = packageName(path)!;
  if (found !== null) return explainInstalled(found, path.slice(name.length + 1), files);
  let slip: string | null = null;
  for (const folder of manifestFolders(importer, files)) {
    const manifest = joinPath(folder, MANIFEST);
    const { dependencies, problem } = readManifest(folder, files);
    if (problem !== null) return problem;
    const dependency = dependencies.get(name);
    if (dependency?.path !== undefined) {
      return `${manifest} says that package ${name} lies in ${joinPath(folder, dependency.path)}, where nothing is`;
    }
    if (dependency !== undefined) return `package ${name} is not installed; run \`harn install\` in ${folder}`;
    const near = closestName(name, dependencies.keys());
    if (near !== null) slip ??= `${manifest} has no dependency ${name}; did you mean ${near}?`;
  }
  return slip;
}

function explainInstalled({ name, path, isFile }: FoundPackage, rest: string, files: FileReads): string {
  if (isFile) return `package ${name} is the one file ${path}`;
  if (rest === "") return `package ${name} has no ${MAIN_MODULE}: import one of its modules, as in ${name}/…`;
  const { exports, problem } = readManifest(path, files);
  if (problem !== null) return `package ${name}: ${problem}`;
  const target = exports.get(rest);
  if (target !== undefined) return `package ${name} exports ${rest} as ${target}, which is not there`;
  const names = [...exports.keys(), ...moduleNames(path, files)];
  const near = closestName(rest, names);
  if (near !== null) return `package ${name} has no module ${rest}; did you mean ${name}/${near}?`;
  return `package ${name} (${path}) has no module ${rest}${exports.size === 0 ? "" : `; it exports ${[...exports.keys()].join(", ")}`}`;
}

function moduleNames(folder: string, files: FileReads): readonly string[] {
  const names = files.listSync(folder).map(({ name }) => name);
  return names.filter((name) => name.endsWith(".harn")).map((name) => name.slice(0, -".harn".length));
}
