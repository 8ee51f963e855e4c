/**
 * The durable effect `llm.call`: arguments are a model request, the result is a model response. It may be done again after a crash: the effect's id
 * goes along as the idempotency key, the same for every attempt, so that a provider that honours it neither answers nor bills twice.
 */
import type { Json, JsonObject } from "../base/json.ts";
import type { ClockPort } from "../ports/clock.ts";
import type { Performer } from "../ports/effects.ts";
import type { Ports } from "../ports/ports.ts";
import type { ProviderDoors, Providers } from "./provider-registry.ts";
import { readModelRequest } from "./request-reader.ts";

export const LLM_CALL = "llm.call";

/** While it runs it emits `ModelEvent`s. Version: of `ModelRequest` without the idempotency key. */
export function createLlmPerformer(providers: Providers): Performer {
  return {
    kind: LLM_CALL,
    version: 1,
    repeat: "safe",
    place: "any",
    perform: async (args: JsonObject, context): Promise<Json> => {
      const request = readModelRequest(args, context.effectId);
      const response = await providers.call(request, doorsOf(context.ports), {
        signal: context.signal,
        emit: (event) => context.emit(event as unknown as Json),
      });
      // Keys without a value must not reach the store.
      return JSON.parse(JSON.stringify(response)) as Json;
    },
  };
}

/** The ports as a provider call needs them. */
export function doorsOf(ports: Pick<Ports, "network" | "clock" | "random" | "environment">): ProviderDoors {
  return {
    fetch: ports.network.fetch,
    now: () => ports.clock.nowMs(),
    sleep: (ms, signal) => sleepOn(ports.clock, ms, signal),
    random: () => ports.random.float(),
    variable: (name) => ports.environment.get(name),
  };
}

/** Rejects with the signal's reason when it aborts. */
function sleepOn(clock: ClockPort, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal.aborted) {
    reject(signal.reason);
    return promise;
  }
  const cancelTimer = clock.setTimer(clock.nowMs() + ms, () => {
    signal.removeEventListener("abort", onAbort);
    resolve();
  });
  const onAbort = (): void => {
    cancelTimer();
    reject(signal.reason);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  return promise;
}
