/** How fibers begin, end and are cancelled. Cancellation reaches all descendants at once; each may tidy up within the grace. */
import type { Scope } from "../builtin/scope.ts";
import type { Value } from "../value/value.ts";
import { HHandle } from "../value/value.ts";
import { callValue, pushMachine } from "./calls.ts";
import type { Fiber, FiberResult, ObjectId } from "./fiber.ts";
import type { Run } from "./run.ts";
import { cancellation } from "./unwinding.ts";
import { VmCall } from "./vm-call.ts";
import { endWait, releaseLock, wake } from "./waits.ts";

export interface TaskOptions {
  readonly scope?: Scope;
  /** Name for the task's object; default a number. */
  readonly id?: ObjectId;
  readonly group?: number;
  /** Keep its output back until it is joined. */
  readonly hold: boolean;
}

/** Starts `fn(args…)` on a fiber of its own, as a child of `parent`. */
export function spawnTask(run: Run, parent: Fiber, fn: Value, args: readonly Value[], options: TaskOptions): HHandle {
  const id = options.id ?? run.nextObject++;
  const fiber = run.newFiber(options.scope ?? parent.scope, { parent: parent.id, task: id, hold: options.hold });
  run.putObject({
    kind: "task",
    id,
    fiber: fiber.id,
    result: null,
    output: null,
    waiters: [],
    group: options.group ?? null,
  });
  callValue(new VmCall(run, fiber), fn, args, -1);
  return new HHandle("task", id as number);
}

/** Ends a fiber: its task gets the result, who waits for it wakes, its unfinished children go to its parent or end with it. */
export function finishFiber(run: Run, fiber: Fiber, result: FiberResult): void {
  fiber.status = "ended";
  fiber.frames.length = 0;
  run.fibers.delete(fiber.id);
  run.dirty.fibers.delete(fiber.id);
  run.dirty.goneFibers.add(fiber.id);
  for (const id of run.mutexes) {
    const mutex = run.objects.get(id);
    if (mutex?.kind === "mutex" && mutex.holder === fiber.id) releaseLock(run, id);
  }
  const parent = fiber.parent === null ? undefined : run.fibers.get(fiber.parent);
  parent?.children.delete(fiber.id);
  for (const child of fiber.children) {
    if (result.kind === "value" && parent !== undefined) {
      const orphan = run.fibers.get(child);
      if (orphan === undefined) continue;
      orphan.parent = parent.id;
      parent.children.add(child);
      run.dirty.fibers.add(child);
    } else cancelFiber(run, child, "the task that started it has ended");
  }
  if (result.kind !== "value" && !run.allLoaded) run.cancelReach.set(fiber.id, "the task that started it has ended");
  if (fiber.id === run.root) {
    run.result = result;
    run.dirty.program = true;
    return;
  }
  if (fiber.task === null) return;
  const task = run.objects.get(fiber.task);
  if (task?.kind !== "task") return;
  task.result = result;
  task.output = fiber.output;
  run.changed(task);
  for (const waiter of task.waiters.splice(0)) wake(run, waiter, null);
  if (task.group !== null) {
    const group = run.objects.get(task.group);
    if (group?.kind === "group") {
      group.finished.push(task.id);
      run.changed(group);
      const waiter = group.waiter;
      group.waiter = null;
      if (waiter !== null) wake(run, waiter, null);
    }
  }
}

/** Begins the unwinding of a fiber and of all its descendants. Does nothing to one that is being cancelled already. */
export function cancelFiber(run: Run, id: number, reason: string): void {
  if (!run.allLoaded) run.cancelReach.set(id, reason);
  const fiber = run.fibers.get(id);
  if (fiber === undefined || fiber.status === "ended" || fiber.cancel !== null) return;
  for (const child of fiber.children) cancelFiber(run, child, reason);
  fiber.cancel = { reason, graceDue: run.host.ports.clock.nowMs() + run.host.graceMs };
  endWait(run, fiber, -1);
  fiber.incoming = { kind: "unwind", caught: cancellation(reason) };
  run.timers.push({ due: fiber.cancel.graceDue, fiber: id, seq: -1 });
  run.makeReady(fiber);
}

/** The grace is over: the fiber is dropped where it stands. */
export function dropFiber(run: Run, fiber: Fiber): void {
  endWait(run, fiber, -1);
  finishFiber(run, fiber, { kind: "cancelled", reason: fiber.cancel?.reason ?? "cancelled" });
}

/** Starts a machine on a fiber of its own, as a child of `parent`. */
export function spawnMachine(run: Run, parent: Fiber, name: string, state: object, options: TaskOptions): Fiber {
  const id = options.id ?? run.nextObject++;
  const fiber = run.newFiber(options.scope ?? parent.scope, { parent: parent.id, task: id, hold: options.hold });
  run.putObject({
    kind: "task",
    id,
    fiber: fiber.id,
    result: null,
    output: null,
    waiters: [],
    group: options.group ?? null,
  });
  pushMachine(run, fiber, name, state, -1);
  return fiber;
}
