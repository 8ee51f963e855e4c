/**
 * `git.worktree_remove`: takes a worker's worktree away, after its work has been kept.
 *
 * Arguments: `repo`, `path`, `run`, `worker`, `maxBytes?`, `cwd`. Result: `{removed, path, branch, head, snapshot, diff, truncated, files, base}`.
 * The diff is that of everything in the worktree, committed or not, against the commit the branch started from. What was not committed is kept as a
 * commit under `refs/harn/removed/<worker>/` (`snapshot`; null when there was nothing). The branch stays.
 *
 * Order, each step found again after a crash: keep the work (the note names it); rename the folder aside, in one step; remove git's folder for it; remove
 * the renamed folder; take the path out of the intent.
 */
import path from "node:path";
import { Failure } from "../../../base/failure.ts";
import type { Json } from "../../../base/json.ts";
import type { PerformContext, Performer } from "../../../ports/effects.ts";
import {
  findRepository,
  Git,
  type GitEffect,
  gitPerformer,
  headOf,
  noted,
  pathArgument,
  type Repository,
  resolveCommit,
} from "./git-command.ts";
import { diffTrees, snapshotTree } from "./git-diff.ts";
import { type Intent, ownerArguments, readIntent, writeIntent } from "./git-intent.ts";
import { lookAtPath, removeAdminFolder } from "./git-worktree-state.ts";

const KIND = "git.worktree_remove";
/** Of the commit that keeps uncommitted work; the date is the effect's, so the same snapshot made again is the same commit. */
const KEEPER = {
  GIT_AUTHOR_NAME: "Harn worker",
  GIT_AUTHOR_EMAIL: "worker@harn.invalid",
  GIT_COMMITTER_NAME: "Harn worker",
  GIT_COMMITTER_EMAIL: "worker@harn.invalid",
};

export const worktreeRemove: Performer = gitPerformer(KIND, "checkable", "host", perform);

async function perform({ args, context }: GitEffect): Promise<Json> {
  const { files } = context.ports;
  const owner = ownerArguments(args);
  const repo = pathArgument(args, "repo");
  const git = new Git(KIND, context);
  await git.settleEarlier();
  const repository = await findRepository(git, repo, files);
  const target = await files.realpath(pathArgument(args, "path"));
  const aside = path.join(path.dirname(target), `.harn-removed-${owner.worker}`);

  const intent = await readIntent(files, repository.commonDir, owner);
  const finishedBefore = context.again && intent?.path === null && noted(context.note, "tree") !== undefined;
  if (intent === null || (intent.path !== target && !finishedBefore)) {
    throw new Failure(
      `${KIND}: ${target} is not a worktree that was made for worker ${owner.worker} of run ${owner.run}; it is left alone`,
    );
  }

  const kept = await keepWork(git, context, repo, repository, intent, target);
  if (!finishedBefore) {
    const state = await lookAtPath(files, repository.commonDir, target, { made: intent.made, brokenOff: false });
    if (state.kind === "foreign")
      throw new Failure(`${KIND}: ${target} holds something else now: ${state.what}; it is left alone`);
    if (await files.exists(target)) {
      if (await files.exists(aside)) await files.remove(aside); // of an earlier removal that nobody took up again
      await files.rename(target, aside);
    }
    await removeAdminFolder(files, repository.commonDir, target);
    if (await files.exists(aside)) await files.remove(aside);
    await writeIntent(files, repository.commonDir, { ...intent, path: null, made: false });
  }
  const diff = await diffTrees(git, repo, intent.base, kept.tree, args.optionalInteger("maxBytes"));
  return { removed: true, path: target, branch: intent.branch, head: kept.head, snapshot: kept.snapshot, ...diff };
}

interface Kept {
  readonly head: string;
  readonly tree: string;
  readonly snapshot: string | null;
}

/** What the worktree holds, as objects of the repository; as noted when an earlier process had come that far. */
async function keepWork(
  git: Git,
  context: PerformContext,
  repo: string,
  repository: Repository,
  intent: Intent,
  target: string,
): Promise<Kept> {
  const [tree, head] = [noted(context.note, "tree"), noted(context.note, "head")];
  if (context.again && tree !== undefined && head !== undefined)
    return { tree, head, snapshot: noted(context.note, "snapshot") ?? null };

  const state = await lookAtPath(context.ports.files, repository.commonDir, target, {
    made: intent.made,
    brokenOff: false,
  });
  const kept =
    state.kind === "complete" ? await snapshot(git, context, intent, target) : await branchTip(git, repo, intent);
  await context.note_({ ...kept });
  return kept;
}

async function snapshot(git: Git, context: PerformContext, intent: Intent, target: string): Promise<Kept> {
  const own = await findRepository(git, target, context.ports.files);
  const head = await headOf(git, target);
  if (head === null) throw new Failure(`${KIND}: the worktree at ${target} is damaged: git finds no commit in it`);
  const tree = await snapshotTree(git, context, target, own);
  const committed = (await git.ask(target, ["rev-parse", `${head}^{tree}`])).trim();
  if (tree === committed) return { head, tree, snapshot: null };
  const date = `@${Math.floor(context.ports.clock.nowMs() / 1_000)} +0000`;
  const env = { ...KEEPER, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const message = `Uncommitted work of worker ${intent.worker}`;
  const commit = (await git.ask(target, ["commit-tree", tree, "-p", head, "-m", message], { env })).trim();
  await git.ask(target, ["update-ref", `refs/harn/removed/${intent.worker}/${commit.slice(0, 12)}`, commit]);
  return { head, tree, snapshot: commit };
}

/** The folder is gone or was never finished: what there is, is what the branch holds. */
async function branchTip(git: Git, repo: string, intent: Intent): Promise<Kept> {
  const exists =
    (await git.look(repo, ["show-ref", "--verify", "--quiet", `refs/heads/${intent.branch}`])).status === 0;
  const head = exists ? await resolveCommit(git, repo, `refs/heads/${intent.branch}`) : intent.base;
  return { head, tree: (await git.ask(repo, ["rev-parse", `${head}^{tree}`])).trim(), snapshot: null };
}
