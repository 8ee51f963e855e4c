/** Creates workers and starts attempts: the scope that a worker gets, and the fiber that runs its body. */
import type { JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { joinPath } from "../base/path.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Scope } from "../builtin/scope.ts";
import { childScope } from "../policy/narrow-scope.ts";
import { collectSecrets, referSecrets } from "../policy/secrets.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { spawnMachine } from "../vm/fiber-life.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { asDicts, readContextPolicy, selectArtifacts } from "./artifact-selection.ts";
import { defaultWorktree, workerStateDir } from "./paths.ts";
import type { ExecutionProfile } from "./worker-config.ts";
import { executionJson } from "./worker-config.ts";
import { workerBody } from "./worker-machine.ts";
import type { CarryPolicy, WorkerMode, WorkerState } from "./worker-state.ts";
import { changeWorker, transition, WORKER_TYPE } from "./worker-state.ts";

export interface NewWorker {
  readonly name: string;
  readonly mode: WorkerMode;
  readonly task: string;
  readonly request: HDict;
  readonly spec: HDict;
  readonly inputs: HList;
  readonly carry: CarryPolicy;
  /** Write the worker's record to its file at the end of each attempt. */
  readonly exports: boolean;
  readonly execution: ExecutionProfile;
  readonly audit: JsonObject;
  readonly policy: JsonObject | null;
  readonly approval: JsonObject | null;
  readonly onApproval: Value;
  readonly session: string | null;
  readonly tools: Value;
  /** Node of the workflow whose stage this is. */
  readonly stage?: string;
}

/** Allocates the worker, registers it and starts its first attempt. Answers its id. */
export function createWorker(call: VmCall, wanted: NewWorker): string {
  const { environment, ids, clock } = call.ports;
  const id = `worker_${ids.uuidv7()}`;
  const now = new Date(clock.nowMs()).toISOString();
  const base = call.scope.cwd;
  // What is stored refers to secrets instead of holding them.
  const env = referSecrets(wanted.execution.env, collectSecrets(environment));
  let execution = executionJson({ ...wanted.execution, env });
  const worktree = wanted.execution.worktree;
  if (worktree !== null) {
    const repo = joinPath(base, worktree.repo);
    const path =
      worktree.path === null ? defaultWorktree(environment, call.scope, repo, id) : joinPath(base, worktree.path);
    execution = {
      ...execution,
      cwd: path,
      worktree: {
        ...worktree,
        repo,
        path,
        branch: worktree.branch ?? `harn-${id}`,
        base_ref: worktree.base_ref ?? "HEAD",
      },
    };
  } else if (wanted.execution.cwd !== null) execution = { ...execution, cwd: joinPath(base, wanted.execution.cwd) };
  const parentAudit = call.scope.audit;
  const state: WorkerState = {
    id,
    name: wanted.name,
    mode: wanted.mode,
    status: "running",
    attempt: 0,
    task: wanted.task,
    history: [],
    createdAt: now,
    startedAt: now,
    finishedAt: null,
    request: share(wanted.request),
    spec: share(wanted.spec),
    result: null,
    error: null,
    artifacts: new HList([]),
    inputs: wanted.inputs,
    transcript: null,
    parentWorker: call.scope.worker,
    parentStage: wanted.stage ?? null,
    carry: wanted.carry,
    execution,
    // Frozen: the worker's record and its scope keep it once.
    audit: Object.freeze({
      session_id: `session_${ids.uuidv7()}`,
      parent_session_id: (parentAudit?.session_id as string | undefined) ?? null,
      run_id: call.run.unit,
      mutation_scope: (parentAudit?.mutation_scope as string | undefined) ?? "read_only",
      approval_policy: null,
      ...wanted.audit,
      worker_id: id,
      worker_name: wanted.name,
      execution_kind: wanted.mode,
    }),
    policy: wanted.policy,
    approval: wanted.approval,
    onApproval: share(wanted.onApproval),
    fiber: null,
    task_id: null,
    usage: { input: 0, output: 0 },
    lastTool: null,
    changed: [],
    snapshotPath: wanted.carry.persist_state ? joinPath(workerStateDir(environment, base), `${id}.json`) : null,
    exports: wanted.exports,
  };
  // Checked before anything exists: a policy that asks for more than the ceiling creates no worker.
  const scope = workerScope(call, state, wanted.session, wanted.tools);
  call.run.putObject({ kind: "record", id, type: WORKER_TYPE, state });
  call.run.wantsDurable = true;
  startAttempt(call, id, wanted.task, scope);
  return id;
}

/** The scope of a worker's body: the caller's, narrowed by what the worker asked for. Raises when that is more than the caller has. */
export function workerScope(call: VmCall, state: WorkerState, session: string | null, tools: Value): Scope {
  const execution = state.execution;
  return childScope(call.scope, {
    policy: state.policy,
    approval: state.approval,
    cwd: typeof execution.cwd === "string" ? execution.cwd : call.scope.cwd,
    env: isJsonObject(execution.env) ? execution.env : {},
    audit: state.audit,
    worker: state.id,
    session,
    tools: tools ?? call.scope.tools,
    approver: state.onApproval,
  });
}

export function startAttempt(call: VmCall, id: string, task: string, scope: Scope): void {
  const state = changeWorker(call, id);
  transition(call, id, state.attempt, { kind: "start", task });
  const taskId = `${id}#${state.attempt}`;
  state.task_id = taskId;
  const parent = state.audit.parent_agent_session;
  const body = workerBody(id, state.attempt, typeof parent === "string" ? parent : null);
  const fiber = spawnMachine(call.run, call.fiber, "worker", body, { scope, id: taskId, hold: false });
  state.fiber = fiber.id;
}

/** `send_input`: another attempt, with what the last one left (5.4). */
export function resend(call: VmCall, id: string, task: string): void {
  const state = changeWorker(call, id);
  if (state.status === "running") throw runtimeError(`send_input: worker ${id} is still running`);
  const options = state.spec.get("options");
  const session = options instanceof HDict ? (options.get("session_id") ?? null) : null;
  const tools = state.spec.get("tools") ?? null;
  const scope = workerScope(call, state, typeof session === "string" ? session : null, tools);
  const carried = carriedArtifacts(state);
  if (carried.length > 0) state.inputs = new HList(carried.map((artifact) => share(artifact)));
  startAttempt(call, id, task, scope);
}

/** What the last attempt made, as far as the carry policy lets it through; none: the inputs stay what they were. */
function carriedArtifacts(state: WorkerState): readonly HDict[] {
  if (state.carry.artifact_mode === "none") return [];
  const made = asDicts(state.artifacts);
  const policy = jsonToValue(state.carry.context_policy);
  const empty = !(policy instanceof HDict) || policy.size === 0;
  return empty ? made : selectArtifacts(made, readContextPolicy(policy, "send_input: carry"));
}
