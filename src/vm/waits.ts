/**
 * Waits: a set of sources, the first that is ready wins, the others are lost (an effect is cancelled).
 * Readiness is looked at once when the wait starts, in the order of the sources; afterwards objects, timers and the driver wake the fiber.
 */
import { unreachable } from "../base/unreachable.ts";
import type { Outcome, WaitSpec } from "../builtin/call.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { Continuation, Fiber, FiberResult, ObjectId, Source } from "./fiber.ts";
import type { InnerSpec } from "./machine.ts";
import type { ChannelObject } from "./objects.ts";
import { Waiter, WaiterList } from "./queues.ts";
import type { Run } from "./run.ts";

/** Value of a `receive` from a closed, empty channel; `iterate` and `select` look for `source` −1 instead. */
const CLOSED: Outcome = { kind: "ready", source: -1, value: null };

/**
 * Starts a wait of `fiber`. Answers the outcome when a source is ready already (the fiber then does not wait), else null.
 */
export function startWait(
  run: Run,
  fiber: Fiber,
  specs: readonly (WaitSpec | InnerSpec)[],
  next: Continuation,
): Outcome | null {
  // Cancelled while others ran on top of it: it is in the queue already.
  if (fiber.incoming !== null) return null;
  if (!fiber.registered) run.register();
  const [only] = specs;
  if (only?.kind === "receive" && specs.length === 1 && only.held !== undefined && fiber.deadlines.length === 0)
    return receiveFrom(run, fiber, only.held as ChannelObject, next);
  for (let i = 0; i < specs.length; i++) {
    const outcome = takeIfReady(run, fiber, specs[i]!, i);
    if (outcome !== null) return outcome;
  }
  const seq = ++fiber.seq;
  const sources: Source[] = [];
  let due = Number.POSITIVE_INFINITY;
  for (let i = 0; i < specs.length; i++) {
    const source = register(run, fiber, specs[i]!, seq, i);
    sources.push(source);
    if (source.kind === "timer" && source.due < due) due = source.due;
  }
  let deadline: number | null = null;
  for (const entry of fiber.deadlines)
    if (!entry.fired && (deadline === null || entry.due < deadline)) deadline = entry.due;
  if (deadline !== null && deadline < due) due = deadline;
  if (due !== Number.POSITIVE_INFINITY) run.timers.push({ due, fiber: fiber.id, seq });
  fiber.wait = { seq, sources, next, deadline };
  fiber.status = "waiting";
  run.touch(fiber);
  if (only?.kind === "task" && only.late === true) complete(run, fiber, seq, { kind: "ready", source: 0, value: null });
  return null;
}

/** The commonest wait: for one channel alone. */
function receiveFrom(run: Run, fiber: Fiber, channel: ChannelObject, next: Continuation): Outcome | null {
  const taken = takeFromChannel(run, channel);
  if (taken !== undefined) return { kind: "ready", source: 0, value: taken };
  if (channel.closed) return CLOSED;
  const seq = ++fiber.seq;
  park(fiber, channel.receivers, seq, 0, null);
  run.changed(channel);
  fiber.wait = { seq, sources: channel.sources, next, deadline: null };
  fiber.status = "waiting";
  run.touch(fiber);
  return null;
}

function takeIfReady(run: Run, fiber: Fiber, spec: WaitSpec | InnerSpec, source: number): Outcome | null {
  switch (spec.kind) {
    case "effect":
      return null;
    case "timer":
      return spec.due <= run.host.ports.clock.nowMs() ? { kind: "ready", source, value: null } : null;
    case "task": {
      return run.task(spec).result === null || spec.late === true ? null : { kind: "ready", source, value: null };
    }
    case "receive": {
      const channel = run.object("channel", spec.channel);
      const taken = takeFromChannel(run, channel);
      if (taken !== undefined) return { kind: "ready", source, value: taken };
      return channel.closed ? CLOSED : null;
    }
    case "send": {
      const channel = run.object("channel", spec.channel);
      if (channel.closed) return { kind: "ready", source, value: false };
      return giveToChannel(run, channel, spec.value) ? { kind: "ready", source, value: true } : null;
    }
    case "lock": {
      const mutex = run.object("mutex", spec.mutex);
      if (mutex.holder !== null) return null;
      mutex.holder = fiber.id;
      run.changed(mutex);
      return { kind: "ready", source, value: null };
    }
    case "group": {
      const group = run.object("group", spec.group);
      return group.finished.length > 0 ? { kind: "ready", source, value: null } : null;
    }
    case "inbox": {
      const { inbox } = fiber;
      const at = inbox === null ? -1 : inbox.findIndex((message) => wantsMessage(spec.only, message));
      if (inbox === null || at < 0) return null;
      run.touch(fiber);
      return { kind: "ready", source, value: inbox.splice(at, 1)[0]! };
    }
    case "load":
      return (spec.objects === "all" ? run.allObjectsLoaded : !spec.objects.some((id) => run.mayBeUnloaded(id)))
        ? { kind: "ready", source, value: null }
        : null;
    default:
      return unreachable(spec);
  }
}

/** Enters a fiber among those that wait on an object. */
function park(fiber: Fiber, list: WaiterList, seq: number, source: number, value: Value): Waiter {
  const waiter = new Waiter(fiber.id, seq, source, value);
  waiter.held = fiber;
  waiter.sibling = fiber.parked;
  fiber.parked = waiter;
  list.push(waiter);
  return waiter;
}

function register(run: Run, fiber: Fiber, spec: WaitSpec | InnerSpec, seq: number, index: number): Source {
  switch (spec.kind) {
    case "effect": {
      const id = run.nextEffect++;
      run.effects.set(id, fiber.id);
      run.newEffects.push({ id, fiber: fiber.id, effect: spec.effect });
      return { kind: "effect", id };
    }
    case "timer":
      return spec;
    case "task": {
      const task = run.task(spec);
      task.waiters ??= new WaiterList();
      park(fiber, task.waiters, seq, index, null);
      run.changed(task);
      return spec.objects === undefined
        ? { kind: "task", id: spec.id }
        : { kind: "task", id: spec.id, objects: spec.objects };
    }
    case "receive": {
      const channel = run.object("channel", spec.channel);
      park(fiber, channel.receivers, seq, index, null);
      run.changed(channel);
      return channel.sources[0];
    }
    case "send": {
      const channel = run.object("channel", spec.channel);
      park(fiber, channel.senders, seq, index, share(spec.value));
      run.changed(channel);
      return { kind: "send", channel: spec.channel };
    }
    case "lock": {
      const mutex = run.object("mutex", spec.mutex);
      park(fiber, mutex.queue, seq, index, null);
      run.changed(mutex);
      return { kind: "lock", mutex: spec.mutex };
    }
    case "group": {
      const group = run.object("group", spec.group);
      group.waiter = new Waiter(fiber.id, seq, index, null);
      run.changed(group);
      return { kind: "group", group: spec.group };
    }
    case "inbox":
      return spec.only === undefined ? { kind: "inbox" } : { kind: "inbox", only: spec.only };
    case "load":
      run.loads.push({ fiber: fiber.id, seq, objects: spec.objects });
      return { kind: "load", objects: spec.objects };
    default:
      return unreachable(spec);
  }
}

/** Ends the wait of a fiber with this outcome; the lost sources are given up. False when the fiber had gone on already. */
export function completeWait(run: Run, fiberId: number, seq: number, outcome: Outcome): boolean {
  const fiber = run.fibers.get(fiberId);
  return fiber !== undefined && complete(run, fiber, seq, outcome);
}

function complete(run: Run, fiber: Fiber, seq: number, outcome: Outcome): boolean {
  const wait = fiber.wait;
  if (wait === null || wait.seq !== seq) return false;
  endWait(run, fiber, outcome.source);
  fiber.incoming = { kind: "outcome", outcome, next: wait.next };
  run.makeReady(fiber);
  return true;
}

/** Leaves the wait; every source but `winner` is lost. */
export function endWait(run: Run, fiber: Fiber, winner: number): void {
  const { wait, parked } = fiber;
  if (wait === null) return;
  fiber.wait = null;
  run.touch(fiber);
  if (wait.sources.length === 1 && winner === 0 && parked !== null && wait.deadline === null) {
    // The commonest: one source, an object.
    parked.leave();
    fiber.parked = null;
    return;
  }
  let timed = wait.deadline !== null;
  for (let i = 0; i < wait.sources.length; i++) {
    const source = wait.sources[i]!;
    if (source.kind === "timer") timed = true;
    if (i !== winner) loseSource(run, fiber, wait.seq, source, i);
  }
  // Those that another fiber has taken from its list are in none any more.
  for (let waiter = parked; waiter !== null; waiter = waiter.sibling) waiter.leave();
  fiber.parked = null;
  if (timed) {
    run.timers.abandon(run.fibers);
    if (run.recording) run.timersDone.push(timerId(fiber.id, wait.seq));
  }
}

function loseSource(run: Run, fiber: Fiber, seq: number, source: Source, index: number): void {
  // A wait that came back from rows has its waiters in the lists alone.
  const forget = (list: WaiterList | null): void => {
    if (fiber.parked === null) list?.of(fiber.id, seq, index)?.leave();
  };
  switch (source.kind) {
    case "effect":
      if (run.effects.delete(source.id)) {
        run.aborted.push(source.id);
        run.settled.push(source.id);
      }
      break;
    case "task": {
      const task = run.objects.get(source.id);
      if (task?.kind !== "task") break;
      forget(task.waiters);
      run.changed(task);
      break;
    }
    case "receive": {
      const channel = run.objects.get(source.channel);
      if (channel?.kind !== "channel") break;
      forget(channel.receivers);
      run.changed(channel);
      break;
    }
    case "send": {
      const channel = run.objects.get(source.channel);
      if (channel?.kind !== "channel") break;
      forget(channel.senders);
      run.changed(channel);
      break;
    }
    case "lock": {
      const mutex = run.objects.get(source.mutex);
      if (mutex?.kind !== "mutex") break;
      forget(mutex.queue);
      run.changed(mutex);
      break;
    }
    case "group": {
      const group = run.objects.get(source.group);
      if (group?.kind !== "group") break;
      group.waiter = null;
      run.changed(group);
      break;
    }
    case "timer":
    case "inbox":
    case "load":
      break;
    default:
      unreachable(source);
  }
}

export function timerId(fiber: number, seq: number): string {
  return `t${fiber}.${seq}`;
}

/** Wakes whoever waits on an object. False when the fiber had gone on already. */
export function wake(run: Run, waiter: Waiter, value: Value): boolean {
  return wakeWith(run, waiter, { kind: "ready", source: waiter.source, value });
}

/** A fiber that is not loaded has not moved since its row was written, so its waiter is valid: the driver loads it and ends its wait. */
export function wakeWith(run: Run, waiter: Waiter, outcome: Outcome): boolean {
  const { held } = waiter;
  if (held?.registered) return complete(run, held, waiter.seq, outcome);
  if (run.fibers.has(waiter.fiber)) return completeWait(run, waiter.fiber, waiter.seq, outcome);
  if (run.allLoaded || run.toWake.has(waiter.fiber)) return false;
  run.toWake.set(waiter.fiber, { seq: waiter.seq, outcome });
  return true;
}

/** An item out of a channel, moving a waiting sender's value up; undefined when there is none. */
export function takeFromChannel(run: Run, channel: ChannelObject): Value | undefined {
  if (channel.queue.length > 0) {
    const value = channel.queue.shift()!;
    const next = channel.senders.shift();
    if (next !== null) {
      channel.queue.push(next.value);
      wake(run, next, true);
    }
    run.changed(channel);
    return value;
  }
  const sender = channel.senders.shift();
  if (sender === null) return undefined;
  run.changed(channel);
  wake(run, sender, true);
  return sender.value;
}

/** True when a receiver took it or there was room. */
export function giveToChannel(run: Run, channel: ChannelObject, value: Value): boolean {
  share(value);
  run.changed(channel);
  for (;;) {
    const receiver = channel.receivers.shift();
    if (receiver === null) break;
    if (wake(run, receiver, value)) return true;
  }
  if (channel.queue.length >= Math.max(channel.capacity, 1)) return false;
  channel.queue.push(value);
  return true;
}

export function closeChannel(run: Run, channel: ChannelObject): void {
  channel.closed = true;
  run.changed(channel);
  for (let waiter = channel.receivers.shift(); waiter !== null; waiter = channel.receivers.shift()) {
    wakeWith(run, waiter, CLOSED);
  }
  for (let waiter = channel.senders.shift(); waiter !== null; waiter = channel.senders.shift())
    wake(run, waiter, false);
}

/** Gives a lock on to the next in its queue, or frees it. */
export function releaseLock(run: Run, mutexId: ObjectId): void {
  const mutex = run.objects.get(mutexId);
  if (mutex?.kind !== "mutex") return;
  run.changed(mutex);
  for (;;) {
    const next = mutex.queue.shift();
    if (next === null) {
      mutex.holder = null;
      return;
    }
    mutex.holder = next.fiber;
    if (wake(run, next, null)) return;
  }
}

/** A message to a fiber: ends its wait on its inbox, or lies there. */
export function postMessage(run: Run, fiberId: number, message: Value): void {
  share(message);
  run.register();
  const fiber = run.fibers.get(fiberId);
  if (fiber === undefined) {
    if (!run.allLoaded) run.toPost.push({ fiber: fiberId, message });
    return;
  }
  run.touch(fiber);
  const wait = fiber.wait;
  const source =
    wait === null ? -1 : wait.sources.findIndex((s) => s.kind === "inbox" && wantsMessage(s.only, message));
  if (wait !== null && source >= 0) {
    completeWait(run, fiber.id, wait.seq, { kind: "ready", source, value: message });
  } else if (fiber.inbox === null) fiber.inbox = [message];
  else fiber.inbox.push(message);
}

function wantsMessage(only: string | undefined, message: Value): boolean {
  return only === undefined || (message instanceof HDict && message.get("mode") === only);
}

/** What the driver brings back of an effect. Ignored when nobody waits for it any more. */
export function deliverEffect(
  run: Run,
  effectId: number,
  result:
    | { readonly kind: "result"; readonly result: import("../base/json.ts").Json }
    | { readonly kind: "failed"; readonly message: string; readonly category: string | null },
): void {
  const fiberId = run.effects.get(effectId);
  if (fiberId === undefined) return;
  run.effects.delete(effectId);
  run.settled.push(effectId);
  const fiber = run.fiber(fiberId);
  const source = fiber.wait?.sources.findIndex((s) => s.kind === "effect" && s.id === effectId) ?? -1;
  if (fiber.wait === null || source < 0) return;
  const outcome: Outcome =
    result.kind === "result"
      ? { kind: "result", source, result: result.result }
      : { kind: "failed", source, message: result.message, category: result.category };
  completeWait(run, fiberId, fiber.wait.seq, outcome);
}

export function resultList(values: readonly Value[]): HList {
  return new HList(values.map((value) => share(value)));
}

export type { FiberResult };
