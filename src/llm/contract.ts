/**
 * What a model provider is: the request it is given, the events it makes while it answers, the response, and the function between them.
 *
 * Invariants
 * 1. A request and a response are plain JSON: the request is the arguments of a durable effect, the response its result.
 * 2. No key stands in a request, only a reference to one (`SecretRef`), resolved when the call is made.
 * 3. The arguments of a tool call stay the raw text that the model wrote. Whether it is JSON at all is judged by who runs the tool.
 * 4. An answer that did not arrive whole is a failure, never a short answer.
 * 5. A provider makes one attempt. Retrying, prices and deadlines are added around it (`provider-registry.ts`).
 */

import type { ErrorCategory } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";

export type Fetch = typeof globalThis.fetch;

/** Stands where a secret would: the value of an environment variable, read when the call is made. */
export interface SecretRef {
  readonly $secret: { readonly env: string };
}

/** A part of a message that is more than text, by `type`: `text`, `image_url`, `tool_result`, … Handed on to the provider as it is. */
export type ContentPart = JsonObject & { readonly type: string };
export type Content = string | readonly ContentPart[];

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** The model's own text, usually a JSON object, possibly broken or empty. */
  readonly arguments: string;
}

interface MessageBase {
  /** Keys that this contract does not know, sent along unchanged. */
  readonly extra?: JsonObject;
}

export type ModelMessage =
  | (MessageBase & { readonly role: "system"; readonly content: Content })
  | (MessageBase & { readonly role: "user"; readonly content: Content })
  | (MessageBase & {
      readonly role: "assistant";
      readonly content: Content;
      readonly toolCalls?: readonly ToolCall[];
      readonly reasoning?: string;
    })
  | (MessageBase & { readonly role: "tool"; readonly toolCallId: string; readonly content: Content });

export type ToolSchema =
  | {
      readonly kind: "function";
      readonly name: string;
      readonly description?: string;
      /** JSON Schema of the arguments object. */
      readonly parameters: JsonObject;
      /** JSON Schema of the result; for records, not sent. */
      readonly outputSchema?: JsonObject;
      /** Further keys beside `type` and `function`, such as `defer_loading` and `namespace`. */
      readonly extra?: JsonObject;
    }
  /** A tool of the provider's own, in its own wire form. */
  | { readonly kind: "provider"; readonly definition: JsonObject };

export type ToolChoice = "auto" | "none" | "required" | { readonly tool: string };

/** When and how long to wait between attempts; see `retry.ts`. */
export interface RetryPolicy {
  /** Attempts in all, at least 1. */
  readonly maxAttempts: number;
  /** Wait before the second attempt, doubled for each further one. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

export interface ModelRequest {
  /** A name of the catalogue or of a registered provider. */
  readonly provider: string;
  readonly model: string;
  /** Without it the provider's own variable is read (`catalog.ts`). */
  readonly apiKey?: SecretRef;
  /** In the place of the provider's own, without the endpoint's path. */
  readonly baseUrl?: string;
  readonly system?: string;
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ToolSchema[];
  readonly toolChoice?: ToolChoice;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly responseFormat?: "text" | "json";
  /** With `responseFormat: "json"`: the schema that the answer must follow. */
  readonly jsonSchema?: JsonObject;
  readonly thinking?: { readonly budgetTokens?: number };
  /** The beginning of the answer, which the model continues. */
  readonly prefill?: string;
  /** Default true. A server may answer whole all the same. */
  readonly stream?: boolean;
  /** For the whole attempt. Default: the environment's `HARN_LLM_TIMEOUT` (seconds), else 120,000. */
  readonly timeoutMs?: number;
  /** Longest silence while the answer streams. Default: none but the whole attempt's. */
  readonly idleTimeoutMs?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Laid over the request's body, last. */
  readonly overrides?: JsonObject;
  /** The same for every attempt and every repetition of one call. */
  readonly idempotencyKey: string;
}

/** Tokens as the provider counted them; null when it did not say. Cached ones are part of `inputTokens`. */
export interface ModelUsage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

export interface ModelResponse {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly thinking?: string;
  readonly usage: ModelUsage;
  /** The provider's own word (`stop`, `tool_calls`, `length`, …); null when it gave none. */
  readonly stopReason: string | null;
  /** The model that was asked for. */
  readonly model: string;
  readonly provider: string;
  /** US dollars; null when the model's price or the usage is not known. */
  readonly costUsd: number | null;
  /** The provider's name for this answer, for questions to its support. */
  readonly requestId?: string;
  /** Transcript blocks, when the source states them; else `responseBlocks` derives them. */
  readonly blocks?: readonly JsonObject[];
}

/** What happens while a model answers. After `retry` the answer starts anew: what was streamed before it is void. */
export type ModelEvent =
  | { readonly kind: "text"; readonly delta: string }
  | { readonly kind: "thinking"; readonly delta: string }
  | {
      readonly kind: "tool_call";
      /** Position among the answer's calls. */
      readonly index: number;
      /** Set once known, from the first event of a call on. */
      readonly id: string;
      readonly name: string;
      /** The next piece of the arguments' text, possibly empty. */
      readonly argumentsDelta: string;
    }
  | { readonly kind: "usage"; readonly usage: ModelUsage }
  | {
      readonly kind: "retry";
      /** The attempt that failed, from 1. */
      readonly attempt: number;
      readonly category: ErrorCategory;
      readonly message: string;
      readonly waitMs: number;
    };

export interface ProviderContext {
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  emit(event: ModelEvent): void;
  /** Throws a `Failure` of category `auth` that names the variable when it is not set. */
  resolveSecret(ref: SecretRef): string;
  /** An environment variable that is no secret, such as a base URL; undefined when not set. */
  setting(name: string): string | undefined;
}

export interface Provider {
  readonly name: string;
  /** One attempt. Throws `ModelFailure` (`http-failure.ts`) or another `Failure`. */
  call(request: ModelRequest, context: ProviderContext): Promise<ModelResponse>;
}

/** The answer as transcript blocks: reasoning, text, calls; arguments parsed where they are JSON. */
export function responseBlocks(response: ModelResponse): readonly JsonObject[] {
  if (response.blocks !== undefined) return response.blocks;
  const blocks: JsonObject[] = [];
  if (response.thinking) blocks.push({ type: "reasoning", text: response.thinking, visibility: "private" });
  if (response.text !== "") blocks.push({ type: "output_text", text: response.text, visibility: "public" });
  for (const call of response.toolCalls) {
    const parsed = parseArguments(call.arguments);
    blocks.push({ type: "tool_call", id: call.id, name: call.name, arguments: parsed, visibility: "internal" });
  }
  return blocks;
}

/** Arguments as JSON; text that is no JSON stays text, empty text is no arguments. */
export function parseArguments(text: string): Json {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
