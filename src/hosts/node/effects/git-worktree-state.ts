/**
 * What stands at a worktree's path, told from files alone, so that it also works for what git itself calls broken.
 *
 * Git makes, in this order: its own folder `<common>/worktrees/<name>` with a file `locked`, the path, `gitdir` (naming `<path>/.git`), `<path>/.git`
 * (naming its folder), HEAD; then a child of it checks out and writes `index` last of all; then it removes `locked`. When the checkout fails, or a signal
 * ends it, git removes `locked` all the same and then what it has made, in any order, and can be killed within. So nobody has worked in a worktree of ours
 * that is not noted as made, and it is whole only when it has HEAD and index and no `locked` that says "initializing".
 */
import path from "node:path";
import type { FilesPort } from "../../../ports/files.ts";

export type PathState =
  /** Nothing, or an empty folder. */
  | { readonly kind: "free" }
  /** A worktree of this repository, checked out. `branch` "" when detached. */
  | { readonly kind: "complete"; readonly branch: string }
  /** A worktree of this repository whose making was broken off: nobody has worked in it. */
  | { readonly kind: "half" }
  | { readonly kind: "foreign"; readonly what: string };

/** What is known of the worktree from elsewhere. */
export interface PathHistory {
  /** It has once been whole, so there may be work in it. */
  readonly made: boolean;
  /** A git that was making it here is known to be dead: what it left may be any part. */
  readonly brokenOff: boolean;
}

export async function lookAtPath(
  files: FilesPort,
  commonDir: string,
  target: string,
  history: PathHistory,
): Promise<PathState> {
  const unfinished = !history.made && history.brokenOff;
  const stat = await files.stat(target);
  if (stat === null) return { kind: "free" };
  if (stat.kind !== "directory") return { kind: "foreign", what: `a ${stat.kind}` };
  const link = path.join(target, ".git");
  const linkStat = await files.stat(link);
  if (linkStat === null) {
    if ((await files.list(target)).length === 0) return { kind: "free" };
    return unfinished ? { kind: "half" } : { kind: "foreign", what: "a folder that is no worktree" };
  }
  if (linkStat.kind === "directory") return { kind: "foreign", what: "another repository" };

  const text = (await files.readText(link)).trim();
  if (text === "" && (await files.list(target)).length === 1) return { kind: "half" };
  const admin = await files.realpath(path.resolve(target, text.replace(/^gitdir: /, "")));
  if (path.dirname(admin) !== path.join(commonDir, "worktrees"))
    return { kind: "foreign", what: "a worktree of another repository" };
  if (await isBeingMade(files, admin)) return { kind: "half" };
  const head = await readIfThere(files, path.join(admin, "HEAD"));
  if (head === null) {
    return unfinished ? { kind: "half" } : { kind: "foreign", what: "a worktree that its repository no longer knows" };
  }
  if (!history.made && !(await files.exists(path.join(admin, "index")))) return { kind: "half" };
  return { kind: "complete", branch: head.startsWith("ref: refs/heads/") ? head.slice("ref: refs/heads/".length) : "" };
}

/** Git's own folder for the worktree at `target`; null: git knows none there. */
export async function adminFolderOf(files: FilesPort, commonDir: string, target: string): Promise<string | null> {
  const folder = path.join(commonDir, "worktrees");
  if (!(await files.exists(folder))) return null;
  for (const { name } of await files.list(folder)) {
    const gitdir = await readIfThere(files, path.join(folder, name, "gitdir"));
    if (gitdir !== null && (await files.realpath(path.dirname(path.resolve(folder, name, gitdir)))) === target)
      return path.join(folder, name);
  }
  return null;
}

/** What `git worktree prune` would do, but for this one path: a user's worktree on a disk that is not mounted must stay known. */
export async function removeAdminFolder(files: FilesPort, commonDir: string, target: string): Promise<void> {
  const admin = await adminFolderOf(files, commonDir, target);
  if (admin !== null) await files.remove(admin);
}

/** Git's folder of a worktree at `target` whose making was broken off before it said where. Call only when a git for that path is known to be dead. */
export async function removeNamelessAdminFolders(files: FilesPort, commonDir: string, target: string): Promise<void> {
  const folder = path.join(commonDir, "worktrees");
  if (!(await files.exists(folder))) return;
  const base = path.basename(target);
  for (const { name } of await files.list(folder)) {
    const admin = path.join(folder, name);
    const ours = name.startsWith(base) && /^\d*$/.test(name.slice(base.length));
    if (ours && !(await files.exists(path.join(admin, "gitdir")))) await files.remove(admin);
  }
}

async function isBeingMade(files: FilesPort, admin: string): Promise<boolean> {
  return (await readIfThere(files, path.join(admin, "locked")))?.startsWith("initializing") === true;
}

async function readIfThere(files: FilesPort, file: string): Promise<string | null> {
  return (await files.exists(file)) ? (await files.readText(file)).trim() : null;
}
