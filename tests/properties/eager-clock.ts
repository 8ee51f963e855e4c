/** A clock on which waiting takes no time: when a timer is all that is left, it is due. What a program does then depends on no machine's speed. */
import type { ClockPort } from "../../src/ports/clock.ts";

const START_MS = 1_700_000_000_000;

/** `real` measures durations. */
export function createEagerClock(real: ClockPort): ClockPort {
  let now = START_MS;
  return {
    nowMs: () => now,
    monotonicMs: real.monotonicMs,
    setTimer(dueMs, callback) {
      const handle = setImmediate(() => {
        now = Math.max(now, dueMs);
        callback();
      });
      return () => clearImmediate(handle);
    },
  };
}
