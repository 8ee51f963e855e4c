/** The builtins over workers (worker-runtime.md chapter 4): spawn, await, re-send, steer, close, resume, list. */

import { unloadedSession } from "../agents/sessions.ts";
import type { Call, Suspension } from "../builtin/call.ts";
import { awaitAny, runMachine } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { suspending, withExamples } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { HDict, HDuration, HList } from "../value/value.ts";
import { cancelFiber } from "../vm/fiber-life.ts";
import { afterLoading } from "../vm/load-machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { postMessage } from "../vm/waits.ts";
import { nonBlank } from "./stage-options.ts";
import { workerExamples } from "./worker-examples.ts";
import { resumeAgent } from "./worker-resume.ts";
import { spawnAgent, subAgent } from "./worker-spawn.ts";
import { resend } from "./worker-start.ts";
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

const declarations: readonly Builtin[] = [
  suspending("spawn_agent", {
    sig: "(config: dict) -> dict",
    doc: "Starts a worker for a stage node or a workflow graph and gives its handle; with `wait: true` it waits for the end.",
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
