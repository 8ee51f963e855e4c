/**
 * A worker's life: one record, one module with guarded transitions (worker-runtime.md 3.14, 5.3; directive D2).
 *
 * Invariants
 * 1. Each run of the body is an attempt with a number; what a late or cancelled attempt reports is ignored.
 * 2. An attempt ends in exactly one terminal state, with exactly one terminal event.
 * 3. The record lives in the run's object table under the worker's id, so it is committed with everything else; files are exports (worker-record.ts).
 */
import type { JsonObject } from "../base/json.ts";
import { runtimeError } from "../builtin/raise.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HHandle, HList, share } from "../value/value.ts";
import { renderError } from "../vm/errors.ts";
import type { VmCall } from "../vm/vm-call.ts";

/** `delegated_stage`: a stage of a workflow that a worker does. */
export type WorkerMode = "sub_agent" | "stage" | "workflow" | "delegated_stage";
export type WorkerStatus = "running" | "completed" | "failed" | "cancelled" | "interrupted";

export interface CarryPolicy {
  readonly artifact_mode: string;
  readonly context_policy: JsonObject;
  readonly resume_workflow: boolean;
  readonly persist_state: boolean;
  readonly policy: JsonObject | null;
}

export interface WorkerState {
  readonly id: string;
  readonly name: string;
  readonly mode: WorkerMode;
  status: WorkerStatus;
  /** Counts the runs of the body, from 1. */
  attempt: number;
  task: string;
  readonly history: string[];
  readonly createdAt: string;
  startedAt: string;
  finishedAt: string | null;
  /** Task, system, payload and the four lists, as given at creation; never changed. */
  readonly request: Value;
  /** What the body runs: the stage node or the loop options, with live tools and callbacks. */
  readonly spec: HDict;
  result: Value;
  error: string | null;
  artifacts: HList;
  /** Artifacts that the next attempt starts with. */
  inputs: HList;
  transcript: Value;
  readonly parentWorker: string | null;
  readonly parentStage: string | null;
  readonly carry: CarryPolicy;
  /** Execution profile; after the start with the resolved worktree. */
  execution: JsonObject;
  audit: JsonObject;
  /** Capability and approval policy that were asked for; narrowed again at each start. */
  readonly policy: JsonObject | null;
  readonly approval: JsonObject | null;
  readonly onApproval: Value;
  /** Fiber and task of the current or last attempt. */
  fiber: number | null;
  task_id: string | null;
  /** Tokens of all attempts. */
  readonly usage: { input: number; output: number };
  lastTool: string | null;
  /** Files that the worker changed, relative to its worktree. */
  changed: string[];
  /** Where its record is exported to. */
  snapshotPath: string | null;
  /** Write the record there at the end of each attempt. */
  readonly exports: boolean;
  /** The run of the workflow that it executed last, and the file of its record. */
  childRun?: { readonly id: string; readonly path: string };
}

export const WORKER_TYPE = "worker";

export function workerOf(call: VmCall, id: string): WorkerState {
  const object = call.run.objects.get(id);
  if (object?.kind !== "record" || object.type !== WORKER_TYPE) throw runtimeError(`unknown worker: ${id}`);
  return object.state as WorkerState;
}

/** The same, to change: the record is written with this turn. */
export function changeWorker(call: VmCall, id: string): WorkerState {
  const state = workerOf(call, id);
  call.run.dirty.objects.add(id);
  return state;
}

/** A handle dict, an id, or a task value. */
export function workerId(value: Value): string {
  if (typeof value === "string" && value !== "") return value;
  if (value instanceof HDict) {
    const id = value.get("id");
    if (typeof id === "string" && id !== "") return id;
    throw runtimeError("agent handle dict is missing an id field");
  }
  if (value instanceof HHandle) return String(value.id);
  throw runtimeError("expected agent handle or worker id");
}

export type WorkerTrigger =
  | { readonly kind: "start"; readonly task: string }
  | {
      readonly kind: "completed";
      readonly result: Value;
      readonly transcript: Value;
      readonly artifacts: readonly Value[];
    }
  | {
      readonly kind: "failed";
      readonly error: string;
      readonly result: Value;
      readonly transcript: Value;
      readonly artifacts: readonly Value[];
    }
  | { readonly kind: "cancelled"; readonly reason: string };

const EVENT = {
  running: "WorkerSpawned",
  completed: "WorkerCompleted",
  failed: "WorkerFailed",
  cancelled: "WorkerCancelled",
} as const;

/**
 * Moves the worker on. `attempt` is the attempt that reports; a stale one changes nothing. Answers whether the state changed.
 */
export function transition(call: VmCall, id: string, attempt: number, trigger: WorkerTrigger): boolean {
  const state = changeWorker(call, id);
  const now = new Date(call.ports.clock.nowMs()).toISOString();
  if (trigger.kind === "start") {
    if (state.status === "running" && state.attempt > 0)
      throw runtimeError(`send_input: worker ${id} is still running`);
    state.attempt++;
    state.status = "running";
    state.task = trigger.task;
    state.history.push(trigger.task);
    state.startedAt = now;
    state.finishedAt = null;
    state.error = null;
    state.result = null;
    announce(call, state, "running");
    return true;
  }
  if (attempt !== state.attempt || state.status !== "running") return false;
  state.finishedAt = now;
  switch (trigger.kind) {
    case "completed":
    case "failed":
      state.status = trigger.kind;
      state.error = trigger.kind === "failed" ? trigger.error : null;
      state.result = share(trigger.result);
      state.transcript = share(trigger.transcript);
      state.artifacts = new HList(trigger.artifacts.map((artifact) => share(artifact)));
      break;
    case "cancelled":
      state.status = "cancelled";
      state.error = trigger.reason;
      break;
  }
  announce(call, state, state.status as keyof typeof EVENT);
  return true;
}

/** A worker whose fiber ended before it could report (its grace was over) was cancelled. Answers whether that was so. */
export function settleDropped(call: VmCall, id: string): boolean {
  const state = workerOf(call, id);
  if (state.status !== "running" || state.task_id === null) return false;
  const task = call.run.objects.get(state.task_id);
  if (task?.kind !== "task" || task.result === null) return false;
  const { result } = task;
  if (result.kind === "failed") {
    const error = `the worker itself failed: ${renderError(result.error)}`;
    return transition(call, id, state.attempt, {
      kind: "failed",
      error,
      result: null,
      transcript: null,
      artifacts: [],
    });
  }
  const reason = result.kind === "cancelled" ? result.reason : "ended without a report";
  return transition(call, id, state.attempt, { kind: "cancelled", reason });
}

/** One event for the world and the observers' record. */
function announce(call: VmCall, state: WorkerState, status: keyof typeof EVENT): void {
  const metadata = workerMetadata(state);
  call.emit({
    type: "worker",
    event: EVENT[status],
    worker: {
      id: state.id,
      name: state.name,
      task: state.task,
      mode: state.mode,
      status: state.status,
      metadata,
    },
  });
  recordWorker(call, state, metadata);
}

/** The row that `harn workers` and the page read. */
export function recordWorker(call: VmCall, state: WorkerState, metadata = workerMetadata(state)): void {
  call.record("worker", state.id, { ...metadata, fiber: state.fiber });
}

export function workerMetadata(state: WorkerState): JsonObject {
  return {
    worker_id: state.id,
    worker_name: state.name,
    status: state.status,
    task: state.task,
    mode: state.mode,
    attempt: state.attempt,
    created_at: state.createdAt,
    started_at: state.startedAt,
    finished_at: state.finishedAt,
    artifact_count: state.artifacts.items.length,
    has_transcript: state.transcript !== null,
    parent_worker_id: state.parentWorker,
    parent_stage_id: state.parentStage,
    child_run_id: state.childRun?.id ?? null,
    child_run_path: state.childRun?.path ?? null,
    execution: redactedExecution(state.execution),
    snapshot_path: state.snapshotPath,
    audit: state.audit,
    usage: { input_tokens: state.usage.input, output_tokens: state.usage.output },
    last_tool: state.lastTool,
    changed_paths: state.changed,
    error: state.error,
  };
}

/** Environment values may be secrets: names only. */
export function redactedExecution(execution: JsonObject): JsonObject {
  const env = execution.env;
  if (typeof env !== "object" || env === null || Array.isArray(env)) return execution;
  return { ...execution, env: Object.fromEntries(Object.keys(env).map((name) => [name, "[redacted]"])) };
}

/** What every worker builtin answers (3.14): a value, of which only `id` is live. */
export function workerHandle(state: WorkerState): HDict {
  const request = state.request;
  return HDict.of({
    _type: "agent_handle",
    id: state.id,
    name: state.name,
    task: state.task,
    mode: state.mode,
    status: state.status,
    created_at: state.createdAt,
    started_at: state.startedAt,
    finished_at: state.finishedAt,
    history: new HList([...state.history]),
    request: share(request),
    provenance: provenance(state),
    result: share(state.result),
    error: state.error,
    artifact_count: state.artifacts.items.length,
    artifacts: share(state.artifacts),
    has_transcript: state.transcript !== null,
    parent_worker_id: state.parentWorker,
    parent_stage_id: state.parentStage,
    child_run_id: state.childRun?.id ?? null,
    child_run_path: state.childRun?.path ?? null,
    execution: jsonToValue(redactedExecution(state.execution)),
    snapshot_path: state.snapshotPath,
    audit: jsonToValue(state.audit),
    usage: HDict.of({ input_tokens: state.usage.input, output_tokens: state.usage.output }),
    changed_paths: new HList([...state.changed]),
  });
}

export function provenance(state: WorkerState): HDict {
  const audit = state.audit;
  return HDict.of({
    worker_id: state.id,
    worker_name: state.name,
    mode: state.mode,
    parent_worker_id: state.parentWorker,
    parent_stage_id: state.parentStage,
    session_id: (audit.session_id as string | undefined) ?? null,
    parent_session_id: (audit.parent_session_id as string | null | undefined) ?? null,
    snapshot_path: state.snapshotPath,
    run_id: state.childRun?.id ?? (audit.run_id as string | null | undefined) ?? null,
    run_path: state.childRun?.path ?? null,
  });
}
