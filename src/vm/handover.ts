/**
 * Turns of other fibers on top of one that waits, so that its activations in generated code may stay on the host's stack. The others run in the order
 * in which the scheduler would run them; the fiber goes on when it is first in the queue, and not before.
 *
 * Invariants
 * 1. A fiber whose activations stand on the host's stack (`hosting`) is run by nobody but who stands right above them.
 * 2. A fiber that is in the queue and has `incoming` leaves the host's stack: the scheduler runs it.
 */
import type { Fiber } from "./fiber.ts";
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
  if (run.ready.peek() !== task.fiber || run.hosting >= MOST_HOSTING) return false;
  const next = run.fibers.get(task.fiber);
  if (next === undefined || next.hosting || next.status !== "ready") return false;
  const aside = run.tier === null ? null : run.tier.setAside();
  if (aside === undefined) return false;
  run.ready.shift();
  // It waits as far as others can see.
  fiber.status = "waiting";
  host(run, fiber, next);
  if (aside !== null) run.tier!.takeUp(aside);
  // It may have been cancelled meanwhile.
  if (fiber.incoming === null) fiber.status = "ready";
  return task.result !== null && run.ready.length > 0;
}

/** Runs others until it is the turn of `fiber`, which has begun to wait. False: they have not come so far; the fiber has to leave the host's stack. */
export function runOthers(run: Run, fiber: Fiber): boolean {
  if (run.hosting >= MOST_HOSTING) return false;
  const { ready } = run;
  let aside: ReturnType<NonNullable<Run["tier"]>["setAside"]> | null = null;
  let came = false;
  for (let turns = 1; ; turns++) {
    const id = ready.peek();
    if (id === undefined) break;
    if (id === fiber.id) {
      came = fiber.incoming?.kind === "outcome" && fiber.cancel === null && !deadlineIsDue(run, fiber);
      if (came) ready.shift();
      break;
    }
    const next = run.fibers.get(id);
    if (next?.hosting === true) break;
    if (aside === null) {
      aside = run.tier!.setAside();
      if (aside === undefined) return false;
    }
    ready.shift();
    if (next === undefined || next.status !== "ready") continue;
    const spent = !host(run, fiber, next);
    if (run.written > MOST_WRITTEN) break;
    if ((spent || turns % LOOK_AT_CLOCK === 0) && run.host.ports.clock.monotonicMs() > run.turnEnds) break;
  }
  if (aside !== null) run.tier!.takeUp(aside);
  return came;
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
