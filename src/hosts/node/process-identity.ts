/**
 * Who a process is. A pid is reused; pid and start time together are not. On Linux the start time is `<boot id>/<pid namespace>:<clock ticks since boot>`
 * (/proc/<pid>/stat, field 22): a pid means something else after a restart and in another container. Elsewhere it is what `ps` prints.
 * A zombie counts as gone: it runs nothing and holds nothing.
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

interface Identity {
  readonly pid: number;
  readonly startTime: string;
}

/** Null: no such process, or only its zombie. */
export function startTimeOf(pid: number): string | null {
  const entry = onLinux ? readProc(pid, originOf()) : (listWithPs(["-p", String(pid)])[0] ?? null);
  return entry === null || entry.zombie ? null : entry.startTime;
}

/** Null: the process is of another pid namespace, so it cannot be told from here. */
export function isSameProcessAlive(identity: Identity): boolean | null {
  if (onLinux) {
    const [boot, space] = splitOrigin(identity.startTime);
    const [ourBoot, ourSpace] = splitOrigin(originOf());
    if (boot !== ourBoot) return false;
    if (space !== ourSpace) return null;
  }
  return startTimeOf(identity.pid) === identity.startTime;
}

/**
 * Pids that are left of a recorded group. When the leader is gone, members with its pgid are still its group: the system gives no new process a pid that
 * names a living group. When the pid lives with another start time, or belongs to another boot or container, nothing is left that we may touch.
 */
export function survivorsOf(identity: Identity & { readonly pgid: number }): readonly number[] {
  const leader = startTimeOf(identity.pid);
  if (leader !== null && leader !== identity.startTime) return [];
  if (onLinux && !identity.startTime.startsWith(`${originOf()}:`)) return [];
  return groupMembers(identity.pgid);
}

/** Living members of a process group. */
export function groupMembers(pgid: number): readonly number[] {
  const all = onLinux ? listProc() : listWithPs(["-A"]);
  return all.filter((entry) => entry.pgid === pgid && !entry.zombie).map((entry) => entry.pid);
}

/** Boot and pid namespace: what a start time on Linux begins with. */
function originOf(): string {
  return `${readOr("boot", () => fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim())}/${readOr("pid", () => fs.readlinkSync("/proc/self/ns/pid")).replace(/\D/g, "")}`;
}

const splitOrigin = (startTime: string) => startTime.replace(/:.*$/, "").split("/");

function readOr(otherwise: string, read: () => string): string {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

function listProc(): readonly ProcessEntry[] {
  const origin = originOf();
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProc(Number(name), origin))
    .filter((entry) => entry !== null);
}

function readProc(pid: number, origin: string): ProcessEntry | null {
  let text: string;
  try {
    text = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null;
  }
  // The second field is the command in parentheses and may hold anything, parentheses and blanks too.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, , pgid] = fields;
  return { pid, pgid: Number(pgid), startTime: `${origin}:${fields[19]}`, zombie: state === "Z" || state === "X" };
}

/** For systems without /proc; exported for the test, which runs it anywhere. */
export function listWithPs(selection: readonly string[]): readonly ProcessEntry[] {
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
