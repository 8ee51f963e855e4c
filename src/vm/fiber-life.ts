/** How fibers begin, end and are cancelled. Cancellation reaches all descendants at once; each may tidy up within the grace. */
import type { Scope } from "../builtin/scope.ts";
import type { Value } from "../value/value.ts";
import { type HClosure, HHandle } from "../value/value.ts";
import { callValue, newFrame, pushFrame, pushMachine } from "./calls.ts";
import type { Fiber, FiberResult, ObjectId } from "./fiber.ts";
import { adoptChild, releaseChild } from "./fiber-table.ts";
import type { TaskObject } from "./objects.ts";
import type { Run } from "./run.ts";
import { cancellation } from "./unwinding.ts";
import { VmCall } from "./vm-call.ts";
import { endWait, releaseLock, wake } from "./waits.ts";

const STARTER_ENDED = "the task that started it has ended";

export interface TaskOptions {
  readonly scope?: Scope;
  /** Name for the task's object; default a number. */
  readonly id?: ObjectId;
  readonly group?: number;
  /** Keep its output back until it is joined. */
  readonly hold: boolean;
}

function newTask(run: Run, options: TaskOptions): TaskObject {
  const task: TaskObject = {
    kind: "task",
    id: options.id ?? run.nextObject++,
    fiber: run.nextFiber++,
    result: null,
    output: null,
    waiters: null,
    group: options.group ?? null,
    start: null,
    starter: null,
    scope: null,
  };
  run.putObject(task);
  return task;
}

/**
 * Starts a task of which only its handle will tell: it enters the object table only with rows, and is gone with its handle. It gets its fiber when its
 * turn comes. Not for runs that are recorded.
 */
export function startTask(run: Run, parent: Fiber, closure: HClosure): HHandle {
  const id = run.nextObject++;
  const task: TaskObject = {
    kind: "task",
    id,
    fiber: run.nextFiber++,
    result: null,
    output: null,
    waiters: null,
    group: null,
    start: closure,
    starter: parent,
    scope: parent.scope,
  };
  parent.unstarted++;
  run.unstarted.push(task);
  run.ready.push(task);
  const handle = new HHandle("task", id);
  handle.object = task;
  return handle;
}

/** Gives the task that is the next to begin its fiber, which is registered only when somebody else may come to know of it. */
function giveFiber(run: Run): Fiber {
  const task = run.unstarted.shift()!;
  const starter = task.starter!;
  const scope = task.scope!;
  task.starter = null;
  task.scope = null;
  starter.unstarted--;
  return run.giveFiber(task, scope, starter);
}

/** Gives all tasks that have not begun their fibers: for what goes over fibers. */
export function giveFibers(run: Run): void {
  run.register();
  while (run.unstarted.length > 0) {
    const fiber = giveFiber(run);
    run.register();
    pushFrame(run, fiber, newFrame(startOf(fiber)!, [], -1));
  }
}

/** Ends tasks that have not begun, those of these starters or all: they need no fibers for that. */
export function endUnstarted(run: Run, starters: readonly Fiber[] | "all", result: FiberResult): void {
  if (starters !== "all" && !starters.some(({ unstarted }) => unstarted > 0)) return;
  const ending = starters === "all" ? null : new Set(starters);
  for (let left = run.unstarted.length; left > 0; left--) {
    const task = run.unstarted.shift()!;
    const starter = task.starter!;
    if (ending !== null && !ending.has(starter)) {
      run.unstarted.push(task);
      continue;
    }
    starter.unstarted--;
    task.starter = null;
    task.scope = null;
    task.start = null;
    endTask(run, task, result);
  }
}

/** What the fiber of a task calls first; null: it has begun. */
export function startOf({ taskObject }: Fiber): HClosure | null {
  if (taskObject === null) return null;
  const { start } = taskObject;
  taskObject.start = null;
  return start;
}

/** The fiber of something that was in the queue, if it is to run. */
export function fiberOf(run: Run, entry: Fiber | TaskObject): Fiber | null {
  if (entry.kind === "fiber") return entry.status === "ready" ? entry : null;
  if (entry.start !== null) {
    run.register();
    return giveFiber(run);
  }
  const fiber = run.fibers.get(entry.fiber);
  return fiber?.status === "ready" ? fiber : null;
}

/** Starts `fn(args…)` on a fiber of its own, as a child of `parent`. */
export function spawnTask(run: Run, parent: Fiber, fn: Value, args: readonly Value[], options: TaskOptions): HHandle {
  const task = newTask(run, options);
  const fiber = run.newFiber(options.scope ?? parent.scope, parent, task, options.hold);
  callValue(new VmCall(run, fiber), fn, args, -1);
  const handle = new HHandle("task", task.id as number);
  handle.object = task;
  return handle;
}

/** Ends a fiber: its task gets the result, who waits for it wakes, its unfinished children go to its parent or end with it. */
export function finishFiber(run: Run, fiber: Fiber, result: FiberResult): void {
  fiber.status = "ended";
  if (fiber.frames.length > 0) fiber.frames.length = 0;
  if (fiber.unstarted > 0) {
    if (result.kind === "value" && fiber.parent !== null) giveFibers(run);
    else endUnstarted(run, [fiber], { kind: "cancelled", reason: STARTER_ENDED });
  }
  if (run.mutexes.size > 0) releaseLocks(run, fiber);
  if (fiber.registered) {
    run.fibers.delete(fiber.id);
    if (run.recording) {
      run.dirty.fibers.delete(fiber.id);
      run.dirty.goneFibers.add(fiber.id);
    }
    const parent = fiber.parent === null ? undefined : run.fibers.get(fiber.parent);
    if (parent !== undefined) releaseChild(parent, fiber);
    if (fiber.firstChild !== null) leaveChildren(run, fiber, result.kind === "value" ? parent : undefined);
  }
  if (result.kind !== "value" && !run.allLoaded) run.cancelReach.set(fiber.id, STARTER_ENDED);
  if (fiber.id === run.root) {
    run.result = result;
    run.dirty.program = true;
    return;
  }
  if (fiber.task === null) return;
  const task = fiber.taskObject ?? run.objects.get(fiber.task);
  if (task?.kind !== "task") return;
  task.output = fiber.output;
  if (!fiber.registered) run.recycle(fiber);
  endTask(run, task, result);
}

/** A task has its result: who waits for it wakes. */
function endTask(run: Run, task: TaskObject, result: FiberResult): void {
  task.result = result;
  run.changed(task);
  const { waiters } = task;
  if (waiters !== null) {
    for (let waiter = waiters.shift(); waiter !== null; waiter = waiters.shift()) wake(run, waiter, null);
  }
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

function releaseLocks(run: Run, fiber: Fiber): void {
  for (const id of run.mutexes) {
    const mutex = run.objects.get(id);
    if (mutex?.kind === "mutex" && mutex.holder === fiber.id) releaseLock(run, id);
  }
}

/** Children of a fiber that has ended go to its parent, or end with it. */
function leaveChildren(run: Run, fiber: Fiber, heir: Fiber | undefined): void {
  // They come behind its own.
  if (heir !== undefined && heir.unstarted > 0) giveFibers(run);
  let orphan = fiber.firstChild;
  while (orphan !== null) {
    const next: Fiber | null = orphan.youngerSibling;
    if (heir === undefined) cancelFiber(run, orphan.id, STARTER_ENDED);
    else {
      releaseChild(fiber, orphan);
      orphan.parent = heir.id;
      adoptChild(heir, orphan);
      run.touch(orphan);
    }
    orphan = next;
  }
}

/** Begins the unwinding of a fiber and of all its descendants. Does nothing to one that is being cancelled already. */
export function cancelFiber(run: Run, id: number, reason: string): void {
  run.register();
  if (!run.fibers.has(id)) giveFibers(run);
  const found: Fiber[] = [];
  const open = [id];
  while (open.length > 0) {
    const next = open.pop()!;
    if (!run.allLoaded) run.cancelReach.set(next, reason);
    const fiber = run.fibers.get(next);
    if (fiber === undefined || fiber.status === "ended" || fiber.cancel !== null) continue;
    found.push(fiber);
    for (let child = fiber.firstChild; child !== null; child = child.youngerSibling) open.push(child.id);
  }
  endUnstarted(run, found, { kind: "cancelled", reason });
  // Descendants first, older ones before younger ones.
  for (const fiber of found.reverse()) {
    if (fiber.status === "ended" || fiber.cancel !== null) continue;
    fiber.cancel = { reason, graceDue: run.host.ports.clock.nowMs() + run.host.graceMs };
    endWait(run, fiber, -1);
    fiber.incoming = { kind: "unwind", caught: cancellation(reason) };
    run.timers.push({ due: fiber.cancel.graceDue, fiber: fiber.id, seq: -1 });
    run.makeReady(fiber);
  }
}

/** The grace is over: the fiber is dropped where it stands. */
export function dropFiber(run: Run, fiber: Fiber): void {
  endWait(run, fiber, -1);
  finishFiber(run, fiber, { kind: "cancelled", reason: fiber.cancel?.reason ?? "cancelled" });
}

/** Starts a machine on a fiber of its own, as a child of `parent`. */
export function spawnMachine(run: Run, parent: Fiber, name: string, state: object, options: TaskOptions): Fiber {
  const fiber = run.newFiber(options.scope ?? parent.scope, parent, newTask(run, options), options.hold);
  pushMachine(run, fiber, name, state, -1);
  return fiber;
}
