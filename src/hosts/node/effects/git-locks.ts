/**
 * Lock files that a git of ours left when it was killed. Git never removes a lock that it finds, so someone has to, and it must be ours.
 *
 * A lock is taken for ours only when all of this holds: the note of this very effect says that a git was started, that git is gone, the lock is not older
 * than its start, and no other git is at work in the same worktree or git folder.
 */
import fs from "node:fs/promises";
import path from "node:path";
import { Failure } from "../../../base/failure.ts";
import { isJsonObject } from "../../../base/json.ts";
import type { PerformContext } from "../../../ports/effects.ts";
import type { Repository } from "./git-command.ts";
import { processIn } from "./process-effect.ts";

/** File systems round times, some to two seconds. */
const ROUNDING_MS = 2_000;

export async function clearOwnLocks(
  context: PerformContext,
  worktree: string,
  repository: Repository,
  branch: string | null,
): Promise<void> {
  const { again, note, ports } = context;
  const process = processIn(note);
  const startedMs = isJsonObject(note) && typeof note.startedMs === "number" ? note.startedMs : null;
  if (!again || process === null || startedMs === null || ports.processes.isAlive(process) !== false) return;

  const names = ["index.lock", "HEAD.lock", "ORIG_HEAD.lock", "MERGE_HEAD.lock", "AUTO_MERGE.lock"];
  const locks = names.map((name) => path.join(repository.gitDir, name));
  if (branch !== null) locks.push(path.join(repository.commonDir, "refs", "heads", `${branch}.lock`));
  for (const lock of locks) {
    const stat = await ports.files.stat(lock);
    if (stat === null || stat.modifiedMs < startedMs - ROUNDING_MS) continue;
    const other = await gitAtWork([worktree, repository.gitDir]);
    if (other !== null)
      throw new Failure(`${lock} is held: git (pid ${other}) is at work there; try again when it is done`);
    await ports.files.remove(lock);
  }
}

/** The pid of a live git whose working folder is one of these or below; null: none seen. Only Linux tells; elsewhere the other signs must do. */
async function gitAtWork(folders: readonly string[]): Promise<number | null> {
  const pids = await fs.readdir("/proc").catch(() => []);
  for (const pid of pids) {
    if (!/^\d+$/.test(pid)) continue;
    const name = await fs.readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
    if (!name.startsWith("git")) continue;
    const cwd = await fs.readlink(`/proc/${pid}/cwd`).catch(() => null);
    if (cwd !== null && folders.some((folder) => cwd === folder || cwd.startsWith(`${folder}/`))) return Number(pid);
  }
  return null;
}
