/** The builtins over workers (worker-runtime.md chapter 4): spawn, await, re-send, steer, close, resume, list. */

import { appendSessionEvent, openChildSession, unloadedSession } from "../agents/sessions.ts";
import type { Args } from "../builtin/arguments.ts";
import type { Call, Suspension } from "../builtin/call.ts";
import { awaitAny, runMachine } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { suspending, withExamples } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { HDict, HDuration, HList, share } from "../value/value.ts";
import { cancelFiber } from "../vm/fiber-life.ts";
import { afterLoading } from "../vm/load-machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { postMessage } from "../vm/waits.ts";
import { inputArtifacts } from "./artifacts.ts";
import { nonBlank, stageOptions } from "./stage-options.ts";
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
import { workerExamples } from "./worker-examples.ts";
import { resumeAgent } from "./worker-resume.ts";
import { createWorker, resend } from "./worker-start.ts";
import type { WorkerState } from "./worker-state.ts";
import {
  changeWorker,
  settleDropped,
  transition,
  WORKER_TYPE,
  workerHandle,
  workerId,
  workerOf,
} from "./worker-state.ts";

const STEER_MODES = ["interrupt_immediate", "finish_step", "wait_for_completion"];
const NEEDS_WORKER = { grant: "worker.spawn", over: "worker.spawn" } as const;
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

/** Waits until the worker's current attempt has ended; answers its handle. */
function awaitWorker(call: VmCall, id: string): Value | Suspension {
  const state = workerOf(call, id);
  if (state.status !== "running" || state.task_id === null) return workerHandle(state);
  if (settleDropped(call, id)) return workerHandle(state);
  return awaitAttempt(state);
}

function awaitAttempt(state: WorkerState): Suspension {
  return awaitAny([{ kind: "task", id: state.task_id!, objects: [state.id] }], state.id);
}

function finishedHandle(call: Call, data: Value): Value | Suspension {
  return awaitWorker(vmCall(call), String(data));
}

/** What must be loaded before these workers can be looked at. */
function unloaded(call: VmCall, ids: readonly string[]): readonly string[] {
  return ids.flatMap((id) => {
    if (call.run.mayBeUnloaded(id)) return [id];
    const object = call.run.objects.get(id);
    if (object?.kind !== "record" || object.type !== WORKER_TYPE) return [];
    const { task_id, spec } = workerOf(call, id);
    const options = spec.get("options");
    const session = options instanceof HDict ? nonBlank(options, "session_id") : null;
    return [
      ...(task_id !== null && call.run.mayBeUnloaded(task_id) ? [task_id] : []),
      ...(session === null ? [] : [unloadedSession(call, session)].filter((found) => found !== null)),
    ];
  });
}

/** The state is in the store either way; a file of it is written when a program says so. */
function asksForFile(config: HDict): boolean {
  const carry = config.get("carry");
  return carry instanceof HDict && carry.get("persist_state") === true;
}

function spawnAgent(call: VmCall, config: Value): string {
  if (config === null) throw runtimeError("spawn_agent: missing config");
  if (!(config instanceof HDict)) throw runtimeError("spawn_agent: config must be a dict");
  const task = config.has("task") ? displayValue(config.get("task")!) : "";
  if (task.trim() === "") throw runtimeError("spawn_agent: config.task is required");
  const node = config.get("node") ?? null;
  if (config.get("graph") != null)
    throw runtimeError("spawn_agent: graph workers are not part of this build; give a node");
  if (!(node instanceof HDict)) throw runtimeError("spawn_agent: config requires either graph or node");
  const carry = readCarry(config.get("carry") ?? null, "spawn_agent");
  const explicit = carry.policy ?? policyOf(config.get("policy") ?? null, "spawn_agent: policy parse error: policy");
  const shorthand = toolsShorthand(config.get("tools") ?? null);
  const policy = bothPolicies(explicit, shorthand, "spawn_agent");
  const metadata = node.get("metadata");
  const system = nonBlank(node, "system");
  const options = stageOptions(node);
  const tools = share(node.get("tools") ?? null);
  const spec = HDict.of({
    node: share(node),
    system,
    options,
    tools,
    transcript: share(config.get("transcript") ?? null),
  });
  return createWorker(call, {
    name: nonBlank(config, "name") ?? "worker",
    mode: "stage",
    task,
    request: workerRequest(
      task,
      system,
      config.has("request") ? config : metadata instanceof HDict ? metadata : HDict.empty(),
    ),
    spec,
    inputs: inputArtifacts(config.get("artifacts") ?? null),
    carry,
    exports: asksForFile(config),
    execution: readExecution(config.get("execution") ?? null),
    audit: auditOf(config),
    policy,
    approval: approvalOf(config, "spawn_agent"),
    onApproval: closureOf(config.get("on_approval") ?? null, "spawn_agent: on_approval"),
    session: `workflow_stage_${call.ports.ids.uuidv7()}`,
    tools,
  });
}

function subAgent(call: VmCall, args: Args<"task" | "options">): string {
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

function filteredRegistry(registry: HDict, names: readonly string[]): HDict {
  const tools = registry.get("tools");
  if (!(tools instanceof HList)) return registry;
  const kept = tools.items.filter((tool) => tool instanceof HDict && names.includes(String(tool.get("name"))));
  const copy = HDict.from([...registry.entries()].map(([key, value]) => [key, share(value)] as const));
  copy.set("tools", new HList(kept.map((tool) => share(tool))));
  return copy;
}

const declarations: readonly Builtin[] = [
  suspending("spawn_agent", {
    sig: "(config: dict) -> dict",
    doc: "Starts a worker for a stage node and gives its handle; with `wait: true` it waits for the end.",
    needs: NEEDS_WORKER,
    run(call, args) {
      const vm = vmCall(call);
      const config = args.raw("config");
      const id = spawnAgent(vm, config);
      return config instanceof HDict && config.get("wait") === true
        ? awaitWorker(vm, id)
        : workerHandle(workerOf(vm, id));
    },
    finish: (call, _outcome, data) => finishedHandle(call, data),
  }),
  suspending("sub_agent_run", {
    sig: "(task: string, options?: dict) -> dict",
    doc: "Runs a sub-agent with its own transcript and gives a short result; with `background: true` its worker's handle.",
    needs: NEEDS_WORKER,
    run(call, args) {
      const vm = vmCall(call);
      // The child's conversation begins with the parent's.
      const options = args.raw("options");
      const named = options instanceof HDict ? nonBlank(options, "session_id") : null;
      const sessions = [call.scope.session, named].flatMap((session) =>
        session === null ? [] : (unloadedSession(vm, session) ?? []),
      );
      if (sessions.length > 0) return afterLoading(sessions, "sub_agent_run", [args.raw("task"), options]);
      const id = subAgent(vm, args);
      if (options instanceof HDict && options.get("background") === true) return workerHandle(workerOf(vm, id));
      return runMachine("called_worker", { id });
    },
  }),
  suspending("wait_agent", {
    sig: "(handle: dict | list) -> dict | list",
    doc: "Waits until a worker, or each of a list, has ended, and gives the handles. A failed worker is a handle with status `failed`.",
    needs: "nothing",
    run(call, args) {
      const vm = vmCall(call);
      const target = args.raw("handle");
      if (target === null) throw runtimeError("wait_agent: missing worker handle");
      const ids = target instanceof HList ? target.items.map(workerId) : [workerId(target)];
      const missing = unloaded(vm, ids);
      if (missing.length > 0) return afterLoading(missing, "wait_agent", [target]);
      for (const id of ids) workerOf(vm, id);
      return target instanceof HList ? runMachine("wait_workers", { ids, next: 0 }) : awaitWorker(vm, ids[0]!);
    },
    finish: (call, _outcome, data) => finishedHandle(call, data),
  }),
  suspending("send_input", {
    sig: "(handle: dict, task: string) -> dict",
    doc: "Gives a worker that has ended another task; it keeps its policy, worktree and artifacts.",
    needs: NEEDS_WORKER,
    run(call, args) {
      const vm = vmCall(call);
      if (args.count < 2) throw runtimeError("send_input: requires worker handle and task text");
      const task = args.text("task");
      if (task.trim() === "") throw runtimeError("send_input: task text must not be empty");
      const handle = args.raw("handle");
      const id = workerId(handle);
      const missing = unloaded(vm, [id]);
      if (missing.length > 0) return afterLoading(missing, "send_input", [handle, task]);
      resend(vm, id, task);
      return workerHandle(workerOf(vm, id));
    },
  }),
  suspending("steer_agent", {
    sig: "(handle: dict, message: string, mode?: string) -> bool",
    doc: "Sends a message to a running worker. Mode `interrupt_immediate` breaks its model call off, `finish_step` (default) waits for the tools of this turn, `wait_for_completion` comes at the end. False when it does not run.",
    needs: NEEDS_WORKER,
    run(call, args) {
      const vm = vmCall(call);
      const handle = args.raw("handle");
      const message = args.text("message");
      const mode = args.has("mode") ? args.text("mode") : "finish_step";
      if (!STEER_MODES.includes(mode)) {
        throw runtimeError(`steer_agent: unknown mode ${mode}, expected one of ${STEER_MODES.join(", ")}`);
      }
      const id = workerId(handle);
      const missing = unloaded(vm, [id]);
      if (missing.length > 0) return afterLoading(missing, "steer_agent", [handle, message, mode]);
      const state = workerOf(vm, id);
      if (state.status !== "running" || state.fiber === null || settleDropped(vm, id)) return false;
      postMessage(vm.run, state.fiber, HDict.of({ content: message, mode }));
      return true;
    },
  }),
  suspending("close_agent", {
    sig: "(handle: dict) -> dict",
    doc: "Cancels a worker with everything it started, waits until it has tidied up, and gives its handle. Its result stays.",
    needs: NEEDS_WORKER,
    run(call, args) {
      const vm = vmCall(call);
      const target = args.raw("handle");
      if (target === null) throw runtimeError("close_agent: missing worker handle");
      const id = workerId(target);
      const missing = unloaded(vm, [id]);
      if (missing.length > 0) return afterLoading(missing, "close_agent", [target]);
      const state = workerOf(vm, id);
      if (state.status !== "running" || state.fiber === null || settleDropped(vm, id)) return closed(vm, id);
      cancelFiber(vm.run, state.fiber, "worker cancelled");
      return awaitAttempt(state);
    },
    finish: (call, _outcome, data) => closed(vmCall(call), String(data)),
  }),
  resumeAgent,
  suspending("list_agents", {
    sig: "() -> list",
    doc: "The handles of all workers of this run, in the order of their creation.",
    needs: "nothing",
    run(call) {
      const vm = vmCall(call);
      if (!vm.run.allObjectsLoaded) return afterLoading("all", "list_agents", []);
      const ids = [...(vm.run.recordIds.get(WORKER_TYPE) ?? [])].map(String).sort();
      return new HList(ids.map((id) => workerHandle(workerOf(vm, id))));
    },
  }),
  suspending("await_message", {
    sig: "(timeout?: int | duration) -> any",
    doc: "Waits for a message to this task or worker (`steer_agent`, `harn send`, the embedding program) and gives it; nil when the time (milliseconds) is over.",
    needs: "nothing",
    run(call, args) {
      const timeout = args.raw("timeout");
      const ms = timeout instanceof HDuration ? timeout.ms : typeof timeout === "number" ? timeout : null;
      if (timeout !== null && (ms === null || ms < 0)) {
        throw runtimeError("await_message: timeout must be a duration or a number of milliseconds");
      }
      return awaitAny([
        { kind: "inbox" },
        ...(ms === null ? [] : [{ kind: "timer" as const, due: call.ports.clock.nowMs() + ms }]),
      ]);
    },
  }),
];

/** A worker that had ended reads `cancelled` after a close, as in the reference. */
function closed(call: VmCall, id: string): Value {
  const state = changeWorker(call, id);
  if (state.status === "running")
    transition(call, id, state.attempt, { kind: "cancelled", reason: "worker cancelled" });
  else if (state.status !== "cancelled") {
    state.status = "cancelled";
    state.error = "worker cancelled";
  }
  return workerHandle(state);
}

export const workerBuiltins: readonly Builtin[] = withExamples(declarations, workerExamples);
