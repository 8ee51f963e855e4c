/**
 * `harn eval`, `harn replay`, `harn runs inspect`: run records in files, judged and shown. What they mean is the library's business: each command runs a
 * small program over its builtins and prints what that answers.
 */
import fs from "node:fs/promises";
import path from "node:path";
import { Failure } from "../../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import { withRuntime } from "../command-runtime.ts";
import { EXIT } from "../exit-codes.ts";
import { print } from "./runs.ts";

export interface RecordFlags {
  readonly compare?: string;
  readonly json?: boolean;
}

const SUITE = "println(json_stringify(eval_suite_run(json_parse(argv[0]))))";
const REPLAY = "let run = run_record_load(argv[0])\nprintln(json_stringify({run: run, eval: run_record_eval(run)}))";
const INSPECT = `let run = run_record_load(argv[0])
let diff = if argv[1] == "" { nil } else { run_record_diff(run_record_load(argv[1]), run) }
println(json_stringify({run: run, diff: diff}))`;

/** What the program prints, read as JSON. */
async function answer(code: string, args: readonly string[]): Promise<JsonObject> {
  return withRuntime(undefined, async (runtime) => {
    const run = runtime.run({ code, args, cwd: process.cwd() });
    const output: string[] = [];
    run.onEvent((event) => {
      if (event.type === "output") output.push(String(event.text));
    });
    const outcome = await run.result;
    if (outcome.kind === "failed") throw new Failure(outcome.message.replace(/^Runtime error: /, ""));
    const value = JSON.parse(output.join("")) as Json;
    if (!isJsonObject(value)) throw new Error("the program answered no object");
    return value;
  });
}

/** A record, a folder of records, or a manifest. Ends with 1 unless all pass. */
export async function evaluateRecords(target: string, flags: RecordFlags): Promise<number> {
  const manifest = await manifestOf(target, flags.compare ?? null);
  const report = await answer(SUITE, [JSON.stringify(manifest)]);
  const code = report.pass === true ? EXIT.ok : EXIT.failed;
  if (flags.json) {
    print(`${JSON.stringify(report, null, 2)}\n`);
    return code;
  }
  const cases = report.cases as readonly JsonObject[];
  for (const one of cases) {
    print(`${one.pass === true ? "PASS" : "FAIL"}  ${one.label ?? one.source_path}  ${one.stage_count} stages\n`);
    for (const failure of one.failures as readonly string[]) print(`      ${failure}\n`);
    if (one.pass !== true && isJsonObject(one.comparison)) print(differences(one.comparison, "      "));
  }
  if (cases.length !== 1) print(`${report.passed} passed, ${report.failed} failed, ${report.total} in all\n`);
  return code;
}

async function manifestOf(target: string, compare: string | null): Promise<JsonObject> {
  const found = await fs.stat(target).catch(() => null);
  if (found === null) throw new Failure(`${target}: there is no such file or folder`);
  if (found.isDirectory()) {
    const names = (await fs.readdir(target)).filter((name) => name.endsWith(".json")).sort();
    if (names.length === 0) throw new Failure(`${target}: there is no .json file in it`);
    return { cases: names.map((name) => ({ run_path: path.resolve(target, name), label: name, compare_to: compare })) };
  }
  const json = await readJson(target);
  if (isJsonObject(json) && (json._type === "eval_suite_manifest" || Array.isArray(json.cases))) {
    const base = typeof json.base_dir === "string" ? path.resolve(path.dirname(target), json.base_dir) : null;
    return { ...json, base_dir: base ?? path.dirname(path.resolve(target)) };
  }
  const baseline = compare === null ? null : path.resolve(compare);
  return { cases: [{ run_path: path.resolve(target), label: target, compare_to: baseline }] };
}

async function readJson(file: string): Promise<Json> {
  try {
    return JSON.parse(await fs.readFile(file, "utf8")) as Json;
  } catch (error) {
    throw new Failure(`${file} is no JSON: ${(error as Error).message}`);
  }
}

/** What a recorded run did, stage by stage, and whether it is as its fixture wants it. Nothing is run again. */
export async function showReplay(file: string, flags: RecordFlags): Promise<number> {
  const { run, eval: report } = (await answer(REPLAY, [file])) as {
    readonly run: JsonObject;
    readonly eval: JsonObject;
  };
  const code = report.pass === true ? EXIT.ok : EXIT.failed;
  if (flags.json) {
    print(`${JSON.stringify({ run, eval: report }, null, 2)}\n`);
    return code;
  }
  print(`replay of ${run.id}\n`);
  for (const stage of run.stages as readonly JsonObject[]) {
    print(`${stageLine(stage)}\n`);
    if (typeof stage.visible_text === "string") print(`  ${oneLine(stage.visible_text)}\n`);
    if (isJsonObject(stage.verification)) print(`  verification ${JSON.stringify(stage.verification)}\n`);
  }
  for (const move of run.transitions as readonly JsonObject[])
    print(`${move.from_node_id} -> ${move.to_node_id}${move.branch === null ? "" : ` (${move.branch})`}\n`);
  print(`${report.pass === true ? "PASS" : "FAIL"}\n`);
  for (const failure of report.failures as readonly string[]) print(`  ${failure}\n`);
  return code;
}

export async function inspectRecord(file: string, flags: RecordFlags): Promise<number> {
  const found = await answer(INSPECT, [file, flags.compare ?? ""]);
  if (flags.json) return print(`${JSON.stringify(found, null, 2)}\n`);
  const run = found.run as JsonObject;
  const count = (key: string) => String((run[key] as readonly Json[]).length);
  const pending = (run.pending_nodes as readonly string[]).join(", ");
  const facts: readonly (readonly [string, Json | undefined])[] = [
    ["run", run.id],
    ["workflow", run.workflow_name ?? run.workflow_id],
    ["status", run.status],
    ["task", oneLine(String(run.task))],
    ["started", run.started_at],
    ["ended", run.finished_at],
    ["pending", pending === "" ? null : pending],
    [
      "holds",
      `${count("stages")} stages, ${count("artifacts")} artifacts, ${count("child_runs")} workers, ${count("checkpoints")} checkpoints`,
    ],
  ];
  for (const [name, value] of facts) if (value !== null && value !== undefined) print(`${name.padEnd(10)}${value}\n`);
  print("\n");
  for (const stage of run.stages as readonly JsonObject[]) print(`${stageLine(stage)}\n`);
  if (isJsonObject(found.diff)) print(`\ncompared with ${flags.compare}\n${differences(found.diff, "")}`);
  return EXIT.ok;
}

function stageLine(stage: JsonObject): string {
  const worker =
    isJsonObject(stage.metadata) && isJsonObject(stage.metadata.worker) ? ` by ${stage.metadata.worker.name}` : "";
  return `${stage.node_id} [${stage.kind}] ${stage.status}: ${stage.outcome}${stage.branch === null ? "" : ` -> ${stage.branch}`}${worker}`;
}

function differences(diff: JsonObject, indent: string): string {
  if (diff.identical === true) return `${indent}no difference\n`;
  const lines: string[] = [];
  if (diff.status_changed === true) lines.push(`status: ${diff.left_status} -> ${diff.right_status}`);
  for (const stage of diff.stage_diffs as readonly JsonObject[])
    lines.push(`${stage.node_id} ${stage.change}: ${(stage.details as readonly string[]).join("; ")}`);
  for (const tool of diff.tool_diffs as readonly JsonObject[]) lines.push(`tool ${tool.tool_name}: another result`);
  for (const one of diff.observability_diffs as readonly JsonObject[])
    lines.push(`${one.section} ${one.label}: ${(one.details as readonly string[]).join("; ")}`);
  for (const what of ["transition", "artifact", "checkpoint"]) {
    const delta = Number(diff[`${what}_count_delta`]);
    if (delta !== 0) lines.push(`${Math.abs(delta)} ${what}s ${delta > 0 ? "more" : "fewer"}`);
  }
  return lines.map((line) => `${indent}${line}\n`).join("");
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
