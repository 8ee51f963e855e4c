/** What kind of project a folder is, and which folders a tree has. Answers are JSON, for the effect that asks. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Json, JsonObject } from "../../base/json.ts";
import { joinPath, parentPath } from "../../base/path.ts";
import type { FileEntry, FilesPort } from "../../ports/files.ts";
import { compareUtf8 } from "../../value/key-order.ts";
import { confidenceOf, isSource, PROJECT_KINDS } from "./catalog.ts";
import { readConfigFacts } from "./config-facts.ts";
import type { Folder, TreeOptions } from "./folder-tree.ts";
import { FolderTree } from "./folder-tree.ts";

export interface ScanOptions extends TreeOptions {
  /** Beside what its files are called, also what they say. */
  readonly config: boolean;
}

/** Surer than this, a label is listed. */
const LISTED = 0.5;
/** Of larger files only size and time count. */
const MAX_HASHED = 16 * 1024 * 1024;

const MARKERS: ReadonlySet<string> = new Set([
  ".git",
  "harn.toml",
  ...PROJECT_KINDS.flatMap(({ anchors, lockfiles }) => [...anchors, ...lockfiles]),
]);

const isProject = (entries: readonly FileEntry[]): boolean => entries.some(({ name }) => MARKERS.has(name));

export async function scanFolder(files: FilesPort, folder: string, options: ScanOptions): Promise<JsonObject> {
  return scanIn(new FolderTree(files, folder, options), files, folder, options);
}

async function scanIn(tree: FolderTree, files: FilesPort, folder: string, options: ScanOptions): Promise<JsonObject> {
  const entries = await tree.list(folder);
  const kinds = new Map(entries.map(({ name, kind }) => [name, kind]));
  const scores = { languages: new Map<string, number>(), frameworks: new Map<string, number>() };
  const found = { anchors: new Set<string>(), lockfiles: new Set<string>(), build: new Set<string>() };
  const commands = new Set<string>();
  for (const kind of PROJECT_KINDS) {
    const anchors = kind.anchors.filter((name) => kinds.has(name));
    const lockfiles = kind.lockfiles.filter((name) => kinds.has(name));
    if (anchors.length + lockfiles.length === 0) continue;
    const levels = options.depth === null ? null : options.depth + 2;
    const source = await tree.hasFile(folder, levels, (path) => isSource(kind, path), isProject);
    const score = confidenceOf(kind, { anchor: anchors.length > 0, lockfile: lockfiles.length > 0, source });
    if (score <= 0) continue;
    for (const name of anchors) found.anchors.add(kinds.get(name) === "directory" ? `${name}/` : name);
    for (const name of lockfiles) found.lockfiles.add(name);
    for (const key of ["languages", "frameworks"] as const)
      for (const label of kind[key]) scores[key].set(label, Math.max(score, scores[key].get(label) ?? 0));
    if (score < LISTED) continue;
    for (const system of kind.build_systems) found.build.add(system);
    for (const command of [kind.default_build_cmd, kind.default_test_cmd]) if (command !== null) commands.add(command);
  }
  const facts = options.config ? await readConfigFacts(files, folder) : null;
  for (const command of facts?.commands ?? []) commands.add(command);
  return {
    path: folder,
    languages: listed(scores.languages),
    frameworks: listed(scores.frameworks),
    build_systems: [...found.build].sort(compareUtf8),
    vcs: await versionControl(files, folder),
    lockfiles: [...found.lockfiles].sort(compareUtf8),
    anchors: [...found.anchors].sort(compareUtf8),
    confidence: Object.fromEntries([...scores.languages, ...scores.frameworks]),
    package_name: facts?.packageName ?? null,
    build_commands: [...commands],
    declared_scripts: facts?.scripts ?? {},
    readme_code_fences: facts?.fences ?? [],
    dockerfile_commands: facts?.dockerCommands ?? [],
    makefile_targets: facts?.makeTargets ?? [],
  };
}

/** The surest first. */
function listed(scores: ReadonlyMap<string, number>): readonly string[] {
  return [...scores]
    .filter(([, score]) => score >= LISTED)
    .sort(([a, x], [b, y]) => y - x || compareUtf8(a, b))
    .map(([label]) => label);
}

async function versionControl(files: FilesPort, folder: string): Promise<string | null> {
  for (let at = folder; ; at = parentPath(at)) {
    if (await files.exists(joinPath(at, ".git"))) return "git";
    if (parentPath(at) === at) return null;
  }
}

/** Relative path → evidence: of the folder itself and of every project below. */
export async function scanTree(files: FilesPort, folder: string, options: ScanOptions): Promise<JsonObject> {
  const tree = new FolderTree(files, folder, options);
  const evidence: [string, Json][] = [];
  for await (const { path, relative } of tree.walk()) {
    if (relative === "." || isProject(await tree.list(path)))
      evidence.push([relative, await scanFolder(files, path, options)]);
  }
  return Object.fromEntries(evidence);
}

/** `{path, dir, structure_hash, content_hash}` of each folder; `dir` is relative to `root` when it lies there. */
export async function walkTree(
  files: FilesPort,
  folder: string,
  root: string,
  options: ScanOptions,
): Promise<readonly Json[]> {
  const found: Json[] = [];
  for await (const visited of new FolderTree(files, folder, options).walk()) {
    const { path, relative } = visited;
    const dir = path === root ? "." : path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
    found.push({
      path: relative,
      dir,
      structure_hash: structureHash(visited),
      content_hash: await contentHash(files, visited),
    });
  }
  return found;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function structureHash({ entries }: Folder): string {
  const digest = sha256.create();
  const lines = entries.map(({ name, kind }) => `${name}:${kind === "directory" ? "dir" : "file"}`);
  for (const line of lines.sort(compareUtf8)) digest.update(utf8(line)).update(Uint8Array.of(0xff));
  return bytesToHex(digest.digest());
}

/** So many files are read at the same time: one after the other takes twice as long. */
const AT_ONCE = 8;

/** Of the files right in the folder. */
async function contentHash(files: FilesPort, { path, entries }: Folder): Promise<string> {
  const digest = sha256.create();
  const names = entries.filter(({ kind }) => kind !== "directory").map(({ name }) => name);
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE);
    const contents = await Promise.all(some.map((name) => contentOf(files, joinPath(path, name))));
    contents.forEach((content, i) => {
      digest.update(utf8(some[i]!)).update(Uint8Array.of(0)).update(content).update(Uint8Array.of(0xff));
    });
  }
  return bytesToHex(digest.digest());
}

/** Of a large file its size and time stand for it; what cannot be read is empty. */
async function contentOf(files: FilesPort, file: string): Promise<Uint8Array> {
  const stat = await files.stat(file).catch(() => null);
  if (stat?.kind !== "file") return new Uint8Array();
  if (stat.size > MAX_HASHED) return utf8(`${stat.size}:${stat.modifiedMs}`);
  return files.readBytes(file).catch(() => new Uint8Array());
}
