/**
 * Unwinding: finds the handler of a failure or a cancellation, frame by frame. Cancellation passes `catch` and stops at `finally` only. A deadline
 * is a failure for Harn frames and a cancellation for the machines inside its block.
 */
import type { HCaught } from "../value/value.ts";
import { HCaught as Caught } from "../value/value.ts";
import type { Fiber, HarnFrame } from "./fiber.ts";
import type { Run } from "./run.ts";

/** Unwinding of a generator that its consumer leaves early: ends when the generator's frames are gone. */
export const CLOSING = "generator closed";

/**
 * Leaves the fiber ready to go on at a handler or a machine's step; or answers the failure when no frame is left.
 */
export function unwind(run: Run, fiber: Fiber, caught: HCaught): HCaught | null {
  for (;;) {
    const frame = fiber.frames[fiber.frames.length - 1];
    if (frame === undefined) return caught;
    if (frame.kind === "machine") {
      if (frame.unwinding !== null || frame.input !== null) {
        // It failed in its own step, or is tidying up already.
        fiber.frames.pop();
        dropDeadlines(fiber);
        continue;
      }
      const ends = caught.cancel || (caught.below > 0 && fiber.frames.length > caught.below);
      frame.input = ends ? { kind: "cancelled" } : { kind: "raised", error: caught.error };
      if (ends) frame.unwinding = caught;
      return null;
    }
    if (enterHandler(frame, caught)) {
      dropDeadlines(fiber);
      return null;
    }
    fiber.frames.pop();
    dropDeadlines(fiber);
    const link = frame.generator;
    if (link !== null) {
      const generator = link.held ?? run.objects.get(link.object);
      if (generator?.kind === "generator") {
        generator.ended = true;
        generator.frames = null;
        run.changed(generator);
      }
      if (link.exit === -2 && caught.cancel && caught.error.message === CLOSING) return null;
    }
  }
}

function enterHandler(frame: HarnFrame, caught: HCaught): boolean {
  const at = frame.pc - 1;
  for (const handler of frame.proto.handlers) {
    if (at < handler.start || at >= handler.end) continue;
    if (caught.cancel && handler.kind !== "finally") continue;
    frame.regs[handler.register] = caught;
    frame.pc = handler.target;
    return true;
  }
  return false;
}

/** A deadline ends with the activation that set it. */
export function dropDeadlines(fiber: Fiber): void {
  const deadlines = fiber.deadlines;
  while (deadlines.length > 0 && deadlines[deadlines.length - 1]!.depth > fiber.frames.length) deadlines.pop();
}

export function cancellation(reason: string): HCaught {
  return new Caught({ kind: "category", message: reason, category: "cancelled", value: null, trace: [] }, true);
}
