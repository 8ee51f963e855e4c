/** The door to time. Timers and deadlines are absolute wall-clock times, so that time while the process was down counts. */

export interface ClockPort {
  /** Milliseconds since the epoch; may step backwards when the machine's clock is set. */
  nowMs(): number;
  /** Milliseconds from an arbitrary origin; never steps backwards. For durations only. */
  monotonicMs(): number;
  /** Calls back once at `dueMs` (epoch) or soon after, never in the same tick; any distance is fine. The answer cancels it. */
  setTimer(dueMs: number, callback: () => void): () => void;
}
