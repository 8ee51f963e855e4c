/** Waiting for several workers, one after another, as a machine; also brings in workers that are not loaded. */
import type { Value } from "../value/value.ts";
import { HList } from "../value/value.ts";
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
