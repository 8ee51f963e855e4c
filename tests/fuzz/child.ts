/**
 * The process in which inputs are tried, so that whatever they do to it is seen from outside. Two uses, by what its argument (JSON) says:
 *
 * - `run`: inputs `from`, `from` + 1, … of a seed, for so many milliseconds. It says in a line what it is about to do, before it does it.
 * - `judge`: one input from a file, in a process that has nothing else in its memory.
 */
import fs from "node:fs";
import v8 from "node:v8";
import { readCorpus } from "./corpus.ts";
import { byteLength, memoryLimit, timeLimitMs } from "./limits.ts";
import type { ChildOrder, ChildReport } from "./protocol.ts";
import { Random } from "./random.ts";
import { shrinkText } from "./shrink.ts";
import { loadTarget, type Target } from "./target.ts";

/** Inputs that load what is loaded late, before anything is measured. */
const WARMED = 4;

/** Written at once: a loop that never ends lets nothing else out. */
function report(line: ChildReport): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(1, bytes, at);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "EAGAIN") throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

/** What an input is refused for: null when all is well. */
async function crashOf(
  target: Target,
  input: string,
): Promise<{ readonly problem: string; readonly at: string } | null> {
  try {
    await target.laws(input, await target.run(input));
    return null;
  } catch (thrown) {
    return describe(thrown);
  }
}

function describe(thrown: unknown): { readonly problem: string; readonly at: string } {
  if (!(thrown instanceof Error)) return { problem: `threw ${String(thrown)}`, at: "" };
  const frames = (thrown.stack ?? "").split("\n").filter((line) => line.trimStart().startsWith("at "));
  const own = frames.find((line) => line.includes("/src/")) ?? frames[0] ?? "";
  return {
    problem: `${thrown.name}: ${thrown.message}`.slice(0, 400),
    at: own.trim().replace(/\(?(file:\/\/)?\/\S*\/(?=src\/|tests\/)/, "("),
  };
}

/** Two inputs with the same signature have most likely met the same mistake. */
function signature({ problem, at }: { readonly problem: string; readonly at: string }): string {
  return `${problem.replaceAll(/\d+|"[^"]*"/g, "#").slice(0, 60)} ${at}`;
}

async function warm(target: Target): Promise<void> {
  if (!target.loadsLate) return;
  const corpus = readCorpus();
  for (let i = 0; i < WARMED; i++) await crashOf(target, target.make(new Random(1, `warm ${i}`), corpus));
}

async function runMany(target: Target, order: Extract<ChildOrder, { kind: "run" }>): Promise<void> {
  const corpus = readCorpus();
  await warm(target);
  const known = new Set<string>();
  report({ kind: "ready" });
  const until = Date.now() + order.ms;
  let index = order.from;
  for (; index < order.to && Date.now() < until; index++) {
    const input = target.make(new Random(order.seed, `${order.target} ${index}`), corpus);
    const bytes = byteLength(input);
    report({ kind: "begin", index, bytes });
    const allocated = v8.getHeapStatistics().total_allocated_bytes;
    const started = performance.now();
    let crash: ReturnType<typeof describe> | null = null;
    let outcome = "crashed";
    try {
      outcome = await target.run(input);
    } catch (thrown) {
      crash = describe(thrown);
    }
    const ms = performance.now() - started;
    const heap = v8.getHeapStatistics().total_allocated_bytes - allocated;
    try {
      if (crash === null) await target.laws(input, outcome);
    } catch (thrown) {
      crash = describe(thrown);
    }
    if (crash !== null) {
      const name = signature(crash);
      if (!known.has(name)) {
        known.add(name);
        report({ kind: "crash", index, ...crash, input });
        const stillFails = async (text: string) => {
          const found = await crashOf(target, text);
          return found !== null && signature(found) === name;
        };
        report({ kind: "shrunk", index, input: await shrinkText(input, stillFails) });
      }
    } else if (ms > timeLimitMs(bytes)) report({ kind: "suspect", index, why: "time", amount: ms });
    else if (target.measuresMemory && heap > memoryLimit(bytes))
      report({ kind: "suspect", index, why: "memory", amount: heap });
    report({ kind: "end", index, outcome });
  }
  report({ kind: "over", next: index });
}

async function judge(target: Target, file: string | null): Promise<void> {
  await warm(target);
  globalThis.gc?.();
  const held = v8.getHeapStatistics().used_heap_size;
  report({ kind: "held", bytes: held });
  if (file === null) return;
  const input = JSON.parse(fs.readFileSync(file, "utf8")) as string;
  const before = process.cpuUsage();
  let crash: ReturnType<typeof describe> | null = null;
  try {
    await target.run(input);
  } catch (thrown) {
    crash = describe(thrown);
  }
  const { user } = process.cpuUsage(before);
  report({ kind: "judged", ms: user / 1_000, crash });
}

const order = JSON.parse(process.argv[2]!) as ChildOrder;
const target = await loadTarget(order.target);
if (order.kind === "run") await runMany(target, order);
else await judge(target, order.file);
process.exit(0);
