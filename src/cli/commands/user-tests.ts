/**
 * `harn test [PATHS]`: runs the tests of programs.
 *
 * `--json` prints a list of `{file, test, line, status: "passed" | "failed" | "timed_out", ms, message, expected, actual, output}`; `test` is null
 * when the file itself cannot be used, `expected` and `actual` are the lines of the values that an assertion compared, or null.
 */
import fs from "node:fs/promises";
import path from "node:path";
import { Failure } from "../../base/failure.ts";
import type { Json } from "../../base/json.ts";
import { systemReason } from "../../hosts/node/errno.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import type { FilesPort } from "../../ports/files.ts";
import { parseSource } from "../../syntax/parser.ts";
import { findPrograms, type ProgramFile } from "../../tools/program-files.ts";
import { coverageOf, coverageRows, type FileCoverage, renderLcov } from "../../tools/test/coverage.ts";
import { LineCounts } from "../../tools/test/instrument.ts";
import { renderJunit } from "../../tools/test/junit.ts";
import { failure, type TestResult } from "../../tools/test/result.ts";
import { runTests } from "../../tools/test/run-tests.ts";
import { findTestFiles, testsIn } from "../../tools/test/test-file.ts";
import type { TestFlags } from "../command-line.ts";
import { durationText, renderTable } from "../display/cells.ts";
import { outputColor } from "../display/color.ts";
import { RunningTests } from "../display/running-tests.ts";
import { renderTest, summaryLine } from "../display/test-lines.ts";
import { EXIT, UsageFailure } from "../exit-codes.ts";
import { type ProcessesOptions, processCount, runInProcesses, type TestAnswer } from "../test-processes.ts";
import { testOptions, wantsCoverage } from "../test-setup.ts";

/** Tests at once with `--parallel`, over all processes: most of their time they wait. */
const AT_ONCE = 8;
const SLOWEST = 10;

export interface TestRun {
  readonly results: readonly TestResult[];
  readonly coverage: readonly FileCoverage[] | null;
}

/** Ends with 1 when a test fails, and when there is none. */
export async function runUserTests(names: readonly string[], flags: TestFlags): Promise<number> {
  const targets = testTargets(names);
  checkFlags(flags);
  if (flags.watch) return (await import("./watch-tests.ts")).watchTests(targets, flags);
  const files = await findTestFiles(createNodePorts().files, process.cwd(), targets);
  const started = performance.now();
  const { results, coverage } = await runOnce(files, flags);
  await report(results, coverage, flags, performance.now() - started);
  if (results.length === 0) {
    const fitting = flags.filter === undefined ? "" : ` that fits ${flags.filter}`;
    throw new Failure(
      `there is no test${fitting} in ${targets.join(", ")}: one is a pipeline test_NAME, or a pipeline with @test`,
    );
  }
  return results.every(({ verdict }) => verdict.kind === "passed") ? EXIT.ok : EXIT.failed;
}

/** Without names: the folder `tests`. */
function testTargets(names: readonly string[]): readonly string[] {
  if (names.length > 0) return names;
  return ["tests"];
}

function checkFlags(flags: TestFlags): void {
  if (flags.record && flags.replay) throw new UsageFailure("--record makes fixtures, --replay uses them: choose one");
  if (flags.watch && flags.json) throw new UsageFailure("--watch is for people: it has no --json");
}

/** Each result is shown as it comes, unless they are wanted as JSON. */
export async function runOnce(files: readonly ProgramFile[], flags: TestFlags, signal?: AbortSignal): Promise<TestRun> {
  const counts = wantsCoverage(flags) ? new LineCounts() : null;
  const color = outputColor();
  const results: TestResult[] = [];
  const running = process.stdout.isTTY
    ? new RunningTests(
        (text) => process.stdout.write(text),
        () => process.stdout.columns,
        color,
      )
    : null;
  const onProgress = (what: "started" | "ended", file: string, test: string) => running?.[what](`${test} [${file}]`);
  for await (const result of resultsOf(files, flags, counts, onProgress, signal)) {
    results.push(result);
    running?.clear();
    if (!flags.json) process.stdout.write(renderTest(result, color, flags.verbose ?? false));
  }
  running?.close();
  const tests = new Set(files.map((file) => file.path));
  if (counts !== null) await countTheRest(createNodePorts().files, counts, tests);
  const coverage =
    counts === null ? null : coverageOf(counts.files, tests, (file) => path.relative(process.cwd(), file));
  return { results, coverage };
}

/** In the order of the files, and of the tests in them. */
async function* resultsOf(
  files: readonly ProgramFile[],
  flags: TestFlags,
  counts: LineCounts | null,
  onProgress: NonNullable<ProcessesOptions["onProgress"]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<TestResult> {
  const atOnce = flags.jobs ?? (flags.parallel ? AT_ONCE : 1);
  const processes = processCount(Number.POSITIVE_INFINITY, atOnce);
  const testsEach = Math.ceil(atOnce / processes);
  if (processes === 1) {
    const options = testOptions(flags, counts, { atOnce, onProgress, ...(signal === undefined ? {} : { signal }) });
    yield* runTests(files, options);
    return;
  }
  // Few files are cut, so that there is work for all.
  const shares = files.length >= processes * 2 ? 1 : processes;
  const jobs = files.flatMap((file) =>
    Array.from({ length: shares }, (_, share) => ({ kind: "file", file, share, shares }) as const),
  );
  const answers = jobs.map(() => Promise.withResolvers<readonly TestResult[]>());
  const all = runInProcesses(jobs, {
    flags,
    processes: Math.min(processes, jobs.length),
    jobsEach: 1,
    testsEach,
    onAnswer: (index, answer) => answers[index]!.resolve(resultsIn(answer, jobs[index]!.file)),
    onProgress,
    onLines: (lines) => counts?.add(lines),
    signal,
  });
  const giveUp = () => {
    for (const { resolve } of answers) resolve([]);
  };
  signal?.addEventListener("abort", giveUp, { once: true });
  // Its failure comes out below.
  all.catch(giveUp);
  for (let at = 0; at < jobs.length; at += shares) {
    const parts = await Promise.all(answers.slice(at, at + shares).map(({ promise }) => promise));
    yield* parts.flat().sort((a, b) => a.line - b.line);
  }
  await all;
}

function resultsIn(answer: TestAnswer, file: ProgramFile): readonly TestResult[] {
  if (answer.kind === "results") return answer.results;
  const how = answer.kind === "lost" ? answer.how : "answered something else";
  const verdict = failure(`the process that ran its tests ${how}`);
  return [{ file: file.name, test: null, line: 1, ms: 0, output: "", verdict }];
}

/** Programs that no test reaches: none of their lines ran. */
async function countTheRest(files: FilesPort, counts: LineCounts, tests: ReadonlySet<string>): Promise<void> {
  for (const program of await findPrograms(files, process.cwd(), ["."])) {
    if (counts.files.has(program.path) || tests.has(program.path)) continue;
    const text = files.readTextSync(program.path);
    if (testsIn(program.name, text).length > 0) continue;
    counts.instrument(program.path, parseSource(program.name, text).file);
    if (counts.files.get(program.path)!.size === 0) counts.files.delete(program.path);
  }
}

export async function report(
  results: readonly TestResult[],
  coverage: TestRun["coverage"],
  flags: TestFlags,
  ms: number,
): Promise<void> {
  if (flags.junit !== undefined) await write(flags.junit, renderJunit(suitesOf(results)));
  if (flags.coverageLcov !== undefined && coverage !== null) await write(flags.coverageLcov, renderLcov(coverage));
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(results.map(resultJson), null, 2)}\n`);
    return;
  }
  if (flags.timing) process.stdout.write(slowestLines(results));
  if (flags.coverage && coverage !== null) {
    process.stdout.write(`\n${renderTable(["file", "lines", "", "not run"], coverageRows(coverage))}\n`);
  }
  if (results.length > 0) process.stdout.write(`\n${summaryLine(results, ms, outputColor())}`);
}

function slowestLines(results: readonly TestResult[]): string {
  const slowest = [...results].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  const line = ({ ms, test, file }: TestResult) => `  ${durationText(ms).padStart(8)}  ${test ?? ""} [${file}]\n`;
  return `slowest:\n${slowest.map(line).join("")}`;
}

function suitesOf(results: readonly TestResult[]) {
  const byFile = new Map<string, TestResult[]>();
  for (const result of results) byFile.set(result.file, [...(byFile.get(result.file) ?? []), result]);
  return [...byFile].map(([name, own]) => ({
    name,
    cases: own.map((result) => ({
      name: result.test ?? name,
      ms: result.ms,
      output: result.output,
      failure:
        result.verdict.kind === "passed"
          ? null
          : { message: result.verdict.message, details: renderTest(result, false, false) },
    })),
  }));
}

function resultJson({ file, test, line, ms, output, verdict }: TestResult): Json {
  const difference = verdict.kind === "failed" ? verdict.difference : null;
  return {
    file,
    test,
    line,
    status: verdict.kind === "timed-out" ? "timed_out" : verdict.kind,
    ms: Math.round(ms * 1_000) / 1_000,
    message: verdict.kind === "passed" ? null : verdict.message,
    expected: difference === null ? null : [...difference.expected],
    actual: difference === null ? null : [...difference.actual],
    output,
  };
}

async function write(file: string, text: string): Promise<void> {
  try {
    await fs.writeFile(file, text);
  } catch (error) {
    throw new Failure(`cannot write ${file}: ${systemReason(error)}`);
  }
}
