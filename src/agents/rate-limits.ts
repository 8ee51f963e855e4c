/**
 * Requests per minute by provider, and `with_rate_limit`: waits for room, calls a closure, and tries again when the failure is one that passes.
 * The requests of the last minute are a cell of the run.
 */
import type { Call } from "../builtin/call.ts";
import { runMachine } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin, suspending } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import { categoryOf } from "../stdlib/error-categories.ts";
import { asMilliseconds, asWhole } from "../stdlib/number-reading.ts";
import type { RaisedError, Value } from "../value/value.ts";
import { caughtValue } from "../vm/errors.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";

interface Limit {
  readonly provider: string;
  readonly rpm: number;
  /** Times of the requests of the last minute, oldest first. */
  sent: number[];
}

const rateLimits = declareCell<{ limits: Limit[]; cleared: string[] }>("llm.rate_limits", () => ({
  limits: [],
  cleared: [],
}));

const WINDOW_MS = 60_000;
const LONGEST_PAUSE_MS = 30_000;
const PASSING: ReadonlySet<string> = new Set(["rate_limit", "overloaded", "transient_network", "timeout"]);

/** Set by the program, else by `HARN_RATE_LIMIT_PROVIDER`. */
function limitOf(call: Call, provider: string): Limit | null {
  const { limits, cleared } = call.read(rateLimits);
  const known = limits.find((limit) => limit.provider === provider);
  if (known !== undefined || cleared.includes(provider)) return known ?? null;
  const rpm = Number(call.ports.environment.get(`HARN_RATE_LIMIT_${provider.toUpperCase()}`) ?? "");
  if (!Number.isInteger(rpm) || rpm <= 0) return null;
  return setLimit(call, provider, rpm);
}

function setLimit(call: Call, provider: string, rpm: number): Limit {
  const state = call.change(rateLimits);
  const limit: Limit = { provider, rpm, sent: [] };
  state.limits = [...state.limits.filter((other) => other.provider !== provider), limit];
  state.cleared = state.cleared.filter((name) => name !== provider);
  return limit;
}

/** Takes room for one request; else says when there may be some. */
function takePermit(call: Call, provider: string): number | null {
  if (limitOf(call, provider) === null) return null;
  const limit = call.change(rateLimits).limits.find((known) => known.provider === provider)!;
  const now = call.ports.clock.nowMs();
  limit.sent = limit.sent.filter((time) => time > now - WINDOW_MS);
  if (limit.sent.length >= limit.rpm) return limit.sent[0]! + WINDOW_MS;
  limit.sent.push(now);
  return null;
}

interface RateState {
  readonly provider: string;
  readonly fn: Value;
  readonly retries: number;
  backoffMs: number;
  attempt: number;
}

const RATE_MACHINE = "with_rate_limit";

export const rateLimitMachine: Machine = machine<RateState>({
  kind: RATE_MACHINE,
  version: 1,
  step(state, input, call) {
    switch (input.kind) {
      case "start":
      case "outcome": {
        const due = takePermit(call, state.provider);
        return due === null
          ? { kind: "call", fn: state.fn, args: [] }
          : { kind: "wait", sources: [{ kind: "timer", due }] };
      }
      case "returned":
        return { kind: "done", value: input.value };
      case "raised":
        return again(state, input.error, call);
      case "cancelled":
        return { kind: "done", value: null };
    }
  },
});

function again(state: RateState, error: RaisedError, call: Call): Directive {
  const category = error.category ?? categoryOf(caughtValue(error));
  if (!PASSING.has(category) || state.attempt >= state.retries) return { kind: "raise", error };
  state.attempt++;
  const due = call.ports.clock.nowMs() + state.backoffMs;
  state.backoffMs = Math.min(LONGEST_PAUSE_MS, state.backoffMs * 2);
  return { kind: "wait", sources: [{ kind: "timer", due }] };
}

export const rateLimitBuiltins: readonly Builtin[] = [
  builtin("llm_rate_limit", {
    sig: "(provider: any, options?: any) -> any",
    doc: "Sets the requests per minute of a provider (`{rpm: n}`; 0: no limit), or asks for them: an int, or nil.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'llm_rate_limit("p", {rpm: 5})\nprintln(llm_rate_limit("p"))', prints: "5" }],
    run(call, args) {
      const provider = args.text("provider");
      if (provider === "") throw runtimeError("llm_rate_limit: provider name is required");
      const options = args.dict("options");
      if (options === null) return limitOf(call, provider)?.rpm ?? null;
      const rpm = asWhole(options.get("rpm") ?? null);
      if (rpm === null) throw runtimeError("llm_rate_limit: options must include 'rpm' (integer)");
      if (rpm > 0) setLimit(call, provider, rpm);
      else {
        const state = call.change(rateLimits);
        state.limits = state.limits.filter((limit) => limit.provider !== provider);
        if (!state.cleared.includes(provider)) state.cleared.push(provider);
      }
      return true;
    },
  }),
  suspending("with_rate_limit", {
    sig: "(provider: any, work: any, options?: any) -> any",
    doc: "Calls a closure when the provider's limit has room; failures that pass are tried again. Options: max_retries (5), backoff_ms (1000, or a duration).",
    needs: "nothing",
    examples: [{ code: 'println(with_rate_limit("mock", fn() { return 5 }))', prints: "5" }],
    run(_call, args) {
      const provider = args.text("provider");
      if (provider === "") throw runtimeError("with_rate_limit: provider name is required");
      const fn = args.callable("work");
      if (fn === null) throw runtimeError("with_rate_limit: second argument must be a closure");
      const options = args.dict("options");
      const state: RateState = {
        provider,
        fn,
        retries: Math.max(0, asWhole(options?.get("max_retries") ?? null) ?? 5),
        backoffMs: Math.max(1, asMilliseconds(options?.get("backoff_ms") ?? null) ?? 1_000),
        attempt: 0,
      };
      return runMachine(RATE_MACHINE, state);
    },
  }),
];
