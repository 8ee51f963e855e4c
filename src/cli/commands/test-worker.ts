/** A process that runs tests for `harn test --parallel` (test-processes.ts). It is told what to do by messages, and ends when nobody is there to tell it. */
import { Failure } from "../../base/failure.ts";
import { unreachable } from "../../base/unreachable.ts";
import { LineCounts } from "../../tools/test/instrument.ts";
import type { TestResult } from "../../tools/test/result.ts";
import { type RunTestsOptions, runTests } from "../../tools/test/run-tests.ts";
import { testsIn } from "../../tools/test/test-file.ts";
import type { TestFlags } from "../command-line.ts";
import { runCase } from "../conformance/run-case.ts";
import { EXIT } from "../exit-codes.ts";
import type { FromWorker, TestAnswer, TestJob, ToWorker } from "../test-processes.ts";
import { testOptions, wantsCoverage } from "../test-setup.ts";

interface Setup {
  readonly flags: TestFlags;
  readonly counts: LineCounts | null;
  /** Made for the first test: conformance programs do not need it. */
  options(): RunTestsOptions;
}

export function runTestWorker(): Promise<number> {
  if (process.send === undefined) throw new Failure("this word is for processes that `harn test` starts");
  // The command's start lets go of the channel, which for all other commands only tells that a parent died.
  process.channel?.ref();
  process.once("disconnect", () => process.exit(EXIT.failed));
  let setup: Setup | null = null;
  say({ kind: "ready" });
  return new Promise((resolve, reject) => {
    process.on("message", (message: ToWorker) => {
      switch (message.kind) {
        case "setup":
          setup = makeSetup(message.flags, message.atOnce);
          return;
        case "job":
          perform(message.job, setup!).then(
            (answer) => say({ kind: "answer", index: message.index, answer }),
            // A defect: this process ends, which is the answer.
            reject,
          );
          return;
        case "finish":
          say({ kind: "finished", lines: setup?.counts?.files ?? null }, () => resolve(EXIT.ok));
          return;
        default:
          unreachable(message);
      }
    });
  });
}

const say = (message: FromWorker, sent: () => void = () => {}): void => void process.send!(message, sent);

function makeSetup(flags: TestFlags, atOnce: number): Setup {
  const counts = wantsCoverage(flags) ? new LineCounts() : null;
  let made: RunTestsOptions | null = null;
  return {
    flags,
    counts,
    options: () =>
      (made ??= testOptions(flags, counts, {
        atOnce,
        onProgress: (what, file, test) => say({ kind: "progress", what, file, test }),
      })),
  };
}

async function perform(job: TestJob, setup: Setup): Promise<TestAnswer> {
  if (job.kind === "case") {
    return { kind: "case", result: await runCase(job.test, setup.flags) };
  }
  const { file, share, shares } = job;
  const options = setup.options();
  const mine = shares === 1 ? null : new Set(await namesOf(job, options));
  // A file that cannot be used is told once.
  if (mine !== null && mine.size === 0 && share > 0) return { kind: "results", results: [] };
  const results: TestResult[] = [];
  const wanted = (name: string, test: string) => options.wanted(name, test) && (mine === null || mine.has(test));
  for await (const result of runTests([file], { ...options, wanted })) {
    if (result.test !== null || share === 0) results.push(result);
  }
  return { kind: "results", results };
}

/** The tests of a file that are this job's. */
async function namesOf(
  { file, share, shares }: Extract<TestJob, { kind: "file" }>,
  { files, wanted }: RunTestsOptions,
) {
  try {
    const all = testsIn(file.name, await files.readText(file.path)).filter(({ name }) => wanted(file.name, name));
    return all.flatMap(({ name }, i) => (i % shares === share ? [name] : []));
  } catch (error) {
    // It is told when the file is used.
    if (error instanceof Failure) return [];
    throw error;
  }
}
