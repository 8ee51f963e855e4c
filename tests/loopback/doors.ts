/** What a provider call needs from outside, for tests: the platform's fetch and clock, and an environment that is an object. */
import { setTimeout as delay } from "node:timers/promises";
import type { ModelEvent, ModelMessage, ModelRequest } from "../../src/llm/contract.ts";
import type { ProviderDoors } from "../../src/llm/provider-registry.ts";

export interface TestDoors extends ProviderDoors {
  /** Every wait asked for, in milliseconds; watches for deadlines among them. */
  readonly waits: number[];
}

/** With `instant`, waits of up to a minute end at once; longer ones (a deadline's watch) are real. */
export function testDoors(env: Readonly<Record<string, string>> = {}, instant = false): TestDoors {
  const waits: number[] = [];
  return {
    waits,
    fetch: globalThis.fetch,
    now: () => Date.now(),
    sleep: async (ms, signal) => {
      waits.push(ms);
      await delay(instant && ms <= 60_000 ? 0 : ms, undefined, { signal });
    },
    random: () => 0.5,
    variable: (name) => env[name],
  };
}

export function chatRequest(text: string, more: Partial<ModelRequest> = {}): ModelRequest {
  const messages: readonly ModelMessage[] = [{ role: "user", content: text }];
  return { provider: "local", model: "m", messages, idempotencyKey: "effect-1", retry: { maxAttempts: 1 }, ...more };
}

/** The text that a consumer of the events holds at the end: `retry` voids what came before. */
export function textOfEvents(events: readonly ModelEvent[]): string {
  let text = "";
  for (const event of events) {
    if (event.kind === "text") text += event.delta;
    if (event.kind === "retry") text = "";
  }
  return text;
}
