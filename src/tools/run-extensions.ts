/**
 * What a project gives to its runs: hooks of its manifest and of those of the packages that it has installed, these first; the skills around it; its MCP servers.
 *
 * Invariant: what is malformed is a failure that names the file and the key; a program does not run without the hooks that it was promised.
 */
import { HOOK_EVENTS, type HookEvent } from "../agents/hooks.ts";
import { Failure } from "../base/failure.ts";
import { joinPath, parentPath } from "../base/path.ts";
import type { EnvironmentPort } from "../ports/environment.ts";
import type { FilesPort } from "../ports/files.ts";
import type { ManifestHook, RunExtensions } from "../runtime/extensions.ts";
import { type Manifest, ManifestFinder } from "./manifest.ts";
import { readServers } from "./mcp-servers.ts";
import { discoverSkills } from "./skills/discovery.ts";

const PACKAGES = ".harn/packages";

export interface ExtensionPlaces {
  /** Of the program; absolute. */
  readonly folder: string;
  readonly files: FilesPort;
  readonly environment: EnvironmentPort;
  /** Folders of skills, absolute. */
  readonly skillFolders: readonly string[];
}

export interface ReadExtensions extends RunExtensions {
  /** Skills that were left out, and what is odd about others. */
  readonly warnings: readonly string[];
}

export function readExtensions({ folder, files, environment, skillFolders }: ExtensionPlaces): ReadExtensions {
  const finder = new ManifestFinder(files);
  const manifest = finder.nearest(folder);
  const { skills, warnings } = discoverSkills({
    files,
    folder,
    manifest,
    given: skillFolders,
    path: environment.get("HARN_SKILLS_PATH"),
    home: environment.home,
    config: environment.get("XDG_CONFIG_HOME"),
    isWindows: environment.platform === "windows",
  });
  const manifests = manifest === null ? [] : [...installed(manifest, files, finder), manifest];
  return {
    hooks: manifests.flatMap(readHooks),
    skills: skills.map(({ entry }) => entry),
    mcp: manifest === null ? [] : readServers(manifest),
    warnings,
  };
}

function installed(root: Manifest, files: FilesPort, finder: ManifestFinder): readonly Manifest[] {
  const folder = joinPath(parentPath(root.path), PACKAGES);
  if (files.statSync(folder)?.kind !== "directory") return [];
  return files
    .listSync(folder)
    .map(({ name }) => joinPath(folder, name))
    .toSorted()
    .filter((path) => files.statSync(joinPath(path, "harn.toml"))?.kind === "file")
    .flatMap((path) => finder.nearest(path, 1) ?? []);
}

function readHooks(manifest: Manifest): readonly ManifestHook[] {
  const list = manifest.tables.hooks ?? [];
  if (!Array.isArray(list)) throw new Failure(`${manifest.path}: hooks must be written as [[hooks]]`);
  const name = (manifest.tables.package as { readonly name?: unknown } | undefined)?.name;
  return list.map((entry: unknown, i) => {
    const where = `${manifest.path}: [[hooks]] ${i + 1}`;
    const { event, pattern = "*", handler } = entry as Readonly<Record<string, unknown>>;
    if (!HOOK_EVENTS.includes(event as HookEvent))
      throw new Failure(`${where}: event must be one of ${HOOK_EVENTS.join(", ")}, got ${JSON.stringify(event)}`);
    if (typeof pattern !== "string") throw new Failure(`${where}: pattern must be a text`);
    if (typeof handler !== "string") throw new Failure(`${where}: handler must be a text, as in module::function`);
    return {
      event: event as HookEvent,
      pattern,
      handler,
      manifest: manifest.path,
      package: typeof name === "string" ? name : null,
    };
  });
}
