/**
 * Functions of the program that hear what happens in a loop that is not theirs: called one after another, each on a fiber of its own under the scope of
 * whoever declared it. What they answer is dropped; what they raise is told to observers and nothing else.
 */
import type { Scope } from "../builtin/scope.ts";
import type { Value } from "../value/value.ts";
import { joinTask } from "../vm/concurrency.ts";
import { headline } from "../vm/errors.ts";
import { spawnTask } from "../vm/fiber-life.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";

interface AsideCall {
  readonly fn: Value;
  readonly args: readonly Value[];
  readonly scope: Scope;
}

export interface AsideState {
  readonly calls: readonly AsideCall[];
  /** In messages. */
  readonly who: string;
  at: number;
  task: number | null;
}

export const ASIDE_MACHINE = "aside_calls";

export function asideState(who: string, calls: readonly AsideCall[]): AsideState {
  return { calls, who, at: 0, task: null };
}

export const asideMachine: Machine = machine<AsideState>({
  kind: ASIDE_MACHINE,
  version: 1,
  step(state, input, call) {
    if (input.kind === "cancelled") return { kind: "done", value: null };
    if (state.task !== null) {
      const result = joinTask(call.run, call, call.run.object("task", state.task));
      state.task = null;
      if (result.kind === "failed") {
        const message = `${state.who} failed: ${headline(result.error)}`;
        call.emit({ type: "warning", message, worker_id: call.scope.worker });
      }
    }
    return next(state, call);
  },
});

function next(state: AsideState, call: VmCall): Directive {
  const made = state.calls[state.at++];
  if (made === undefined) return { kind: "done", value: null };
  const task = spawnTask(call.run, call.fiber, made.fn, made.args, { scope: made.scope, hold: false });
  state.task = task.id as number;
  return { kind: "wait", sources: [{ kind: "task", id: state.task }] };
}
