/**
 * `npm run bench:workers`: what delegated work costs. Throughput of 1,000 workers, a lone one with and without durability, what a waiting one takes in
 * memory and on disk, how soon one of 10,000 answers an event after a kill, and what a growing list stores at each wait.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunOutcome, Runtime } from "../../src/hosts/node/index.ts";
import { createNodePorts, createRuntime } from "../../src/hosts/node/index.ts";
import type { Store } from "../../src/store/contract.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { growingProgram, subAgentProgram, taskProgram } from "./programs.ts";

const here = dirname(fileURLToPath(import.meta.url));
/** One file with a compile cache beside it, as the package is shipped. */
let waitingScript = join(here, "waiting.ts");
const base = mkdtempSync(join(tmpdir(), "harn-bench-"));
let folders = 0;

function folder(): string {
  return join(base, `state-${folders++}`);
}

function expectValue(outcome: RunOutcome): void {
  if (outcome.kind !== "value") throw new Error(`the program ${outcome.kind}: ${JSON.stringify(outcome)}`);
}

async function timed(runtime: Runtime, code: string, durable: boolean): Promise<number> {
  const start = performance.now();
  expectValue(await runtime.run({ code, durable }).result);
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Rounds before the code is compiled as it stays. */
const WARM_UP = 2;

type Level = "process" | "power";

async function throughput(
  name: string,
  program: (count: number) => string,
  count: number,
  level: Level,
): Promise<void> {
  const rates: number[] = [];
  for (let round = 0; round < 7; round++) {
    const runtime = createRuntime({ stateRoot: folder(), level });
    await timed(runtime, program(10), true);
    const rate = count / ((await timed(runtime, program(count), true)) / 1000);
    if (round >= WARM_UP) rates.push(rate);
    await runtime.close();
  }
  console.log(`${name}, ${count} at once, level ${level}: ${Math.round(median(rates))} a second`);
}

async function lone(name: string, program: (count: number) => string, level: Level): Promise<void> {
  const runtime = createRuntime({ stateRoot: folder(), level });
  const plain = createRuntime({ stateRoot: folder(), volatile: true });
  const times: Record<"durable" | "plain", number[]> = { durable: [], plain: [] };
  for (let round = 0; round < 60; round++) {
    const durable = await timed(runtime, program(1), true);
    const without = await timed(plain, program(1), false);
    if (round < 10) continue;
    times.durable.push(durable);
    times.plain.push(without);
  }
  const [a, b] = [median(times.durable), median(times.plain)];
  console.log(
    `${name}, one alone, level ${level}: ${a.toFixed(2)} ms durable, ${b.toFixed(2)} ms without: ${(a - b).toFixed(2)} ms more`,
  );
  await runtime.close();
  await plain.close();
}

interface ChildReport {
  readonly run?: string;
  readonly [key: string]: unknown;
}

/** Starts waiting.ts; answers its reports as they come. */
function child(args: readonly string[]) {
  const started = performance.now();
  const process_ = spawn(process.execPath, ["--expose-gc", waitingScript, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(base, "cache") },
  });
  let rest = "";
  const waiting: ((report: ChildReport) => void)[] = [];
  const reports: ChildReport[] = [];
  process_.stdout.on("data", (chunk) => {
    rest += chunk;
    const lines = rest.split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const report = JSON.parse(line) as ChildReport;
      const next = waiting.shift();
      if (next) next(report);
      else reports.push(report);
    }
  });
  return {
    started,
    kill: () => process_.kill("SIGKILL"),
    ended: new Promise((resolve) => process_.on("close", resolve)),
    next: () =>
      new Promise<ChildReport>((resolve) => {
        const report = reports.shift();
        if (report) resolve(report);
        else waiting.push(resolve);
      }),
  };
}

async function bundle(): Promise<void> {
  const { build } = await import("esbuild");
  const outfile = join(base, "waiting.mjs");
  const banner = {
    js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
  };
  await build({
    entryPoints: [waitingScript],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    banner,
  });
  waitingScript = outfile;
}

async function waiting(kind: "tasks" | "agents", count: number): Promise<void> {
  const state = folder();
  const first = child(["start", kind, state, String(count)]);
  const report = await first.next();
  const perWorker = Number(report.bytesOfMemory) / count;
  first.kill();
  await first.ended;
  const stored = statSync(join(state, "harn.db")).size + statSync(join(state, "harn.db-wal")).size;
  console.log(
    `${kind}, ${count} waiting after step 2: ${(perWorker / 1024).toFixed(1)} KB of memory each, ` +
      `${(Number(report.storedBytes) / count / 1024).toFixed(2)} KB stored each beyond the conversation (file ${(stored / 2 ** 20).toFixed(0)} MB)`,
  );
  const answers: number[] = [];
  const starts: number[] = [];
  for (let round = 0; round < 5; round++) {
    const second = child(["resume", kind, state, String(report.run), String(3 + round * 7)]);
    const done = await second.next();
    answers.push(Number(done.answerMs));
    starts.push(performance.now() - second.started);
    second.kill();
    await second.ended;
  }
  console.log(
    `${kind}, after a kill, ${count} waiting: an event is answered in ${median(answers).toFixed(1)} ms, ` +
      `${median(starts).toFixed(0)} ms from process start`,
  );
}

/** Bytes of rows that each commit wrote, seen from outside. */
async function growing(count: number): Promise<void> {
  const sizes: number[] = [];
  const inner = await openSqliteStore(createNodePorts(), { stateRoot: folder() });
  const store: Store = {
    ...inner,
    commit: (lease, turns) => {
      sizes.push(
        turns.reduce((sum, turn) => sum + turn.rows.reduce((bytes, row) => bytes + (row.body?.length ?? 0), 0), 0),
      );
      return inner.commit(lease, turns);
    },
  };
  const runtime = createRuntime({ store });
  expectValue(await runtime.run({ code: growingProgram(count), durable: true }).result);
  const at = (share: number) =>
    median(sizes.slice(Math.floor(sizes.length * share), Math.floor(sizes.length * share) + 100));
  console.log(
    `a list that grows by one element at each of ${count} waits: ${at(0.02)} bytes a wait near the start, ${at(0.5)} in the middle, ${at(0.97)} near the end`,
  );
  await runtime.close();
  await inner.close();
}

try {
  const only = process.argv[2];
  const wanted = (name: string) => only === undefined || only === name;
  for (const level of ["process", "power"] as const) {
    if (wanted("throughput")) {
      await throughput("tasks written in Harn", taskProgram, 1_000, level);
      await throughput("sub_agent_run workers", subAgentProgram, 1_000, level);
    }
    if (wanted("lone")) {
      await lone("task written in Harn", taskProgram, level);
      await lone("sub_agent_run worker", subAgentProgram, level);
    }
  }
  if (wanted("waiting")) {
    await bundle();
    await waiting("tasks", 10_000);
    await waiting("agents", 10_000);
  }
  if (wanted("growing")) await growing(10_000);
} finally {
  rmSync(base, { recursive: true, force: true });
}
