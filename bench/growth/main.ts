/**
 * `npm run bench:growth [-- NAME …]`: what an element costs when there are a thousand, ten thousand, a hundred thousand or a million, and a verdict on it.
 *
 * Each case runs in a process of its own, the fastest of three rounds after a warm-up. What decides is how much more an element costs at 1e6 than at 1e4:
 *   flat              up to four times: caches, and objects that live long
 *   n log n           up to what the logarithm explains beyond that
 *   as JavaScript     up to twice as much as hand-written JavaScript, where the case has such a twin: what V8's heap costs. Or at 4e6 an element costs no
 *                     more than twice what the twin's does: a factor like that for small sizes, not a kind of growth (quadratic were thousands)
 *   levels off        at 4e6 it costs no more than 1.6 times what it costs at 1e6 (with the root of the size it would be twice as much, quadratic four times)
 *   WORSE             anything else; the command fails
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { wantedNames } from "../wanted-names.ts";
import { cases } from "./cases.ts";

const LARGEST = 1e6;
/** Each size is this part of the largest. */
const PARTS = [1e-3, 1e-2, 1e-1, 1];
const FLAT = 4;
const LOGARITHM = Math.log(1e6) / Math.log(1e4);
const BEYOND = 4;
const ALLOWED_BEYOND = 1.6;
const BESIDE_TWIN = 2;
const LONGEST_MS = 150_000;
/** A million functions are 40 MB of text. */
const LONGEST_SOURCE_MS = 900_000;
/** A machine that does other things can make any one measurement slow, never fast: what decides is measured again, what looks bad once more. */
const TRIES = 3;

/** Nanoseconds an element, or why there is no such number. */
type Cost = number | "too slow" | "failed";

interface Verdict {
  readonly text: string;
  readonly isGood: boolean;
}

const worker = fileURLToPath(new URL("./measure.ts", import.meta.url));
const names = wantedNames("case", process.argv.slice(2), [...cases.keys()]);

const WIDTH = 32;
const heads = PARTS.map((part) => (LARGEST * part).toExponential(0).padStart(9)).join("");
console.log(`${"nanoseconds an element".padEnd(WIDTH)}${heads}   growth  verdict`);
const bad: string[] = [];
for (const name of names.length === 0 ? cases.keys() : names) {
  const found = cases.get(name)!;
  const largest = found.kind === "program" ? LARGEST : (found.most ?? LARGEST);
  const sizes = PARTS.map((part) => Math.round(largest * part));
  const costs: Cost[] = [];
  for (const size of sizes) costs.push(cost(name, size, costs.at(-1)));
  again(name, sizes, costs, 1);
  for (let tried = 1; tried < TRIES && growth(costs) > FLAT; tried++) again(name, sizes, costs, 3);
  const verdict = judge(name, largest, costs);
  if (!verdict.isGood) bad.push(name);
  const grown = growth(costs);
  const shown = Number.isFinite(grown) ? `${grown.toFixed(1)}x` : "-";
  const note = largest === LARGEST ? "" : ` (largest: ${largest})`;
  console.log(`${name.padEnd(WIDTH)}${costs.map(cell).join("")}${shown.padStart(9)}  ${verdict.text}${note}`);
}
console.log(bad.length === 0 ? "all are flat or n log n" : `neither flat nor n log n: ${bad.join(", ")}`);
if (bad.length > 0) process.exitCode = 1;

function judge(name: string, largest: number, costs: readonly Cost[]): Verdict {
  const found = growth(costs);
  if (found <= FLAT) return { text: "flat", isGood: true };
  if (!Number.isFinite(found))
    return { text: `WORSE: ${costs.find((item) => typeof item === "string")}`, isGood: false };
  const given = cases.get(name)!;
  let beside = "";
  if (given.kind === "program" && given.twin !== undefined) {
    const twin = asNumber(measure(name, largest, "twin")) / asNumber(measure(name, largest / 100, "twin"));
    if (found <= twin * BESIDE_TWIN) return { text: `as JavaScript (${twin.toFixed(1)}x)`, isGood: true };
    beside = `, JavaScript ${twin.toFixed(1)}x`;
  }
  if (found <= FLAT * LOGARITHM) return { text: "n log n", isGood: true };
  const beyond = measure(name, largest * BEYOND);
  if (beside !== "") {
    const twin = measure(name, largest * BEYOND, "twin");
    const text = `as JavaScript (at ${BEYOND}e6: ${cell(beyond).trim()}, JavaScript ${cell(twin).trim()})`;
    if (asNumber(beyond) <= asNumber(twin) * BESIDE_TWIN) return { text, isGood: true };
  }
  const isGood = asNumber(beyond) <= asNumber(costs[3]!) * ALLOWED_BEYOND;
  return { text: `${isGood ? "levels off" : "WORSE"} (at ${BEYOND}e6: ${cell(beyond).trim()}${beside})`, isGood };
}

/** Measures one size again, and keeps the better number. */
function again(name: string, sizes: readonly number[], costs: Cost[], which: number): void {
  const before = costs[which]!;
  if (typeof before === "number") costs[which] = Math.min(before, asNumber(measure(name, sizes[which]!)));
}

/** What is quadratic would run for hours: it has shown itself by then. */
function cost(name: string, size: number, before: Cost | undefined): Cost {
  if (before === "too slow" || before === "failed") return before;
  if (before !== undefined && before * size > longest(name) * 1e6) return "too slow";
  return measure(name, size);
}

function longest(name: string): number {
  return cases.get(name)!.kind === "program" ? LONGEST_MS : LONGEST_SOURCE_MS;
}

function measure(name: string, size: number, which = ""): Cost {
  const result = spawnSync(process.execPath, ["--max-old-space-size=12000", worker, name, String(size), which], {
    encoding: "utf8",
    timeout: longest(name),
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

function asNumber(found: Cost): number {
  return typeof found === "number" ? found : Number.POSITIVE_INFINITY;
}

function cell(found: Cost): string {
  const text = typeof found === "string" ? found : found < 10 ? found.toFixed(1) : found.toFixed(0);
  return text.padStart(9);
}
