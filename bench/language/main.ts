/**
 * `npm run bench [-- NAME …] [--tier 0|1] [--quick]`: programs in Harn against the same in JavaScript.
 *
 * warm   median of interleaved rounds, in one process for each program
 * long   one activation of two seconds and more, in a fresh process (linear programs)
 * cold   `harn run` against `node`, whole processes
 *
 * A run over all programs is kept in bench/results.json, by tier, and drawn in bench/results.svg.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Tiering } from "../../src/vm/host.ts";
import { drawResults } from "./draw.ts";
import type { Measured, MeasureOrder } from "./measure.ts";
import { median } from "./measure.ts";
import { type BenchProgram, programs } from "./programs.ts";
import { geometricMean, type ProgramResult, type Results } from "./results.ts";

const ROUND_MS = 60;
const LONG_MS = 2_200;
const COLD_ROUNDS = 5;
const LONGEST_MS = 240_000;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { tier: { type: "string" }, quick: { type: "boolean", default: false } },
});
const tiering = tieringOf(flags.tier);
const chosen = names.length === 0 ? programs : names.map(find);

function tieringOf(tier: string | undefined): Tiering {
  if (tier === undefined) return "hot";
  if (tier !== "0" && tier !== "1") throw new Error(`--tier ${tier}: expected 0 or 1`);
  return tier === "0" ? "off" : "forced";
}

function find(name: string): BenchProgram {
  const found = programs.find((program) => program.name === name);
  if (found === undefined) throw new Error(`no program ${name}: there are ${programs.map((p) => p.name).join(", ")}`);
  return found;
}

function measure(order: MeasureOrder): Measured {
  const result = spawnSync(process.execPath, [here("./measure.ts"), JSON.stringify(order)], {
    encoding: "utf8",
    timeout: LONGEST_MS,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (result.status !== 0) throw new Error(`${order.name} ended with ${result.status ?? result.signal}`);
  return JSON.parse(result.stdout) as Measured;
}

/** Whole processes, alternating. Environment: the tier goes by variable. */
function measureCold({ name }: BenchProgram): { harn: number; twin: number } {
  const tier = tiering === "hot" ? "" : tiering === "off" ? "0" : "1";
  const programFile = here(`./programs/${name}.harn`);
  const twin = `import(${JSON.stringify(here(`./programs/${name}.js`))}).then(async (m) => console.log(String(await m.run())))`;
  const times = { harn: [] as number[], twin: [] as number[] };
  const timed = (into: number[], args: readonly string[]) => {
    const started = performance.now();
    const output = execFileSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, HARN_TIER: tier } });
    into.push(performance.now() - started);
    return output;
  };
  for (let round = 0; round < COLD_ROUNDS; round++) {
    const harn = timed(times.harn, [here("../../bin/harn.js"), "run", programFile]);
    const expected = timed(times.twin, ["-e", twin]);
    if (harn !== expected) throw new Error(`${name}: harn run printed ${harn}, JavaScript ${expected}`);
  }
  return { harn: median(times.harn), twin: median(times.twin) };
}

function benchmark(program: BenchProgram): ProgramResult {
  const { name, size, linear } = program;
  const quick = flags.quick;
  const warm = measure({
    name,
    size,
    growTo: linear ? (quick ? ROUND_MS / 3 : ROUND_MS) : null,
    warm: quick ? 3 : 6,
    rounds: quick ? 3 : 9,
    tiering,
  });
  const longSize = linear && !quick ? Math.ceil((warm.size * LONG_MS) / Math.min(warm.harn, LONG_MS)) : null;
  const long = longSize === null ? null : measure({ name, size: longSize, growTo: null, warm: 0, rounds: 1, tiering });
  const cold = quick ? null : measureCold(program);
  return {
    name,
    kind: program.kind,
    size: warm.size,
    harnMs: round(warm.harn),
    twinMs: round(warm.twin),
    ratio: round(warm.harn / warm.twin),
    longMs: long === null ? null : round(long.harn),
    longRatio: long === null ? null : round(long.harn / long.twin),
    coldHarnMs: cold === null ? null : round(cold.harn),
    coldTwinMs: cold === null ? null : round(cold.twin),
    coldRatio: cold === null ? null : round(cold.harn / cold.twin),
    timesReference:
      program.referenceNs === undefined ? null : round(program.referenceNs / ((warm.harn * 1e6) / warm.size)),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

function cells(values: readonly (string | number | null)[]): string {
  return values.map((value, at) => (at === 0 ? String(value).padEnd(18) : String(value ?? "").padStart(10))).join("");
}

console.log(`Node ${process.versions.node}, tier: ${tiering}`);
console.log(cells(["", "harn ms", "js ms", "ratio", "long", "cold", "reference"]));
const results: ProgramResult[] = [];
const failures: string[] = [];
for (const program of chosen) {
  try {
    const result = benchmark(program);
    results.push(result);
    const { harnMs, twinMs, ratio, longRatio, coldRatio, timesReference } = result;
    const faster = timesReference === null ? null : `${timesReference}x`;
    console.log(cells([program.name, harnMs, twinMs, ratio, longRatio, coldRatio, faster]));
  } catch (error) {
    failures.push(program.name);
    console.log(`${program.name.padEnd(18)} FAILED: ${error instanceof Error ? error.message : String(error)}`);
  }
}
const mean = (pick: (result: ProgramResult) => number | null): number | null => {
  const found = results.map(pick).filter((value) => value !== null);
  return found.length === 0 ? null : round(geometricMean(found));
};
const means = {
  ratio: mean((r) => r.ratio),
  longRatio: mean((r) => r.longRatio),
  coldRatio: mean((r) => r.coldRatio),
  timesReference: mean((r) => r.timesReference),
};
console.log(
  cells([
    "geometric mean",
    null,
    null,
    means.ratio,
    means.longRatio,
    means.coldRatio,
    `${means.timesReference ?? "-"}x`,
  ]),
);
if (failures.length > 0) process.exitCode = 1;
else if (names.length === 0 && !flags.quick) keep();
else console.log("not kept: only a run over all programs without --quick is");

function keep(): void {
  const file = here("../results.json");
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : { tiers: {} };
  const all: Results = {
    node: process.versions.node,
    tiers: { ...before.tiers, [tiering]: { means, programs: results } },
  };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(here("../results.svg"), drawResults(all));
  console.log("kept in bench/results.json, drawn in bench/results.svg");
}
