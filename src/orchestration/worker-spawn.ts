/** What `spawn_agent` and `sub_agent_run` are given, as a worker to be created (worker-runtime.md 5.2, 5.6). */
import { appendSessionEvent, openChildSession } from "../agents/sessions.ts";
import type { JsonObject } from "../base/json.ts";
import type { Args } from "../builtin/arguments.ts";
import { runtimeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { readArtifacts } from "./artifacts.ts";
import * as field from "./record-fields.ts";
import { filteredRegistry, nodeTools, nonBlank, stageOptions } from "./stage-options.ts";
import {
  approvalOf,
  auditOf,
  bothPolicies,
  closureOf,
  policyOf,
  readCarry,
  readExecution,
  textList,
  toolsShorthand,
  workerRequest,
} from "./worker-config.ts";
import { createWorker } from "./worker-start.ts";
import type { WorkerMode } from "./worker-state.ts";
import { readGraph, readNode } from "./workflow-graph.ts";
import { scopePolicy } from "./workflow-records.ts";

/** Keys of `sub_agent_run` that are its own; all others are options of the agent loop. */
const SUB_AGENT_KEYS = [
  "background",
  "returns",
  "allowed_tools",
  "name",
  "execution",
  "system",
  "on_approval",
  "policy",
  "approval_policy",
  "carry",
];

/** The state is in the store either way; a file of it is written when a program says so. */
function asksForFile(config: HDict): boolean {
  const carry = config.get("carry");
  return carry instanceof HDict && carry.get("persist_state") === true;
}

/** Checks what `spawn_agent` is given and starts the worker. Answers its id. */
export function spawnAgent(call: VmCall, config: Value): string {
  if (config === null) throw runtimeError("spawn_agent: missing config");
  if (!(config instanceof HDict)) throw runtimeError("spawn_agent: config must be a dict");
  const task = config.has("task") ? displayValue(config.get("task")!) : "";
  if (task.trim() === "") throw runtimeError("spawn_agent: config.task is required");
  const graph = config.get("graph") ?? null;
  const given = config.get("node") ?? null;
  if (graph === null && !(given instanceof HDict))
    throw runtimeError("spawn_agent: config requires either graph or node");
  const carry = readCarry(config.get("carry") ?? null, "spawn_agent");
  const explicit = carry.policy ?? policyOf(config.get("policy") ?? null, "spawn_agent: policy parse error: policy");
  const shorthand = toolsShorthand(config.get("tools") ?? null);
  const asked = bothPolicies(explicit, shorthand, "spawn_agent");
  const work = graph === null ? stageWork(call, config, given as HDict) : graphWork(call, config, graph);
  const policy = bothPolicies(asked, work.policy, "spawn_agent");
  return createWorker(call, {
    name: nonBlank(config, "name") ?? "worker",
    mode: work.mode,
    task,
    request: workerRequest(task, work.system, config.has("request") ? config : work.request),
    spec: work.spec,
    inputs: readArtifacts(call, config.get("artifacts") ?? null, "spawn_agent"),
    carry,
    exports: asksForFile(config),
    execution: readExecution(config.get("execution") ?? null),
    audit: auditOf(config),
    policy,
    approval: approvalOf(config, "spawn_agent"),
    onApproval: closureOf(config.get("on_approval") ?? null, "spawn_agent: on_approval"),
    session: work.session,
    tools: work.tools,
  });
}

interface Work {
  readonly mode: WorkerMode;
  readonly system: string | null;
  readonly spec: HDict;
  /** Where the lists of the request stand. */
  readonly request: HDict;
  readonly policy: JsonObject | null;
  readonly session: string | null;
  readonly tools: Value;
}

function stageWork(call: VmCall, config: HDict, given: HDict): Work {
  const node = readNode(given, "delegated_worker", "spawn_agent node parse error at");
  // A worker keeps its conversation from task to task.
  const policy = field.dictAt(node, "model_policy");
  const session = nonBlank(policy, "session_id") ?? `workflow_stage_${call.ports.ids.uuidv7()}`;
  const own = field.withFields(node, {
    model_policy: field.withFields(policy, { session_id: session }),
    kind: node.get("kind") === "subagent" ? "stage" : (node.get("kind") ?? "stage"),
  });
  const options = stageOptions(own);
  const system = nonBlank(own, "system");
  const tools = share(nodeTools(own));
  const transcript = share(config.get("transcript") ?? null);
  return {
    mode: "stage",
    system,
    spec: HDict.of({ node: share(own), system, options, tools, transcript }),
    request: field.dictAt(own, "metadata"),
    policy: scopePolicy(own),
    session,
    tools,
  };
}

function graphWork(call: VmCall, config: HDict, given: Value): Work {
  const graph = readGraph(call, given, "spawn_agent");
  const options = config.get("options") ?? null;
  if (options !== null && !(options instanceof HDict)) throw runtimeError("spawn_agent: options must be a dict or nil");
  const own = options ?? HDict.empty();
  const listed = workerRequest("", null, own);
  const empty = listed.get("payload") === null;
  return {
    mode: "workflow",
    system: null,
    spec: HDict.of({ graph: share(graph), options: share(own), system: null, tools: null }),
    request: empty ? field.dictAt(graph, "metadata") : own,
    policy: null,
    session: null,
    tools: null,
  };
}

/** The same for `sub_agent_run`. */
export function subAgent(call: VmCall, args: Args<"task" | "options">): string {
  const task = args.text("task");
  if (task.trim() === "") throw runtimeError("sub_agent_run: task is required");
  const given = args.raw("options");
  if (given !== null && !(given instanceof HDict)) throw runtimeError("sub_agent_run: options must be a dict");
  const options = given ?? HDict.empty();
  const session = nonBlank(options, "session_id") ?? `sub_agent_session_${call.ports.ids.uuidv7()}`;
  const system = nonBlank(options, "system");
  const loop = HDict.of({
    max_iterations: 50,
    max_nudges: 3,
    tool_retries: 0,
    llm_retries: 3,
    llm_backoff_ms: 2000,
    persistent: false,
  });
  for (const [key, value] of options.entries()) if (!SUB_AGENT_KEYS.includes(key)) loop.set(key, share(value));
  loop.set("session_id", session);
  let tools: Value = share(options.get("tools") ?? call.scope.tools);
  if (tools !== null && !(tools instanceof HDict)) throw runtimeError("sub_agent_run: tools must be a tool registry");
  let policy = policyOf(options.get("policy") ?? null, "sub_agent_run: policy parse error: policy");
  const allowed = options.get("allowed_tools") ?? null;
  if (allowed !== null) {
    const names = textList(allowed, "sub_agent_run.allowed_tools: expected a list of strings");
    policy = bothPolicies(policy, { tools: names }, "sub_agent_run");
    if (tools instanceof HDict) tools = filteredRegistry(tools, names);
  }
  if (tools !== null) loop.set("tools", tools);
  // Agents within a workflow have its skills, unless they were given others.
  const { skills } = call.scope;
  if (skills instanceof HDict && (options.get("skills") ?? null) === null) {
    for (const key of ["skills", "skill_match"]) if (skills.has(key)) loop.set(key, share(skills.get(key)!));
  }
  const returns = options.get("returns");
  const name = nonBlank(options, "name") ?? "sub-agent";
  const parent = call.scope.session;
  if (parent !== null) openChildSession(call, parent, session);
  const spec = HDict.of({
    system,
    options: share(loop),
    tools: share(tools),
    returns_schema: returns instanceof HDict ? share(returns.get("schema") ?? null) : null,
    session_id: session,
    parent_session_id: parent,
  });
  const id = createWorker(call, {
    name,
    mode: "sub_agent",
    task,
    request: workerRequest(task, system, options),
    spec,
    inputs: new HList([]),
    carry: { artifact_mode: "inherit", context_policy: {}, resume_workflow: false, persist_state: true, policy: null },
    exports: asksForFile(options),
    execution: readExecution(options.get("execution") ?? null),
    audit: { ...auditOf(options), ...(parent === null ? {} : { parent_agent_session: parent }) },
    policy,
    approval: approvalOf(options, "sub_agent_run"),
    onApproval: closureOf(options.get("on_approval") ?? null, "sub_agent_run: on_approval"),
    session,
    tools,
  });
  if (parent !== null) {
    appendSessionEvent(call, parent, {
      kind: "sub_agent_start",
      role: "system",
      visibility: "internal",
      text: "",
      metadata: HDict.of({ name, child_session_id: session, task }),
    });
  }
  return id;
}
