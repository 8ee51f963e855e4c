/**
 * Advances a run: takes ready fibers one after another, each until it waits, ends or has spent its slice of fuel.
 */
import { unreachable } from "../base/unreachable.ts";
import type { Outcome } from "../builtin/call.ts";
import { asRaise, plainError } from "../builtin/raise.ts";
import type { HClosure, Value } from "../value/value.ts";
import { HCaught, share } from "../value/value.ts";
import { leave } from "./activations.ts";
import { callValue, finishOutcome, newFrame, pushFrame, pushMachine, SUSPEND } from "./calls.ts";
import { withTrace } from "./errors.ts";
import type { Continuation, Fiber, HarnFrame, MachineFrame } from "./fiber.ts";
import { dropFiber, fiberOf, finishFiber, startOf } from "./fiber-life.ts";
import { interpret } from "./interpreter.ts";
import type { Directive } from "./machine.ts";
import { Rethrow } from "./rethrow.ts";
import type { Run } from "./run.ts";
import { MOST_WRITTEN, SLICE_FUEL } from "./slice.ts";
import type { WayIn } from "./tier1/unit.ts";
import { isStale } from "./timer-heap.ts";
import { unwind } from "./unwinding.ts";
import { VmCall } from "./vm-call.ts";
import { completeWait, startWait } from "./waits.ts";

/** Turns of fibers that did not spend their fuel, between two looks at the clock. */
const LOOK_AT_CLOCK = 8;

/** What a machine gets after a pause. */
const GO_ON: Outcome = Object.freeze({ kind: "ready", source: -1, value: null });

/**
 * Runs ready fibers until all wait, or `until` (monotonic milliseconds) has passed. Answers whether something is still ready.
 */
export function advance(run: Run, until: number): boolean {
  const { ready, host } = run;
  const { clock } = host.ports;
  run.turnEnds = until;
  for (let turns = 1; ; turns++) {
    const entry = ready.shift();
    if (entry === undefined) return false;
    const fiber = fiberOf(run, entry);
    if (fiber === null) continue;
    const spent = !runFiber(run, fiber, SLICE_FUEL);
    if (run.written > MOST_WRITTEN) return ready.length > 0;
    if ((spent || turns % LOOK_AT_CLOCK === 0) && clock.monotonicMs() > until) return ready.length > 0;
  }
}

/** Ends waits whose time has come. Answers when the next timer of a loaded fiber is due, or null. */
export function fireTimers(run: Run, nowMs: number): number | null {
  for (;;) {
    const timer = run.timers.peek();
    if (timer === undefined) return null;
    const fiber = run.fibers.get(timer.fiber);
    if (fiber === undefined || isStale(timer, fiber)) {
      run.timers.pop();
      continue;
    }
    if (timer.due > nowMs) return timer.due;
    run.timers.pop();
    if (timer.seq < 0) {
      if (fiber.cancel !== null && fiber.cancel.graceDue <= nowMs) dropFiber(run, fiber);
      continue;
    }
    const wait = fiber.wait!;
    const source = wait.sources.findIndex((s) => s.kind === "timer" && s.due <= nowMs);
    if (source >= 0) completeWait(run, fiber.id, wait.seq, { kind: "ready", source, value: null });
    else if (wait.deadline !== null && wait.deadline <= nowMs) {
      // The deadline is raised when the fiber runs: see `expired`.
      completeWait(run, fiber.id, wait.seq, { kind: "ready", source: -1, value: null });
    } else run.timers.push({ ...timer, due: wait.deadline ?? timer.due });
  }
}

/** One slice of a fiber. False when it has spent its fuel, and stands in the queue again. */
export function runFiber(run: Run, fiber: Fiber, fuel: number): boolean {
  run.touch(fiber);
  const call = new VmCall(run, fiber);
  run.tier?.beginSlice();
  let left = fuel;
  if (!takeIncoming(run, fiber, call)) return true;
  const start = startOf(fiber);
  if (start !== null) left = begin(run, fiber, call, start, left);
  const { tier } = run;
  /** The frame that generated code has left where it stands now: something there is for tier 0. */
  let isLeft: HarnFrame | null = null;
  while (fiber.status === "ready" && fiber.incoming === null) {
    const top = fiber.frames[fiber.frames.length - 1];
    if (top === undefined) {
      finishFiber(run, fiber, { kind: "value", value: null });
      break;
    }
    if (top.kind === "machine") {
      stepMachine(run, fiber, call, top);
      left -= 10 + call.settle();
    } else {
      const way: WayIn | null = tier === null || top.pc === 0 || top === isLeft ? null : tier.units.resume(top);
      left = way === null ? interpret(run, fiber, call, top, left) : goOn(run, fiber, call, top, way, left);
      isLeft = way === null ? null : top;
    }
    if (left <= 0 && fiber.status === "ready" && fiber.incoming === null) {
      run.register();
      run.ready.push(fiber);
      return false;
    }
  }
  // It waits, and others may come to know of it.
  if (fiber.status !== "ended" && !fiber.registered) run.register();
  return true;
}

/** Goes on with a frame in generated code. Answers the fuel that is left. */
function goOn(run: Run, fiber: Fiber, call: VmCall, frame: HarnFrame, way: WayIn, fuel: number): number {
  const tier = run.tier!;
  try {
    const value = tier.enterInside(call, fuel, frame, way);
    if (value !== SUSPEND) leave(run, fiber, value);
  } catch (failure) {
    frame.pc = tier.failurePc(frame.proto) + 1;
    if (failure instanceof Rethrow) unwindFiber(run, fiber, failure.caught);
    else raiseIn(run, fiber, failure);
  }
  return tier.fuel;
}

/** The first call of a task. Answers the fuel that is left. */
function begin(run: Run, fiber: Fiber, call: VmCall, start: HClosure, fuel: number): number {
  const { tier } = run;
  if (tier === null || (start.code === null && !tier.units.warm(start))) {
    pushFrame(run, fiber, newFrame(start, [], -1));
    return fuel;
  }
  try {
    const value = tier.enter(call, fuel, start, [], -1);
    if (value !== SUSPEND) finishFiber(run, fiber, { kind: "value", value });
  } catch (thrown) {
    if (thrown instanceof Rethrow) unwindFiber(run, fiber, thrown.caught);
    else raiseIn(run, fiber, thrown);
  }
  return tier.fuel;
}

/** Delivers what ended the last wait, a due deadline or a cancellation. False when the fiber does not run on. */
function takeIncoming(run: Run, fiber: Fiber, call: VmCall): boolean {
  const incoming = fiber.incoming;
  fiber.incoming = null;
  if (incoming?.kind === "unwind") return unwindFiber(run, fiber, incoming.caught);
  const below = fiber.cancel === null ? expired(run, fiber) : 0;
  if (below > 0) {
    return unwindFiber(run, fiber, new HCaught(withTrace(plainError("Deadline exceeded").error, fiber), false, below));
  }
  if (incoming === null) return true;
  return resumeWith(run, fiber, call, incoming.outcome, incoming.next);
}

/** The depth of the outermost deadline that is due, which counts as raised then; 0: none is. */
function expired(run: Run, fiber: Fiber): number {
  if (fiber.deadlines.length === 0) return 0;
  const now = run.host.ports.clock.nowMs();
  const at = fiber.deadlines.findIndex((deadline) => !deadline.fired && deadline.due <= now);
  if (at < 0) return 0;
  const deadline = fiber.deadlines[at]!;
  fiber.deadlines[at] = { ...deadline, fired: true };
  return deadline.depth;
}

/** Whether a deadline of the fiber is to be raised. */
export function deadlineIsDue(run: Run, fiber: Fiber): boolean {
  if (fiber.deadlines.length === 0) return false;
  const now = run.host.ports.clock.nowMs();
  return fiber.deadlines.some((deadline) => !deadline.fired && deadline.due <= now);
}

function resumeWith(run: Run, fiber: Fiber, call: VmCall, outcome: Outcome, next: Continuation): boolean {
  const top = fiber.frames[fiber.frames.length - 1];
  switch (next.kind) {
    case "machine":
      if (top?.kind === "machine") top.input = { kind: "outcome", outcome };
      return true;
    case "register":
      try {
        const value = finishOutcome(call, outcome, next.finish, next.data, next.dst);
        if (value === SUSPEND) return fiber.status === "ready";
        return deliver(run, fiber, next.dst, value);
      } catch (thrown) {
        return raiseIn(run, fiber, thrown);
      }
    case "iterate":
      if (top?.kind !== "harn") return true;
      if (outcome.kind === "ready" && outcome.source >= 0) top.regs[next.dst] = outcome.value;
      else top.pc = next.exit;
      return true;
    case "select": {
      if (top?.kind !== "harn") return true;
      const won = outcome.kind === "ready" && outcome.source >= 0 && outcome.source !== next.timeout;
      top.regs[next.dst] = won ? next.indexes[outcome.source]! : -1;
      top.regs[next.dst + 1] = won ? outcome.value : null;
      return true;
    }
    default:
      return unreachable(next);
  }
}

function deliver(run: Run, fiber: Fiber, dst: number, value: Value): boolean {
  const top = fiber.frames[fiber.frames.length - 1];
  if (top === undefined) {
    finishFiber(run, fiber, { kind: "value", value });
    return false;
  }
  if (top.kind === "machine") top.input = { kind: "returned", value };
  else if (dst >= 0) top.regs[dst] = value;
  return true;
}

function raiseIn(run: Run, fiber: Fiber, thrown: unknown): boolean {
  return unwindFiber(run, fiber, new HCaught(withTrace(asRaise(thrown).error, fiber), false));
}

function unwindFiber(run: Run, fiber: Fiber, caught: HCaught): boolean {
  const left = unwind(run, fiber, caught);
  if (left === null) return true;
  finishFiber(
    run,
    fiber,
    left.cancel ? { kind: "cancelled", reason: left.error.message } : { kind: "failed", error: left.error },
  );
  return false;
}

function stepMachine(run: Run, fiber: Fiber, call: VmCall, frame: MachineFrame): void {
  const machine = run.host.machines.get(frame.machine);
  if (machine === undefined || machine.version !== frame.version) {
    throw new Error(
      `this build does not know version ${frame.version} of ${frame.machine}${machine ? ` (it knows ${machine.version})` : ""}`,
    );
  }
  let input = frame.input;
  if (input === null) throw new Error(`machine ${frame.machine} runs without input`);
  for (;;) {
    let directive: Directive;
    try {
      directive = machine.step(frame.state, input, call);
    } catch (thrown) {
      raiseIn(run, fiber, thrown);
      return;
    }
    switch (directive.kind) {
      case "again":
        input = directive.input;
        continue;
      case "pause":
        frame.input = null;
        fiber.incoming = { kind: "outcome", outcome: GO_ON, next: { kind: "machine" } };
        run.register();
        run.ready.push(fiber);
        return;
      case "call":
        frame.input = null;
        try {
          // The machine may go on to hold them; what is called may change what is its own.
          const value = callValue(call, directive.fn, directive.args.map(share), 0);
          if (value !== SUSPEND) {
            input = { kind: "returned", value };
            continue;
          }
        } catch (thrown) {
          input = { kind: "raised", error: withTrace(asRaise(thrown).error, fiber) };
          continue;
        }
        return;
      case "push":
        frame.input = null;
        pushMachine(run, fiber, directive.machine, directive.state, 0);
        return;
      case "wait": {
        frame.input = null;
        const outcome = startWait(run, fiber, directive.sources, { kind: "machine" });
        if (outcome === null) return;
        input = { kind: "outcome", outcome };
        continue;
      }
      case "done":
      case "raise":
        endMachine(run, fiber, frame, directive);
        return;
      default:
        unreachable(directive);
    }
  }
}

function endMachine(
  run: Run,
  fiber: Fiber,
  frame: MachineFrame,
  directive: Directive & { kind: "done" | "raise" },
): void {
  if (frame.unwinding !== null) {
    const caught = frame.unwinding;
    fiber.frames.pop();
    unwindFiber(run, fiber, caught);
    return;
  }
  if (directive.kind === "done") {
    fiber.frames.pop();
    deliver(run, fiber, frame.dst, directive.value);
    return;
  }
  // `input` is set: unwinding passes this frame.
  frame.input = { kind: "raised", error: directive.error };
  unwindFiber(run, fiber, new HCaught(withTrace(directive.error, fiber), false));
}
