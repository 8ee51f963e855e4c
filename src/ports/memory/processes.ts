/** Processes that a test plays: each spawn is answered by the test's own function, behind the same gate as the real ones. */
import { Failure } from "../../base/failure.ts";
import type { GatedChild, ProcessesPort, ProcessIdentity, ProcessResult, SpawnRequest } from "../processes.ts";
import type { Faults } from "./faults.ts";

/** What the command does once its gate is open; what is left out of the answer reads as success without output. The signal says that it is killed. */
export type PlayedProgram = (
  request: SpawnRequest,
  signal: AbortSignal,
) => Partial<ProcessResult> | Promise<Partial<ProcessResult>>;

const SUCCESS: ProcessResult = { status: 0, signal: null, stdout: "", stderr: "", truncated: false };

export class MemoryProcesses implements ProcessesPort {
  readonly #faults: Faults;
  readonly #living = new Map<number, AbortController>();
  #nextPid = 1_000;
  program: PlayedProgram = (request) => {
    throw new Failure(`no program is played for ${nameOf(request)}`);
  };
  /** What was let through its gate, in order. */
  readonly started: SpawnRequest[] = [];

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  async spawnGated(request: SpawnRequest, signal: AbortSignal): Promise<GatedChild> {
    signal.throwIfAborted();
    await this.#faults.pass("processes.spawn", nameOf(request));
    const pid = this.#nextPid++;
    const killed = new AbortController();
    this.#living.set(pid, killed);
    signal.addEventListener("abort", () => killed.abort(), { once: true });

    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const dead = new Promise<ProcessResult>((resolve) => {
      killed.signal.addEventListener("abort", () => resolve({ ...SUCCESS, status: null, signal: "SIGTERM" }), {
        once: true,
      });
    });
    const run = opened.then(async () => {
      if (killed.signal.aborted) return dead;
      this.started.push(request);
      return { ...SUCCESS, ...(await this.program(request, killed.signal)) };
    });
    const done = Promise.race([run, dead]).finally(() => this.#living.delete(pid));
    done.catch(() => {}); // heard by whoever awaits it
    return { identity: { pid, startTime: `memory:${pid}`, pgid: pid }, open, done };
  }

  isAlive({ pid, startTime }: Pick<ProcessIdentity, "pid" | "startTime">): boolean {
    return startTime === `memory:${pid}` && this.#living.has(pid);
  }

  async killRecorded(identity: ProcessIdentity): Promise<boolean> {
    if (!this.isAlive(identity)) return false;
    this.#living.get(identity.pid)!.abort();
    this.#living.delete(identity.pid);
    return true;
  }
}

function nameOf({ command }: SpawnRequest): string {
  return command.kind === "shell" ? command.script : command.argv.join(" ");
}
