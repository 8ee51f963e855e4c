/** What commands share: a runtime over this machine's doors, and finding a run by the beginning of its id. */
import path from "node:path";
import { Failure } from "../base/failure.ts";
import { createNodePorts, createRuntime, type NodeRuntimeOptions } from "../hosts/node/index.ts";
import type { RunInfo, Runtime } from "../runtime/index.ts";
import { createApprovalPrompt } from "./approval-prompt.ts";
import { openCodeCache } from "./code-cache.ts";
import type { RunView, Screen } from "./display/view.ts";
import { UsageFailure } from "./exit-codes.ts";

export function openRuntime(stateRoot: string | undefined, more: NodeRuntimeOptions = {}): Runtime {
  const codeCache = openCodeCache(stateRoot);
  return createRuntime({
    ...(codeCache === null ? {} : { codeCache }),
    snapshotMode: snapshotMode(),
    tiering: tiering(),
    ...more,
    ...(stateRoot === undefined ? {} : { stateRoot: path.resolve(stateRoot) }),
  });
}

/** A runtime for a run that is watched: a person at the terminal is asked for approvals. */
export function openWatched(
  stateRoot: string | undefined,
  view: RunView,
  screen: Screen,
  more: NodeRuntimeOptions = {},
): Runtime {
  const ports = createNodePorts();
  const asks = ports.terminal.isTty.in && screen.errorIsTty;
  const approve = asks ? { approve: createApprovalPrompt(ports.terminal, () => view.hold()) } : {};
  return openRuntime(stateRoot, { ...more, ports, ...approve });
}

/** Runs are rebuilt from text at each wait: for tests of the runtime itself. */
export function snapshotMode(): boolean {
  const value = process.env.HARN_SNAPSHOT_EVERY_WAIT;
  return value !== undefined && value !== "" && value !== "0";
}

/** HARN_TIER: 0 generates no code, 1 generates it at once; else it is generated for what runs often. */
export function tiering(): "off" | "hot" | "forced" {
  switch (process.env.HARN_TIER) {
    case undefined:
    case "":
      return "hot";
    case "0":
      return "off";
    case "1":
      return "forced";
    default:
      throw new UsageFailure(`HARN_TIER is ${process.env.HARN_TIER}: expected 0, 1 or nothing`);
  }
}

/** Does it with a runtime that is closed afterwards, whatever happens. */
export async function withRuntime<T>(
  stateRoot: string | undefined,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const runtime = openRuntime(stateRoot);
  try {
    return await work(runtime);
  } finally {
    await runtime.close();
  }
}

/** The run whose id is, or alone begins with, `text`. */
export async function findRun(runtime: Runtime, text: string): Promise<RunInfo> {
  const exact = await runtime.runInfo(text);
  if (exact !== null) return exact;
  if (text === "") throw new UsageFailure("expected the id of a run");
  const runs = await runtime.runs();
  const found = runs.filter(({ id }) => id.startsWith(text.toLowerCase()));
  if (found.length === 1) return found[0]!;
  const where = runtime.stateRoot();
  if (found.length > 1) {
    throw new Failure(`${text} could be ${found.length} runs: ${found.map(({ id }) => id).join(", ")}`);
  }
  throw new Failure(
    runs.length === 0
      ? `there is no run ${text}: ${where} keeps none`
      : `there is no run ${text} in ${where}; harn runs lists them`,
    "not_found",
  );
}
