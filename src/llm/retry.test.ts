/** When a call is tried again, how long it waits, and that cancelling ends a wait. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ERROR_CATEGORIES, Failure } from "../base/failure.ts";
import type { ModelEvent } from "./contract.ts";
import { ModelFailure } from "./http-failure.ts";
import { callWithRetry, decideRetry, isRetriable, RETRY_AFTER_LIMIT_MS } from "./retry.ts";
import { parseRetryAfter } from "./retry-after.ts";

const policy = { maxAttempts: 4, baseDelayMs: 1000, maxDelayMs: 3000 };

test("only what may pass by itself is tried again", () => {
  const retriable = ERROR_CATEGORIES.filter(isRetriable);
  expect(retriable).toEqual(["timeout", "rate_limit", "overloaded", "server_error", "transient_network"]);
  expect(isRetriable(null)).toBe(false);
});

test("waits double, half of them random, up to the limit", () => {
  const wait = (attempt: number, random: number) =>
    decideRetry(policy, { attempt, category: "server_error", retryAfterMs: null }, random);
  expect([1, 2, 3].map((attempt) => wait(attempt, 0))).toEqual(
    [500, 1000, 1500].map((waitMs) => ({ kind: "retry", waitMs })),
  );
  expect([1, 2, 3].map((attempt) => wait(attempt, 1))).toEqual(
    [1000, 2000, 3000].map((waitMs) => ({ kind: "retry", waitMs })),
  );
  expect(wait(4, 0.5)).toEqual({ kind: "give_up" });
});

test("a wait is never longer than its limit and never negative", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const decision = decideRetry(policy, { attempt, category: "timeout", retryAfterMs: null }, random);
      return decision.kind === "retry" && decision.waitMs >= 0 && decision.waitMs <= policy.maxDelayMs;
    }),
  );
});

test("the provider's own wish comes first, up to a minute", () => {
  const wish = (retryAfterMs: number) => decideRetry(policy, { attempt: 1, category: "rate_limit", retryAfterMs }, 0.5);
  expect(wish(0)).toEqual({ kind: "retry", waitMs: 0 });
  expect(wish(7000)).toEqual({ kind: "retry", waitMs: 7000 });
  expect(wish(3_600_000)).toEqual({ kind: "retry", waitMs: RETRY_AFTER_LIMIT_MS });
});

test("retry-after in seconds and as an HTTP date", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(parseRetryAfter("5", now)).toBe(5000);
  expect(parseRetryAfter(" 2.5 ", now)).toBe(2500);
  expect(parseRetryAfter("-3", now)).toBe(0);
  expect(parseRetryAfter("Thu, 01 Jan 2026 00:00:30 GMT", now)).toBe(30_000);
  expect(parseRetryAfter("Mon, 01 Jan 1990 00:00:00 GMT", now)).toBe(0);
  expect(parseRetryAfter("soon-ish", now)).toBeNull();
  expect(parseRetryAfter("", now)).toBeNull();
});

interface Run {
  readonly events: ModelEvent[];
  readonly waits: number[];
}

function context(run: Run, signal = new AbortController().signal) {
  return {
    signal,
    random: () => 0.5,
    emit: (event: ModelEvent) => void run.events.push(event),
    sleep: async (ms: number) => void run.waits.push(ms),
  };
}

test("tries until it works and tells each retry", async () => {
  const run: Run = { events: [], waits: [] };
  const result = await callWithRetry(policy, context(run), async (attempt) => {
    if (attempt === 1) throw new Failure("down", "overloaded");
    if (attempt === 2) throw new ModelFailure("slow", "rate_limit", { tag: "rate_limited", retryAfterMs: 40 });
    return `attempt ${attempt}`;
  });
  expect(result).toBe("attempt 3");
  expect(run.waits).toEqual([750, 40]);
  expect(run.events).toEqual([
    { kind: "retry", attempt: 1, category: "overloaded", message: "down", waitMs: 750 },
    { kind: "retry", attempt: 2, category: "rate_limit", message: "slow", waitMs: 40 },
  ]);
});

test("gives the last failure when the attempts are used up, and others at once", async () => {
  const run: Run = { events: [], waits: [] };
  let attempts = 0;
  const failing = callWithRetry(policy, context(run), async () => {
    throw new Failure(`failure ${++attempts}`, "timeout");
  });
  await expect(failing).rejects.toMatchObject({ message: "failure 4", category: "timeout" });
  const denied = callWithRetry(policy, context(run), async () => {
    attempts++;
    throw new Failure("no", "auth");
  });
  await expect(denied).rejects.toMatchObject({ message: "no" });
  expect(attempts).toBe(5);
});

test("a defect of ours is not retried", async () => {
  const run: Run = { events: [], waits: [] };
  const broken = callWithRetry(policy, context(run), async () => {
    throw new TypeError("undefined is not a function");
  });
  await expect(broken).rejects.toThrow(TypeError);
  expect(run.events).toEqual([]);
});

test("cancelling ends a wait, and no further attempt is made", async () => {
  const run: Run = { events: [], waits: [] };
  const cancel = new AbortController();
  let attempts = 0;
  const call = callWithRetry(
    policy,
    {
      ...context(run, cancel.signal),
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          cancel.abort();
        }),
    },
    async () => {
      attempts++;
      throw new Failure("down", "overloaded");
    },
  );
  await expect(call).rejects.toMatchObject({ category: "cancelled" });
  expect(attempts).toBe(1);
});
