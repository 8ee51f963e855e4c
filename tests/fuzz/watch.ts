/**
 * Fuzzes one target: starts the process that tries inputs, watches it, starts another when it has died or hangs, judges what looks too slow or too large in
 * a process of its own, and keeps what was found as files.
 */
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { readCorpus } from "./corpus.ts";
import { byteLength, hangMs, MB, memoryLimit, SLACK, timeLimitMs } from "./limits.ts";
import type { ChildOrder, ChildReport } from "./protocol.ts";
import { Random } from "./random.ts";
import { loadTarget, type TargetName } from "./target.ts";

/** Of the process that tries many: far more than it needs. */
const HEAP_MB = 1_500;
/** A process that has not said that it is ready by then never will be. */
const START_MS = 120_000;

const FINE = "code 0";
/** Of what a process that died has said. */
const MOST_SAID = 2_000;

export interface Finding {
  readonly target: TargetName;
  readonly seed: number;
  readonly index: number;
  readonly kind: "crash" | "hang" | "slow" | "memory" | "death";
  readonly problem: string;
  readonly at: string;
  input: string;
}

export interface FuzzOptions {
  readonly target: TargetName;
  readonly seed: number;
  readonly seconds: number;
  /** Inputs, at most. */
  readonly most?: number;
  onProgress?(counts: FuzzCounts): void;
  onFinding?(finding: Finding): void;
}

export interface FuzzCounts {
  inputs: number;
  bytes: number;
  /** Looked at again in a process of their own. */
  judged: number;
  readonly outcomes: Map<string, number>;
  readonly findings: Finding[];
}

const child = path.join(import.meta.dirname, "child.ts");

export class Fuzzer {
  readonly #options: FuzzOptions;
  readonly counts: FuzzCounts = { inputs: 0, bytes: 0, judged: 0, outcomes: new Map(), findings: [] };
  readonly #known = new Set<string>();
  #heldBytes = -1;
  /** Milliseconds for trying; starting processes and judging do not count. */
  #left = 0;

  constructor(options: FuzzOptions) {
    this.#options = options;
  }

  async run(): Promise<FuzzCounts> {
    const { most = Number.MAX_SAFE_INTEGER, seconds } = this.#options;
    this.#left = seconds * 1_000;
    for (let next = 0; next < most && this.#left > 0; ) next = await this.#runFrom(next, most);
    return this.counts;
  }

  /** One process's share; answers the first index that is not done. */
  async #runFrom(from: number, to: number): Promise<number> {
    const { target, seed } = this.#options;
    const process_ = start({ kind: "run", target, seed, from, to, ms: this.#left }, [
      `--max-old-space-size=${HEAP_MB}`,
    ]);
    const suspects: Extract<ChildReport, { kind: "suspect" }>[] = [];
    let current: { readonly index: number; readonly bytes: number } | null = null;
    let crashed: Finding | null = null;
    let next = from;
    let begun = 0;
    const watch = new Watchdog(process_);
    const ended = ending(process_);
    for await (const line of createInterface({ input: process_.stdout! })) {
      const report = JSON.parse(line) as ChildReport;
      if (report.kind === "ready") begun = performance.now();
      else if (report.kind === "begin") {
        current = report;
        crashed = null;
        this.counts.bytes += report.bytes;
        watch.set(hangMs(report.bytes));
      } else if (report.kind === "end") {
        this.counts.inputs++;
        this.counts.outcomes.set(report.outcome, (this.counts.outcomes.get(report.outcome) ?? 0) + 1);
        next = report.index + 1;
        current = null;
        this.#options.onProgress?.(this.counts);
      } else if (report.kind === "crash") {
        crashed = { target, seed, ...report };
        // Shrinking has its own limit of time, for each try not more than the input itself had.
        watch.set(30_000 + hangMs(byteLength(report.input)));
      } else if (report.kind === "shrunk") {
        if (crashed !== null) this.#found({ ...crashed, input: report.input });
        crashed = null;
      } else if (report.kind === "suspect") suspects.push(report);
      else if (report.kind === "over") next = report.next;
    }
    watch.set(null);
    if (begun > 0) this.#left -= performance.now() - begun;
    const how = await ended;
    if (crashed !== null) this.#found(crashed);
    else if (current !== null) {
      if (!watch.killed) await this.#died(current.index, "death", how);
      else if (await this.#hangsAgain(current)) await this.#died(current.index, "hang", how);
    } else if (how !== FINE && !(watch.killed && begun > 0))
      // One that was kept from running between two inputs is started again.
      throw new Error(`the process that tries inputs of the ${target} ended with ${how}`);
    if (current !== null) next = current.index + 1;
    for (const suspect of suspects) await this.#judge(suspect.index);
    return next;
  }

  /** In a process of its own, so that one which the system has stopped for a while is not taken for one that hangs. */
  async #hangsAgain({ index, bytes }: { readonly index: number; readonly bytes: number }): Promise<boolean> {
    this.counts.judged++;
    const { target, seed } = this.#options;
    const order: ChildOrder = { kind: "run", target, seed, from: index, to: index + 1, ms: START_MS };
    const process_ = start(order, [`--max-old-space-size=${HEAP_MB}`]);
    const watch = new Watchdog(process_);
    const ended = ending(process_);
    for await (const line of createInterface({ input: process_.stdout! }))
      if ((JSON.parse(line) as ChildReport).kind === "begin") watch.set(hangMs(bytes));
    watch.set(null);
    await ended;
    return watch.killed;
  }

  async #died(index: number, kind: "hang" | "death", how: string): Promise<void> {
    const input = await this.#inputOf(index);
    const problem = kind === "hang" ? `no end after ${Math.round(hangMs(byteLength(input)))} ms` : `ended with ${how}`;
    this.#found({ target: this.#options.target, seed: this.#options.seed, index, kind, problem, at: "", input });
  }

  async #inputOf(index: number): Promise<string> {
    const { target, seed } = this.#options;
    return (await loadTarget(target)).make(new Random(seed, `${target} ${index}`), readCorpus());
  }

  /** In a process with no more memory than the input may take: what cannot be done in it takes too much. */
  async #judge(index: number): Promise<void> {
    const { target, seed } = this.#options;
    const input = await this.#inputOf(index);
    const finding = await this.judgeInput(input);
    if (finding !== null) this.#found({ target, seed, index, at: "", input, ...finding });
  }

  async judgeInput(input: string): Promise<Pick<Finding, "kind" | "problem"> | null> {
    this.counts.judged++;
    const bytes = byteLength(input);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-fuzz-"));
    const file = path.join(folder, "input.json");
    fs.writeFileSync(file, JSON.stringify(input));
    try {
      const held = await this.#held();
      const allowed = Math.ceil((held + memoryLimit(bytes) + SLACK) / MB);
      const flags = [`--max-old-space-size=${allowed}`, "--max-semi-space-size=1", "--expose-gc"];
      const { reports, how } = await collect(this.#options.target, file, flags, hangMs(bytes));
      if (!reports.some((report) => report.kind === "held"))
        throw new Error(`the process that judges ended with ${how} before it had the input`);
      const judged = reports.find((report) => report.kind === "judged");
      if (how === "hang") {
        // Near its limit of memory a process hardly gets on: is that it?
        const roomy = await collect(this.#options.target, file, [`--max-old-space-size=${HEAP_MB}`], hangMs(bytes));
        if (roomy.how === "hang") return { kind: "hang", problem: `no end after ${Math.round(hangMs(bytes))} ms` };
      }
      if (judged === undefined)
        return { kind: "memory", problem: `${bytes} bytes of input need more than ${allowed} MB: ${how}` };
      if (judged.ms > timeLimitMs(bytes))
        return { kind: "slow", problem: `${bytes} bytes of input take ${Math.round(judged.ms)} ms` };
      return judged.crash === null ? null : { kind: "crash", problem: judged.crash.problem };
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }

  /** What a process holds that has loaded everything and has no input. */
  async #held(): Promise<number> {
    if (this.#heldBytes < 0) {
      const { reports, how } = await collect(this.#options.target, null, ["--expose-gc"], START_MS);
      const held = reports.find((report) => report.kind === "held");
      if (held === undefined) throw new Error(`the process that judges ended with ${how}`);
      this.#heldBytes = held.bytes;
    }
    return this.#heldBytes;
  }

  #found(finding: Finding): void {
    const name = `${finding.kind} ${finding.problem.replaceAll(/\d+|"[^"]*"/g, "#").slice(0, 60)} ${finding.at}`;
    if (this.#known.has(name)) return;
    this.#known.add(name);
    this.counts.findings.push(finding);
    this.#options.onFinding?.(finding);
  }
}

/** A process that others kept from running may take so many times longer. */
const PATIENCE = 6;
/** Of `/proc/…/stat`. */
const TICK_MS = 10;

/** Processor time of a process; null where the system does not tell, or the process is gone. */
function processorMs(pid: number | undefined): number | null {
  try {
    const [, rest] = /\) (.*)$/.exec(fs.readFileSync(`/proc/${pid}/stat`, "utf8"))!;
    const fields = rest!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return null;
  }
}

/** Kills a process when it was not set again in time: when it has used that much of a processor since, or the time has passed several times. */
class Watchdog {
  /** It took too long. */
  killed = false;
  readonly #process: ChildProcess;
  #timer: NodeJS.Timeout | null = null;
  #ms = 0;
  #due = 0;
  /** Processor time when the time was over first; null: it is not. */
  #used: number | null = null;

  constructor(process_: ChildProcess) {
    this.#process = process_;
    this.set(START_MS);
  }

  /** null: no longer. A timer once a second, not one for each input. */
  set(ms: number | null): void {
    this.#used = null;
    this.#ms = ms ?? 0;
    this.#due = ms === null ? Number.POSITIVE_INFINITY : performance.now() + ms;
    if (ms === null) {
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
    } else
      this.#timer ??= setInterval(() => {
        if (performance.now() <= this.#due || this.#isHeldUp()) return;
        this.killed = true;
        this.#process.kill("SIGKILL");
      }, 1_000);
  }

  #isHeldUp(): boolean {
    const used = processorMs(this.#process.pid);
    if (used === null) return false;
    this.#used ??= used;
    return used - this.#used < this.#ms && performance.now() < this.#due + PATIENCE * this.#ms;
  }
}

function start(order: ChildOrder, flags: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...flags, child, JSON.stringify(order)], { stdio: ["ignore", "pipe", "pipe"] });
}

function ending(process_: ChildProcess): Promise<string> {
  let last = "";
  process_.stderr!.setEncoding("utf8").on("data", (text: string) => {
    last = (last + text).slice(-MOST_SAID);
  });
  return new Promise((resolve) => {
    process_.on("close", (code, signal) => resolve(signal ?? (code === 0 ? FINE : `code ${code}: ${last.trim()}`)));
  });
}

async function collect(
  target: TargetName,
  file: string | null,
  flags: readonly string[],
  ms: number,
): Promise<{ readonly reports: readonly ChildReport[]; readonly how: string }> {
  const process_ = start({ kind: "judge", target, file }, flags);
  const reports: ChildReport[] = [];
  const watch = new Watchdog(process_);
  const ended = ending(process_);
  for await (const line of createInterface({ input: process_.stdout! })) {
    reports.push(JSON.parse(line) as ChildReport);
    watch.set(ms);
  }
  const how = await ended;
  watch.set(null);
  return { reports, how: watch.killed ? "hang" : how };
}
