/**
 * Trying again: the policy as a pure function, and the loop that follows it.
 *
 * Invariants
 * 1. Only what may pass by itself is tried again: rate limit, overload, server error, network, timeout.
 * 2. What the provider asks for with `Retry-After` is honoured, up to a minute; else the wait doubles, half of it random, so that many
 *    workers that failed together do not come back together.
 * 3. A wait ends at once when the call is cancelled.
 */
import { type ErrorCategory, Failure } from "../base/failure.ts";
import type { ModelEvent, ProviderContext, RetryPolicy } from "./contract.ts";
import { ModelFailure } from "./http-failure.ts";

export const DEFAULT_RETRY: RetryPolicy = { maxAttempts: 3, baseDelayMs: 2000, maxDelayMs: 60_000 };

/** The longest that a provider's own wish is followed. */
export const RETRY_AFTER_LIMIT_MS = 60_000;

const RETRIABLE: readonly ErrorCategory[] = [
  "rate_limit",
  "overloaded",
  "server_error",
  "transient_network",
  "timeout",
];

export function isRetriable(category: ErrorCategory | null): boolean {
  return category !== null && RETRIABLE.includes(category);
}

export interface FailedAttempt {
  /** From 1. */
  readonly attempt: number;
  readonly category: ErrorCategory | null;
  /** What the provider asked for, null when nothing. */
  readonly retryAfterMs: number | null;
}

export type RetryDecision = { readonly kind: "give_up" } | { readonly kind: "retry"; readonly waitMs: number };

/** `random` in [0, 1). The wait without a provider's wish is between half and the whole of base · 2^(attempt - 1), at most `maxDelayMs`. */
export function decideRetry(policy: RetryPolicy, failed: FailedAttempt, random: number): RetryDecision {
  if (!isRetriable(failed.category) || failed.attempt >= policy.maxAttempts) return { kind: "give_up" };
  if (failed.retryAfterMs !== null)
    return { kind: "retry", waitMs: Math.min(failed.retryAfterMs, RETRY_AFTER_LIMIT_MS) };
  const whole = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (failed.attempt - 1));
  return { kind: "retry", waitMs: Math.round(whole / 2 + (random * whole) / 2) };
}

export interface RetryContext extends Pick<ProviderContext, "signal" | "sleep"> {
  /** In [0, 1). */
  random(): number;
  emit(event: ModelEvent): void;
}

/** Runs `attempt` until it answers, the policy gives up or the signal aborts. Throws the last failure, or `cancelled`. */
export async function callWithRetry<T>(
  policy: RetryPolicy,
  context: RetryContext,
  attempt: (number: number) => Promise<T>,
): Promise<T> {
  for (let number = 1; ; number++) {
    if (context.signal.aborted) throw cancelled();
    try {
      return await attempt(number);
    } catch (error) {
      if (context.signal.aborted) throw cancelled();
      if (!(error instanceof Failure)) throw error;
      const retryAfterMs = error instanceof ModelFailure ? error.retryAfterMs : null;
      const failed = { attempt: number, category: error.category, retryAfterMs };
      const decision = decideRetry(policy, failed, context.random());
      if (decision.kind === "give_up") throw error;
      const category = error.category ?? "generic";
      context.emit({ kind: "retry", attempt: number, category, message: error.message, waitMs: decision.waitMs });
      await context.sleep(decision.waitMs, context.signal).catch(() => undefined);
    }
  }
}

export function cancelled(): Failure {
  return new Failure("model call cancelled", "cancelled");
}
