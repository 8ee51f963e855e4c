/**
 * `npm run bench [-- NAME …] [--tier 0|1] [--quick]`: programs in Harn against the same in JavaScript.
 *
 * warm   median of interleaved rounds, in one process for each program
 * long   one activation of about two seconds and more, in a fresh process
 * cold   `harn run` against `node`, whole processes
 * turn   nanoseconds of a turn of a small program, and how many times faster that is than the reference
 *
 * Without --quick, which leaves out long and cold, results are kept in bench/results.json, by tier, and drawn in bench/results.svg.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Tiering } from "../../src/vm/host.ts";
import { endWithUsage, wantedNames } from "../wanted-names.ts";
import { drawResults } from "./draw.ts";
import type { Measured, MeasureOrder } from "./measure.ts";
import { median } from "./measure.ts";
import { type BenchProgram, programNamed, programs } from "./programs.ts";
import { meansOf, merged, type ProgramResult, type Results, rounded } from "./results.ts";

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
const chosen =
  names.length === 0
    ? programs
    : wantedNames(
        "program",
        names,
        programs.map(({ name }) => name),
      ).map(programNamed);

function tieringOf(tier: string | undefined): Tiering {
  if (tier === undefined) return "hot";
  if (tier !== "0" && tier !== "1") endWithUsage(`--tier ${tier}: expected 0 or 1`);
  return tier === "0" ? "off" : "forced";
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
  const { name, size, kind, referenceMs } = program;
  const quick = flags.quick;
  const warm = measure({
    name,
    size,
    growTo: program.fixed ? null : quick ? ROUND_MS / 3 : ROUND_MS,
    warm: quick ? 3 : 6,
    rounds: quick ? 3 : 9,
    tiering,
  });
  const longSize = quick ? null : program.larger(warm.size, Math.max(1, LONG_MS / warm.harn));
  const long = longSize === null ? null : measure({ name, size: longSize, growTo: null, warm: 0, rounds: 1, tiering });
  const cold = quick ? null : measureCold(program);
  const turnNs = (warm.harn * 1e6) / warm.size;
  return {
    name,
    kind,
    size: warm.size,
    harnMs: rounded(warm.harn),
    twinMs: rounded(warm.twin),
    ratio: rounded(warm.harn / warm.twin),
    longMs: long === null ? null : rounded(long.harn),
    longRatio: long === null ? null : rounded(long.harn / long.twin),
    coldHarnMs: cold === null ? null : rounded(cold.harn),
    coldTwinMs: cold === null ? null : rounded(cold.twin),
    coldRatio: cold === null ? null : rounded(cold.harn / cold.twin),
    turnNs: kind === "small" ? rounded(turnNs) : null,
    timesReference: referenceMs === null ? null : rounded((referenceMs * 1e6) / size / turnNs),
  };
}

function cells(values: readonly (string | number | null)[]): string {
  return values.map((value, at) => (at === 0 ? String(value).padEnd(18) : String(value ?? "").padStart(10))).join("");
}

console.log(`Node ${process.versions.node}, tier: ${tiering}`);
console.log(cells(["", "harn ms", "js ms", "ratio", "long", "cold", "turn ns", "reference"]));
const results: ProgramResult[] = [];
const failures: string[] = [];
for (const program of chosen) {
  try {
    const result = benchmark(program);
    results.push(result);
    const { harnMs, twinMs, ratio, longRatio, coldRatio, turnNs, timesReference } = result;
    console.log(cells([program.name, harnMs, twinMs, ratio, longRatio, coldRatio, turnNs, times(timesReference)]));
    if (!flags.quick) keep(result);
  } catch (error) {
    failures.push(program.name);
    console.log(`${program.name.padEnd(18)} FAILED: ${error instanceof Error ? error.message : String(error)}`);
  }
}
const means = meansOf(results);
console.log(
  cells([
    "geometric mean",
    null,
    null,
    means.ratio,
    means.longRatio,
    means.coldRatio,
    null,
    times(means.timesReference),
  ]),
);
const over = (limit: number) =>
  results.filter(({ ratio }) => ratio > limit).map(({ name, ratio }) => `${name} ${ratio}`);
for (const limit of [4, 1.5]) console.log(`above ${limit}: ${over(limit).join(", ") || "none"}`);
if (flags.quick) console.log("not kept: --quick measures too little for that");
if (failures.length > 0) process.exitCode = 1;

function times(value: number | null): string | null {
  return value === null ? null : `${value}x`;
}

/** At once, so that a run that is broken off keeps what it found. */
function keep(result: ProgramResult): void {
  const file = here("../results.json");
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : { tiers: {} };
  const all = merged(before, tiering, [result], process.versions.node);
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(here("../results.svg"), drawResults(all));
}
