/**
 * Turns of other fibers on top of one that waits, so that its activations in generated code may stay on the host's stack. The others run in the order
 * in which the scheduler would run them; the fiber goes on when it is first in the queue, and not before.
 *
 * Invariants
 * 1. A fiber whose activations stand on the host's stack (`hosting`) is run by nobody but who stands right above them.
 * 2. A fiber that is in the queue and has `incoming` leaves the host's stack: the scheduler runs it.
 */
import type { Fiber } from "./fiber.ts";
import { fiberOf } from "./fiber-life.ts";
import type { TaskObject } from "./objects.ts";
import type { Run } from "./run.ts";
import { deadlineIsDue, runFiber } from "./scheduler.ts";
import { MOST_WRITTEN, SLICE_FUEL } from "./slice.ts";
import type { VmCall } from "./vm-call.ts";

/** Fibers on top of each other. */
const MOST_HOSTING = 3;
/** Turns between two looks at the clock. */
const LOOK_AT_CLOCK = 8;

/**
 * Lets a task that is awaited have its turn at once when it is first in the queue. True: it has ended, but others come before who awaits it.
 */
export function handOver(call: VmCall, task: TaskObject): boolean {
  const { run, fiber } = call;
  const first = run.ready.peek();
  if (first === undefined || run.hosting >= MOST_HOSTING) return false;
  if (first.kind === "fiber" ? first.taskObject !== task || first.hosting || first.status !== "ready" : first !== task)
    return false;
  // It waits as far as others can see.
  fiber.status = "waiting";
  const ran = run.tier === null ? hostNext(run, fiber) : run.tier.aside(fiber, hostNext);
  // It may have been cancelled meanwhile.
  if (fiber.incoming === null) fiber.status = "ready";
  return ran !== undefined && task.result !== null && run.ready.length > 0;
}

/** Lets the first in the queue have its turn. */
function hostNext(run: Run, fiber: Fiber): boolean {
  run.register();
  const next = fiberOf(run, run.ready.shift()!);
  return next !== null && host(run, fiber, next);
}

/** Runs others until it is the turn of `fiber`, which has begun to wait. False: they have not come so far; the fiber has to leave the host's stack. */
export function runOthers(run: Run, fiber: Fiber): boolean {
  if (run.hosting >= MOST_HOSTING) return false;
  const first = run.ready.peek();
  if (first === undefined || (first.kind === "fiber" && first.hosting)) return false;
  if (first === fiber) return takeTurn(run, fiber);
  return run.tier!.aside(fiber, hostOthers) ?? false;
}

function hostOthers(run: Run, fiber: Fiber): boolean {
  const { ready } = run;
  for (let turns = 1; ; turns++) {
    const entry = ready.peek();
    if (entry === undefined) return false;
    if (entry === fiber) return takeTurn(run, fiber);
    if (entry.kind === "fiber" && entry.hosting) return false;
    ready.shift();
    const next = fiberOf(run, entry);
    if (next === null) continue;
    const spent = !host(run, fiber, next);
    if (run.written > MOST_WRITTEN) return false;
    if ((spent || turns % LOOK_AT_CLOCK === 0) && run.host.ports.clock.monotonicMs() > run.turnEnds) return false;
  }
}

/** `fiber` is first in the queue: it goes on where it stands, unless it is to be unwound. */
function takeTurn(run: Run, fiber: Fiber): boolean {
  if (fiber.incoming?.kind !== "outcome" || fiber.cancel !== null || deadlineIsDue(run, fiber)) return false;
  run.ready.shift();
  return true;
}

function host(run: Run, fiber: Fiber, next: Fiber): boolean {
  fiber.hosting = true;
  run.hosting++;
  try {
    return runFiber(run, next, SLICE_FUEL);
  } finally {
    run.hosting--;
    fiber.hosting = false;
  }
}
