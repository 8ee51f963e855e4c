/** The root of a program: initialises its modules in order, then runs the entry pipeline, if it has one. */
import { findProjectRoot, readVariable } from "../stdlib/surroundings.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin, HClosure, HDict } from "../value/value.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { Run } from "../vm/run.ts";
import type { VmCall } from "../vm/vm-call.ts";

export interface ProgramState {
  /** Keys of the modules that are still to be initialised, in order. */
  readonly modules: string[];
  phase: "init" | "entry" | "after";
  /** A builtin that is called when the program has ended well; null: none. */
  readonly after?: string | null;
}

export const PROGRAM_MACHINE = "program";

export const programMachine: Machine = machine<ProgramState>({
  kind: PROGRAM_MACHINE,
  version: 1,
  step(state, input, call) {
    switch (input.kind) {
      case "start":
        return next(state, call, null);
      case "returned":
        return state.phase === "init" ? next(state, call, input.value) : ended(state, input.value);
      case "raised":
        return { kind: "raise", error: input.error };
      case "outcome":
      case "cancelled":
        return { kind: "done", value: null };
    }
  },
});

function next(state: ProgramState, call: VmCall, last: Value): Directive {
  const { run } = call;
  const key = state.modules.shift();
  if (key !== undefined) {
    const instance = run.modules.get(key)!;
    instance.initialised = true;
    run.dirty.modules.add(key);
    return { kind: "call", fn: new HClosure(instance.chunk.functions[instance.chunk.entry]!, []), args: [] };
  }
  const entry = entryPipeline(run);
  if (entry === undefined) return ended(state, last);
  state.phase = "entry";
  return { kind: "call", fn: entry, args: injected(entry, call) };
}

function ended(state: ProgramState, value: Value): Directive {
  const after = state.phase === "after" ? null : (state.after ?? null);
  if (after === null) return { kind: "done", value };
  state.phase = "after";
  return { kind: "call", fn: new HBuiltin(after), args: [] };
}

/** What a pipeline is given by the names of its parameters: `task`, `project` and `context`; nil for others. */
function injected(entry: Value, call: VmCall): readonly Value[] {
  if (!(entry instanceof HClosure)) return [];
  const task = readVariable(call, "HARN_TASK") ?? "";
  const root = findProjectRoot(call, call.scope.cwd) ?? call.scope.cwd;
  return entry.proto.params.map((name) => {
    if (name === "task") return task;
    if (name === "project") return root;
    return name === "context" ? HDict.of({ task, project_root: root, task_type: "" }) : null;
  });
}

/** The pipeline `default`, else the first; none: the program is a script. */
function entryPipeline(run: Run): Value | undefined {
  const instance = run.modules.get(run.entry)!;
  const { pipelines } = instance.chunk;
  const entry = pipelines.find((pipeline) => pipeline.name === "default") ?? pipelines[0];
  return entry === undefined ? undefined : (instance.slots[entry.slot] ?? undefined);
}
