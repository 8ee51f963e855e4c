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
import { setTimeout as sleep } from "node:timers/promises";
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
import { processIn } from "./process-effect.ts";

const KIND = "git.worktree_add";
const MOST_ATTEMPTS = 40;
/** Before the second attempt; one more of it before each later one. */
const PAUSE_MS = 10;

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
  const brokenOff = context.again && processIn(context.note) !== null;
  const state = await lookAtPath(files, repository.commonDir, target, { made: intent.made, brokenOff });
  const finish = (adopted: boolean) => finished(git, context, repository, intent, target, adopted);
  if (state.kind === "complete" && state.branch === branch) return finish(true);
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
  await makeWorktree(git, repo, intent, target);
  return finish(false);
}

/**
 * Git reads its folders of all worktrees first, and gives up when another git has begun one of them but not yet written all of it. Nothing but the branch
 * can have been made by then, so it is tried again.
 */
async function makeWorktree(git: Git, repo: string, intent: Intent, target: string): Promise<void> {
  const { branch, base } = intent;
  for (let attempt = 1; ; attempt++) {
    const command = (await branchExists(git, repo, branch))
      ? ["worktree", "add", "--quiet", target, branch]
      : ["worktree", "add", "--quiet", "--no-track", "-b", branch, target, base];
    const result = await git.change(repo, command, { branch, base });
    const raced = result.status !== 0 && /failed to read .*worktrees.*commondir/.test(result.stderr);
    if (!raced || attempt === MOST_ATTEMPTS) {
      git.expect(command, result);
      return;
    }
    await sleep(attempt * PAUSE_MS);
  }
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
  const history = { made: false, brokenOff: false };
  const state = await lookAtPath(context.ports.files, repository.commonDir, target, history);
  if (state.kind !== "free" || (await adminFolderOf(context.ports.files, repository.commonDir, target)) !== null) {
    throw new Failure(`${KIND}: ${target} is taken and was not made for worker ${owner.worker}; choose another path`);
  }
  const base = await resolveCommit(git, repo, refArgument(args, "base", "HEAD"));
  return { ...owner, branch, base, path: target, made: false };
}

function renewedIntent(before: Intent, branch: string, target: string): Intent {
  if (before.branch !== branch)
    throw new Failure(`${KIND}: worker ${before.worker} works on branch ${before.branch}, not on ${branch}`);
  if (before.path === target) return before;
  if (before.path !== null)
    throw new Failure(`${KIND}: worker ${before.worker} has its worktree at ${before.path}; remove that first`);
  return { ...before, path: target, made: false };
}

async function branchExists(git: Git, repo: string, branch: string): Promise<boolean> {
  return (await git.look(repo, ["show-ref", "--verify", "--quiet", `refs/heads/${branch}`])).status === 0;
}

async function finished(
  git: Git,
  context: PerformContext,
  repository: Repository,
  intent: Intent,
  target: string,
  adopted: boolean,
): Promise<Json> {
  const head = await headOf(git, target);
  if (head === null) throw new Failure(`${KIND}: the worktree at ${target} is damaged: git finds no commit in it`);
  if (!intent.made) await writeIntent(context.ports.files, repository.commonDir, { ...intent, made: true });
  return { path: target, branch: intent.branch, base: intent.base, head, adopted };
}
