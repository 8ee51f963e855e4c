/**
 * `git.commit`: commits in a worktree.
 *
 * Arguments: `path`, `message`, `all?` (default true: everything, also what is not tracked), `name?`, `email?`, `cwd`.
 * Result: `{committed, head}`; `committed` false when there was nothing to commit.
 *
 * The head before and the commit's date are noted first. After a crash, a head whose parent is that head and whose date and message are those, is ours.
 */
import { Failure } from "../../../base/failure.ts";
import type { Json } from "../../../base/json.ts";
import type { Performer } from "../../../ports/effects.ts";
import {
  findRepository,
  Git,
  type GitEffect,
  gitPerformer,
  headOf,
  identityEnv,
  noted,
  pathArgument,
} from "./git-command.ts";
import { clearOwnLocks } from "./git-locks.ts";

const KIND = "git.commit";
/** Head of a branch without a commit. */
const UNBORN = "";

export const gitCommit: Performer = gitPerformer(KIND, "checkable", "host", perform);

async function perform({ args, context }: GitEffect): Promise<Json> {
  const { clock, files } = context.ports;
  const folder = pathArgument(args, "path");
  const message = args.text("message");
  if (message.trim() === "") throw new Failure(`${KIND}: argument \`message\` must not be empty`);
  const date =
    (context.again ? noted(context.note, "date") : undefined) ?? `@${Math.floor(clock.nowMs() / 1_000)} +0000`;
  const git = new Git(KIND, context, identityEnv(args, date));
  await git.settleEarlier();
  const repository = await findRepository(git, folder, files);
  const branch = await git.look(folder, ["symbolic-ref", "--quiet", "--short", "HEAD"]);
  await clearOwnLocks(context, folder, repository, branch.status === 0 ? branch.stdout.trim() : null);

  const head = (await headOf(git, folder)) ?? UNBORN;
  const before = (context.again ? noted(context.note, "head") : undefined) ?? head;
  if (head !== before && (await isOurs(git, folder, before, date, message))) return { committed: true, head };

  const facts = { head, date };
  if (args.flag("all", true)) {
    const top = (await git.ask(folder, ["rev-parse", "--show-toplevel"])).trim();
    git.expect(["add"], await git.change(top, ["add", "--all"], facts));
  }
  if ((await git.look(folder, ["diff", "--cached", "--quiet"])).status === 0)
    return { committed: false, head: head === UNBORN ? null : head };
  const command = ["commit", "--quiet", "--no-verify", "--cleanup=whitespace", "--file=-"];
  git.expect(command, await git.change(folder, command, facts, message));
  return { committed: true, head: await headOf(git, folder) };
}

async function isOurs(git: Git, folder: string, before: string, date: string, message: string): Promise<boolean> {
  const shown = await git.ask(folder, ["log", "-1", "--format=%P%x00@%at +0000%x00%B"]);
  const [parents, when, text] = shown.split("\0");
  return parents === before && when === date && squeeze(text ?? "") === squeeze(message);
}

/** Git trims blank lines and the ends of lines. */
const squeeze = (text: string) => text.replace(/\s+/g, " ").trim();
