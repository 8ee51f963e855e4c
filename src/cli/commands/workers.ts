/** `harn workers`: what the store knows of the workers of one run or of all. */
import path from "node:path";
import { Failure } from "../../base/failure.ts";
import type { Json } from "../../base/json.ts";
import type { Runtime, WorkerInfo } from "../../runtime/index.ts";
import type { StoreFlags } from "../command-line.ts";
import { findRun, withRuntime } from "../command-runtime.ts";
import { durationText, renderTable } from "../display/cells.ts";
import { print, printJson } from "./runs.ts";

export async function listWorkers(name: string | undefined, flags: StoreFlags): Promise<number> {
  return withRuntime(flags.stateRoot, async (runtime) => {
    const run = name === undefined ? undefined : (await findRun(runtime, name)).id;
    const workers = await runtime.workers(run);
    if (flags.json) return printJson(workers);
    if (workers.length === 0)
      return print(run === undefined ? `no workers in ${runtime.stateRoot()}\n` : `run ${run} has no workers\n`);
    return print(workerTable(workers, run === undefined));
  });
}

export async function exportWorker(
  name: string,
  flags: StoreFlags & { readonly out?: string | undefined },
): Promise<number> {
  return withRuntime(flags.stateRoot, async (runtime) => {
    const id = await findWorker(runtime, name);
    if (flags.out === "-") return printJson(await runtime.workerRecord(id));
    const target = flags.out === undefined ? undefined : path.resolve(flags.out);
    return print(`${await runtime.exportWorker(id, target)}\n`);
  });
}

/** The worker whose id is, or alone begins with, `text`. */
async function findWorker(runtime: Runtime, text: string): Promise<string> {
  const ids = (await runtime.workers()).map((worker) => worker.worker_id);
  if (ids.includes(text)) return text;
  const found = ids.filter((id) => id.startsWith(text));
  if (found.length === 1) return found[0]!;
  if (found.length > 1) throw new Failure(`${text} could be ${found.length} workers: ${found.join(", ")}`);
  throw new Failure(`no worker ${text} in ${runtime.stateRoot()}`, "not_found");
}

/** `withRun`: they are of several runs. */
export function workerTable(workers: readonly WorkerInfo[], withRun: boolean): string {
  return renderTable(
    ["WORKER", "NAME", "STATUS", "TIME", "ARTIFACTS", ...(withRun ? ["RUN"] : []), "TASK"],
    workers.map((worker) => [
      worker.worker_id,
      text(worker.worker_name),
      worker.status,
      elapsed(worker),
      typeof worker.artifact_count === "number" ? String(worker.artifact_count) : "",
      ...(withRun ? [worker.run] : []),
      text(worker.task),
    ]),
    process.stdout.isTTY ? process.stdout.columns : undefined,
  );
}

function elapsed(worker: WorkerInfo): string {
  const from = Date.parse(text(worker.started_at) || text(worker.created_at));
  const to = text(worker.finished_at) === "" ? Date.now() : Date.parse(text(worker.finished_at));
  return Number.isNaN(from) || Number.isNaN(to) ? "" : durationText(to - from);
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
