/**
 * Tests in several processes of this command, so that more than one core works on them: `harn test --parallel`.
 *
 * Invariants
 * 1. Every job is answered once. When a process ends in the middle of one, that is the answer, and another process takes the rest.
 * 2. The processes end with this one, however it ends.
 */
import { type ChildProcess, fork } from "node:child_process";
import os from "node:os";
import { Failure } from "../base/failure.ts";
import type { ProgramFile } from "../tools/program-files.ts";
import type { TestResult } from "../tools/test/result.ts";
import type { TestFlags } from "./command-line.ts";
import type { ConformanceCase } from "./conformance/cases.ts";
import type { CaseResult } from "./conformance/run-case.ts";
import { TEST_WORKER } from "./test-worker-word.ts";

export type TestJob =
  /** Of the tests of a file every `shares`-th, from the `share`-th on. */
  | { readonly kind: "file"; readonly file: ProgramFile; readonly share: number; readonly shares: number }
  | { readonly kind: "case"; readonly test: ConformanceCase };

export type TestAnswer =
  | { readonly kind: "results"; readonly results: readonly TestResult[] }
  | { readonly kind: "case"; readonly result: CaseResult }
  /** The process ended; how. */
  | { readonly kind: "lost"; readonly how: string };

/** How often lines ran, by file: as `LineCounts` has it. */
export type LinesRun = ReadonlyMap<string, ReadonlyMap<number, number>>;

export type ToWorker =
  /** `atOnce`: tests of one file at the same time. */
  | { readonly kind: "setup"; readonly flags: TestFlags; readonly atOnce: number }
  | { readonly kind: "job"; readonly index: number; readonly job: TestJob }
  | { readonly kind: "finish" };

export type FromWorker =
  /** The first: it runs. */
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly index: number; readonly answer: TestAnswer }
  | { readonly kind: "progress"; readonly what: "started" | "ended"; readonly file: string; readonly test: string }
  /** The last: answers `finish`. */
  | { readonly kind: "finished"; readonly lines: LinesRun | null };

export interface ProcessesOptions {
  readonly flags: TestFlags;
  readonly processes: number;
  /** Jobs of one process at the same time. */
  readonly jobsEach: number;
  readonly testsEach: number;
  onAnswer(index: number, answer: TestAnswer): void;
  readonly onProgress?: (what: "started" | "ended", file: string, test: string) => void;
  readonly onLines?: (lines: LinesRun) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Processes for so many jobs, of which so many may run at the same time; 1: this one is enough. */
export function processCount(jobs: number, atOnce: number): number {
  return Math.max(1, Math.min(os.availableParallelism(), atOnce, jobs));
}

export async function runInProcesses(jobs: readonly TestJob[], options: ProcessesOptions): Promise<void> {
  const pool = new Pool(jobs, options);
  await Promise.all(Array.from({ length: options.processes }, () => pool.work()));
}

class Pool {
  private next = 0;
  private readonly jobs: readonly TestJob[];
  private readonly options: ProcessesOptions;

  constructor(jobs: readonly TestJob[], options: ProcessesOptions) {
    this.jobs = jobs;
    this.options = options;
  }

  /** One process after the other, until no job is left; mostly one. */
  async work(): Promise<void> {
    while (this.next < this.jobs.length && !this.options.signal?.aborted) await this.one();
  }

  private one(): Promise<void> {
    const { flags, jobsEach, testsEach, signal } = this.options;
    const child = fork(process.argv[1]!, [TEST_WORKER], { serialization: "advanced", stdio: ["ignore", 1, 2, "ipc"] });
    const under = new Set<number>();
    let isReady = false;
    const tell = (message: ToWorker) => void child.send(message, () => {});
    const stop = () => child.kill("SIGKILL");
    signal?.addEventListener("abort", stop, { once: true });
    tell({ kind: "setup", flags, atOnce: testsEach });
    const give = () => {
      while (under.size < jobsEach && this.next < this.jobs.length) {
        const index = this.next++;
        under.add(index);
        tell({ kind: "job", index, job: this.jobs[index]! });
      }
      if (under.size === 0) tell({ kind: "finish" });
    };
    child.on("message", (message: FromWorker) => {
      if (message.kind === "ready") isReady = true;
      else if (message.kind === "progress") this.options.onProgress?.(message.what, message.file, message.test);
      else if (message.kind === "finished") {
        if (message.lines !== null) this.options.onLines?.(message.lines);
      } else {
        under.delete(message.index);
        this.options.onAnswer(message.index, message.answer);
        give();
      }
    });
    give();
    return new Promise((resolve, reject) => {
      const ended = (how: string) => {
        signal?.removeEventListener("abort", stop);
        // The next one would end so, too.
        if (!isReady && !signal?.aborted) reject(new Failure(`a process for tests ${how} before it ran one`));
        for (const index of under) this.options.onAnswer(index, { kind: "lost", how });
        under.clear();
        resolve();
      };
      child.once("error", (error) => ended(`cannot be started: ${error.message}`));
      child.once("exit", (code, name) => ended(howEnded(code, name)));
    });
  }
}

function howEnded(code: number | null, signal: ChildProcess["signalCode"]): string {
  return signal === null ? `ended with ${code}` : `was ended by ${signal}`;
}
