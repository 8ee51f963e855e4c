/** Run records as values: what a workflow did, stage by stage (worker-runtime.md 3.8, 3.9, 11). */
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { nowText } from "./artifacts.ts";
import * as field from "./record-fields.ts";
import { runObservability } from "./run-observability.ts";
import { capabilityPolicy } from "./workflow-records.ts";

const ATTEMPT: field.Fields = {
  attempt: field.intOr(1),
  status: field.textOr(""),
  outcome: field.textOr(""),
  branch: field.optionalText,
  error: field.optionalText,
  verification: field.anything,
  started_at: field.textOr(""),
  finished_at: field.optionalText,
};

const STAGE: field.Fields = {
  id: field.textOr(""),
  node_id: field.textOr(""),
  kind: field.textOr(""),
  status: field.textOr(""),
  outcome: field.textOr(""),
  branch: field.optionalText,
  started_at: field.textOr(""),
  finished_at: field.optionalText,
  visible_text: field.optionalText,
  private_reasoning: field.optionalText,
  transcript: field.anything,
  verification: field.anything,
  usage: field.anything,
  artifacts: field.anyList,
  consumed_artifact_ids: field.texts,
  produced_artifact_ids: field.texts,
  attempts: field.listOf(ATTEMPT),
  metadata: field.dict,
};

const TRANSITION: field.Fields = {
  id: field.textOr(""),
  from_stage_id: field.optionalText,
  from_node_id: field.optionalText,
  to_node_id: field.textOr(""),
  branch: field.optionalText,
  timestamp: field.textOr(""),
  consumed_artifact_ids: field.texts,
  produced_artifact_ids: field.texts,
};

const CHECKPOINT: field.Fields = {
  id: field.textOr(""),
  ready_nodes: field.texts,
  completed_nodes: field.texts,
  last_stage_id: field.optionalText,
  persisted_at: field.textOr(""),
  reason: field.textOr(""),
};

const CHILD: field.Fields = {
  worker_id: field.textOr(""),
  worker_name: field.textOr(""),
  parent_stage_id: field.optionalText,
  session_id: field.optionalText,
  parent_session_id: field.optionalText,
  mutation_scope: field.optionalText,
  approval_policy: field.anything,
  task: field.textOr(""),
  request: field.anything,
  provenance: field.anything,
  status: field.textOr(""),
  started_at: field.textOr(""),
  finished_at: field.optionalText,
  run_id: field.optionalText,
  run_path: field.optionalText,
  snapshot_path: field.optionalText,
  execution: field.anything,
};

const RUN: field.Fields = {
  _type: field.textOr("run_record"),
  id: field.textOr(""),
  workflow_id: field.textOr(""),
  workflow_name: field.optionalText,
  task: field.textOr(""),
  status: field.textOr(""),
  started_at: field.textOr(""),
  finished_at: field.optionalText,
  parent_run_id: field.optionalText,
  root_run_id: field.optionalText,
  persisted_path: field.optionalText,
  stages: field.listOf(STAGE),
  transitions: field.listOf(TRANSITION),
  checkpoints: field.listOf(CHECKPOINT),
  child_runs: field.listOf(CHILD),
  artifacts: field.anyList,
  pending_nodes: field.texts,
  completed_nodes: field.texts,
  policy: capabilityPolicy,
  execution: field.anything,
  transcript: field.anything,
  usage: field.anything,
  replay_fixture: field.anything,
  observability: field.anything,
  trace_spans: field.anyList,
  tool_recordings: field.anyList,
  metadata: field.dict,
};

/** A run as a program or a file gave it, with what is missing filled in. */
export function readRun(call: VmCall, value: Value, label: string): HDict {
  const run = field.readRecord(value, RUN, `${label} parse error at`);
  if (run.get("id") === "") run.set("id", `run_${call.ports.ids.uuidv7()}`);
  if (run.get("started_at") === "") run.set("started_at", nowText(call));
  if (run.get("status") === "") run.set("status", "running");
  if (run.get("root_run_id") === null) run.set("root_run_id", run.get("id")!);
  if (run.get("replay_fixture") === null) run.set("replay_fixture", fixtureOf(call, run));
  if (run.get("observability") === null) run.set("observability", observed(call, run));
  return run;
}

export function observed(call: VmCall, run: HDict): HDict {
  return runObservability(run, (path) => call.ports.files.existsSync(path));
}

export function stagesOf(run: HDict): readonly HDict[] {
  return field.dictsAt(run, "stages");
}

const SNIPPET = 80;

/** What another run of the same workflow has to come to. */
export function fixtureOf(call: VmCall, run: HDict): HDict {
  const assertions = stagesOf(run).map((stage) => {
    const text = field.textAt(stage, "visible_text");
    const kinds = new Set(
      field.dictsAt(stage, "artifacts").map((artifact) => String(artifact.get("kind") ?? "artifact")),
    );
    return HDict.of({
      node_id: stage.get("node_id") ?? "",
      expected_status: stage.get("status") ?? "",
      expected_outcome: stage.get("outcome") ?? "",
      expected_branch: stage.get("branch") ?? null,
      required_artifact_kinds: new HList([...kinds]),
      visible_text_contains: text === null ? null : [...text].slice(0, SNIPPET).join(""),
    });
  });
  return HDict.of({
    _type: "replay_fixture",
    id: `fixture_${call.ports.ids.uuidv7()}`,
    source_run_id: run.get("id") ?? "",
    workflow_id: run.get("workflow_id") ?? "",
    workflow_name: run.get("workflow_name") ?? null,
    created_at: nowText(call),
    expected_status: run.get("status") ?? "",
    stage_assertions: new HList(assertions),
  });
}

/** A child run's entry for a worker's handle. */
export function childRun(handle: HDict, stage: string | null): HDict {
  const text = (key: string) => share(handle.get(key) ?? null);
  const audit = field.dictAt(handle, "audit");
  return HDict.of({
    worker_id: text("id"),
    worker_name: text("name"),
    parent_stage_id: stage,
    session_id: audit.get("session_id") ?? null,
    parent_session_id: audit.get("parent_session_id") ?? null,
    mutation_scope: audit.get("mutation_scope") ?? null,
    approval_policy: share(audit.get("approval_policy") ?? null),
    task: text("task"),
    request: text("request"),
    provenance: text("provenance"),
    status: text("status"),
    started_at: text("started_at"),
    finished_at: text("finished_at"),
    run_id: text("child_run_id"),
    run_path: text("child_run_path"),
    snapshot_path: text("snapshot_path"),
    execution: text("execution"),
  });
}
