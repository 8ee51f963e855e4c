/**
 * The example, killed with SIGKILL at many points of its life and continued by `harn resume` in a new process, over real HTTP.
 *
 *   node tests/kill/kill.ts [--points N] [--seed N] [--keep]
 *
 * Shown for each point: the report of the continued run is that of a run nobody killed; no model call whose answer was committed is sent
 * again; no finished effect is performed again; nothing is left behind: processes, locks, half-made worktrees, temporary files.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeRepository } from "../../examples/delegate/make-repo.mjs";
import { readScript } from "../loopback/script.ts";
import { type Loopback, startLoopback } from "../loopback/server.ts";
import { normalised, readCut, sentTwice } from "./cut.ts";
import { leftovers, processes } from "./leftovers.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const { values } = parseArgs({
  options: { points: { type: "string" }, seed: { type: "string" }, keep: { type: "boolean" } },
});
const points = Number(values.points ?? 50);
const keep = values.keep ?? false;
let random = Number(values.seed ?? 1);

/** A small generator, so that a failing point can be repeated by its seed. */
function nextRandom(): number {
  random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
  return random / 2 ** 32;
}

interface Finished {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly done: Promise<Finished>;
}

function harn(folder: string, args: readonly string[], loopback: Loopback): Started {
  const child = spawn(process.execPath, [join(root, "bin/harn.js"), ...args], {
    cwd: folder,
    env: {
      ...process.env,
      HARN_STATE_DIR: join(folder, "state"),
      LOCAL_LLM_BASE_URL: loopback.url,
      HARN_KILL_TEST: folder,
      NO_COLOR: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const done = new Promise<Finished>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, done };
}

function start(folder: string, loopback: Loopback): Started {
  const program = join(root, "examples/delegate/main.harn");
  return harn(
    folder,
    ["run", program, "--", join(folder, "repo"), "--provider", "local", "--model", "recorded"],
    loopback,
  );
}

async function firstCommit(folder: string, started: Started): Promise<void> {
  let ended = false;
  started.done.then(() => {
    ended = true;
  });
  while (!ended && (await readCut(folder)) === null) await delay(5);
}

async function main(): Promise<void> {
  const loopback = await startLoopback({
    script: readScript(join(root, "examples/delegate/loopback-script.json")),
  });
  const base = mkdtempSync(join(tmpdir(), "harn-kill-"));
  let failures = 0;
  try {
    const calm = await whole(join(base, "calm"), loopback);
    console.log(`a run nobody kills: ${calm.ms} ms after its first commit\n${calm.report}`);
    for (let point = 1; point <= points; point++) {
      // Spread over the whole life; a little random so that no phase is met by design only.
      const at = Math.max(0, Math.round(((point - 0.5 + (nextRandom() - 0.5)) / points) * calm.ms));
      const problems = await one(join(base, `point-${point}`), loopback, at, calm.report);
      failures += problems.length > 0 ? 1 : 0;
      console.log(
        `${String(point).padStart(3)}. killed ${at} ms after the first commit: ${problems.join("; ") || "ok"}`,
      );
    }
    const unknown = await insideNever(join(base, "never"), loopback);
    failures += unknown.length > 0 ? 1 : 0;
    console.log(`     killed inside a \`never\` effect: ${unknown.join("; ") || "ok"}`);
  } finally {
    await loopback.close();
    if (!keep && failures === 0) rmSync(base, { recursive: true, force: true });
    else console.log(`kept ${readdirSync(base).length} folders`);
  }
  console.log(failures === 0 ? `all ${points} points hold` : `${failures} of ${points} points failed`);
  process.exitCode = failures === 0 ? 0 : 1;
}

async function whole(folder: string, loopback: Loopback): Promise<{ readonly report: string; readonly ms: number }> {
  mkdirSync(folder, { recursive: true });
  makeRepository(join(folder, "repo"));
  const started = start(folder, loopback);
  await firstCommit(folder, started);
  const since = Date.now();
  const finished = await started.done;
  const ms = Date.now() - since;
  if (finished.code !== 0)
    throw new Error(`the example fails without any kill:\n${finished.stdout}\n${finished.stderr}`);
  const left = await leftovers(folder);
  if (left.length > 0) throw new Error(`a run nobody kills leaves: ${left.join("; ")}`);
  return { report: normalised(finished.stdout, folder), ms };
}

async function one(folder: string, loopback: Loopback, at: number, report: string): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  makeRepository(join(folder, "repo"));
  const started = start(folder, loopback);
  await firstCommit(folder, started);
  await delay(at);
  started.child.kill("SIGKILL");
  const killed = await started.done;
  const cut = await readCut(folder);
  if (cut === null) return ["nothing was stored"];
  if (killed.signal === null) {
    return normalised(killed.stdout, folder) === report ? [] : ["it ended before the kill, with another report"];
  }
  // Requests that were under way when it died end by themselves.
  await delay(50);
  const from = loopback.requests.length;
  const resumed = await harn(folder, ["resume", cut.run], loopback).done;
  const problems: string[] = [];
  if (resumed.code !== 0 && !resumed.stderr.includes("nothing to resume")) {
    problems.push(`resume ended with ${resumed.code}: ${resumed.stderr.trim().slice(-400)}`);
  } else if (resumed.code === 0 && normalised(resumed.stdout, folder) !== report) {
    problems.push(`another report:\n${normalised(resumed.stdout, folder)}`);
  }
  for (const call of sentTwice(loopback, from, cut)) problems.push(`sent twice: ${call}`);
  problems.push(...(await leftovers(folder)));
  if (problems.length === 0 && !keep) rmSync(folder, { recursive: true, force: true });
  return problems;
}

/** A process that must not run twice: after the kill the program learns that its outcome is unknown, and goes on. */
async function insideNever(folder: string, loopback: Loopback): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  const log = join(folder, "log");
  const started = harn(folder, ["run", "--durable", join(root, "tests/kill/never.harn"), "--", log], loopback);
  while (!existsSync(log)) await delay(5);
  started.child.kill("SIGKILL");
  await started.done;
  const cut = await readCut(folder);
  if (cut === null) return ["nothing was stored"];
  if (!cut.kinds.includes("process.run")) return [`pending at the kill: ${cut.kinds.join(", ") || "nothing"}`];
  const resumed = await harn(folder, ["resume", cut.run], loopback).done;
  const problems: string[] = [];
  const expected = "before\ncaught effect_unknown\nafter\n";
  if (resumed.stdout !== expected) problems.push(`printed ${JSON.stringify(resumed.stdout)} ${resumed.stderr.trim()}`);
  if (resumed.code !== 0) problems.push(`resume ended with ${resumed.code}`);
  if (readFileSync(log, "utf8") !== "started\n") problems.push("the process ran twice");
  for (const line of await processes(folder)) problems.push(line);
  return problems;
}

await main();
