/**
 * Who a process is. A pid is reused; pid and start time together are not. On Linux the start time is the boot's id and the clock ticks since then
 * (/proc/<pid>/stat, field 22); elsewhere it is what `ps` prints. A zombie counts as gone: it runs nothing and holds nothing.
 */
import { execFileSync } from "node:child_process";
import fs from "node:fs";

interface ProcessEntry {
  readonly pid: number;
  readonly pgid: number;
  readonly startTime: string;
  readonly zombie: boolean;
}

const onLinux = process.platform === "linux";

/** Null: no such process, or only its zombie. */
export function startTimeOf(pid: number): string | null {
  const entry = onLinux ? readProc(pid, bootId()) : (listWithPs(["-p", String(pid)])[0] ?? null);
  return entry === null || entry.zombie ? null : entry.startTime;
}

export function isSameProcessAlive(identity: { readonly pid: number; readonly startTime: string }): boolean {
  return startTimeOf(identity.pid) === identity.startTime;
}

/**
 * Pids that are left of a recorded group. When the leader is gone, members with its pgid are still its group: the system gives no new process a pid that
 * names a living group. When the pid lives with another start time, or the machine was restarted, nothing is left.
 */
export function survivorsOf(identity: {
  readonly pid: number;
  readonly startTime: string;
  readonly pgid: number;
}): readonly number[] {
  const leader = startTimeOf(identity.pid);
  if (leader !== null && leader !== identity.startTime) return [];
  if (onLinux && !identity.startTime.startsWith(`${bootId()}:`)) return [];
  return listGroup(identity.pgid).map((entry) => entry.pid);
}

/** Living members of a process group. */
export function groupMembers(pgid: number): readonly number[] {
  return listGroup(pgid).map((entry) => entry.pid);
}

function listGroup(pgid: number): readonly ProcessEntry[] {
  const all = onLinux ? listProc() : listWithPs(["-A"]);
  return all.filter((entry) => entry.pgid === pgid && !entry.zombie);
}

function bootId(): string {
  try {
    return fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "boot";
  }
}

function listProc(): readonly ProcessEntry[] {
  const boot = bootId();
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProc(Number(name), boot))
    .filter((entry) => entry !== null);
}

function readProc(pid: number, boot: string): ProcessEntry | null {
  let text: string;
  try {
    text = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null;
  }
  // The second field is the command in parentheses and may hold anything, parentheses and blanks too.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, , pgid] = fields;
  return { pid, pgid: Number(pgid), startTime: `${boot}:${fields[19]}`, zombie: state === "Z" || state === "X" };
}

function listWithPs(selection: readonly string[]): readonly ProcessEntry[] {
  let text: string;
  try {
    text = execFileSync("ps", [...selection, "-o", "pid=,pgid=,stat=,lstart="], {
      encoding: "utf8",
      env: { PATH: "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return []; // ps ends with status 1 when the pid does not exist.
  }
  return text
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*\S)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, pgid, stat, started]) => ({
      pid: Number(pid),
      pgid: Number(pgid),
      startTime: started!,
      zombie: stat!.startsWith("Z"),
    }));
}
