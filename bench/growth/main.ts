/**
 * `npm run bench:growth [-- NAME …]`: what an element costs when there are a thousand, ten thousand, a hundred thousand or a million.
 *
 * Each case runs in a process of its own, the fastest of three rounds after a warm-up. A case is marked that is neither flat nor n log n: from
 * 1e4 to 1e6 an element may cost ten times as much beyond what the logarithm explains (caches and collections take that much of plain JavaScript, too; what is
 * quadratic costs a hundred times as much).
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { cases } from "./cases.ts";

const ALLOWED = 10;
const LONGEST_MS = 120_000;

const worker = fileURLToPath(new URL("./measure.ts", import.meta.url));
const names = process.argv.slice(2);
for (const name of names)
  if (!cases.has(name)) throw new Error(`no case ${name}: there are ${[...cases.keys()].join(", ")}`);

const SIZES = [1e3, 1e4, 1e5, 1e6];
console.log(
  `${"nanoseconds an element".padEnd(26)}${SIZES.map((size) => size.toExponential(0).padStart(10)).join("")}`,
);
const bad: string[] = [];
for (const name of names.length === 0 ? cases.keys() : names) {
  const times: (number | null)[] = [];
  for (const size of SIZES) {
    const before = times.at(-1);
    // What is quadratic would run for hours: it has shown itself by then.
    if (before === null || (before !== undefined && before * size > LONGEST_MS * 1e6)) times.push(null);
    else times.push(measure(name, size));
  }
  const good = grows(times);
  if (!good) bad.push(name);
  const cells = times.map((time) => (time === null ? "-" : time < 10 ? time.toFixed(1) : time.toFixed(0)).padStart(10));
  console.log(`${name.padEnd(26)}${cells.join("")}${good ? "" : "   <- grows"}`);
}
console.log(bad.length === 0 ? "all are flat or n log n" : `neither flat nor n log n: ${bad.join(", ")}`);
if (bad.length > 0) process.exitCode = 1;

/** Nanoseconds an element; null: it took too long or failed. */
function measure(name: string, size: number): number | null {
  const result = spawnSync(process.execPath, ["--max-old-space-size=6000", worker, name, String(size)], {
    encoding: "utf8",
    timeout: LONGEST_MS,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (result.status !== 0 && result.signal === null)
    console.error(result.stderr.trim().split("\n").slice(-5).join("\n"));
  return result.status === 0 ? (Number(result.stdout) * 1e6) / size : null;
}

function grows(times: readonly (number | null)[]): boolean {
  const [, small] = times;
  const large = times.at(-1);
  if (small === null || small === undefined || large === null || large === undefined) return false;
  return large / small <= ALLOWED * (Math.log(1e6) / Math.log(1e4));
}
