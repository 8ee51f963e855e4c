/** The clock port. A timer looks at the wall clock at least twice a minute, so a machine that slept or whose clock was set fires it in time. */
import type { ClockPort } from "../../ports/clock.ts";

const LOOK_MS = 30_000;

export function createClockPort(): ClockPort {
  return { nowMs: Date.now, monotonicMs, setTimer };
}

/** Not by `performance`, which loads a part of Node that most programs need for nothing else. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

function setTimer(dueMs: number, callback: () => void): () => void {
  let handle: NodeJS.Timeout;
  const arm = () => {
    handle = setTimeout(look, Math.min(Math.max(dueMs - Date.now(), 0), LOOK_MS));
  };
  const look = () => {
    if (Date.now() >= dueMs) callback();
    else arm();
  };
  arm();
  return () => clearTimeout(handle);
}
