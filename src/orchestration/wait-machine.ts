/** Waiting for workers as machines: for several, one after another, also bringing in those that are not loaded; for one that was called in place. */
import { runtimeError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { HList, share } from "../value/value.ts";
import { cancelFiber } from "../vm/fiber-life.ts";
import type { Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import { settleDropped, workerHandle, workerOf } from "./worker-state.ts";

interface WaitState {
  readonly ids: readonly string[];
  next: number;
}

export const waitWorkersMachine: Machine = machine<WaitState>({
  kind: "wait_workers",
  version: 1,
  step(state, input, call) {
    if (input.kind === "cancelled") return { kind: "done", value: null };
    while (state.next < state.ids.length) {
      const id = state.ids[state.next]!;
      if (call.run.mayBeUnloaded(id)) return { kind: "wait", sources: [{ kind: "load", objects: [id] }] };
      const worker = workerOf(call, id);
      if (worker.status === "running" && worker.task_id !== null) {
        if (call.run.mayBeUnloaded(worker.task_id))
          return { kind: "wait", sources: [{ kind: "load", objects: [worker.task_id] }] };
        const task = call.run.objects.get(worker.task_id);
        if (!settleDropped(call, id) && task?.kind === "task")
          return { kind: "wait", sources: [{ kind: "task", id: worker.task_id }] };
      }
      state.next++;
    }
    const handles: Value[] = state.ids.map((id) => workerHandle(workerOf(call, id)));
    return { kind: "done", value: new HList(handles) };
  },
});

/** A sub-agent that was called in place: whoever leaves the call takes it along, as a deadline does. */
export const calledWorkerMachine: Machine = machine<{ readonly id: string }>({
  kind: "called_worker",
  version: 1,
  objects: (state) => [state.id],
  step(state, input, call) {
    const worker = workerOf(call, state.id);
    if (worker.status === "running" && worker.task_id !== null && !settleDropped(call, state.id)) {
      if (input.kind === "cancelled" && worker.fiber !== null)
        cancelFiber(call.run, worker.fiber, call.fiber.cancel?.reason ?? "the call was left");
      return { kind: "wait", sources: [{ kind: "task", id: worker.task_id, objects: [state.id] }] };
    }
    if (worker.status === "cancelled" && input.kind !== "cancelled")
      return { kind: "raise", error: runtimeError(`sub-agent ${worker.name} was cancelled`).error };
    return { kind: "done", value: share(worker.result) };
  },
});
