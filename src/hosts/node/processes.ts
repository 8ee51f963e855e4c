/**
 * The process port over node:child_process. Not over execa: what is needed here is a process group of its own, a fourth descriptor and a kill of the
 * whole group, which execa leaves to the caller, while loading it costs every start of the interpreter some milliseconds.
 *
 * The gate: `/bin/sh` reads a line from descriptor 3 and then becomes the command (exec, same pid). The other end is ours alone, so our death, however
 * sudden, is an end of file there, and the shell exits without running anything.
 */
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import fsp from "node:fs/promises";
import path from "node:path";
import type { Writable } from "node:stream";
import { Failure } from "../../base/failure.ts";
import type { GatedChild, ProcessesPort, ProcessIdentity, ProcessResult, SpawnRequest } from "../../ports/processes.ts";
import { systemReason } from "./errno.ts";
import { OutputCapture } from "./output-capture.ts";
import { groupMembers, isSameProcessAlive, startTimeOf, survivorsOf } from "./process-identity.ts";

const GATE = 'read -r go <&3 && exec 3<&- && exec "$@"';
const GRACE_MS = 2_000;
/** How often a dying group is looked at, and how long we look after SIGKILL. */
const LOOK_MS = 15;
const KILLED_MS = 5_000;

export function createProcessesPort(): ProcessesPort {
  return {
    spawnGated,
    isAlive: isSameProcessAlive,
    killRecorded: (identity, options) =>
      killSurvivors(() => survivorsOf(identity), identity.pgid, options?.graceMs ?? GRACE_MS),
  };
}

async function spawnGated(request: SpawnRequest, signal: AbortSignal): Promise<GatedChild> {
  signal.throwIfAborted();
  const argv = await resolveCommand(request);
  const child = spawn("/bin/sh", ["-c", GATE, "harn-gate", ...argv], {
    cwd: request.cwd,
    env: request.env,
    detached: true,
    stdio: [request.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe", "pipe"],
  });
  const identity = await started(child, argv[0]!);
  const gate = child.stdio[3] as Writable;
  // A child that dies early closes its ends; what we still wanted to write is of no interest then.
  gate.on("error", () => {});
  child.stdin?.on("error", () => {});
  child.stdin?.end(request.stdin);

  let opened = false;
  const done = watch(child, identity, request, signal, gate);
  return {
    identity,
    open() {
      if (opened || signal.aborted) return;
      opened = true;
      gate.end("go\n");
    },
    done,
  };
}

/** The argument list, once folder and program are known to exist: the gate's own message for a missing program would be the shell's. */
async function resolveCommand(request: SpawnRequest): Promise<readonly string[]> {
  const { command, cwd } = request;
  const argv = command.kind === "shell" ? ["/bin/sh", "-c", command.script] : command.argv;
  const [program] = argv;
  if (program === undefined || program === "") throw new Failure("cannot run a command without a program");
  for (const text of argv)
    if (text.includes("\0")) throw new Failure(`cannot run ${program}: an argument holds a NUL character`);
  const folder = await fsp.stat(cwd).catch((error: unknown) => {
    throw new Failure(`cannot run ${program} in ${cwd}: ${systemReason(error)}`);
  });
  if (!folder.isDirectory()) throw new Failure(`cannot run ${program} in ${cwd}: it is not a folder`);

  const found = program.includes("/")
    ? await runnable(path.resolve(cwd, program))
    : await onPath(program, request.env.PATH, cwd);
  if (found !== null) throw new Failure(`cannot run ${program}: ${found}`);
  // `exec` of the shell would take a leading dash for an option.
  return program.startsWith("-") ? [`./${program}`, ...argv.slice(1)] : argv;
}

/** Null: it can be run. Else why not. */
async function runnable(file: string): Promise<string | null> {
  try {
    if ((await fsp.stat(file)).isDirectory()) return `${file} is a folder`;
    await fsp.access(file, fs.constants.X_OK);
    return null;
  } catch (error) {
    return systemReason(error);
  }
}

async function onPath(program: string, searched: string | undefined, cwd: string): Promise<string | null> {
  let refused: string | null = null;
  for (const folder of (searched ?? "/usr/local/bin:/usr/bin:/bin").split(":")) {
    const file = path.resolve(cwd, folder, program);
    const reason = await runnable(file);
    if (reason === null) return null;
    if (reason.startsWith("Permission denied")) refused = `${file}: ${reason}`;
  }
  return refused ?? `No such file or directory (os error 2): no program of that name on the PATH`;
}

function started(child: ChildProcess, program: string): Promise<ProcessIdentity> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Failure(`cannot run ${program}: ${systemReason(error)}`)));
    child.once("spawn", () => {
      const pid = child.pid!;
      const startTime = startTimeOf(pid);
      // It waits at its gate, so only an outside kill can have ended it by now.
      if (startTime === null) reject(new Failure(`cannot run ${program}: the process was killed before it started`));
      else resolve({ pid, startTime, pgid: pid });
    });
  });
}

function watch(
  child: ChildProcess,
  identity: ProcessIdentity,
  request: SpawnRequest,
  signal: AbortSignal,
  gate: Writable,
): Promise<ProcessResult> {
  const out = new OutputCapture(
    request.maxOutputBytes,
    request.onChunk && ((text) => request.onChunk!("stdout", text)),
  );
  const err = new OutputCapture(
    request.maxOutputBytes,
    request.onChunk && ((text) => request.onChunk!("stderr", text)),
  );
  child.stdout!.on("data", (bytes: Buffer) => out.add(bytes));
  child.stderr!.on("data", (bytes: Buffer) => err.add(bytes));
  child.stdout!.on("error", () => {});
  child.stderr!.on("error", () => {});

  const closed = new Promise<{ status: number | null; ended: string | null }>((resolve) => {
    child.once("close", (status, ended) => resolve({ status, ended }));
  });
  const ended = new Promise<{ status: number | null; ended: string | null }>((resolve) => {
    child.once("exit", (status, name) => resolve({ status, ended: name }));
  });

  return new Promise((resolve, reject) => {
    const finish = ({ status, ended }: { status: number | null; ended: string | null }) => {
      signal.removeEventListener("abort", cancel);
      resolve({
        status,
        signal: ended,
        stdout: out.end(),
        stderr: err.end(),
        truncated: out.truncated || err.truncated,
      });
    };
    const cancel = () => {
      gate.destroy();
      // Someone who left the group may hold the pipes for ever: the group's end, not the pipes', is the end of a cancelled child.
      killSurvivors(() => groupMembers(identity.pgid), identity.pgid, request.graceMs ?? GRACE_MS)
        .then(async () => {
          const last = await Promise.race([
            closed,
            ended.then((end) => new Promise<typeof end>((go) => setTimeout(go, 100, end))),
          ]);
          child.stdout!.destroy();
          child.stderr!.destroy();
          finish(last);
        })
        .catch(reject);
    };
    if (signal.aborted) cancel();
    else {
      signal.addEventListener("abort", cancel, { once: true });
      void closed.then((end) => {
        if (!signal.aborted) finish(end);
      });
    }
  });
}

/** SIGTERM, after the grace SIGKILL, and back when nothing is left. Answers whether anything was there. */
async function killSurvivors(survivors: () => readonly number[], pgid: number, graceMs: number): Promise<boolean> {
  if (survivors().length === 0) return false;
  signalGroup(pgid, "SIGTERM");
  // A stopped process would keep SIGTERM for later.
  signalGroup(pgid, "SIGCONT");
  if (await goneWithin(survivors, graceMs)) return true;
  signalGroup(pgid, "SIGKILL");
  if (await goneWithin(survivors, KILLED_MS)) return true;
  throw new Failure(`process group ${pgid} does not end after SIGKILL; left: ${survivors().join(", ")}`);
}

async function goneWithin(survivors: () => readonly number[], ms: number): Promise<boolean> {
  const until = performance.now() + ms;
  for (;;) {
    if (survivors().length === 0) return true;
    if (performance.now() >= until) return false;
    await new Promise((go) => setTimeout(go, LOOK_MS));
  }
}

function signalGroup(pgid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pgid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH")
      throw new Failure(`cannot send ${name} to process group ${pgid}: ${systemReason(error)}`);
  }
}
