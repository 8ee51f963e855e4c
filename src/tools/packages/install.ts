/**
 * `harn install`: brings what `[dependencies]` names, and what that depends on, to `.harn/packages/`, and writes `harn.lock`.
 *
 * Invariants
 * 1. A package is put together beside its place and moved there when it is whole: an installation that fails leaves the old one.
 * 2. What the lock file says of a repository is what comes: its commit, also when a branch has moved on since.
 * 3. A name means one package. Two sources for one name are an error that names both.
 * 4. Paths in manifests are relative to the manifest's own folder, wherever its package is copied to.
 */
import { Failure } from "../../base/failure.ts";
import { joinPath, lastComponent, parentPath } from "../../base/path.ts";
import type { FilesPort } from "../../ports/files.ts";
import { type Manifest, ManifestFinder } from "../manifest.ts";
import { type Dependency, isSameSource, readDependencies, type Source, showSource } from "./dependencies.ts";
import { type Locked, readLock, writeLock } from "./lock-file.ts";

export interface InstallDoors {
  readonly files: FilesPort;
  /** Runs git in a folder; answers what it printed. Throws a `Failure` with git's own message when it fails. */
  git(folder: string, args: readonly string[]): Promise<string>;
}

export interface Installed {
  readonly name: string;
  readonly did: "installed" | "kept" | "removed";
  /** For people. */
  readonly source: string;
}

/** Folders of a package that are no part of it. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", ".harn", "node_modules"]);

interface Wanted extends Dependency {
  /** Where a path starts. */
  readonly base: string;
  /** Whose manifest names it. */
  readonly by: string;
}

/** `folder` holds the manifest. */
export async function installPackages(folder: string, doors: InstallDoors): Promise<readonly Installed[]> {
  const { files } = doors;
  const manifest = manifestIn(folder, files);
  if (manifest === null) throw new Failure(`there is no harn.toml in ${folder}`);
  const lockPath = joinPath(folder, "harn.lock");
  const before = (await files.exists(lockPath)) ? readLock(lockPath, await files.readText(lockPath)) : new Map();
  const packages = joinPath(folder, ".harn/packages");
  await files.mkdir(packages);

  const locked = new Map<string, Locked>();
  const owners = new Map<string, string>();
  const report: Installed[] = [];
  const waiting: Wanted[] = readDependencies(manifest).map((one) => ({ ...one, base: folder, by: manifest.path }));
  for (const wanted of waiting) {
    const source = fromRoot(wanted, folder);
    const known = locked.get(wanted.name);
    if (known !== undefined) {
      if (isSameSource(known.source, source)) continue;
      throw new Failure(
        `package ${wanted.name}: ${owners.get(wanted.name)} wants it from ${showSource(known.source)}, ${wanted.by} from ${showSource(source)}`,
      );
    }
    owners.set(wanted.name, wanted.by);
    const installer = new Installer(wanted, packages, doors);
    const old = before.get(wanted.name);
    const { commit, isKept, origin } = await installer.bring(
      old !== undefined && isSameSource(old.source, source) ? old : null,
    );
    locked.set(wanted.name, { name: wanted.name, source, commit });
    report.push({ name: wanted.name, did: isKept ? "kept" : "installed", source: showSource(source) });
    const own = manifestIn(installer.target, files);
    if (own === null) continue;
    for (const one of readDependencies(own)) waiting.push({ ...one, base: origin, by: own.path });
  }
  for (const { name, source } of before.values()) {
    if (locked.has(name)) continue;
    for (const path of [joinPath(packages, name), joinPath(packages, `${name}.harn`)]) {
      if (await files.exists(path)) await files.remove(path);
    }
    report.push({ name, did: "removed", source: showSource(source) });
  }
  await files.writeText(lockPath, writeLock(locked.values()));
  return report;
}

function manifestIn(folder: string, files: FilesPort): Manifest | null {
  return new ManifestFinder(files).nearest(folder, 1);
}

/** A source as the lock file has it: paths from the project's folder. */
function fromRoot({ source, base }: Wanted, folder: string): Source {
  if (source.kind === "git") return source;
  return base === folder ? source : { kind: "path", path: relativePath(folder, joinPath(base, source.path)) };
}

function relativePath(from: string, to: string): string {
  const a = from.split("/");
  const b = to.split("/");
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => ".."), ...b.slice(same)].join("/") || ".";
}

class Installer {
  readonly #wanted: Wanted;
  readonly #packages: string;
  readonly #doors: InstallDoors;
  /** The package's folder when it is one. */
  readonly target: string;

  constructor(wanted: Wanted, packages: string, doors: InstallDoors) {
    this.#wanted = wanted;
    this.#packages = packages;
    this.#doors = doors;
    this.target = joinPath(packages, wanted.name);
  }

  /** `locked`: what an earlier installation from the same source noted. `origin`: where paths in the package's own manifest start. */
  async bring(
    locked: Locked | null,
  ): Promise<{ readonly commit: string | null; readonly isKept: boolean; readonly origin: string }> {
    const { source } = this.#wanted;
    if (source.kind === "path") return { commit: null, isKept: false, origin: await this.#copy(source.path) };
    const { files } = this.#doors;
    if (locked?.commit != null && (await files.exists(this.target))) {
      return { commit: locked.commit, isKept: true, origin: this.target };
    }
    const commit = await this.#clone(source.url, source.tag, locked?.commit ?? null);
    return { commit, isKept: false, origin: this.target };
  }

  async #copy(given: string): Promise<string> {
    const { files } = this.#doors;
    const { name, base, by } = this.#wanted;
    const path = joinPath(base, given);
    const kind = (await files.stat(path))?.kind;
    if (kind === "directory") {
      await this.#replace(this.target, async (fresh) => this.#copyFolder(path, fresh));
      return path;
    }
    const single = kind === "file" ? path : `${path}.harn`;
    if ((await files.stat(single))?.kind !== "file") {
      throw new Failure(`package ${name}: ${by} says that it lies in ${path}, where nothing is`, "not_found");
    }
    await this.#replace(`${this.target}.harn`, async (fresh) => files.copy(single, fresh));
    return parentPath(single);
  }

  async #clone(url: string, tag: string | null, commit: string | null): Promise<string> {
    const { git, files } = this.#doors;
    let found = "";
    await this.#replace(this.target, async (fresh) => {
      // A commit need not be at the end of anything, so that all of the history is needed to find it.
      const few = commit === null ? ["--depth", "1", ...(tag === null ? [] : ["--branch", tag])] : [];
      await git(this.#packages, ["clone", "--quiet", ...few, "--", this.#url(url), fresh]);
      if (commit !== null) await git(fresh, ["checkout", "--quiet", "--detach", commit]);
      found = (await git(fresh, ["rev-parse", "HEAD"])).trim();
      await files.remove(joinPath(fresh, ".git"));
    });
    return found;
  }

  /** A repository in a folder is named from the manifest's. */
  #url(url: string): string {
    return url.startsWith("./") || url.startsWith("../") ? joinPath(this.#wanted.base, url) : url;
  }

  async #replace(target: string, make: (fresh: string) => Promise<void>): Promise<void> {
    const { files } = this.#doors;
    const fresh = joinPath(this.#packages, `.new-${lastComponent(target)}`);
    if (await files.exists(fresh)) await files.remove(fresh);
    try {
      await make(fresh);
      for (const old of [this.target, `${this.target}.harn`]) if (await files.exists(old)) await files.remove(old);
      await files.rename(fresh, target);
    } catch (error) {
      if (await files.exists(fresh)) await files.remove(fresh);
      throw error;
    }
  }

  async #copyFolder(from: string, to: string): Promise<void> {
    const { files } = this.#doors;
    await files.mkdir(to);
    for (const { name } of await files.list(from)) {
      if (LEFT_OUT.has(name)) continue;
      const path = joinPath(from, name);
      const kind = (await files.stat(path))?.kind;
      if (kind === "directory") await this.#copyFolder(path, joinPath(to, name));
      else if (kind === "file") await files.copy(path, joinPath(to, name));
    }
  }
}
