/**
 * Runs the tests of programs, several at once if wanted, and answers their results one by one.
 *
 * Invariant: results come in the order of the files and of the tests in them, whatever ends first.
 */
import { mockCell, mockFixtures } from "../../agents/mock-cell.ts";
import { Failure } from "../../base/failure.ts";
import { joinPath, parentPath } from "../../base/path.ts";
import { unreachable } from "../../base/unreachable.ts";
import { parseFixtures, renderFixtures } from "../../llm/fixtures.ts";
import { type MockState, NO_MOCKS, recordAnswer } from "../../llm/mock.ts";
import type { ClockPort } from "../../ports/clock.ts";
import type { FilesPort } from "../../ports/files.ts";
import { type ExtendedProgram, extendProgram, type RunExtensions } from "../../runtime/extensions.ts";
import { ProgramFailure } from "../../runtime/program.ts";
import type { RunHandle, RunOutcome } from "../../runtime/run-handle.ts";
import { skillsGlobal } from "../../stdlib/skills-global.ts";
import type { Value } from "../../value/value.ts";
import type { Program } from "../../vm/run.ts";
import type { ProgramFile } from "../program-files.ts";
import { DIFFERENCE_EVENT } from "./assertions.ts";
import type { LineCounts } from "./instrument.ts";
import { KeptOutput } from "./kept-output.ts";
import { GRACE_MS, type ProgramHost } from "./program-host.ts";
import { type Difference, failure, type TestResult, type TestVerdict } from "./result.ts";
import { folderOf, type TestName, testsIn } from "./test-file.ts";
import { loadTestProgram } from "./test-program.ts";

export interface RunTestsOptions {
  readonly host: ProgramHost;
  readonly files: FilesPort;
  /** What the project of a program gives to its runs, by the program's path. */
  readonly extensionsOf: (path: string) => RunExtensions;
  readonly clock: ClockPort;
  /** Which tests: by file and name. */
  readonly wanted: (file: string, test: string) => boolean;
  readonly timeoutMs: number;
  /** Tests at the same time. */
  readonly atOnce: number;
  readonly counts: LineCounts | null;
  /** Makes a folder for one test; it is removed after it. */
  readonly makeFolder: () => Promise<string>;
  /** What answers its model calls, or is made of the answers: a file of JSON lines a test. */
  readonly fixtures: { readonly kind: "none" } | { readonly kind: "record" | "replay"; readonly folder: string };
  /** Hears when a test begins and when it has ended, in whatever order. */
  readonly onProgress?: (what: "started" | "ended", file: string, test: string) => void;
  /** Gives all up: tests under way are cancelled, no other starts. */
  readonly signal?: AbortSignal;
}

interface Job {
  readonly file: ProgramFile;
  readonly test: TestName;
  readonly program: Program;
  readonly cells: ExtendedProgram["cells"];
  readonly skills: Value;
  readonly mcp: RunExtensions["mcp"];
}

export async function* runTests(
  programs: readonly ProgramFile[],
  options: RunTestsOptions,
): AsyncGenerator<TestResult> {
  const found: (Job | TestResult)[] = [];
  for (const program of programs) found.push(...(await jobsOf(program, options)));
  const results = found.map(() => Promise.withResolvers<TestResult | null>());
  let next = 0;
  const worker = async () => {
    while (next < found.length) {
      const at = next++;
      const job = found[at]!;
      if (options.signal?.aborted) results[at]!.resolve(null);
      else results[at]!.resolve("verdict" in job ? job : runTest(job, options));
      // A defect comes out where the result is awaited.
      await results[at]!.promise.catch(() => null);
    }
  };
  for (let i = 0; i < options.atOnce; i++) void worker();
  for (const { promise } of results) {
    const result = await promise;
    if (result !== null) yield result;
  }
}

/** Its tests, compiled; or the one result that says why it cannot be used. */
async function jobsOf(file: ProgramFile, options: RunTestsOptions): Promise<readonly (Job | TestResult)[]> {
  const broken = (verdict: TestVerdict): readonly TestResult[] => [
    {
      file: file.name,
      test: null,
      line: 1,
      ms: 0,
      output: "",
      verdict,
    },
  ];
  try {
    const text = await options.files.readText(file.path);
    const tests = testsIn(file.name, text).filter(({ name }) => options.wanted(file.name, name));
    if (tests.length === 0) return [];
    const { host } = options;
    const loaded = await loadTestProgram(file, host.doors, options.counts);
    const extensions = options.extensionsOf(file.path);
    const { program, cells } = await extendProgram(loaded, extensions, host.doors, 0);
    const skills = skillsGlobal(extensions.skills);
    return tests.map((test) => ({ file, test, program, cells, skills, mcp: extensions.mcp }));
  } catch (error) {
    if (error instanceof ProgramFailure) return broken(failure(error.message, { problems: error.problems }));
    if (error instanceof Failure) return broken(failure(error.message));
    throw error;
  }
}

async function runTest(
  { file, test, program, cells, skills, mcp }: Job,
  options: RunTestsOptions,
): Promise<TestResult> {
  const stateRoot = await options.makeFolder();
  const started = options.clock.monotonicMs();
  options.onProgress?.("started", file.name, test.name);
  const output = new KeptOutput();
  let difference: Difference | null = null;
  let recorded: MockState = { ...NO_MOCKS, recorded: [] };
  const fixtureFile =
    options.fixtures.kind === "none" ? null : joinPath(options.fixtures.folder, file.name, `${test.name}.jsonl`);
  let verdict: TestVerdict;
  const run = options.host.start({
    program,
    pipeline: test.name,
    globals: new Map([["skills", skills]]),
    mcp,
    cwd: folderOf(file),
    stateRoot,
    cells: {
      ...cells(),
      ...(options.fixtures.kind === "replay" ? { [mockCell.name]: await replayed(options.files, fixtureFile!) } : {}),
    },
    ...(options.fixtures.kind === "record"
      ? { onModelAnswer: (response) => (recorded = recordAnswer(recorded, response)) }
      : {}),
  });
  run.handle.onEvent((event) => {
    if (event.type === "output") output.add(String(event.text));
    else if (event.type === DIFFERENCE_EVENT) difference = event as unknown as Difference;
  });
  try {
    const outcome = await within(run.handle, options);
    verdict =
      outcome === null
        ? { kind: "timed-out", message: `did not end within ${options.timeoutMs} ms` }
        : verdictOf(outcome, difference);
    if (recorded.recorded!.length > 0) await saveFixtures(options.files, fixtureFile!, recorded);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    verdict = failure(error.message);
  } finally {
    await run.close();
    await options.files.remove(stateRoot);
    options.onProgress?.("ended", file.name, test.name);
  }
  const ms = options.clock.monotonicMs() - started;
  return { file: file.name, test: test.name, line: test.line, ms, output: output.text(), verdict };
}

function verdictOf(outcome: RunOutcome, difference: Difference | null): TestVerdict {
  switch (outcome.kind) {
    case "value":
      return { kind: "passed" };
    case "failed": {
      const { problems, trace = [] } = outcome;
      const message = outcome.message.replace(/^Thrown: /, "");
      return failure(message, { problems, trace, difference: difference?.message === message ? difference : null });
    }
    case "cancelled":
      return failure(`cancelled: ${outcome.reason}`);
    case "exited":
      return outcome.code === 0 ? { kind: "passed" } : failure(`ended with exit code ${outcome.code}`);
    case "interrupted":
    case "fenced":
      return failure(outcome.kind);
    default:
      return unreachable(outcome);
  }
}

/** Null: it took too long, and was cancelled. */
async function within(handle: RunHandle, options: RunTestsOptions): Promise<RunOutcome | null> {
  const { clock, timeoutMs, signal } = options;
  const stop = () => handle.cancel();
  signal?.addEventListener("abort", stop, { once: true });
  const outcome = await beforeLong(handle.result, timeoutMs, clock);
  signal?.removeEventListener("abort", stop);
  if (outcome !== null) return outcome;
  handle.cancel();
  const ended = handle.result.then(
    () => true,
    () => true,
  );
  if ((await beforeLong(ended, GRACE_MS * 2, clock)) === null) {
    handle.interrupt();
    await ended;
  }
  return null;
}

async function beforeLong<T>(promise: Promise<T>, ms: number, clock: ClockPort): Promise<T | null> {
  let stop: () => void = () => undefined;
  const late = new Promise<null>((resolve) => {
    stop = clock.setTimer(clock.nowMs() + ms, () => resolve(null));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop();
  }
}

/** A test without a file made no calls: none may reach a provider. */
async function replayed(files: FilesPort, path: string) {
  return mockFixtures((await files.exists(path)) ? parseFixtures(await files.readText(path), path) : []);
}

async function saveFixtures(files: FilesPort, path: string, state: MockState): Promise<void> {
  await files.mkdir(parentPath(path));
  await files.writeText(path, renderFixtures(state.recorded ?? []));
}
