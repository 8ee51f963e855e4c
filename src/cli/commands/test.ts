/** `harn test conformance`: runs the programs of the suite and says which do not do what is expected. */
import fs from "node:fs";
import { Failure } from "../../base/failure.ts";
import { systemReason } from "../../hosts/node/errno.ts";
import type { TestFlags } from "../command-line.ts";
import { type ConformanceCase, findCases } from "../conformance/cases.ts";
import { renderJunit } from "../conformance/junit.ts";
import { type CaseResult, runCase } from "../conformance/run-case.ts";
import { durationText } from "../display/cells.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";
import { processCount, runInProcesses, type TestAnswer } from "../test-processes.ts";

/** Programs at once with `--parallel`, over all processes: most of their time they wait. */
const AT_ONCE = 8;

/** `conformance` as the first name means the suite; anything else the tests of programs. */
export async function runTests(names: readonly string[], flags: TestFlags): Promise<number> {
  const [target, selection, extra] = names;
  if (target !== "conformance") return (await import("./user-tests.ts")).runUserTests(names, flags);
  if (extra !== undefined) throw new UsageFailure(`unexpected ${extra}: expected one file or folder of the suite`);
  for (const name of USER_ONLY) {
    if (flags[name]) throw new UsageFailure(`--${kebab(name)} is for the tests of programs, not for conformance`);
  }
  const cases = findCases(process.cwd(), selection, flags.filter);
  const started = performance.now();
  const results = await runAll(cases, flags);
  const failed = results.filter(({ verdict }) => verdict.kind === "failed");
  if (flags.junit !== undefined) writeJunit(flags.junit, results);
  if (flags.timing) printTiming(results);
  process.stdout.write(
    `${results.length - failed.length} passed, ${failed.length} failed, ${results.length} in all (${durationText(performance.now() - started)})\n`,
  );
  return failed.length === 0 ? EXIT.ok : EXIT.failed;
}

const USER_ONLY = ["watch", "json", "coverage", "coverageLcov", "record", "replay", "jobs"] as const;

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Results in the order of the cases, whatever ran at once. */
async function runAll(cases: readonly ConformanceCase[], flags: TestFlags): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  const processes = flags.parallel ? processCount(cases.length, AT_ONCE) : 1;
  if (processes > 1) {
    const jobs = cases.map((test) => ({ kind: "case", test }) as const);
    await runInProcesses(jobs, {
      flags,
      processes,
      jobsEach: Math.ceil(AT_ONCE / processes),
      testsEach: 1,
      onAnswer: (index, answer) => {
        results[index] = resultOf(answer, cases[index]!);
        report(results[index], flags.verbose ?? false);
      },
    });
    return results;
  }
  let next = 0;
  const worker = async () => {
    while (next < cases.length) {
      const at = next++;
      results[at] = await runCase(cases[at]!, flags);
      report(results[at], flags.verbose ?? false);
    }
  };
  await Promise.all(Array.from({ length: flags.parallel ? AT_ONCE : 1 }, worker));
  return results;
}

function resultOf(answer: TestAnswer, { name }: ConformanceCase): CaseResult {
  if (answer.kind === "case") return answer.result;
  const how = answer.kind === "lost" ? answer.how : "answered something else";
  return { name, ms: 0, verdict: { kind: "failed", reason: `the process that ran it ${how}` } };
}

function report({ name, verdict, ms }: CaseResult, verbose: boolean): void {
  if (verdict.kind === "passed") {
    if (verbose) process.stdout.write(`pass  ${name} (${durationText(ms)})\n`);
    return;
  }
  process.stdout.write(`FAIL  ${name}: ${verdict.reason}\n`);
  if (verbose && verdict.expected !== undefined) {
    process.stdout.write(`${indent("expected", verdict.expected)}${indent("found", verdict.found ?? "")}`);
  }
}

function indent(title: string, text: string): string {
  return `      ${title}:\n${text
    .split("\n")
    .map((line) => `      | ${line}\n`)
    .join("")}`;
}

const SLOWEST = 10;

function printTiming(results: readonly CaseResult[]): void {
  const slowest = [...results].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  process.stdout.write(
    `slowest:\n${slowest.map(({ name, ms }) => `  ${durationText(ms).padStart(8)}  ${name}\n`).join("")}`,
  );
}

function writeJunit(file: string, results: readonly CaseResult[]): void {
  try {
    fs.writeFileSync(file, renderJunit(results));
  } catch (error) {
    throw new Failure(`cannot write ${file}: ${systemReason(error)}`);
  }
}
