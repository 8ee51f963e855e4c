/**
 * Runs one conformance program in a runtime of its own, whose store is a folder that is removed afterwards.
 *
 * Invariant: nothing of one case reaches another but what its program leaves in the working folder.
 */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { mockCell, mockFixtures } from "../../agents/mock-cell.ts";
import { Failure } from "../../base/failure.ts";
import { parseFixtures } from "../../llm/fixtures.ts";
import type { RunHandle, RunOutcome } from "../../runtime/index.ts";
import type { TestFlags } from "../command-line.ts";
import { openRuntime } from "../command-runtime.ts";
import { projectExtensions } from "../run-extensions.ts";
import type { ConformanceCase } from "./cases.ts";
import { judge, type Verdict } from "./verdict.ts";

export interface CaseResult {
  readonly name: string;
  readonly verdict: Verdict;
  readonly ms: number;
}

export type CaseFlags = Pick<TestFlags, "timeout" | "jitless" | "skillDir">;

/** How long a cancelled program may tidy up before it is given up. */
const GRACE_MS = 2_000;

export async function runCase(test: ConformanceCase, flags: CaseFlags): Promise<CaseResult> {
  const started = performance.now();
  const verdict = await verdictOf(test, flags);
  return { name: test.name, verdict, ms: performance.now() - started };
}

async function verdictOf(test: ConformanceCase, { timeout, jitless, skillDir }: CaseFlags): Promise<Verdict> {
  const stateRoot = await fs.mkdtemp(path.join(os.tmpdir(), "harn-conformance-"));
  const runtime = openRuntime(stateRoot, { graceMs: GRACE_MS, ...(jitless === true ? { tiering: "off" } : {}) });
  try {
    const cells = test.fixtures === null ? {} : { [mockCell.name]: await fixturesOf(test.fixtures) };
    const extensions = await projectExtensions(test.file, skillDir);
    const handle = runtime.run({ file: test.file, cells, ...(extensions === undefined ? {} : { extensions }) });
    const output: string[] = [];
    handle.onEvent((event) => {
      if (event.type === "output") output.push(String(event.text));
    });
    const outcome = await within(handle, timeout);
    if (outcome === null) return { kind: "failed", reason: `timed out after ${timeout}ms` };
    return judge(test.expectation, outcome, output.join(""));
  } catch (error) {
    if (error instanceof Failure)
      return judge(test.expectation, { kind: "failed", message: error.message, problems: [] }, "");
    const where = process.env.HARN_DEBUG && error instanceof Error ? `\n${error.stack}` : "";
    return {
      kind: "failed",
      reason: `internal error: ${error instanceof Error ? error.message : String(error)}${where}`,
    };
  } finally {
    await runtime.close();
    await fs.rm(stateRoot, { recursive: true, force: true });
  }
}

async function fixturesOf(file: string) {
  return mockFixtures(parseFixtures(await fs.readFile(file, "utf8"), file));
}

/** Null: it took too long, and was cancelled. */
async function within(handle: RunHandle, timeoutMs: number): Promise<RunOutcome | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, null);
  });
  const outcome = await Promise.race([handle.result, late]);
  clearTimeout(timer);
  if (outcome !== null) return outcome;
  handle.cancel();
  const ended = handle.result.then(
    () => true,
    () => true,
  );
  const gone = await Promise.race([ended, new Promise<false>((resolve) => setTimeout(resolve, GRACE_MS * 2, false))]);
  if (!gone) handle.interrupt();
  return null;
}
