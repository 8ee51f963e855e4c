/**
 * Where skills come from: layers of folders, each with skills one level deep. Of two with the same id the one of the higher layer counts.
 *
 * Invariant: a skill that cannot be read is told and left out; the others are there.
 */
import { Failure } from "../../base/failure.ts";
import type { JsonObject } from "../../base/json.ts";
import { joinPath, parentPath } from "../../base/path.ts";
import { matchesSegments, splitGlob } from "../../policy/globs.ts";
import { FileFailure, type FilesPort } from "../../ports/files.ts";
import { type Manifest, ManifestTable } from "../manifest.ts";
import { readSkillFile } from "./skill-file.ts";

export const LAYERS = ["cli", "env", "project", "manifest", "user", "package", "system", "host"] as const;
export type Layer = (typeof LAYERS)[number];

export interface SkillPlaces {
  readonly files: FilesPort;
  /** Absolute, of `--skill-dir`. */
  readonly given: readonly string[];
  /** `HARN_SKILLS_PATH`. */
  readonly path: string | undefined;
  /** Folder of the program. */
  readonly folder: string;
  readonly home: string;
  /** `XDG_CONFIG_HOME`. */
  readonly config: string | undefined;
  readonly manifest: Manifest | null;
  readonly isWindows: boolean;
}

interface Root {
  readonly layer: Layer;
  readonly path: string;
  readonly namespace: string | null;
}

export interface FoundSkill {
  readonly id: string;
  readonly layer: Layer;
  readonly entry: JsonObject;
}

export interface Discovery {
  /** By id. */
  readonly skills: readonly FoundSkill[];
  /** Those that another of the same id hides. */
  readonly hidden: readonly FoundSkill[];
  readonly warnings: readonly string[];
}

export function discoverSkills(places: SkillPlaces): Discovery {
  const settings = new ManifestTable(places.manifest, "skills");
  const order = layerOrder(settings, places.manifest);
  const roots = [...rootsOf(places, settings)].filter(({ layer }) => order.includes(layer));
  const warnings: string[] = [];
  const all = order.flatMap((layer) =>
    roots.filter((root) => root.layer === layer).flatMap((root) => skillsIn(root, places.files, warnings)),
  );
  const first = new Map<string, FoundSkill>();
  const hidden: FoundSkill[] = [];
  for (const skill of all) {
    if (first.has(skill.id)) hidden.push(skill);
    else first.set(skill.id, skill);
  }
  const skills = [...first.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { skills, hidden, warnings };
}

function layerOrder(settings: ManifestTable, manifest: Manifest | null): readonly Layer[] {
  const named = (key: string): readonly Layer[] =>
    (settings.texts(key) ?? []).map((name) => {
      if (LAYERS.includes(name as Layer)) return name as Layer;
      throw new Failure(`${manifest?.path}: [skills] ${key}: ${name} is no layer; the layers are ${LAYERS.join(", ")}`);
    });
  const disabled = new Set(named("disable"));
  return [...new Set([...named("lookup_order"), ...LAYERS])].filter((layer) => !disabled.has(layer));
}

function* rootsOf(places: SkillPlaces, settings: ManifestTable): Generator<Root> {
  const { files, manifest } = places;
  const root = (layer: Layer, path: string, namespace: string | null = null): Root => ({ layer, path, namespace });
  for (const path of places.given) yield root("cli", path);
  for (const path of (places.path ?? "").split(places.isWindows ? ";" : ":")) {
    if (path !== "") yield root("env", joinPath(places.folder, path));
  }
  const project = projectSkills(places);
  if (project !== null) yield root("project", project);
  if (manifest !== null) {
    const base = parentPath(manifest.path);
    for (const pattern of settings.texts("paths") ?? [])
      for (const path of expand(files, joinPath(base, pattern))) yield root("manifest", path);
    for (const { path, namespace } of sourcesOf(manifest)) yield root("manifest", joinPath(base, path), namespace);
  }
  yield root("user", joinPath(places.home, ".harn/skills"));
  if (manifest !== null) {
    for (const cache of [".harn/packages", ".harn/skills-cache"]) {
      const packages = joinPath(parentPath(manifest.path), cache);
      for (const name of foldersIn(files, packages)) yield root("package", joinPath(packages, name, "skills"));
    }
  }
  yield root("system", joinPath(places.config || joinPath(places.home, ".config"), "harn/skills"));
  if (!places.isWindows) yield root("system", "/etc/harn/skills");
}

/** `.harn/skills` of the nearest folder that has it: the program's own or one above, not beyond the repository. */
function projectSkills({ files, folder, home }: SkillPlaces): string | null {
  for (let at = folder; at !== home; at = parentPath(at)) {
    const path = joinPath(at, ".harn/skills");
    if (files.statSync(path)?.kind === "directory") return path;
    if (files.existsSync(joinPath(at, ".git")) || parentPath(at) === at) return null;
  }
  return null;
}

/** `[[skill.source]]` of type fs; git sources are where `harn install` has put them, and registries do not exist yet. */
function sourcesOf(manifest: Manifest): readonly { readonly path: string; readonly namespace: string | null }[] {
  const skill = (manifest.tables.skill ?? {}) as { readonly source?: unknown };
  const list = skill.source ?? [];
  if (!Array.isArray(list)) throw new Failure(`${manifest.path}: skill.source must be written as [[skill.source]]`);
  return list.flatMap((source: Readonly<Record<string, unknown>>, i) => {
    const where = `${manifest.path}: [[skill.source]] ${i + 1}`;
    if (!["fs", "git", "registry"].includes(source.type as string))
      throw new Failure(`${where}: type must be fs, git or registry, got ${JSON.stringify(source.type)}`);
    if (source.type !== "fs") return [];
    if (typeof source.path !== "string") throw new Failure(`${where}: path must be a text`);
    return [{ path: source.path, namespace: typeof source.namespace === "string" ? source.namespace : null }];
  });
}

/** A path whose parts may be patterns, as the folders that are there. */
function expand(files: FilesPort, pattern: string): readonly string[] {
  const { base, rest } = splitGlob(pattern);
  if (rest === "") return [pattern];
  const depth = rest.split("/").length;
  const start = joinPath(base);
  let found: readonly string[] = [start];
  for (let level = 0; level < depth; level++)
    found = found.flatMap((folder) => foldersIn(files, folder).map((name) => joinPath(folder, name)));
  return found.filter((path) => matchesSegments(pattern, path)).toSorted();
}

function foldersIn(files: FilesPort, folder: string): readonly string[] {
  if (files.statSync(folder)?.kind !== "directory") return [];
  return files
    .listSync(folder)
    .map(({ name }) => name)
    .filter((name) => files.statSync(joinPath(folder, name))?.kind === "directory")
    .toSorted();
}

/** The folder itself, when it is a skill; else those in it that are. */
function skillsIn({ layer, path, namespace }: Root, files: FilesPort, warnings: string[]): readonly FoundSkill[] {
  const isSkill = (folder: string): boolean => files.statSync(joinPath(folder, "SKILL.md"))?.kind === "file";
  const folders = isSkill(path)
    ? [path]
    : foldersIn(files, path)
        .map((name) => joinPath(path, name))
        .filter(isSkill);
  return folders.flatMap((folder) => {
    const file = joinPath(folder, "SKILL.md");
    try {
      const { entry, unknownKeys } = readSkillFile(files.readTextSync(file), file, folder);
      const id = namespace === null ? entry.name : `${namespace}/${entry.name}`;
      if (unknownKeys.length > 0) warnings.push(`${file}: nobody knows the key ${unknownKeys.join(", ")}`);
      return [{ id, layer, entry: { ...entry, source: layer, ...(namespace === null ? {} : { namespace }) } }];
    } catch (error) {
      if (!(error instanceof Failure || error instanceof FileFailure)) throw error;
      warnings.push(error instanceof FileFailure ? `cannot read ${file}: ${error.reason}` : error.message);
      return [];
    }
  });
}
