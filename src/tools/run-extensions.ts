/**
 * What `harn.toml` gives to the runs of a project: its own manifest and those of the packages that it has installed, these first.
 *
 * Invariant: what is malformed is a failure that names the file and the key; a program does not run without the hooks that it was promised.
 */
import type { HookEvent } from "../agents/hooks.ts";
import { Failure } from "../base/failure.ts";
import { joinPath, parentPath } from "../base/path.ts";
import type { FilesPort } from "../ports/files.ts";
import type { ManifestHook, RunExtensions } from "../runtime/extensions.ts";
import { type Manifest, ManifestFinder } from "./manifest.ts";

const PACKAGES = ".harn/packages";
const EVENTS: readonly HookEvent[] = [
  "PreToolUse",
  "PostToolUse",
  "PreAgentTurn",
  "PostAgentTurn",
  "WorkerSpawned",
  "WorkerCompleted",
  "WorkerFailed",
  "WorkerCancelled",
];

/** For programs in `folder` (absolute). */
export function readExtensions(folder: string, files: FilesPort): RunExtensions {
  const finder = new ManifestFinder(files);
  const root = finder.nearest(folder);
  if (root === null) return { hooks: [] };
  const manifests = [...installed(root, files, finder), root];
  return { hooks: manifests.flatMap(readHooks) };
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
    if (!EVENTS.includes(event as HookEvent))
      throw new Failure(`${where}: event must be one of ${EVENTS.join(", ")}, got ${JSON.stringify(event)}`);
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
