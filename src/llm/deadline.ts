/**
 * Bounds one attempt: the caller's cancellation, a deadline for the whole and one for silence, joined into one signal. One timer at a time,
 * whatever the number of chunks: it wakes at the next moment that could matter and looks.
 */
import { Failure } from "../base/failure.ts";
import type { ProviderContext } from "./contract.ts";
import { ModelFailure } from "./http-failure.ts";
import { cancelled } from "./retry.ts";

export interface Bounds {
  readonly provider: string;
  readonly totalMs: number;
  /** Longest silence; null: none. */
  readonly idleMs: number | null;
}

export interface Deadline {
  /** Aborts on cancellation, at the deadline or after too long a silence. */
  readonly signal: AbortSignal;
  /** Something arrived. */
  touch(): void;
  /** Why the signal aborted, as the failure to throw; null while it has not. */
  failure(): Failure | null;
  /** Rejects with `failure()` as soon as the signal aborts; never resolves. */
  readonly aborted: Promise<never>;
  /** Ends the request without a reason to tell: nobody needs the rest of it. */
  drop(): void;
  /** Aborts with `close`, or when `signal` does. */
  readonly closed: AbortSignal;
  /** Ends the watch; must be called. */
  close(): void;
}

export function openDeadline(bounds: Bounds, context: Pick<ProviderContext, "now" | "sleep" | "signal">): Deadline {
  const joined = new AbortController();
  const watch = new AbortController();
  const started = context.now();
  let last = started;
  let why: Failure | null = null;

  const { promise: aborted, reject } = Promise.withResolvers<never>();
  // Nobody may be waiting for it when it rejects.
  aborted.catch(() => undefined);

  const end = (failure: Failure): void => {
    if (why !== null) return;
    why = failure;
    watch.abort();
    joined.abort(failure);
    reject(failure);
  };
  const onCancel = (): void => end(cancelled());

  const watchTime = async (): Promise<void> => {
    while (!watch.signal.aborted) {
      const now = context.now();
      const totalLeft = started + bounds.totalMs - now;
      const idleLeft = bounds.idleMs === null ? Number.POSITIVE_INFINITY : last + bounds.idleMs - now;
      if (totalLeft <= 0) return end(timedOut(`${bounds.provider} timed out after ${bounds.totalMs} ms`));
      if (idleLeft <= 0) return end(timedOut(`${bounds.provider} timed out: nothing received for ${bounds.idleMs} ms`));
      await context.sleep(Math.min(totalLeft, idleLeft), watch.signal);
    }
  };

  if (context.signal.aborted) onCancel();
  else context.signal.addEventListener("abort", onCancel, { once: true });
  watchTime().catch((error) => {
    if (!watch.signal.aborted) end(new Failure(`${bounds.provider}: the clock failed: ${String(error)}`));
  });

  return {
    signal: joined.signal,
    closed: watch.signal,
    touch: () => {
      last = context.now();
    },
    failure: () => why,
    aborted,
    drop: () => end(new Failure(`${bounds.provider}: request dropped`)),
    close: () => {
      watch.abort();
      context.signal.removeEventListener("abort", onCancel);
    },
  };
}

function timedOut(message: string): Failure {
  return new ModelFailure(message, "timeout", { tag: "network" });
}
