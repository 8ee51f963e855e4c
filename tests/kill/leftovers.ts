/** What a run must not leave behind in its folder: processes, lock files, half-made worktrees, temporary files. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A process that is just ending is not left behind. */
export async function processes(folder: string): Promise<string[]> {
  for (let i = 0; i < 40 && processesIn(folder).length > 0; i++) await delay(25);
  return processesIn(folder).map((line) => `process left: ${line}`);
}

export async function leftovers(folder: string): Promise<string[]> {
  const repo = join(folder, "repo");
  return [
    ...(await processes(folder)),
    ...files(folder)
      .filter((path) => /\.lock$|\.tmp\b|\.harn-tmp|\.part$/.test(path) && !path.includes("node_modules"))
      .map((path) => `file left: ${relative(folder, path)}`),
    ...worktrees(repo),
  ];
}

/** Processes that carry this folder in their environment (Linux) or arguments. */
function processesIn(folder: string): string[] {
  if (!existsSync("/proc/self/environ")) {
    return execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line.includes(folder));
  }
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(`HARN_KILL_TEST=${folder}\0`)) return [];
      const state = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0];
      if (state === "Z") return [];
      return [
        `${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")} in ${readlinkSync(`/proc/${pid}/cwd`)}`,
      ];
    } catch {
      return [];
    }
  });
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

/** Every worktree that git knows is there and clean of half-done work, and none is there that git does not know. */
function worktrees(repo: string): string[] {
  const git = (...args: string[]) => execFileSync("git", ["-C", repo, ...args], { encoding: "utf8" });
  const problems: string[] = [];
  for (const block of git("worktree", "list", "--porcelain").split("\n\n")) {
    const path = /^worktree (.*)$/m.exec(block)?.[1];
    if (path === undefined) continue;
    if (!existsSync(path)) problems.push(`git knows a worktree that is gone: ${path}`);
    else if (/^prunable/m.test(block)) problems.push(`half-made worktree: ${path}`);
  }
  if (existsSync(join(repo, ".git", "MERGE_HEAD"))) problems.push("a merge is left half done");
  return problems;
}
