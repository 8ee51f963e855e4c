/**
 * `npm run bench:limits`: how long an endless loop goes on after a deadline, a cancel or Ctrl-C, in milliseconds: the longest of some tries, with
 * generated code off, by heat and forced, and where nothing large is held also with snapshots at each wait. A deadline and a cancel are measured in this process, Ctrl-C in a process of `harn run`. The loops over builtins
 * look at values of 2 to 5 MB each turn. `builtins [names]` shows the builtins that take longer than they say instead (builtins.ts).
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createNodePerformers } from "../../src/hosts/node/effects/performers.ts";
import { createNodePorts } from "../../src/hosts/node/ports.ts";
import { createRuntime } from "../../src/runtime/index.ts";
import type { Tiering } from "../../src/vm/host.ts";
import { wantedNames } from "../wanted-names.ts";
import { measureBuiltins } from "./builtins.ts";

const TRIES = 5;
/** Must show 5. */
const MOST_MS = 50;
/** How long the loop runs before, so that its code is as fast as it gets. */
const WARM_MS = 300;

interface Loop {
  /** What is made before. */
  readonly before?: string;
  readonly loop: string;
}

/** Values that are equal, and nowhere the same. */
const TEXT =
  'let a = "The worker reads a file, then. ".repeat(165000)\n  let b = a + "x"\n  let c = a + "x"\n  len(b) + len(c)';
const LIST = "let a = (0 to 300000).to_list()\n  let b = a.push(1)\n  let c = a.push(1)";
const DICT =
  'let a = (0 to 100000).to_list()\n  var d = {}\n  for i in a {\n    d["key ${i}"] = {id: i, tags: [i, "a"]}\n  }\n  let b = d.merge({x: 1})\n  let c = d.merge({x: 1})';

/** One line of Harn in an endless loop. */
const endless = (line: string, before?: string): Loop => ({
  loop: `while true {\n    ${line}\n  }`,
  ...(before === undefined ? {} : { before }),
});
const counted = (line: string, before: string): Loop => ({
  loop: `for i in 0 to 1000000000 {\n    ${line}\n  }`,
  before,
});

const LOOPS: Readonly<Record<string, Loop>> = {
  "while true {}": { loop: "while true {\n  }" },
  "nested ranges": {
    loop: "while true {\n    for i in 0 to 1000 exclusive {\n      for j in 0 to 1000 exclusive {\n      }\n    }\n  }",
  },
  calls: endless("turn(1)"),
  "text contains": endless('let found = a.contains("zzz")', TEXT),
  "text index_of": counted('let found = a.index_of("zzz")', TEXT),
  "text equality": counted("let same = b == c", TEXT),
  "text in": endless('let found = "zzz" in a', TEXT),
  uppercase: endless("let upper = half.upper()", `${TEXT}\n  let half = a[0:2500000]`),
  interpolation: endless('let shown = "${b}"', "let b = (0 to 30000).to_list()"),
  "list contains": endless("let found = b.contains(-1)", LIST),
  "list in": counted("let found = -1 in b", LIST),
  "list equality": counted("let same = b == c", LIST),
  "list sum": endless("let sum = a + [1]", LIST),
  "list slice": counted("let part = b[1:]", LIST),
  "dict equality": endless("let same = b == c", DICT),
  "dict spread": counted("let all = {...b, y: i}", DICT),
  "dict keys": endless("let names = b.keys()", DICT),
  "shared place": counted("var other = b\n    other.x = i", DICT),
};
const FUNCTIONS = "fn turn(n) {\n  return n + 1\n}\n";
interface Mode {
  readonly name: string;
  readonly tiering: Tiering;
  readonly snapshotMode: boolean;
  readonly env: Readonly<Record<string, string>>;
}

const MODES: readonly Mode[] = (
  [
    { tiering: "off", tier: "0", snapshotMode: false },
    { tiering: "hot", tier: "", snapshotMode: false },
    { tiering: "forced", tier: "1", snapshotMode: false },
    { tiering: "off", tier: "0", snapshotMode: true },
    { tiering: "forced", tier: "1", snapshotMode: true },
  ] as const
).map(({ tiering, tier, snapshotMode }) => ({
  name: snapshotMode ? `${tiering}, snapshots` : tiering,
  tiering,
  snapshotMode,
  env: { HARN_TIER: tier, HARN_SNAPSHOT_EVERY_WAIT: snapshotMode ? "1" : "" },
}));

const runtimeOf = ({ tiering, snapshotMode }: Mode) =>
  createRuntime({
    ports: createNodePorts(),
    performers: createNodePerformers(),
    volatile: true,
    tiering,
    snapshotMode,
  });

const pipeline = ({ before = "" }: Loop, body: string): string =>
  `${FUNCTIONS}pipeline default() {\n  ${before}\n  println("begun")\n  ${body}\n}\n`;

/** The program says itself how long it took. */
async function deadline(loop: Loop, mode: Mode): Promise<number> {
  const guarded = `try {\n    deadline ${WARM_MS}ms {\n  ${loop.loop}\n    }\n  } catch e {\n    return elapsed() - since\n  }`;
  const code = pipeline(loop, `let since = elapsed()\n  ${guarded}`);
  const outcome = await runtimeOf(mode).run({ code }).result;
  if (outcome.kind !== "value") throw new Error(`${loop.loop}: ${JSON.stringify(outcome)}`);
  return Number(outcome.value) - WARM_MS;
}

async function cancel(loop: Loop, mode: Mode): Promise<number> {
  const handle = runtimeOf(mode).run({ code: pipeline(loop, loop.loop) });
  await new Promise<void>((begins) => handle.onEvent(({ type }) => type === "output" && begins()));
  await new Promise((done) => setTimeout(done, WARM_MS));
  const asked = performance.now();
  handle.cancel();
  await handle.result;
  return performance.now() - asked;
}

const folder = mkdtempSync(join(tmpdir(), "harn-limits-"));
const command = fileURLToPath(new URL("../../bin/harn.js", import.meta.url));

async function interrupt(loop: Loop, mode: Mode): Promise<number> {
  const program = join(folder, "endless.harn");
  writeFileSync(program, pipeline(loop, loop.loop));
  const env = { ...process.env, ...mode.env };
  const child = spawn(process.execPath, [command, "run", program], { env, stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((done) => child.stdout.once("data", done));
  await new Promise((done) => setTimeout(done, WARM_MS));
  const asked = performance.now();
  child.kill("SIGINT");
  await new Promise((done) => child.once("exit", done));
  return performance.now() - asked;
}

async function longest(measure: () => Promise<number>): Promise<number> {
  let most = 0;
  for (let i = 0; i < TRIES; i++) most = Math.max(most, await measure());
  return most;
}

async function measureLoops(names: readonly string[]): Promise<boolean> {
  console.log(`${"".padEnd(34)}${"deadline".padStart(10)}${"cancel".padStart(10)}${"Ctrl-C".padStart(10)}`);
  let late = false;
  for (const name of names) {
    const loop = LOOPS[name]!;
    for (const mode of MODES) {
      // Rebuilding megabytes from text after each turn takes longer than a turn, whatever the program does.
      if (mode.snapshotMode && loop.before !== undefined) continue;
      const found = [
        await longest(() => deadline(loop, mode)),
        await longest(() => cancel(loop, mode)),
        await longest(() => interrupt(loop, mode)),
      ];
      console.log(`${`${name}, ${mode.name}`.padEnd(34)}${found.map((ms) => ms.toFixed(0).padStart(10)).join("")}`);
      late ||= found.some((ms) => ms > MOST_MS);
    }
  }
  console.log(late ? `more than ${MOST_MS} ms` : `all within ${MOST_MS} ms`);
  return late;
}

/** All cases unless some are named. */
function namesOf(wanted: readonly string[]): readonly string[] {
  return wanted.length === 0 ? Object.keys(LOOPS) : wantedNames("case", wanted, Object.keys(LOOPS));
}

try {
  const [first, ...others] = process.argv.slice(2);
  const late = first === "builtins" ? measureBuiltins(others) > 0 : await measureLoops(namesOf(process.argv.slice(2)));
  process.exitCode = late ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
