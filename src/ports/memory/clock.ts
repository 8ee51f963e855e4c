/** A clock that moves only when told to. */
import type { ClockPort } from "../clock.ts";

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

export class MemoryClock implements ClockPort {
  #now: number;
  #monotonic = 0;
  #timers: Timer[] = [];
  #made = 0;

  constructor(nowMs: number) {
    this.#now = nowMs;
  }

  nowMs(): number {
    return this.#now;
  }

  monotonicMs(): number {
    return this.#monotonic;
  }

  setTimer(dueMs: number, callback: () => void): () => void {
    const timer = { due: dueMs, order: this.#made++, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves time on and calls what falls due, in order of due time; each call sees its own due time as now. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [next] = this.#timers
        .filter((timer) => timer.due <= until)
        .sort((a, b) => a.due - b.due || a.order - b.order);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#move(Math.max(next.due, this.#now));
      next.callback();
    }
    this.#move(until);
  }

  /** Sets the wall clock alone, as an administrator does; calls nothing. */
  step(toMs: number): void {
    this.#now = toMs;
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }

  #move(to: number): void {
    this.#monotonic += to - this.#now;
    this.#now = to;
  }
}
