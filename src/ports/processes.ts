/**
 * The door to other processes. A child starts behind a gate, so that its identity can be on disk before the user's command runs.
 *
 * Invariants
 * 1. The user's command does not run before `open()`. When our process dies before that, the child exits without running anything.
 * 2. A child leads its own process group; cancelling and killing reach the whole group.
 * 3. A process is known by pid and start time together: a pid alone may have been given to someone else.
 */

/** Enough to find a process again from another process, also after a crash. Plain JSON. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque text, equal only for the same process (boot, pid namespace and clock ticks on Linux, the start date elsewhere). */
  readonly startTime: string;
  /** Process group; equal to `pid` for children of this port. */
  readonly pgid: number;
}

export type Command =
  | { readonly kind: "argv"; readonly argv: readonly string[] }
  /** Run by `/bin/sh -c`. */
  | { readonly kind: "shell"; readonly script: string };

export interface SpawnRequest {
  readonly command: Command;
  /** Absolute. */
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to the child's input, which is then closed. Absent: empty input. */
  readonly stdin?: string;
  /** Bound for stdout and for stderr, each. What goes beyond is dropped and `truncated` is set; the child runs on. */
  readonly maxOutputBytes: number;
  /** From SIGTERM to SIGKILL when cancelled. Default 2,000. */
  readonly graceMs?: number;
  /** Output as it comes, whole characters only; also what `maxOutputBytes` drops from the result. */
  readonly onChunk?: (stream: "stdout" | "stderr", text: string) => void;
}

export interface ProcessResult {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

export interface GatedChild {
  readonly identity: ProcessIdentity;
  /** Lets the command run. A second call does nothing. */
  open(): void;
  /** Resolves when the command ended and its output is closed; never rejects for a status. After a cancel: `signal` says what ended it. */
  readonly done: Promise<ProcessResult>;
}

export interface ProcessesPort {
  /**
   * Starts a child behind its gate. Rejects with a `Failure` that names the program or folder when it cannot be started (no such program on the
   * `PATH` of `env`, no such folder). An abort before `open()` ends the child unrun; later it gets SIGTERM, then SIGKILL, its whole group.
   */
  spawnGated(request: SpawnRequest, signal: AbortSignal): Promise<GatedChild>;
  /** Does this very process still live? Null: it cannot be told from here (another container on the same machine). Completes at once. */
  isAlive(identity: Pick<ProcessIdentity, "pid" | "startTime">): boolean | null;
  /**
   * Kills what is left of a recorded process and its group (SIGTERM, after `graceMs` SIGKILL) and waits until it is gone. Never touches a process
   * that merely has the same pid. Answers whether anything was still there.
   */
  killRecorded(identity: ProcessIdentity, options?: { readonly graceMs?: number }): Promise<boolean>;
}
