/** The durable effect over real HTTP: its arguments are plain JSON, its id is the idempotency key, its result can be stored. */
import { afterEach, expect, test } from "vitest";
import type { Rule } from "../../tests/loopback/script.ts";
import { type Loopback, startLoopback } from "../../tests/loopback/server.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { PerformContext } from "../ports/effects.ts";
import type { Ports } from "../ports/ports.ts";
import type { Provider } from "./contract.ts";
import { messageFromRecord, messageToRecord } from "./message-record.ts";
import { createLlmPerformer } from "./performer.ts";
import { createProviders } from "./provider-registry.ts";
import { readModelRequest, secretRef, writeModelRequest } from "./request-reader.ts";

const open: Loopback[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(...script: readonly Rule[]): Promise<Loopback> {
  const server = await startLoopback({ script });
  open.push(server);
  return server;
}

/** The four ports that a model call uses, real ones but for the environment. */
function ports(env: Record<string, string>): Ports {
  const four: Pick<Ports, "network" | "clock" | "random" | "environment"> = {
    network: { fetch: globalThis.fetch },
    clock: {
      nowMs: () => Date.now(),
      monotonicMs: () => performance.now(),
      setTimer: (dueMs, callback) => {
        const timer = setTimeout(callback, dueMs - Date.now());
        return () => clearTimeout(timer);
      },
    },
    random: { float: () => 0, bytes: (length) => new Uint8Array(length) },
    environment: { get: (name: string) => env[name] } as Ports["environment"],
  };
  return four as Ports;
}

function context(env: Record<string, string>, events: Json[], signal = new AbortController().signal): PerformContext {
  return {
    effectId: "unit-7:12",
    again: false,
    note: null,
    signal,
    note_: () => Promise.resolve(),
    emit: (event) => void events.push(event),
    ports: ports(env),
  };
}

const performer = createLlmPerformer(createProviders());
const args = (server: Loopback, more: JsonObject = {}): JsonObject => ({
  provider: "local",
  model: "m",
  baseUrl: server.url,
  messages: [{ role: "user", content: "hello" }],
  ...more,
});

test("answers with plain JSON and emits what happens on the way", async () => {
  const server = await serve({ answer: { text: "hi there", toolCalls: [{ name: "f", arguments: { a: 1 } }] } });
  const events: Json[] = [];
  const result = await performer.perform(args(server), context({}, events));
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  expect(result).toMatchObject({ text: "hi there", stopReason: "tool_calls", costUsd: null, provider: "local" });
  expect(events.map((event) => (event as JsonObject).kind)).toEqual(
    expect.arrayContaining(["text", "tool_call", "usage"]),
  );
});

test("a repetition goes out under the same key", async () => {
  const server = await serve({ answer: { text: "hi" } });
  await performer.perform(args(server), context({}, []));
  await performer.perform(args(server), { ...context({}, []), again: true });
  expect(server.requests.map(({ key, repeat }) => [key, repeat])).toEqual([
    ["unit-7:12", 0],
    ["unit-7:12", 1],
  ]);
});

test("waits between attempts on the clock and stops waiting when cancelled", async () => {
  const server = await serve({
    answer: { text: "back" },
    failFirst: { times: 1, refuse: { status: 503, headers: { "retry-after": "0.01" } } },
  });
  const events: Json[] = [];
  expect(await performer.perform(args(server), context({}, events))).toMatchObject({ text: "back" });
  expect(events[0]).toMatchObject({ kind: "retry", category: "overloaded", waitMs: 10 });

  const down = await serve({ refuse: { status: 503, headers: { "retry-after": "60" } } });
  const cancel = new AbortController();
  const signal = cancel.signal;
  const stopped = performer.perform(args(down), { ...context({}, [], signal), emit: () => cancel.abort() });
  await expect(stopped).rejects.toMatchObject({ category: "cancelled" });
  expect(down.requests).toHaveLength(1);
});

test("a secret reference is resolved when it is performed", async () => {
  const server = await serve({ answer: { text: "hi" } });
  const request = args(server, { apiKey: secretRef("TEAM_KEY") as unknown as Json });
  await performer.perform(request, context({ TEAM_KEY: "k-1" }, []));
  expect(server.requests[0]?.headers.authorization).toBe("Bearer k-1");
  await expect(performer.perform(request, context({}, []))).rejects.toMatchObject({
    category: "auth",
    message: expect.stringContaining("TEAM_KEY"),
  });
});

test("HARN_LLM_TIMEOUT is in seconds; nonsense in it is named", async () => {
  const server = await serve({ deliver: { hang: true } });
  const once = args(server, { retry: { maxAttempts: 1 } });
  await expect(performer.perform(once, context({ HARN_LLM_TIMEOUT: "0.05" }, []))).rejects.toMatchObject({
    category: "timeout",
  });
  await expect(performer.perform(once, context({ HARN_LLM_TIMEOUT: "fast" }, []))).rejects.toThrow(
    'HARN_LLM_TIMEOUT: expected a number of seconds above 0, got "fast"',
  );
});

test("a given provider stands beside the catalogue's or in the place of one", async () => {
  const seen: string[] = [];
  const own: Provider = {
    name: "openai",
    call: async (request, { emit }) => {
      seen.push(request.idempotencyKey);
      emit({ kind: "text", delta: "own" });
      const usage = { inputTokens: 1_000_000, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
      return {
        text: "own",
        toolCalls: [],
        usage,
        stopReason: "stop",
        model: "gpt-4o",
        provider: "openai",
        costUsd: null,
      };
    },
  };
  const providers = createProviders({ providers: [own, { ...own, name: "acme" }] });
  expect(providers.names()).toContain("acme");
  const result = await createLlmPerformer(providers).perform(
    { provider: "openai", model: "gpt-4o", messages: [] },
    context({}, []),
  );
  expect(result).toMatchObject({ text: "own", costUsd: 2.5 });
  expect(seen).toEqual(["unit-7:12"]);
});

test.each<[JsonObject, string]>([
  [{ model: "m", messages: [] }, "llm.call: expected the key `provider`"],
  [
    { provider: "p", model: "m", messages: [], temprature: 1 },
    "llm.call: unknown key `temprature`, expected one of provider, model",
  ],
  [
    { provider: "p", model: "m", messages: [{ role: "robot", content: "" }] },
    "llm.call.messages[0].role: expected system or user",
  ],
  [
    { provider: "p", model: "m", messages: [{ role: "tool", content: "" }] },
    "llm.call.messages[0]: expected the key `toolCallId`",
  ],
  [{ provider: "p", model: "m", messages: [], apiKey: "sk-1" }, 'llm.call.apiKey: expected {"$secret": {"env": NAME}}'],
  [
    { provider: "p", model: "m", messages: [], maxTokens: 0 },
    "llm.call.maxTokens: expected a whole number of at least 1, got 0",
  ],
  [
    { provider: "p", model: "m", messages: [], tools: [{ kind: "function", name: "f" }] },
    "llm.call.tools[0]: expected the key `parameters`",
  ],
  [
    { provider: "p", model: "m", messages: [], toolChoice: "maybe" },
    "llm.call.toolChoice: expected auto or none or required",
  ],
])("refuses %j", (request, message) => {
  expect(() => readModelRequest(request, "id")).toThrow(message);
});

test("a request survives being written and read", () => {
  const request = {
    provider: "openai",
    model: "m",
    system: undefined,
    messages: [
      { role: "assistant" as const, content: "a", toolCalls: [{ id: "1", name: "f", arguments: "{" }], reasoning: "r" },
    ],
    apiKey: secretRef("K"),
    toolChoice: { tool: "f" },
    thinking: {},
  };
  const { system: _none, ...rest } = request;
  expect(readModelRequest(writeModelRequest(request), "id")).toEqual({ ...rest, idempotencyKey: "id" });
});

test("messages as records and back, unknown keys included", () => {
  const records: readonly JsonObject[] = [
    { role: "user", content: "a", name: "bob" },
    { role: "user", content: [{ type: "text", text: "a", cache_control: { type: "ephemeral" } }] },
    {
      role: "assistant",
      content: "",
      tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{" } }],
      reasoning: "r",
    },
    { role: "tool", tool_call_id: "1", content: "done" },
  ];
  expect(records.map((record) => messageToRecord(messageFromRecord(record, "m")))).toEqual(records);
  expect(messageFromRecord({ role: "tool_result", tool_use_id: "9", content: "x" }, "m")).toEqual({
    role: "tool",
    toolCallId: "9",
    content: "x",
  });
  expect(messageFromRecord({ content: null }, "m")).toEqual({ role: "user", content: "" });
  expect(() => messageFromRecord({ role: "robot" }, "messages[3]")).toThrow(
    "messages[3].role: expected system, user, assistant or tool",
  );
  expect(() => messageFromRecord({ content: 3 }, "messages[3]")).toThrow(
    "messages[3].content: expected text or a list of parts, got a number",
  );
});
