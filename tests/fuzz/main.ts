/**
 * `npm run fuzz [-- lexer|parser|checker|verifier|vm|all] [--seconds N] [--seed N] [--inputs N]`: tries inputs that nobody wrote, ten minutes for each target.
 *
 * Never a crash, never a hang, never more memory than 16 MB and 100 times the input: what breaks that is written to `.fuzz/`, made smaller, and the exit code
 * is 1. `--replay FILE` tries such a file again. The same seed tries the same inputs.
 */
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { endWithUsage, wantedNames } from "../../bench/wanted-names.ts";
import { loadTarget, TARGET_NAMES, type TargetName } from "./target.ts";
import { type Finding, type FuzzCounts, Fuzzer } from "./watch.ts";

const FOLDER = ".fuzz";
const TEN_MINUTES = 600;
const PLAIN_EVERY_MS = 30_000;
const TERMINAL_EVERY_MS = 200;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string" },
    seed: { type: "string" },
    inputs: { type: "string" },
    replay: { type: "string" },
  },
});

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) endWithUsage(`--${name} ${text}: expected a whole number`);
  return Number(text);
}

function targetsOf(names: readonly string[]): readonly TargetName[] {
  if (names.length === 0 || names.includes("all")) return TARGET_NAMES;
  return wantedNames("target", names, TARGET_NAMES);
}

function keep(finding: Finding): string {
  fs.mkdirSync(FOLDER, { recursive: true });
  const file = path.join(FOLDER, `${finding.target}-${finding.seed}-${finding.index}-${finding.kind}.json`);
  fs.writeFileSync(file, `${JSON.stringify(finding, null, 2)}\n`);
  return file;
}

function summary(counts: FuzzCounts): string {
  const outcomes = [...counts.outcomes].toSorted((a, b) => b[1] - a[1]).map(([name, count]) => `${count} ${name}`);
  const size = (counts.bytes / 1e6).toFixed(1);
  return `${counts.inputs} inputs, ${size} MB (${outcomes.join(", ")}), ${counts.judged} judged, ${counts.findings.length} found`;
}

async function fuzz(target: TargetName, seed: number): Promise<number> {
  const terminal = process.stdout.isTTY;
  const every = terminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let shown = performance.now();
  const clear = terminal ? "\r\x1b[K" : "";
  const fuzzer = new Fuzzer({
    target,
    seed,
    seconds: wholeNumber("seconds", flags.seconds, TEN_MINUTES),
    ...(flags.inputs === undefined ? {} : { most: wholeNumber("inputs", flags.inputs, 0) }),
    onProgress(counts) {
      if (performance.now() - shown < every) return;
      shown = performance.now();
      process.stdout.write(terminal ? `${clear}${target}: ${summary(counts)}` : `${target}: ${summary(counts)}\n`);
    },
    onFinding(finding) {
      const file = keep(finding);
      process.stdout.write(`${clear}${target}: ${finding.kind}: ${finding.problem} ${finding.at}\n  ${file}\n`);
    },
  });
  const counts = await fuzzer.run();
  process.stdout.write(`${clear}${target}: seed ${seed}: ${summary(counts)}\n`);
  return counts.findings.length;
}

async function replay(file: string): Promise<number> {
  const { target, input } = JSON.parse(fs.readFileSync(file, "utf8")) as Finding;
  const found = await new Fuzzer({ target, seed: 0, seconds: 0 }).judgeInput(input);
  if (found === null) {
    const loaded = await loadTarget(target);
    await loaded.laws(input, await loaded.run(input));
  }
  process.stdout.write(found === null ? "all is well\n" : `${found.kind}: ${found.problem}\n`);
  return found === null ? 0 : 1;
}

let found = 0;
if (flags.replay !== undefined) found = await replay(flags.replay);
else {
  const seed = wholeNumber("seed", flags.seed, Date.now() % 1_000_000_000);
  for (const target of targetsOf(positionals)) found += await fuzz(target, seed);
}
process.exitCode = found === 0 ? 0 : 1;
