/** Calls a builtin again once the objects that it needs are loaded: after a resume they come only when asked for. */
import { Suspension } from "../builtin/call.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin } from "../value/value.ts";
import type { ObjectId } from "./fiber.ts";
import type { Machine } from "./machine.ts";
import { machine } from "./machine.ts";

interface LoadState {
  readonly objects: readonly ObjectId[] | "all";
  readonly builtin: string;
  readonly args: readonly Value[];
}

export const loadMachine: Machine = machine<LoadState>({
  kind: "load",
  version: 1,
  step(state, input) {
    switch (input.kind) {
      case "start":
        return { kind: "wait", sources: [{ kind: "load", objects: state.objects }] };
      case "outcome":
        return { kind: "call", fn: new HBuiltin(state.builtin), args: state.args };
      case "returned":
        return { kind: "done", value: input.value };
      case "raised":
        return { kind: "raise", error: input.error };
      case "cancelled":
        return { kind: "done", value: null };
    }
  },
});

export function afterLoading(
  objects: readonly ObjectId[] | "all",
  builtin: string,
  args: readonly Value[],
): Suspension {
  const state: LoadState = { objects, builtin, args };
  return new Suspension({ kind: "machine", machine: "load", state });
}
