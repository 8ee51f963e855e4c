/** The instructions that start fibers or wait for several things: spawn, parallel, select, mutex. */
import { typeError } from "../builtin/raise.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HClosure, HDict, HDuration, HEnum, HFloat, HHandle, HList } from "../value/value.ts";
import type { Suspended } from "./calls.ts";
import { pushMachine, SUSPEND } from "./calls.ts";
import { headline } from "./errors.ts";
import type { ObjectId } from "./fiber.ts";
import { cancelFiber, spawnTask, startTask } from "./fiber-life.ts";
import { nextItem, openCursor } from "./iteration.ts";
import type { Directive, Machine } from "./machine.ts";
import { machine } from "./machine.ts";
import type { TaskObject } from "./objects.ts";
import { WaiterList } from "./queues.ts";
import type { Run } from "./run.ts";
import { SLICE_FUEL } from "./slice.ts";
import type { VmCall } from "./vm-call.ts";
import { releaseLock, startWait, takeFromChannel } from "./waits.ts";

/** SPAWN. */
export function spawn({ run, fiber }: VmCall, closure: Value): HHandle {
  const isPlain = closure instanceof HClosure && closure.proto.kind !== "generator" && !run.recording;
  return isPlain ? startTask(run, fiber, closure) : spawnTask(run, fiber, closure, [], { hold: true });
}

interface ParallelState {
  readonly closure: Value;
  items: readonly Value[];
  /** Gives its items one by one, perhaps after waits: they are collected before the first arm starts. */
  source?: Value;
  readonly cap: number;
  readonly mode: number;
  readonly group: number;
  readonly tasks: ObjectId[];
  finished: number;
  /** Its arms were cancelled, since its fiber was or a deadline was over; it waits until they have tidied up. */
  stopping: boolean;
}

/** What an arm costs to start, in fuel. */
const STARTING = 20;
/** About how many bytes stay of an arm until all have ended. */
const ARM_BYTES = 300;

const ITERABLE: ReadonlySet<string> = new Set(["list", "set", "range", "string", "dict", "struct", "pair"]);
const ITEMS_BY_AND_BY: ReadonlySet<string> = new Set(["generator", "iterator", "channel"]);

export function startParallel(call: VmCall, closure: Value, over: Value, cap: Value, mode: number, dst: number): void {
  if (!(closure instanceof HClosure)) throw typeError(`parallel needs a closure, got ${typeName(closure)}`);
  let items: Value[] = [];
  let source: Value = null;
  if (mode === 0) {
    if (typeof over !== "number" || !Number.isInteger(over))
      throw typeError(`parallel count must be an int, got ${typeName(over)}`);
    call.hold(over * ARM_BYTES);
    items = Array.from({ length: Math.max(0, over) }, (_, i) => i);
  } else if (over instanceof HHandle && ITEMS_BY_AND_BY.has(over.kind)) source = over;
  else if (ITERABLE.has(typeName(over))) {
    const cursor = openCursor(over, call);
    for (let item = nextItem(call, cursor, -1, -1); item !== undefined; item = nextItem(call, cursor, -1, -1)) {
      items.push(item as Value);
    }
  } else throw typeError(`parallel each needs something to iterate over, got ${typeName(over)}`);
  if (mode !== 0) call.hold(items.length * ARM_BYTES);
  const limit = typeof cap === "number" && cap > 0 ? cap : Number.MAX_SAFE_INTEGER;
  const group = call.run.nextObject++;
  call.run.putObject({ kind: "group", id: group, finished: [], waiter: null });
  const state: ParallelState = {
    closure,
    items,
    source,
    cap: limit,
    mode,
    group,
    tasks: [],
    finished: 0,
    stopping: false,
  };
  pushMachine(call.run, call.fiber, "parallel", state, dst);
}

/** Arms run on fibers of their own; all of them end before the first failure (by index) is raised; output is joined in order. */
export const parallelMachine: Machine = machine<ParallelState>({
  kind: "parallel",
  version: 1,
  objects: (state) => [state.group, ...state.tasks],
  step(state, input, call) {
    const { run } = call;
    if (input.kind === "cancelled") stopArms(state, call);
    if ((state.source ?? null) !== null) {
      const { source = null } = state;
      if (input.kind === "returned" && input.value instanceof HList) {
        state.items = input.value.items;
        call.hold(state.items.length * ARM_BYTES);
        state.source = null;
      } else if (input.kind === "raised") return { kind: "raise", error: input.error };
      else if (input.kind !== "cancelled") {
        return { kind: "call", fn: run.prelude("iter_to_list"), args: [source] };
      }
    }
    const group = run.object("group", state.group);
    state.finished += group.finished.splice(0).length;
    run.changed(group);
    while (
      !state.stopping &&
      state.tasks.length < state.items.length &&
      state.tasks.length - state.finished < state.cap
    ) {
      const item = state.items[state.tasks.length]!;
      const handle = spawnTask(run, call.fiber, state.closure, [item], { group: state.group, hold: true });
      state.tasks.push(handle.id);
      call.spend(STARTING);
      if (call.owed > SLICE_FUEL) return { kind: "pause" };
    }
    if (state.finished < (state.stopping ? state.tasks : state.items).length)
      return { kind: "wait", sources: [{ kind: "group", group: state.group }] };
    run.dropObject(state.group);
    return collect(state, call);
  },
});

function stopArms(state: ParallelState, call: VmCall): void {
  state.stopping = true;
  for (const id of state.tasks) {
    const task = call.run.objects.get(id);
    if (task?.kind === "task" && task.result === null) {
      cancelFiber(call.run, task.fiber, call.fiber.cancel?.reason ?? "the parallel block was left");
    }
  }
}

function collect(state: ParallelState, call: VmCall): Directive {
  const { run } = call;
  const values: Value[] = [];
  let failed = 0;
  let first: Directive | null = null;
  for (const id of state.tasks) {
    const result = joinTask(run, call, run.object("task", id));
    run.dropObject(id);
    if (result.kind === "value") {
      values.push(state.mode === 2 ? new HEnum("Result", "Ok", [result.value]) : result.value);
      continue;
    }
    failed++;
    const error =
      result.kind === "failed"
        ? result.error
        : { kind: "category" as const, message: result.reason, category: "cancelled", value: null, trace: [] };
    if (state.mode === 2) values.push(new HEnum("Result", "Err", [headline(error)]));
    else first ??= { kind: "raise", error };
  }
  if (first !== null) return first;
  if (state.mode !== 2) return { kind: "done", value: new HList(values) };
  const summary = { results: new HList(values), succeeded: values.length - failed, failed };
  return { kind: "done", value: HDict.of(summary) };
}

/** The result of a finished task; its output comes now, once. */
export function joinTask(run: Run, call: VmCall, task: TaskObject) {
  if (task.result === null) throw new Error(`task ${task.id} has not ended`);
  if (task.output !== null) {
    for (const text of task.output) call.write(text);
    task.output = null;
    run.changed(task);
  }
  return task.result;
}

function milliseconds(value: Value): number {
  if (value instanceof HDuration) return value.ms;
  if (value instanceof HFloat) return value.value;
  return typeof value === "number" ? value : 0;
}

/** SELECT: the first channel that has a value, in order; −1 when none has (no wait, timeout, or all closed). */
export function selectChannel(
  call: VmCall,
  channels: readonly Value[],
  timeout: Value,
  noWait: boolean,
  dst: number,
): { readonly index: number; readonly value: Value } | Suspended {
  const { run, fiber } = call;
  const ids = channels.map((channel) => {
    if (!(channel instanceof HHandle) || channel.kind !== "channel") {
      throw typeError(`select needs channels, got ${typeName(channel)}`);
    }
    return channel.id;
  });
  let open = 0;
  for (let i = 0; i < ids.length; i++) {
    const channel = run.object("channel", ids[i]!);
    const value = takeFromChannel(run, channel);
    if (value !== undefined) return { index: i, value };
    if (!channel.closed) open++;
  }
  if (noWait || (open === 0 && timeout === null)) return { index: -1, value: null };
  const specs = ids
    .filter((id) => !run.object("channel", id).closed)
    .map((channel) => ({ kind: "receive" as const, channel }));
  const sources =
    timeout === null
      ? specs
      : [...specs, { kind: "timer" as const, due: run.host.ports.clock.nowMs() + milliseconds(timeout) }];
  const outcome = startWait(run, fiber, sources, {
    kind: "select",
    dst,
    timeout: timeout === null ? -1 : sources.length - 1,
    indexes: specs.map((spec) => ids.indexOf(spec.channel)),
  });
  if (outcome === null) return SUSPEND;
  return outcome.kind === "ready" && outcome.source >= 0 && outcome.source < specs.length
    ? { index: ids.indexOf(specs[outcome.source]!.channel), value: outcome.value }
    : { index: -1, value: null };
}

function mutexId(module: string, site: number): string {
  return `mutex:${module}:${site}`;
}

/** True when the lock is held at once; else the fiber waits. */
export function enterMutex(call: VmCall, module: string, site: number): boolean {
  const { run, fiber } = call;
  const id = mutexId(module, site);
  if (!run.objects.has(id)) run.putObject({ kind: "mutex", id, holder: null, queue: new WaiterList() });
  const outcome = startWait(run, fiber, [{ kind: "lock", mutex: id }], {
    kind: "register",
    dst: -1,
    finish: null,
    data: null,
  });
  return outcome !== null;
}

export function leaveMutex(call: VmCall, module: string, site: number): void {
  releaseLock(call.run, mutexId(module, site));
}
