/**
 * `npm run bench:start`: `harn run` of a one-line program against `node -e 0`, whole processes of this Node, in turn. Prints medians, and their ratios.
 *
 * warm     as on the second and every later start
 * first    a user who never ran it: only what the build left
 * nothing  no compiled code at all, neither of the command nor of the program (HARN_CACHE=0)
 * sources  the tree unbuilt, warm: what a developer gets after an edit
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUNDS = 25;
/** Must show 3. */
const MOST = { warm: 1.6, nothing: 2.5 };

const folder = mkdtempSync(join(tmpdir(), "harn-start-"));
const program = join(folder, "one.harn");
writeFileSync(program, 'println("hello")\n');
const command = [fileURLToPath(new URL("../../bin/harn.js", import.meta.url)), "run", program];
const build = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));
let fresh = 0;

interface Case {
  readonly args: readonly string[];
  env(): Readonly<Record<string, string>>;
}

const cases: Readonly<Record<string, Case>> = {
  node: { args: ["-e", "0"], env: () => ({}) },
  warm: { args: command, env: () => ({ XDG_CACHE_HOME: join(folder, "warm") }) },
  first: { args: command, env: () => ({ XDG_CACHE_HOME: join(folder, `first-${fresh++}`) }) },
  nothing: { args: command, env: () => ({ HARN_CACHE: "0" }) },
  sources: { args: command, env: () => ({ HARN_SOURCES: "1", XDG_CACHE_HOME: join(folder, "sources") }) },
};

function start({ args, env }: Case): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, env: { ...process.env, ...env() } });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - began;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1]!;
}

const built = spawnSync(process.execPath, [build], { stdio: "inherit" });
if (built.status !== 0) throw new Error(`the build ended with ${built.status}`);
const times = new Map(Object.keys(cases).map((name) => [name, [] as number[]]));
for (const one of Object.values(cases)) start(one);
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, one] of Object.entries(cases)) times.get(name)!.push(start(one));
}
rmSync(folder, { recursive: true });

console.log(`Node ${process.versions.node}, medians of ${ROUNDS}`);
const base = median(times.get("node")!);
for (const [name, list] of times) {
  const ratio = median(list) / base;
  const most = MOST[name as keyof typeof MOST];
  const note = most === undefined ? "" : ratio <= most ? `  at most ${most}: ok` : `  more than ${most}`;
  if (most !== undefined && ratio > most) process.exitCode = 1;
  console.log(`${name.padEnd(10)}${median(list).toFixed(1).padStart(7)} ms ${ratio.toFixed(2).padStart(6)}x${note}`);
}
