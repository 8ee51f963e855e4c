/**
 * A workflow's run as it stands: its head is the state of the engine's machine; each finished stage is a record of its own in the object table, written
 * once, so that a step stores what it did and not what went before.
 */
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { type CapabilityPolicy, narrowPolicy, writePolicyRecord } from "../policy/capability.ts";
import { effectivePolicy } from "../policy/narrow-scope.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { ObjectId } from "../vm/fiber.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { nowText } from "./artifacts.ts";
import * as field from "./record-fields.ts";
import { recordTime } from "./record-times.ts";
import { childRun, fixtureOf } from "./run-record.ts";
import { spokenText, sumUsage } from "./stage-outcome.ts";
import type { Standing, WorkflowOrder } from "./workflow-order.ts";
import { recordedPolicy } from "./workflow-records.ts";

export type RunStatus = "running" | "completed" | "failed" | "paused" | "cancelled";
export type WorkflowPhase = "begin" | "started" | "running" | "saved" | "ended";

export interface RunningStage {
  /** Counts the stages of the run in the order in which they began. */
  readonly ordinal: number;
  readonly stands: Standing;
  readonly node: string;
  readonly task: ObjectId;
  readonly session: string;
  readonly startedAt: string;
}

/** A question to people; what comes behind it waits until the run is gone on with. */
export interface Escalation {
  readonly node: string;
  readonly stage: string;
  readonly queue: string | null;
  readonly level: string | null;
  readonly reason: string;
}

/** A failure that no edge of its stage takes up. */
export interface UnhandledFailure {
  readonly node: string;
  readonly stage: string;
  readonly error: string;
}

export interface WorkflowState {
  readonly runId: string;
  readonly parentRunId: string | null;
  readonly rootRunId: string;
  readonly graph: HDict;
  readonly task: string;
  /** Artifacts that it began with; those of the stages are in their records. */
  readonly inputs: HList;
  /** For nodes that do not say so themselves: provider, model, …. */
  readonly defaults: HDict;
  readonly contracts: readonly HDict[];
  readonly maxSteps: number;
  /** Tokens of all stages, input and output, beyond which no other begins; null: none. */
  readonly tokenBudget: number | null;
  /** Where the record goes; `asked`: the program said so. */
  readonly path: string;
  readonly asked: boolean;
  readonly startedAt: string;
  readonly execution: Value;
  readonly metadata: HDict;
  readonly policies: readonly JsonObject[];
  readonly approvals: readonly JsonObject[];
  readonly onApproval: Value;
  readonly cwd: string | null;
  readonly env: JsonObject;
  readonly audit: JsonObject;
  /** What the first conversation begins with; nil once it was used. */
  seed: HDict | null;
  /** Stages of a record, played again instead of running; `next` of them comes now. */
  readonly replay: { readonly stages: readonly HDict[]; readonly from: string } | null;
  replayed: number;
  phase: WorkflowPhase;
  status: RunStatus;
  steps: number;
  ready: string[];
  /** Nodes behind escalations: they are for the execution that goes on with the run. */
  readonly held: string[];
  readonly escalations: Escalation[];
  /** Of those that are ready; left out: at the beginning. */
  readonly standings: { [node: string]: Standing };
  readonly completed: string[];
  /** Records of the finished stages, in the order of the ways that led to them. */
  readonly stages: string[];
  /** Stages that the record had before this execution. */
  readonly before: number;
  /** Kept whole: a few small dicts. */
  readonly children: HDict[];
  readonly extraTransitions: readonly HDict[];
  readonly extraCheckpoints: readonly HDict[];
  readonly extraRecordings: readonly HDict[];
  readonly ends: HDict[];
  readonly unhandled: UnhandledFailure[];
  /** Counts the stages that run; null: none does. */
  group: number | null;
  readonly running: RunningStage[];
  /** Stages in the file as it was last written. */
  written: number;
  finishedAt: string | null;
  problem: string | null;
}

export const STAGE_TYPE = "workflow_stage";

export interface StageRecord {
  readonly depth: number;
  readonly stage: HDict;
  /** To where it went on. */
  readonly transitions: readonly HDict[];
  readonly checkpoint: HDict;
  readonly transcript: Value;
  /** Its tool calls. */
  readonly recordings: readonly HDict[];
}

export function stageRecord(call: VmCall, id: string): StageRecord {
  const object = call.run.objects.get(id);
  if (object?.kind !== "record" || object.type !== STAGE_TYPE) throw new Error(`no record of stage ${id}`);
  return object.state as StageRecord;
}

export function stageRecords(call: VmCall, state: WorkflowState): readonly StageRecord[] {
  return state.stages.map((id) => stageRecord(call, id));
}

/** What the run began with, then what each stage made, in their order; of a `viewer`: what was made before this execution, or on the ways to it. */
export function runArtifacts(
  call: VmCall,
  state: WorkflowState,
  viewer?: { readonly order: WorkflowOrder; readonly node: string; readonly stands: Standing },
): readonly HDict[] {
  const isSeen = ({ stage, depth }: StageRecord, at: number): boolean => {
    if (viewer === undefined || at < state.before) return true;
    return viewer.order.sees(viewer.node, viewer.stands, { node: String(stage.get("node_id")), depth });
  };
  const made = stageRecords(call, state)
    .filter(isSeen)
    .flatMap(({ stage }) => field.dictsAt(stage, "artifacts"));
  return [...state.inputs.items.filter((artifact) => artifact instanceof HDict), ...made];
}

export function stageId(state: WorkflowState, { node, ordinal }: RunningStage): string {
  return `${state.runId}:${node}:${ordinal}`;
}

/** A stage's dict in the run record, from what its machine answered. */
export function stageDict(
  call: VmCall,
  state: WorkflowState,
  node: HDict,
  member: RunningStage,
  outcome: HDict,
): HDict {
  const id = stageId(state, member);
  const result = field.dictAt(outcome, "result");
  const artifacts = field.listAt(outcome, "artifacts");
  const text = spokenText(result);
  return HDict.of({
    id,
    node_id: member.node,
    kind: node.get("kind") ?? "stage",
    status: outcome.get("status") ?? "failed",
    outcome: outcome.get("outcome") ?? "error",
    branch: outcome.get("branch") ?? null,
    started_at: member.startedAt,
    finished_at: nowText(call),
    visible_text: text === "" ? null : text,
    private_reasoning: share(outcome.get("private_reasoning") ?? null),
    transcript: share(outcome.get("transcript") ?? null),
    verification: share(outcome.get("verification") ?? null),
    usage: share(outcome.get("usage") ?? null),
    artifacts: new HList(artifacts.map((artifact) => share(artifact))),
    consumed_artifact_ids: new HList([...field.textsAt(outcome, "consumed_artifact_ids")]),
    produced_artifact_ids: new HList(
      artifacts.flatMap((artifact) => (artifact instanceof HDict ? [String(artifact.get("id") ?? "")] : [])),
    ),
    attempts: new HList(field.listAt(outcome, "attempts").map((attempt) => share(attempt))),
    metadata: stageMetadata(stagePolicy(call, state, node), node, outcome, result),
  });
}

/** What holds for the workflow: its caller's policy, narrowed by the graph's. */
export function workflowPolicy(call: VmCall, graph: HDict): CapabilityPolicy {
  return narrowed(effectivePolicy(call.scope), graph);
}

/** Roots are compared where the scope is made: there they are absolute. */
function narrowed(policy: CapabilityPolicy, record: HDict): CapabilityPolicy {
  const own = recordedPolicy(record);
  return narrowPolicy({ ...policy, roots: own.roots.kind === "all" ? policy.roots : own.roots }, own);
}

/** Of a node that asks for too much, and therefore failed: what it would have had to keep to. */
function stagePolicy(call: VmCall, state: WorkflowState, node: HDict): Value {
  const whole = workflowPolicy(call, state.graph);
  try {
    return jsonToValue(writePolicyRecord(narrowed(whole, node)));
  } catch (error) {
    if (error instanceof Failure) return jsonToValue(writePolicyRecord(whole));
    throw error;
  }
}

const FROM_NODE = [
  "model_policy",
  "auto_compact",
  "output_visibility",
  "context_policy",
  "retry_policy",
  "input_contract",
  "output_contract",
];
const FROM_RESULT = [
  "prompt",
  "system_prompt",
  "rendered_context",
  "verification_contracts",
  "rendered_verification_context",
  "selected_artifact_ids",
  "selected_artifact_titles",
  "tool_calling_mode",
];

function stageMetadata(policy: Value, node: HDict, outcome: HDict, result: HDict): HDict {
  const metadata = new Map<string, Value>();
  for (const key of FROM_NODE) if ((node.get(key) ?? null) !== null) metadata.set(key, share(node.get(key)!));
  for (const key of FROM_RESULT) if (result.has(key)) metadata.set(key, share(result.get(key)!));
  metadata.set("effective_capability_policy", policy);
  const worker = outcome.get("worker");
  if (worker instanceof HDict) {
    metadata.set("worker", share(worker));
    metadata.set("worker_id", worker.get("id") ?? null);
  }
  const error = outcome.get("error") ?? null;
  if (error !== null) metadata.set("error", error);
  return HDict.fromMap(metadata);
}

export function checkpoint(call: VmCall, state: WorkflowState, reason: string, last: string | null): HDict {
  return HDict.of({
    id: call.ports.ids.uuidv7(),
    ready_nodes: new HList(pendingNodes(state)),
    completed_nodes: new HList([...state.completed].sort()),
    last_stage_id: last,
    persisted_at: nowText(call),
    reason,
  });
}

/** What is still to be done, in this execution or the next one. */
export function pendingNodes(state: WorkflowState): string[] {
  return [...state.held, ...state.ready];
}

export function noteChild(state: WorkflowState, handle: Value, stage: string): void {
  if (!(handle instanceof HDict)) return;
  const child = childRun(handle, stage);
  const known = state.children.findIndex((one) => one.get("worker_id") === child.get("worker_id"));
  if (known >= 0) state.children.splice(known, 1, child);
  else state.children.push(child);
}

export function runUsage(records: readonly StageRecord[]): HDict {
  return sumUsage(records.map(({ stage }) => field.dictAt(stage, "usage")));
}

/** The run record as it stands. */
export function runDict(call: VmCall, state: WorkflowState): HDict {
  const records = stageRecords(call, state);
  const { graph } = state;
  const transcript = records.reduce<Value>((last, one) => (one.transcript === null ? last : one.transcript), null);
  const name = graph.get("name") ?? null;
  const metadata = field.withFields(state.metadata, {
    ...(state.unhandled.length === 0
      ? {}
      : { unhandled_failures: new HList(state.unhandled.map((one) => HDict.of({ ...one }))) }),
    ...(state.escalations.length === 0
      ? {}
      : { escalations: new HList(state.escalations.map((one) => HDict.of({ ...one }))) }),
    ...(state.problem === null ? {} : { problem: state.problem }),
  });
  const run = HDict.of({
    _type: "run_record",
    id: state.runId,
    workflow_id: graph.get("id") ?? "",
    workflow_name: name,
    task: state.task,
    status: state.status,
    started_at: state.startedAt,
    finished_at: state.finishedAt,
    parent_run_id: state.parentRunId,
    root_run_id: state.rootRunId,
    persisted_path: state.path,
    stages: new HList(records.map(({ stage }) => share(stage))),
    transitions: new HList(
      [...state.extraTransitions, ...records.flatMap((one) => one.transitions)].map((one) => share(one)),
    ),
    checkpoints: new HList(
      [
        ...state.extraCheckpoints,
        ...state.ends.slice(0, 1),
        ...records.slice(state.before).map((one) => one.checkpoint),
        ...state.ends.slice(1),
      ].map((one) => share(one)),
    ),
    child_runs: new HList(state.children.map((child) => share(child))),
    artifacts: new HList(runArtifacts(call, state).map((artifact) => share(artifact))),
    pending_nodes: new HList(pendingNodes(state)),
    completed_nodes: new HList([...state.completed].sort()),
    policy: jsonToValue(writePolicyRecord(workflowPolicy(call, state.graph))),
    execution: share(state.execution),
    transcript: share(transcript),
    usage: runUsage(records),
    replay_fixture: null,
    observability: null,
    trace_spans: new HList([...runSpans(state, records)]),
    tool_recordings: new HList(
      [...state.extraRecordings, ...records.flatMap((one) => one.recordings)].map((one) => share(one)),
    ),
    metadata,
  });
  if (state.phase === "ended") run.set("replay_fixture", fixtureOf(call, run));
  return run;
}

/** What took how long: the run, and each stage within it. Milliseconds since the run began. */
function runSpans(state: WorkflowState, records: readonly StageRecord[]): readonly HDict[] {
  const began = recordTime(state.startedAt) ?? 0;
  const span = (
    id: number,
    parent: number | null,
    kind: string,
    name: string,
    from: string,
    to: Value,
    more: HDict,
  ) => {
    const start = recordTime(from) ?? began;
    const end = typeof to === "string" ? (recordTime(to) ?? start) : start;
    return HDict.of({
      span_id: id,
      parent_id: parent,
      kind,
      name,
      start_ms: Math.max(0, Math.round(start - began)),
      duration_ms: Math.max(0, Math.round(end - start)),
      metadata: more,
    });
  };
  const name = field.textAt(state.graph, "name") ?? String(state.graph.get("id"));
  const whole = span(1, null, "pipeline", name, state.startedAt, state.finishedAt, HDict.of({ run_id: state.runId }));
  const stages = records.map(({ stage }, i) => {
    const about = HDict.of({ stage_id: stage.get("id") ?? null, outcome: stage.get("outcome") ?? null });
    const ended = stage.get("finished_at") ?? null;
    return span(i + 2, 1, "stage", String(stage.get("node_id")), String(stage.get("started_at")), ended, about);
  });
  return [whole, ...stages];
}
