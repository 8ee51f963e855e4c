/** A clock on which waiting takes no time: when a timer is all that is left, it is due. What a program does then depends on no machine's speed. */
import type { ClockPort } from "../../src/ports/clock.ts";

const START_MS = 1_700_000_000_000;

/** `real` measures durations. While something runs, time stands still; or it moves as it does. */
export function createEagerClock(real: ClockPort, meanwhile: "stands" | "moves" = "stands"): ClockPort {
  const started = real.monotonicMs();
  let skipped = START_MS;
  const nowMs = () => skipped + (meanwhile === "moves" ? real.monotonicMs() - started : 0);
  return {
    nowMs,
    monotonicMs: real.monotonicMs,
    setTimer(dueMs, callback) {
      const handle = setImmediate(() => {
        skipped += Math.max(0, dueMs - nowMs());
        callback();
      });
      return () => clearImmediate(handle);
    },
  };
}
