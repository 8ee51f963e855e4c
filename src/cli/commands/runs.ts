/** `harn runs`, `harn runs show`: the runs that the store keeps, read from its rows. */
import type { RunInfo, WorkerInfo } from "../../runtime/index.ts";
import type { StoreFlags } from "../command-line.ts";
import { findRun, withRuntime } from "../command-runtime.ts";
import { durationText, oneLine, renderTable } from "../display/cells.ts";
import { EXIT } from "../exit-codes.ts";
import { workerTable } from "./workers.ts";

export async function listRuns(flags: StoreFlags): Promise<number> {
  return withRuntime(flags.stateRoot, async (runtime) => {
    const runs = await runtime.runs();
    if (flags.json) return printJson(runs);
    if (runs.length === 0) return print(`no runs in ${runtime.stateRoot()}\n`);
    return print(runTable(runs));
  });
}

export async function listResumable(flags: StoreFlags): Promise<number> {
  return withRuntime(flags.stateRoot, async (runtime) => {
    const runs = (await runtime.runs()).filter(({ resumable }) => resumable);
    if (flags.json) return printJson(runs);
    if (runs.length === 0) return print(`nothing to resume in ${runtime.stateRoot()}\n`);
    return print(`${runTable(runs)}\ncontinue one with \`harn resume RUN\`\n`);
  });
}

export async function showRun(name: string, flags: StoreFlags): Promise<number> {
  return withRuntime(flags.stateRoot, async (runtime) => {
    const run = await findRun(runtime, name);
    const [workers, output] = await Promise.all([runtime.workers(run.id), runtime.output(run.id)]);
    if (flags.json) return printJson({ ...run, workers, output });
    return print(renderRun(run, workers, output));
  });
}

function renderRun(run: RunInfo, workers: readonly WorkerInfo[], output: string): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ["run", run.id],
    ["program", [run.program, ...run.args].map(oneLine).join(" ")],
    ["status", `${run.status}${run.pid === null ? "" : ` (process ${run.pid})`}`],
    ["started", run.created],
    ["changed", run.updated],
    ["folder", run.cwd],
    ["error", run.error],
    ["", run.resumable ? `continue it with \`harn resume ${run.id}\`` : null],
  ];
  const lines = facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(9)}${value}\n`]));
  const table = workers.length === 0 ? "" : `\n${workerTable(workers, false)}`;
  return `${lines.join("")}${table}${output === "" ? "" : `\n── output\n${output.endsWith("\n") ? output : `${output}\n`}`}`;
}

function runTable(runs: readonly RunInfo[]): string {
  const now = Date.now();
  return renderTable(
    ["RUN", "STATUS", "CHANGED", "PROGRAM"],
    runs.map((run) => [
      run.id,
      run.status,
      `${durationText(now - Date.parse(run.updated))} ago`,
      [run.program, ...run.args].join(" "),
    ]),
    process.stdout.isTTY ? process.stdout.columns : undefined,
  );
}

export function print(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}

export function printJson(value: unknown): number {
  return print(`${JSON.stringify(value, null, 2)}\n`);
}
