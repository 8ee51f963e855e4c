/** Begins a workflow: reads the options, checks the graph against what the caller may do, loads what is resumed or replayed (worker-runtime.md 9.3). */
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { joinPath } from "../base/path.ts";
import { runtimeError } from "../builtin/raise.ts";
import { BUILT_IN_CEILING, narrowPolicy, writePolicyRecord } from "../policy/capability.ts";
import { effectivePolicy } from "../policy/narrow-scope.ts";
import { collectSecrets, referSecrets } from "../policy/secrets.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { nowText } from "./artifacts.ts";
import { runRoot } from "./paths.ts";
import * as field from "./record-fields.ts";
import { loadRun } from "./run-files.ts";
import { readRun, stagesOf } from "./run-record.ts";
import { approvalOf, auditOf, closureOf, readExecution } from "./worker-config.ts";
import { graphContracts } from "./workflow-contracts.ts";
import { readDefaults } from "./workflow-defaults.ts";
import { nodesOf } from "./workflow-graph.ts";
import { putStage } from "./workflow-machine.ts";
import { scopeApproval, scopePolicy } from "./workflow-records.ts";
import type { WorkflowState } from "./workflow-run.ts";
import { workflowPolicy } from "./workflow-run.ts";
import { reportValue, validateGraph } from "./workflow-validation.ts";

export interface WorkflowStart {
  readonly task: string;
  /** Normalised. */
  readonly graph: HDict;
  readonly artifacts: HList;
  readonly options: HDict;
}

const WHO = "workflow_execute";

export function startWorkflow(call: VmCall, start: WorkflowStart): WorkflowState {
  const { graph, options, task } = start;
  const report = checkGraph(call, graph);
  const contracts = graphContracts(call, graph);
  const execution = readExecution(executionOf(options));
  if (execution.worktree !== null)
    throw runtimeError(`${WHO}: execution.worktree belongs to a worker; give the graph to spawn_agent`);
  const resumed = source(call, options, "resume_path", "resume_run");
  const replayed = source(call, options, "replay_path", "replay_run");
  const mode = options.get("replay_mode") ?? null;
  if (mode !== null && mode !== "deterministic")
    throw runtimeError(`${WHO}: unknown replay_mode ${displayValue(mode)}, expected deterministic`);
  if (mode !== null && replayed === null) throw runtimeError("replay_mode requires replay_run or replay_path");
  const runId = resumed === null ? call.ports.ids.uuidv7() : String(resumed.get("id"));
  const parent = nonEmpty(options, "parent_run_id");
  const given = nonEmpty(options, "persist_path") ?? nonEmpty(options, "resume_path");
  const path = joinPath(
    call.scope.cwd,
    given ?? joinPath(runRoot(call.ports.environment, call.scope.cwd), `${runId}.json`),
  );
  const maxSteps = wholeOption(options, "max_steps") ?? Math.max(1, 4 * nodesOf(graph).size);
  const approval = approvalOf(options, WHO);
  const own = scopeApproval(graph);
  const policy = scopePolicy(graph);
  const rootRunId = nonEmpty(options, "root_run_id") ?? parent ?? runId;
  const audit = auditFor(call, options, runId);
  const seed = options.get("transcript") ?? null;
  const state: WorkflowState = {
    runId,
    parentRunId: parent,
    rootRunId,
    graph: share(graph),
    task,
    inputs: new HList(start.artifacts.items.map((artifact) => share(artifact))),
    defaults: share(readDefaults(options)),
    contracts,
    maxSteps,
    tokenBudget: wholeOption(options, "token_budget"),
    path,
    asked: given !== null,
    startedAt: resumed === null ? nowText(call) : String(resumed.get("started_at")),
    execution: share(options.get("execution") ?? null),
    metadata: runMetadata(call, start, report, { resumed, replayed, mode, audit, maxSteps, rootRunId }),
    policies: policy === null ? [] : [policy],
    approvals: [own, approval].filter((one) => one !== null),
    onApproval: closureOf(options.get("on_approval") ?? null, `${WHO}: on_approval`),
    cwd: execution.cwd === null ? null : joinPath(call.scope.cwd, execution.cwd),
    env: referSecrets(execution.env, collectSecrets(call.ports.environment)),
    audit,
    seed: seed instanceof HDict ? share(seed) : null,
    replay:
      mode === null || replayed === null ? null : { stages: stagesOf(replayed), from: String(replayed.get("id")) },
    replayed: 0,
    phase: "begin",
    status: "running",
    steps: 0,
    ready: [String(graph.get("entry"))],
    held: [],
    escalations: [],
    standings: {},
    completed: [],
    stages: [],
    before: resumed === null ? 0 : stagesOf(resumed).length,
    children: [],
    extraTransitions: resumed === null ? [] : field.dictsAt(resumed, "transitions"),
    extraRecordings: resumed === null ? [] : field.dictsAt(resumed, "tool_recordings"),
    extraCheckpoints: resumed === null ? [] : field.dictsAt(resumed, "checkpoints"),
    ends: [],
    unhandled: [],
    group: null,
    running: [],
    written: 0,
    finishedAt: null,
    problem: null,
  };
  if (resumed !== null) takeUp(call, state, resumed);
  call.run.wantsDurable = true;
  return state;
}

/** Malformed graphs, and those that ask for more than their caller has, do not start. */
function checkGraph(call: VmCall, graph: HDict): HDict {
  const own = effectivePolicy(call.scope);
  const report = validateGraph(graph, narrowPolicy(BUILT_IN_CEILING, { ...own, roots: { kind: "all" } }));
  if (report.errors.length > 0) throw runtimeError(`${WHO}: invalid workflow: ${report.errors.join("; ")}`);
  return reportValue(report);
}

/** The execution profile, in the form of a worker's; the keys of a run's execution record are understood, too. */
function executionOf(options: HDict): Value {
  const given = options.get("execution") ?? null;
  if (!(given instanceof HDict) || given.has("worktree")) return given;
  return HDict.from(given.entries().filter(([key]) => key === "cwd" || key === "env"));
}

/** A whole number of at least 1; null: it was not given. */
function wholeOption(options: HDict, key: string): number | null {
  const value = options.get(key) ?? null;
  if (value === null) return null;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return value;
  throw runtimeError(`${WHO}: ${key} must be a whole number of at least 1`);
}

function nonEmpty(options: HDict, key: string): string | null {
  const value = options.get(key) ?? null;
  if (value === null) return null;
  if (typeof value !== "string") throw runtimeError(`${WHO}: ${key} must be a string, got ${typeName(value)}`);
  return value.trim() === "" ? null : value;
}

/** A run to go on from: paths win over values. */
function source(call: VmCall, options: HDict, pathKey: string, runKey: string): HDict | null {
  const path = nonEmpty(options, pathKey);
  if (path !== null) return loadRun(call, path, WHO);
  const run = options.get(runKey) ?? null;
  return run === null ? null : readRun(call, run, `${WHO} ${runKey}`);
}

function auditFor(call: VmCall, options: HDict, runId: string): JsonObject {
  const parent = call.scope.audit;
  const scope = nonEmpty(options, "mutation_scope");
  return Object.freeze({
    session_id: `session_${call.ports.ids.uuidv7()}`,
    parent_session_id: (parent?.session_id as string | undefined) ?? null,
    mutation_scope: scope ?? (parent?.mutation_scope as string | undefined) ?? "read_only",
    approval_policy: null,
    ...auditOf(options),
    worker_id: call.scope.worker,
    ...(parent?.worker_name === undefined ? {} : { worker_name: parent.worker_name }),
    run_id: runId,
    execution_kind: "workflow",
  });
}

function runMetadata(
  call: VmCall,
  { graph, options }: WorkflowStart,
  report: HDict,
  more: {
    readonly resumed: HDict | null;
    readonly replayed: HDict | null;
    readonly mode: Value;
    readonly audit: JsonObject;
    readonly maxSteps: number;
    readonly rootRunId: string;
  },
): HDict {
  const metadata = new Map<string, Value>([
    ["effective_policy", jsonToValue(writePolicyRecord(workflowPolicy(call, graph)))],
    ["max_steps", more.maxSteps],
    ["workflow_version", graph.get("version") ?? 1],
    ["validation", report],
    ["mutation_session", jsonToValue(more.audit)],
    ["resumed", more.resumed !== null && stagesOf(more.resumed).length > 0],
  ]);
  const kept = ["parent_worker_id", "parent_stage_id", "delegated", "parent_run_id", "root_run_id", "execution"];
  for (const key of kept) if ((options.get(key) ?? null) !== null) metadata.set(key, share(options.get(key)!));
  const own = field.dictAt(graph, "metadata");
  if (own.size > 0) metadata.set("workflow_metadata", share(own));
  if (!metadata.has("root_run_id")) metadata.set("root_run_id", more.rootRunId);
  if (call.scope.worker !== null && !metadata.has("parent_worker_id"))
    metadata.set("parent_worker_id", call.scope.worker);
  if (more.mode !== null) {
    metadata.set("replay_mode", more.mode);
    metadata.set("replayed_from", more.replayed?.get("id") ?? null);
  }
  return HDict.fromMap(metadata);
}

/** Goes on with a recorded run: its stages stay, what was pending is ready. A run that had finished begins again at its entry. */
function takeUp(call: VmCall, state: WorkflowState, resumed: HDict): void {
  const pending = field.textsAt(resumed, "pending_nodes").filter((id) => nodesOf(state.graph).has(id));
  if (pending.length > 0) {
    state.ready = [...pending];
    state.completed.push(...field.textsAt(resumed, "completed_nodes"));
  }
  state.children.push(...field.dictsAt(resumed, "child_runs"));
  const made = new Set<string>();
  for (const stage of stagesOf(resumed)) {
    for (const artifact of field.dictsAt(stage, "artifacts")) made.add(String(artifact.get("id")));
    const transcript = share(stage.get("transcript") ?? null);
    putStage(state, call, String(stage.get("id")), {
      depth: 0,
      stage: share(stage),
      transitions: [],
      checkpoint: HDict.empty(),
      transcript,
      recordings: [],
    });
  }
  // What the record began with, and what the caller adds to it.
  const first = field.dictsAt(resumed, "artifacts").filter((artifact) => !made.has(String(artifact.get("id"))));
  const known = new Set([...made, ...first.map((artifact) => String(artifact.get("id")))]);
  const added = state.inputs.items.filter((one) => one instanceof HDict && !known.has(String(one.get("id"))));
  state.inputs.items.splice(0, state.inputs.items.length, ...first.map((one) => share(one)), ...added);
}

/** A failure of the policy as the program sees it. */
export function asProgramError(thrown: unknown): unknown {
  return thrown instanceof Failure ? runtimeError(`${WHO}: ${thrown.message}`) : thrown;
}
