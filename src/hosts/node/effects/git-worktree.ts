/**
 * `git.worktree_add`: a worker's own branch and worktree.
 *
 * Arguments: `repo`, `path`, `branch`, `base?` (default HEAD), `run`, `worker`, `cwd` for relative paths.
 * Result: `{path, branch, base, head, adopted}`; `base` is the commit the branch started from.
 *
 * A branch is never reset: one that carries the worker's intent is used where it stands (its commits of an earlier round stay), any other is refused, and
 * so is a path that holds something else. A half-made worktree of ours is removed and made again: until the effect is settled, nobody has worked in it.
 */
import path from "node:path";
import { Failure } from "../../../base/failure.ts";
import type { Json } from "../../../base/json.ts";
import type { PerformContext, Performer } from "../../../ports/effects.ts";
import type { EffectArguments } from "./arguments.ts";
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
import { type Intent, ownerArguments, readIntent, writeIntent } from "./git-intent.ts";
import { clearOwnLocks } from "./git-locks.ts";
import { adminFolderOf, lookAtPath, removeAdminFolder, removeNamelessAdminFolders } from "./git-worktree-state.ts";

const KIND = "git.worktree_add";

export const worktreeAdd: Performer = gitPerformer(KIND, "checkable", "host", perform);

async function perform({ args, context }: GitEffect): Promise<Json> {
  const { files } = context.ports;
  const owner = ownerArguments(args);
  const repo = pathArgument(args, "repo");
  const branch = refArgument(args, "branch");
  const git = new Git(KIND, context);
  await git.settleEarlier();
  const repository = await findRepository(git, repo, files);
  const target = await files.realpath(pathArgument(args, "path"));
  if ((await git.look(repo, ["check-ref-format", "--branch", branch])).status !== 0)
    throw new Failure(`${KIND}: ${branch} is no valid branch name`);

  const before = await readIntent(files, repository.commonDir, owner);
  const intent =
    before === null
      ? await firstIntent(git, context, repo, repository, args, target)
      : renewedIntent(before, branch, target);
  const state = await lookAtPath(files, repository.commonDir, target);
  if (state.kind === "complete" && state.branch === branch) return finished(git, intent, target, true);
  if (state.kind === "foreign" || state.kind === "complete") {
    throw new Failure(
      `${KIND}: ${target} holds something else: ${state.kind === "foreign" ? state.what : `a worktree on branch ${state.branch}`}`,
    );
  }
  if (intent !== before) await writeIntent(files, repository.commonDir, intent);
  if (state.kind === "half") await files.remove(target);
  await removeAdminFolder(files, repository.commonDir, target);
  if (context.again) await removeNamelessAdminFolders(files, repository.commonDir, target);
  await clearOwnLocks(context, target, repository, branch);

  await files.mkdir(path.dirname(target));
  const known = await branchExists(git, repo, branch);
  const command = known
    ? ["worktree", "add", target, branch]
    : ["worktree", "add", "--no-track", "-b", branch, target, intent.base];
  git.expect(command, await git.change(repo, command, { branch, base: intent.base }));
  return finished(git, intent, target, false);
}

/** Nothing was made for this worker yet: branch and path must be free. */
async function firstIntent(
  git: Git,
  context: PerformContext,
  repo: string,
  repository: Repository,
  args: EffectArguments,
  target: string,
): Promise<Intent> {
  const owner = ownerArguments(args);
  const branch = refArgument(args, "branch");
  if (await branchExists(git, repo, branch)) {
    throw new Failure(
      `${KIND}: branch ${branch} exists already in ${repo} and was not made for worker ${owner.worker}; choose another name`,
    );
  }
  const state = await lookAtPath(context.ports.files, repository.commonDir, target);
  if (state.kind !== "free" || (await adminFolderOf(context.ports.files, repository.commonDir, target)) !== null) {
    throw new Failure(`${KIND}: ${target} is taken and was not made for worker ${owner.worker}; choose another path`);
  }
  return { ...owner, branch, base: await resolveCommit(git, repo, refArgument(args, "base", "HEAD")), path: target };
}

function renewedIntent(before: Intent, branch: string, target: string): Intent {
  if (before.branch !== branch)
    throw new Failure(`${KIND}: worker ${before.worker} works on branch ${before.branch}, not on ${branch}`);
  if (before.path === target) return before;
  if (before.path !== null)
    throw new Failure(`${KIND}: worker ${before.worker} has its worktree at ${before.path}; remove that first`);
  return { ...before, path: target };
}

async function branchExists(git: Git, repo: string, branch: string): Promise<boolean> {
  return (await git.look(repo, ["show-ref", "--verify", "--quiet", `refs/heads/${branch}`])).status === 0;
}

async function finished(git: Git, intent: Intent, target: string, adopted: boolean): Promise<Json> {
  const head = await headOf(git, target);
  if (head === null) throw new Failure(`${KIND}: the worktree at ${target} is damaged: git finds no commit in it`);
  return { path: target, branch: intent.branch, base: intent.base, head, adopted };
}
