/**
 * The providers of a process behind one `call`: finds the provider, adds deadline, retries and price. Providers are loaded when first called.
 */
import { Failure } from "../base/failure.ts";
import { BUILT_IN_CATALOG, type Catalog, DEFAULT_TIMEOUT_MS, missingKey } from "./catalog.ts";
import type { Fetch, ModelEvent, ModelRequest, ModelResponse, Provider, ProviderContext } from "./contract.ts";
import { callCost } from "./cost.ts";
import { callWithRetry, DEFAULT_RETRY } from "./retry.ts";

/** What calls need from outside. */
export interface ProviderDoors {
  readonly fetch: Fetch;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1). */
  random(): number;
  /** An environment variable; undefined when not set. */
  variable(name: string): string | undefined;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  emit?(event: ModelEvent): void;
}

export interface Providers {
  readonly catalog: Catalog;
  /** Sorted; those of the catalogue and those given. */
  names(): readonly string[];
  /** Throws `Failure`; `cancelled` once the signal has aborted. */
  call(request: ModelRequest, doors: ProviderDoors, options: CallOptions): Promise<ModelResponse>;
}

export interface ProviderOptions {
  readonly catalog?: Catalog;
  /** Beside or in place of the catalogue's. */
  readonly providers?: readonly Provider[];
}

export function createProviders(options: ProviderOptions = {}): Providers {
  const catalog = options.catalog ?? BUILT_IN_CATALOG;
  const given = new Map((options.providers ?? []).map((provider) => [provider.name, provider]));
  const names = [...new Set([...Object.keys(catalog.providers), ...given.keys()])].sort();

  return {
    catalog,
    names: () => names,
    call: async (request, doors, { signal, emit = () => undefined }) => {
      const provider = given.get(request.provider) ?? (await fromCatalog(catalog, request.provider, names));
      const context: ProviderContext = {
        fetch: doors.fetch,
        signal,
        now: () => doors.now(),
        sleep: (ms, stop) => doors.sleep(ms, stop),
        emit,
        setting: (name) => doors.variable(name),
        resolveSecret: ({ $secret: { env } }) => {
          const value = doors.variable(env);
          if (!value) throw missingKey([env], request.provider);
          return value;
        },
      };
      const timed = {
        ...request,
        timeoutMs: request.timeoutMs ?? defaultTimeoutMs(doors.variable("HARN_LLM_TIMEOUT")),
      };
      const policy = { ...DEFAULT_RETRY, ...request.retry };
      const retryContext = { signal, emit, sleep: context.sleep, random: () => doors.random() };
      const response = await callWithRetry(policy, retryContext, () => provider.call(timed, context));
      return { ...response, costUsd: response.costUsd ?? callCost(response.model, response.usage) };
    },
  };
}

async function fromCatalog(catalog: Catalog, name: string, names: readonly string[]): Promise<Provider> {
  const def = Object.hasOwn(catalog.providers, name) ? catalog.providers[name] : undefined;
  if (!def) throw new Failure(`unknown LLM provider '${name}', expected one of ${names.join(", ")}`, "not_found");
  if (def.chatEndpoint.includes("/messages")) {
    throw new Failure(
      `LLM provider '${name}' speaks the messages protocol, which this build does not have yet`,
      "not_found",
    );
  }
  const { createOpenAiCompatible } = await import("./openai-compatible.ts");
  return createOpenAiCompatible(name, def);
}

/** `HARN_LLM_TIMEOUT` is in seconds. */
function defaultTimeoutMs(text: string | undefined): number {
  if (text === undefined || text === "") return DEFAULT_TIMEOUT_MS;
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw new Failure(`HARN_LLM_TIMEOUT: expected a number of seconds above 0, got ${JSON.stringify(text)}`);
  }
  return seconds * 1000;
}
