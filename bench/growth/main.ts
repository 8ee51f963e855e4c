/**
 * `npm run bench:growth [-- NAME …]`: what an element costs when there are a thousand, ten thousand, a hundred thousand or a million.
 *
 * Each case runs in a process of its own, the fastest of three rounds after a warm-up. A case is marked that is neither flat nor n log n: from
 * 1e4 to 1e6 an element may cost four times as much beyond what the logarithm explains; plain JavaScript takes that for caches and for objects that
 * live long. Where it costs more, 4e6 decides: what levels off costs about the same there, what grows with the root of the size twice as much,
 * what is quadratic four times.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { cases } from "./cases.ts";

const SIZES = [1e3, 1e4, 1e5, 1e6];
const LOGARITHM = Math.log(1e6) / Math.log(1e4);
const ALLOWED = 4 * LOGARITHM;
const BEYOND = 4e6;
const ALLOWED_BEYOND = 1.6;
const LONGEST_MS = 150_000;
/** A machine that does other things can make any one measurement slow, never fast: what looks bad is measured again. */
const TRIES = 3;

/** Nanoseconds an element, or why there is no such number. */
type Cost = number | "too slow" | "failed";

const worker = fileURLToPath(new URL("./measure.ts", import.meta.url));
const names = process.argv.slice(2);
for (const name of names)
  if (!cases.has(name)) throw new Error(`no case ${name}: there are ${[...cases.keys()].join(", ")}`);

console.log(
  `${"nanoseconds an element".padEnd(26)}${SIZES.map((size) => size.toExponential(0).padStart(10)).join("")}    growth`,
);
const bad: string[] = [];
for (const name of names.length === 0 ? cases.keys() : names) {
  const costs: Cost[] = [];
  for (const size of SIZES) costs.push(cost(name, size, costs.at(-1)));
  for (let tried = 1; tried < TRIES && tooFast(growth(costs)); tried++) {
    if (typeof costs[3] === "number") costs[3] = Math.min(costs[3], asNumber(measure(name, SIZES[3]!)));
  }
  const found = growth(costs);
  const beyond = tooFast(found) && Number.isFinite(found) ? measure(name, BEYOND) : null;
  const good = !tooFast(found) || (beyond !== null && asNumber(beyond) <= asNumber(costs[3]!) * ALLOWED_BEYOND);
  if (!good) bad.push(name);
  const shown = Number.isFinite(found) ? `${found.toFixed(1)}x` : "-";
  const note = beyond === null ? "" : `   (at ${BEYOND.toExponential(0)}: ${cell(beyond).trim()})`;
  console.log(`${name.padEnd(26)}${costs.map(cell).join("")}${shown.padStart(10)}${note}${good ? "" : "   <- grows"}`);
}
console.log(bad.length === 0 ? "all are flat or n log n" : `neither flat nor n log n: ${bad.join(", ")}`);
if (bad.length > 0) process.exitCode = 1;

/** What is quadratic would run for hours: it has shown itself by then. */
function cost(name: string, size: number, before: Cost | undefined): Cost {
  if (before === "too slow" || before === "failed") return before;
  if (before !== undefined && before * size > LONGEST_MS * 1e6) return "too slow";
  return measure(name, size);
}

function measure(name: string, size: number): Cost {
  const result = spawnSync(process.execPath, ["--max-old-space-size=12000", worker, name, String(size)], {
    encoding: "utf8",
    timeout: LONGEST_MS,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (result.signal === "SIGTERM") return "too slow";
  if (result.status !== 0) {
    console.error(result.stderr.trim().split("\n").slice(-5).join("\n"));
    return "failed";
  }
  return (Number(result.stdout) * 1e6) / size;
}

function growth(costs: readonly Cost[]): number {
  return asNumber(costs[3]!) / asNumber(costs[1]!);
}

function tooFast(found: number): boolean {
  return !(found <= ALLOWED);
}

function asNumber(found: Cost): number {
  return typeof found === "number" ? found : Number.POSITIVE_INFINITY;
}

function cell(found: Cost): string {
  const text = typeof found === "string" ? found : found < 10 ? found.toFixed(1) : found.toFixed(0);
  return text.padStart(10);
}
