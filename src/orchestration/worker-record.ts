/**
 * The worker record of worker-runtime.md 3.15 as JSON: what is exported, and how a worker of another run, or of an older Harn, comes back from it.
 *
 * Invariants
 * 1. A record of our own names the same worker after export and adoption; a worker that ran when the record was written comes back `interrupted`.
 * 2. What JSON cannot hold (closures) is not there afterwards: tools without a handler take it from the tools in scope, or are an error when called.
 */

import { changeSession, findSession, openSession } from "../agents/sessions.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { runtimeError } from "../builtin/raise.ts";
import { jsonToValue, valueToJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HClosure, HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import * as field from "./record-fields.ts";
import { stageOptions } from "./stage-options.ts";
import type { WorkerMode, WorkerState, WorkerStatus } from "./worker-state.ts";
import { recordWorker, redactedExecution, WORKER_TYPE } from "./worker-state.ts";
import { readGraph } from "./workflow-graph.ts";

/** Effect `{path, record}`: writes the record there, for its owner only. */
export const WORKER_EXPORT = "worker.export";
/** Effect `{id, path}`, one of them null: the record of a worker of another run, or of a file. Answers `{record, path}`. */
export const WORKER_READ = "worker.read";

/** Closures read as their display text there. */
export function workerSnapshot(state: WorkerState): JsonObject {
  return {
    _type: "worker_snapshot",
    id: state.id,
    name: state.name,
    task: state.task,
    status: state.status,
    created_at: state.createdAt,
    started_at: state.startedAt,
    finished_at: state.finishedAt,
    mode: state.mode,
    history: state.history,
    config: configOf(state),
    request: valueToJson(state.request),
    latest_payload: valueToJson(state.result),
    latest_error: state.error,
    transcript: valueToJson(state.transcript),
    artifacts: valueToJson(state.artifacts),
    parent_worker_id: state.parentWorker,
    parent_stage_id: state.parentStage,
    child_run_id: state.childRun?.id ?? null,
    child_run_path: state.childRun?.path ?? null,
    carry_policy: { ...state.carry },
    execution: redactedExecution(state.execution),
    snapshot_path: state.snapshotPath,
    audit: state.audit,
    policy: state.policy,
    approval_policy: state.approval,
  };
}

function configOf(state: WorkerState): JsonObject {
  const specified = (key: string): Json => valueToJson(state.spec.get(key) ?? null);
  if (state.mode === "workflow") {
    return {
      mode: "workflow",
      graph: specified("graph"),
      artifacts: valueToJson(state.inputs),
      options: specified("options"),
    };
  }
  if (state.mode !== "sub_agent") {
    return {
      mode: "stage",
      node: specified("node"),
      artifacts: valueToJson(state.inputs),
      transcript: valueToJson(state.transcript),
    };
  }
  const spec: Record<string, Json> = { name: state.name, task: state.task };
  for (const key of ["system", "options", "returns_schema", "session_id", "parent_session_id"])
    spec[key] = specified(key);
  return { mode: "sub_agent", spec };
}

/** Registers the worker of a record in this run, under its id, and answers that. Nothing runs until `send_input`. */
export function adoptWorker(call: VmCall, record: Json, path: string | null): string {
  const state = readRecord(call, record, path);
  call.run.putObject({ kind: "record", id: state.id, type: WORKER_TYPE, state });
  call.run.wantsDurable = true;
  adoptSession(call, state);
  recordWorker(call, state);
  return state.id;
}

const MODES: readonly WorkerMode[] = ["sub_agent", "stage", "workflow", "delegated_stage"];
const STATUSES: readonly WorkerStatus[] = ["completed", "failed", "cancelled", "interrupted"];

function readRecord(call: VmCall, record: Json, path: string | null): WorkerState {
  const where = `resume_agent: ${path ?? "the worker's record"}`;
  const wrong = (key: string, expected: string) => runtimeError(`${where}: ${key} must be ${expected}`);
  if (!isJsonObject(record) || record._type !== "worker_snapshot") throw wrong("_type", '"worker_snapshot"');
  const text = (key: string): string | null => {
    const value = record[key] ?? null;
    if (value === null || typeof value === "string") return value;
    throw wrong(key, "a string");
  };
  const object = (key: string): JsonObject | null => {
    const value = record[key] ?? null;
    if (value === null || isJsonObject(value)) return value;
    throw wrong(key, "an object");
  };
  const list = (key: string): readonly Json[] => {
    const value = record[key] ?? [];
    if (Array.isArray(value)) return value;
    throw wrong(key, "an array");
  };
  const id = text("id");
  if (id === null || id === "") throw wrong("id", "a worker id");
  const config = object("config") ?? {};
  const mode = (text("mode") ?? config.mode) as WorkerMode;
  if (!MODES.includes(mode)) throw wrong("mode", `one of ${MODES.join(", ")}`);
  const childRun = { id: text("child_run_id"), path: text("child_run_path") };
  const status = text("status") as WorkerStatus;
  const carry = object("carry_policy") ?? {};
  const task = text("task") ?? "";
  const now = new Date(call.ports.clock.nowMs()).toISOString();
  return {
    id,
    name: text("name") ?? "worker",
    mode,
    status: STATUSES.includes(status) ? status : "interrupted",
    attempt: Math.max(1, list("history").length),
    task,
    history: list("history").map(String),
    createdAt: text("created_at") ?? now,
    startedAt: text("started_at") ?? now,
    finishedAt: text("finished_at"),
    request: share(jsonToValue(object("request") ?? {})),
    spec: share(readSpec(call, mode, config, wrong)),
    result: share(jsonToValue(record.latest_payload ?? null)),
    error: text("latest_error"),
    artifacts: share(jsonToValue(list("artifacts"))) as HList,
    inputs: share(jsonToValue((config.artifacts as Json) ?? [])) as HList,
    transcript: share(jsonToValue(object("transcript"))),
    parentWorker: text("parent_worker_id"),
    parentStage: text("parent_stage_id"),
    carry: {
      artifact_mode: typeof carry.artifact_mode === "string" ? carry.artifact_mode : "inherit",
      context_policy: isJsonObject(carry.context_policy) ? carry.context_policy : {},
      resume_workflow: carry.resume_workflow !== false,
      persist_state: carry.persist_state !== false,
      policy: isJsonObject(carry.policy) ? carry.policy : null,
    },
    execution: object("execution") ?? { cwd: null, env: {}, worktree: null },
    audit: Object.freeze({ ...(object("audit") ?? {}), run_id: call.run.unit }),
    policy: object("policy"),
    approval: object("approval_policy"),
    onApproval: null,
    fiber: null,
    task_id: null,
    usage: { input: 0, output: 0 },
    lastTool: null,
    changed: [],
    snapshotPath: path ?? text("snapshot_path"),
    exports: false,
    ...(childRun.id === null || childRun.path === null ? {} : { childRun: { id: childRun.id, path: childRun.path } }),
  };
}

function readSpec(
  call: VmCall,
  mode: WorkerMode,
  config: JsonObject,
  wrong: (key: string, expected: string) => Error | unknown,
): HDict {
  if (mode === "workflow") {
    if (!isJsonObject(config.graph)) throw wrong("config.graph", "an object");
    const graph = readGraph(call, jsonToValue(config.graph), "resume_agent");
    for (const node of field.dictAt(graph, "nodes").values()) {
      if (node instanceof HDict) node.set("tools", share(withHandlers(call, node.get("tools") ?? null)));
    }
    const options = jsonToValue(isJsonObject(config.options) ? config.options : {});
    return HDict.of({ graph: share(graph), options: share(options), system: null, tools: null });
  }
  if (mode !== "sub_agent") {
    if (!isJsonObject(config.node)) throw wrong("config.node", "an object");
    const node = jsonToValue(config.node) as HDict;
    const tools = withHandlers(call, node.get("tools") ?? null);
    node.set("tools", tools);
    const system = node.get("system");
    return HDict.of({
      node: share(node),
      system: typeof system === "string" && system.trim() !== "" ? system : null,
      options: share(stageOptions(node)),
      tools: share(tools),
      transcript: null,
    });
  }
  if (!isJsonObject(config.spec)) throw wrong("config.spec", "an object");
  const spec = jsonToValue(config.spec) as HDict;
  const options = spec.get("options") instanceof HDict ? (spec.get("options") as HDict) : HDict.empty();
  const tools = withHandlers(call, options.get("tools") ?? null);
  if (tools !== null) options.set("tools", share(tools));
  const session = spec.get("session_id") ?? null;
  if (typeof session !== "string") throw wrong("config.spec.session_id", "a string");
  options.set("session_id", session);
  return HDict.of({
    system: spec.get("system") ?? null,
    options: share(options),
    tools: share(tools),
    returns_schema: share(spec.get("returns_schema") ?? null),
    session_id: session,
    parent_session_id: spec.get("parent_session_id") ?? null,
  });
}

/** A registry from JSON: each tool has the handler that the tool of its name in scope has, or none. */
function withHandlers(call: VmCall, registry: Value): Value {
  if (!(registry instanceof HDict)) return null;
  const tools = registry.get("tools");
  if (!(tools instanceof HList)) return registry;
  const scoped = call.scope.tools instanceof HDict ? call.scope.tools.get("tools") : null;
  const known = new Map<unknown, HDict>();
  if (scoped instanceof HList)
    for (const tool of scoped.items) if (tool instanceof HDict) known.set(tool.get("name"), tool);
  for (const tool of tools.items) {
    if (!(tool instanceof HDict) || tool.get("handler") instanceof HClosure) continue;
    tool.set("handler", share(known.get(tool.get("name"))?.get("handler") ?? null));
  }
  return registry;
}

/** What the worker had said and heard, so that the next task finds it. */
function adoptSession(call: VmCall, state: WorkerState): void {
  const id = state.spec.get("session_id");
  if (typeof id !== "string" || !(state.transcript instanceof HDict) || findSession(call, id) !== null) return;
  const session = changeSession(call, openSession(call, id));
  const messages = state.transcript.get("messages");
  const events = state.transcript.get("events");
  if (messages instanceof HList) session.messages = share(messages);
  if (events instanceof HList) session.events = share(events);
}
