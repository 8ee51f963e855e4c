/**
 * A log of 100 MB read and split by line in a process of its own, line by line (`read_lines`) and as a whole (`read_file`, `lines`): time and the most
 * memory. `node log.ts lines|whole FILE` prints a line of JSON.
 */
import { createRuntime } from "../../src/hosts/node/index.ts";

const PROGRAMS: Readonly<Record<string, (file: string) => string>> = {
  lines: (file) =>
    `for line in read_lines(${file}) { count = count + 1\n if line.contains(" 500 ") { failed = failed + 1 } }`,
  whole: (file) =>
    `for line in read_file(${file}).lines() { count = count + 1\n if line.contains(" 500 ") { failed = failed + 1 } }`,
};

export interface LogMeasured {
  readonly lines: number;
  readonly failed: number;
  readonly ms: number;
  readonly mostMb: number;
}

const [way = "", file = ""] = process.argv.slice(2);
const program = PROGRAMS[way];
if (program === undefined) throw new Error(`expected one of ${Object.keys(PROGRAMS).join(", ")}, found ${way}`);
const runtime = createRuntime({ volatile: true });
const started = performance.now();
const outcome = await runtime.run({
  code: `pipeline default() {\nvar count = 0\nvar failed = 0\n${program(JSON.stringify(file))}\nreturn [count, failed]\n}\n`,
}).result;
const ms = performance.now() - started;
await runtime.close();
if (outcome.kind !== "value") throw new Error(JSON.stringify(outcome));
const [lines, failed] = outcome.value as [number, number];
const measured: LogMeasured = { lines, failed, ms, mostMb: process.resourceUsage().maxRSS / 1024 };
console.log(JSON.stringify(measured));
