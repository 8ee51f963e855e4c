/**
 * `git.diff` and `git.status`: what a worktree holds. Read-only, hence safe to repeat.
 *
 * `git.diff {path, base?, maxBytes?}` answers `{diff, truncated, files: [{path, status}], base}`: against `base` (default HEAD), with what is staged, not
 * staged and not tracked (but not what is ignored). The real index is not touched: the files are entered into a copy of it.
 * `git.status {path}` answers `{branch, head, clean, files: [{path, status}]}`; `status` is git's two letters, `branch` null when detached.
 */
import path from "node:path";
import type { Json } from "../../../base/json.ts";
import type { PerformContext, Performer } from "../../../ports/effects.ts";
import {
  findRepository,
  Git,
  type GitEffect,
  gitPerformer,
  headOf,
  pathArgument,
  type Repository,
  refArgument,
  resolveCommit,
} from "./git-command.ts";

const MAX_DIFF = 16 * 1024 * 1024;

export const gitDiff: Performer = gitPerformer("git.diff", "safe", "host", async ({ args, context }: GitEffect) => {
  const git = new Git("git.diff", context);
  const folder = pathArgument(args, "path");
  const repository = await findRepository(git, folder, context.ports.files);
  const base = args.has("base")
    ? await resolveCommit(git, folder, refArgument(args, "base"))
    : await headOf(git, folder);
  const tree = await snapshotTree(git, context, folder, repository);
  return diffTrees(git, folder, base, tree, args.optionalInteger("maxBytes") ?? MAX_DIFF);
});

export const gitStatus: Performer = gitPerformer("git.status", "safe", "host", async ({ args, context }: GitEffect) => {
  const git = new Git("git.status", context);
  const folder = pathArgument(args, "path");
  await findRepository(git, folder, context.ports.files);
  const branch = await git.look(folder, ["symbolic-ref", "--quiet", "--short", "HEAD"]);
  const files = await changedFiles(git, folder);
  return {
    branch: branch.status === 0 ? branch.stdout.trim() : null,
    head: await headOf(git, folder),
    clean: files.length === 0,
    files: files.map((file) => ({ ...file })),
  };
});

export interface ChangedFile {
  readonly path: string;
  /** As git prints it: index letter and worktree letter; `??` not tracked. */
  readonly status: string;
}

/** Tracked changes and untracked files; of a rename, the new name. */
export async function changedFiles(git: Git, folder: string): Promise<readonly ChangedFile[]> {
  const fields = (
    await git.ask(folder, ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"])
  ).split("\0");
  return fields.filter((field) => field !== "").map((field) => ({ status: field.slice(0, 2), path: field.slice(3) }));
}

/** Writes all that the worktree holds, tracked or not, as a tree object; the real index stays as it is. */
export async function snapshotTree(
  git: Git,
  context: PerformContext,
  folder: string,
  repository: Repository,
): Promise<string> {
  const { files, ids } = context.ports;
  const index = path.join(repository.gitDir, `harn-index-${ids.uuidv7()}`);
  const env = { GIT_INDEX_FILE: index };
  const real = path.join(repository.gitDir, "index");
  try {
    if (await files.exists(real)) await files.copy(real, index); // keeps what git knows of unchanged files: only changed ones are read
    const top = (await git.ask(folder, ["rev-parse", "--show-toplevel"])).trim();
    await git.ask(top, ["add", "--all"], { env });
    return (await git.ask(top, ["write-tree"], { env })).trim();
  } finally {
    for (const file of [index, `${index}.lock`]) if (await files.exists(file)) await files.remove(file);
  }
}

export async function diffTrees(
  git: Git,
  folder: string,
  base: string | null,
  tree: string,
  maxBytes = MAX_DIFF,
): Promise<{ [key: string]: Json }> {
  const from = base ?? (await emptyTree(git, folder));
  const options = ["--no-ext-diff", "--no-textconv", "--no-renames"];
  const names = (await git.ask(folder, ["diff-tree", "-r", "-z", "--name-status", ...options, from, tree])).split("\0");
  const files: Json[] = [];
  for (let i = 0; i + 1 < names.length; i += 2) files.push({ status: names[i]!, path: names[i + 1]! });
  const args = ["diff-tree", "-r", "-p", "--binary", "--full-index", ...options, from, tree];
  const patch = git.expect(args, await git.look(folder, args, { maxBytes }));
  return { diff: patch.stdout, truncated: patch.truncated, files, base };
}

/** Asked of git, because its name depends on the repository's hash function. */
async function emptyTree(git: Git, folder: string): Promise<string> {
  return (await git.ask(folder, ["hash-object", "-t", "tree", "/dev/null"])).trim();
}
