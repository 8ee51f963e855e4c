/**
 * `node tests/properties/tiers.ts [--seconds N] [--seed N] [--only N] [--kind rich|plain]`: generated programs in all ways of running them, for as long as
 * wanted (60 s). A program that differs is made smaller and written to `.fuzz/`; the exit code is then 1. `--only` tries the one program of that number.
 *
 * The work is done by a process of its own: one that neither ends nor says anything is ended, and its program reported.
 */
import { type ChildProcess, fork } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { richProgram } from "../programs/rich-program.ts";
import { shrinkProgram } from "../programs/shrink-program.ts";
import { terminatingProgram } from "../programs/terminating-program.ts";
import { firstDifference, TierModes, type Verdict } from "./tier-modes.ts";

const FOLDER = ".fuzz";
const SHRINK_SECONDS = 60;
/** Without a sign of life. */
const HANG_MS = 120_000;
const PLAIN_EVERY_MS = 30_000;
/** After so many the first ones are to be mended. */
const MOST_FOUND = 10;

const { values: flags } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string" },
    kind: { type: "string", default: "both" },
    from: { type: "string", default: "0" },
  },
});
const seed = Number(flags.seed);

/** Two of three are the rich ones. */
export function programOf(seed: number, index: number, kind: string): string {
  const number = seed * 1_000_003 + index;
  const isRich = kind === "rich" || (kind !== "plain" && index % 3 !== 2);
  return isRich ? richProgram(number) : fc.sample(terminatingProgram, { numRuns: 1, seed: number | 0 })[0]!;
}

interface Report {
  readonly begun?: number;
  readonly verdict?: Verdict["kind"];
  readonly found?: string;
  readonly over?: boolean;
}

async function work(): Promise<void> {
  const modes = new TierModes();
  const until = Date.now() + Number(flags.seconds) * 1_000;
  const say = (report: Report) => process.send!(report);
  const [first, last] =
    flags.only === undefined ? [Number(flags.from), Number.MAX_SAFE_INTEGER] : [Number(flags.only), Number(flags.only)];
  let found = 0;
  for (let index = first; index <= last && Date.now() < until && found < MOST_FOUND; index++) {
    say({ begun: index });
    const code = programOf(seed, index, flags.kind);
    const verdict = await modes.compare(code);
    say({ verdict: verdict.kind });
    if (verdict.kind !== "differs") continue;
    found++;
    say({ found: keep(index, "program", code) });
    say({ found: `${verdict.mode}: ${firstDifference(verdict)}` });
    const differs = async (text: string) => {
      say({});
      return (await modes.compare(text)).kind === "differs";
    };
    const small = await shrinkProgram(code, differs, SHRINK_SECONDS);
    const again = await modes.compare(small);
    say({ found: `smaller: ${keep(index, "small", small)}` });
    if (again.kind === "differs") say({ found: `${again.mode}: ${firstDifference(again)}` });
  }
  say({ over: true });
  process.disconnect?.();
}

function keep(index: number, name: string, code: string): string {
  fs.mkdirSync(FOLDER, { recursive: true });
  const file = path.join(FOLDER, `tiers-${seed}-${index}-${name}.harn`);
  fs.writeFileSync(file, code);
  return file;
}

/** Answers the number of programs that differ or hang. */
function watch(child: ChildProcess): Promise<number> {
  const counts = new Map<string, number>();
  let [current, bad, over] = [0, 0, false];
  let heard = performance.now();
  let shown = heard;
  const started = heard;
  const show = () => {
    const text = [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
    console.log(`seed ${seed}: ${text} (${Math.round((performance.now() - started) / 1_000)} s)`);
  };
  child.on("message", (report: Report) => {
    heard = performance.now();
    if (report.begun !== undefined) current = report.begun;
    if (report.verdict !== undefined) counts.set(report.verdict, (counts.get(report.verdict) ?? 0) + 1);
    if (report.verdict === "differs") bad++;
    if (report.found !== undefined) console.log(report.found);
    if (report.over === true) over = true;
    if (heard - shown > PLAIN_EVERY_MS) {
      shown = heard;
      show();
    }
  });
  const timer = setInterval(() => {
    if (performance.now() - heard > HANG_MS) child.kill("SIGKILL");
  }, 1_000);
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearInterval(timer);
      show();
      if (!over) {
        bad++;
        const file = keep(current, "program", programOf(seed, current, flags.kind));
        console.log(`ended with ${signal ?? code} in program ${current}: ${file}`);
      }
      resolve(bad);
    });
  });
}

if (process.send !== undefined) await work();
else process.exitCode = (await watch(fork(import.meta.filename, process.argv.slice(2)))) === 0 ? 0 : 1;
