/**
 * `git.merge`: merges a ref into what is checked out in a folder.
 *
 * Arguments: `path`, `ref`, `message?`, `fastForward?` (default true: allowed), `name?`, `email?`, `cwd`.
 * Result: `{merged: true, head, commit, upToDate}` or `{merged: false, conflicts: [paths], head}`, and then the tree is as it was.
 *
 * Tracked files must be unchanged before (what is being worked on must not be mixed with a merge), so after a crash every difference in a file that the
 * merge touches is the broken merge's. It is set aside as a commit under `refs/harn/broken-merge/`, for safety, and the tree is put back.
 */
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
  identityEnv,
  noted,
  pathArgument,
  type Repository,
  refArgument,
  resolveCommit,
} from "./git-command.ts";
import { type ChangedFile, changedFiles, snapshotTree } from "./git-diff.ts";
import { clearOwnLocks } from "./git-locks.ts";

const KIND = "git.merge";

export const gitMerge: Performer = gitPerformer(KIND, "checkable", "host", perform);

async function perform({ args, context }: GitEffect): Promise<Json> {
  const { clock, files } = context.ports;
  const folder = pathArgument(args, "path");
  const ref = refArgument(args, "ref");
  const { again, note } = context;
  const date = (again ? noted(note, "date") : undefined) ?? `@${Math.floor(clock.nowMs() / 1_000)} +0000`;
  const git = new Git(KIND, context, identityEnv(args, date));
  await git.settleEarlier();
  const repository = await findRepository(git, folder, files);
  const branch = await git.look(folder, ["symbolic-ref", "--quiet", "--short", "HEAD"]);
  await clearOwnLocks(context, folder, repository, branch.status === 0 ? branch.stdout.trim() : null);

  const commit = (again ? noted(note, "commit") : undefined) ?? (await resolveCommit(git, folder, ref));
  const head = await headOf(git, folder);
  if (head === null) throw new Failure(`${KIND}: ${folder} has no commit yet to merge into`);
  if (again && noted(note, "head") === head) await putBack(git, context, folder, repository, head, commit);
  if ((await git.look(folder, ["merge-base", "--is-ancestor", commit, head])).status === 0) {
    return { merged: true, head, commit, upToDate: noted(note, "head") === undefined || noted(note, "head") === head };
  }

  await requireClean(git, folder);
  const command = mergeCommand(args, ref, commit);
  const result = await git.change(folder, command, { head, commit, date });
  if (result.status === 0) return { merged: true, head: await headOf(git, folder), commit, upToDate: false };

  const conflicts = splitNames(await git.ask(folder, ["diff", "--name-only", "--diff-filter=U", "-z"]));
  if (await mergeHead(git, folder))
    git.expect(["merge --abort"], await git.change(folder, ["merge", "--abort"], { head, commit, date }));
  if (conflicts.length === 0) git.expect(command, result);
  return { merged: false, conflicts, head };
}

function mergeCommand(args: EffectArguments, ref: string, commit: string): readonly string[] {
  const message = args.optionalText("message") ?? `Merge ${ref}`;
  return [
    "merge",
    "--quiet",
    "--no-edit",
    "--no-verify",
    "--no-autostash",
    "--no-stat",
    args.flag("fastForward", true) ? "--ff" : "--no-ff",
    "-m",
    message,
    commit,
  ];
}

async function requireClean(git: Git, folder: string): Promise<void> {
  if (await mergeHead(git, folder))
    throw new Failure(`${KIND}: a merge is under way in ${folder}; finish or abort it first`);
  const changed = (await changedFiles(git, folder)).filter((file) => file.status !== "??");
  if (changed.length > 0)
    throw new Failure(`${KIND}: ${folder} has uncommitted changes: ${nameSome(changed)}; commit or remove them first`);
}

/** Undoes a merge of ours that was broken off. Differences in files that the merge does not touch are someone else's, and stop us. */
async function putBack(
  git: Git,
  context: PerformContext,
  folder: string,
  repository: Repository,
  head: string,
  commit: string,
): Promise<void> {
  const changed = await changedFiles(git, folder);
  const other = await mergeHead(git, folder);
  if (other !== null && other !== commit)
    throw new Failure(`${KIND}: another merge is under way in ${folder}; finish or abort it first`);
  const touched = new Set(
    splitNames(await git.ask(folder, ["diff-tree", "-r", "-z", "--name-only", "--no-renames", head, commit])),
  );
  const ours = changed.filter((file) => touched.has(file.path));
  const foreign = changed.filter((file) => file.status !== "??" && !touched.has(file.path));
  if (foreign.length > 0) {
    throw new Failure(
      `${KIND}: ${folder} has a broken merge and, beside it, uncommitted changes: ${nameSome(foreign)}; they are left alone`,
    );
  }
  if (ours.length === 0 && other === null) return;

  const tree = await snapshotTree(git, context, folder, repository);
  const aside = (await git.ask(folder, ["commit-tree", tree, "-p", head, "-m", "A broken merge, set aside"])).trim();
  await git.ask(folder, ["update-ref", `refs/harn/broken-merge/${aside.slice(0, 12)}`, aside]);
  const top = (await git.ask(folder, ["rev-parse", "--show-toplevel"])).trim();
  const facts = { head, commit, date: noted(context.note, "date") ?? "" };
  git.expect(["reset"], await git.change(folder, ["reset", "--hard", "--quiet", head], facts));
  // `reset` leaves files that it does not know; those of the merge's other side are not the user's.
  for (const file of ours) if (file.status === "??") await context.ports.files.remove(`${top}/${file.path}`);
}

/** The commit of a merge under way; null: none. */
async function mergeHead(git: Git, folder: string): Promise<string | null> {
  const result = await git.look(folder, ["rev-parse", "--verify", "--quiet", "MERGE_HEAD"]);
  return result.status === 0 ? result.stdout.trim() : null;
}

function nameSome(files: readonly ChangedFile[]): string {
  const names = files.slice(0, 5).map((file) => file.path);
  return files.length > names.length ? `${names.join(", ")} and ${files.length - names.length} more` : names.join(", ");
}

const splitNames = (text: string) => text.split("\0").filter((name) => name !== "");
