/**
 * Functions of the program that hear what happens in a loop that is not theirs: called one after another, each on a fiber of its own under the scope of
 * whoever declared it. What they answer is dropped; what they raise is told to observers. The machine answers a list: of each call nil, or how it failed.
 */
import type { Scope } from "../builtin/scope.ts";
import { HList, type Value } from "../value/value.ts";
import { joinTask } from "../vm/concurrency.ts";
import { headline } from "../vm/errors.ts";
import { spawnMachine } from "../vm/fiber-life.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";

interface AsideCall {
  readonly fn: Value;
  readonly args: readonly Value[];
  readonly scope: Scope;
  /** In messages, in the place of what is said of all. */
  readonly who?: string;
}

export interface AsideState {
  readonly calls: readonly AsideCall[];
  /** In messages. */
  readonly who: string;
  readonly failures: (string | null)[];
  at: number;
  task: number | null;
}

export const ASIDE_MACHINE = "aside_calls";
const ASIDE_CALL = "aside_call";

export function asideState(who: string, calls: readonly AsideCall[]): AsideState {
  return { calls, who, failures: [], at: 0, task: null };
}

export const asideMachine: Machine = machine<AsideState>({
  kind: ASIDE_MACHINE,
  version: 1,
  step(state, input, call) {
    if (input.kind === "cancelled") return { kind: "done", value: null };
    if (state.task !== null) {
      const result = joinTask(call.run, call, call.run.object("task", state.task));
      state.task = null;
      const failure = result.kind === "failed" ? headline(result.error) : null;
      state.failures.push(failure);
      if (failure !== null) {
        const who = state.calls[state.at - 1]!.who ?? state.who;
        call.emit({ type: "warning", message: `${who} failed: ${failure}`, worker_id: call.scope.worker });
      }
    }
    return next(state, call);
  },
});

function next(state: AsideState, call: VmCall): Directive {
  const made = state.calls[state.at++];
  if (made === undefined) return { kind: "done", value: new HList(state.failures) };
  const { fn, args, scope } = made;
  const fiber = spawnMachine(call.run, call.fiber, ASIDE_CALL, { fn, args }, { scope, hold: false });
  state.task = fiber.task as number;
  return { kind: "wait", sources: [{ kind: "task", id: state.task }] };
}

/** One call: of a function or of a builtin, which may fail before it has begun. */
export const asideCallMachine: Machine = machine<Pick<AsideCall, "fn" | "args">>({
  kind: ASIDE_CALL,
  version: 1,
  step({ fn, args }, input) {
    switch (input.kind) {
      case "start":
        return { kind: "call", fn, args };
      case "raised":
        return { kind: "raise", error: input.error };
      case "returned":
      case "outcome":
      case "cancelled":
        return { kind: "done", value: null };
    }
  },
});
