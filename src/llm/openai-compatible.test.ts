/** The HTTP provider against a real server on 127.0.0.1: every way in which an answer comes, and every way in which it fails. */
import { afterEach, expect, test } from "vitest";
import { chatRequest, testDoors, textOfEvents } from "../../tests/loopback/doors.ts";
import type { Rule, RuleDelivery } from "../../tests/loopback/script.ts";
import { type Loopback, startLoopback } from "../../tests/loopback/server.ts";
import type { Failure } from "../base/failure.ts";
import type { ModelEvent, ModelRequest, ModelResponse } from "./contract.ts";
import { ModelFailure } from "./http-failure.ts";
import { createProviders } from "./provider-registry.ts";

const open: Loopback[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(...script: readonly Rule[]): Promise<Loopback> {
  const server = await startLoopback({ script });
  open.push(server);
  return server;
}

interface Called {
  readonly server: Loopback;
  readonly events: readonly ModelEvent[];
  readonly response: ModelResponse;
}

async function call(
  rules: Rule | readonly Rule[],
  more: Partial<ModelRequest> = {},
  env: Record<string, string> = {},
): Promise<Called> {
  const server = await serve(...[rules].flat());
  const events: ModelEvent[] = [];
  const doors = testDoors({ LOCAL_LLM_BASE_URL: server.url, ...env });
  const signal = new AbortController().signal;
  const response = await createProviders().call(chatRequest("hello", more), doors, {
    signal,
    emit: (e) => events.push(e),
  });
  return { server, events, response };
}

async function failure(
  rule: Rule,
  more: Partial<ModelRequest> = {},
  env: Record<string, string> = {},
): Promise<ModelFailure> {
  const error: unknown = await call(rule, more, env).then(
    ({ response }) => Promise.reject(new Error(`expected a failure, got ${JSON.stringify(response)}`)),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ModelFailure)) throw error;
  return error;
}

const LONG = "Grüße an alle: 你好, 😀😀😀, ende.";
const streamed = (deliver: RuleDelivery, text = LONG): Rule => ({ answer: { text }, deliver });

test("streams text and puts it together, with usage and request id", async () => {
  const { response, events, server } = await call({
    answer: { text: LONG, usage: { prompt: 12, completion: 7, cached: 3 } },
    deliver: { textChars: 3 },
  });
  expect(response).toMatchObject({ text: LONG, toolCalls: [], stopReason: "stop", model: "m", provider: "local" });
  expect(response.usage).toEqual({ inputTokens: 12, outputTokens: 7, cacheReadTokens: 3, cacheWriteTokens: 0 });
  expect(response.requestId).toBe("req-chatcmpl-loopback-1");
  expect(response.costUsd).toBeNull();
  expect(events.filter((event) => event.kind === "text").length).toBeGreaterThan(5);
  expect(textOfEvents(events)).toBe(LONG);
  expect(events.at(-1)).toEqual({ kind: "usage", usage: response.usage });
  expect(server.requests[0]?.key).toBe("effect-1");
  expect(server.requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
});

test.each([1, 2, 3, 7, 64])(
  "puts characters and events together that are split after every %i bytes",
  async (chunkBytes) => {
    const { response } = await call(streamed({ chunkBytes }));
    expect(response.text).toBe(LONG);
  },
);

test("assembles several tool calls by index, arguments as raw text", async () => {
  const broken = '{"path": "b.txt", "oops';
  const { response, events } = await call({
    answer: {
      text: "Working.",
      toolCalls: [
        { id: "a", name: "read_file", arguments: { path: "ä.txt", line: 1 } },
        { name: "write_file", arguments: broken },
        { id: "c", name: "nothing", arguments: "" },
      ],
    },
    deliver: { argumentChars: 4, chunkBytes: 5 },
  });
  expect(response.stopReason).toBe("tool_calls");
  expect(response.toolCalls).toEqual([
    { id: "a", name: "read_file", arguments: '{"path":"ä.txt","line":1}' },
    { id: "call_1_2", name: "write_file", arguments: broken },
    { id: "c", name: "nothing", arguments: "" },
  ]);
  const second = events.flatMap((event) => (event.kind === "tool_call" && event.index === 1 ? [event] : []));
  expect(second.map((event) => event.argumentsDelta).join("")).toBe(broken);
  expect(second.every((event) => event.name === "write_file")).toBe(true);
});

test("keeps reasoning apart, also when it stands in think tags", async () => {
  const apart = await call({ answer: { text: "42", thinking: "six times seven" } });
  expect(apart.response).toMatchObject({ text: "42", thinking: "six times seven" });
  const inline = await call({ answer: { text: "<think>six times\nseven</think>\n\n42" }, deliver: { textChars: 2 } });
  expect(inline.response).toMatchObject({ text: "42", thinking: "six times\nseven" });
  expect(textOfEvents(inline.events)).toBe("42");
});

test("takes a whole JSON answer, asked for or not", async () => {
  const answer = { text: LONG, toolCalls: [{ name: "a" }, { name: "b", arguments: { x: 1 } }] };
  for (const more of [{}, { stream: false }]) {
    const { response } = await call({ answer, deliver: { mode: "plain", chunkBytes: 3 } }, more);
    expect(response.text).toBe(LONG);
    expect(response.toolCalls.map((made) => made.arguments)).toEqual(["{}", '{"x":1}']);
    expect(response.usage.inputTokens).toBe(2);
  }
});

test("a finish reason ends an answer whose [DONE] or usage is missing", async () => {
  const { response } = await call(streamed({ withoutDone: true, withoutUsage: true }));
  expect(response.text).toBe(LONG);
  expect(response.usage).toEqual({ inputTokens: null, outputTokens: null, cacheReadTokens: 0, cacheWriteTokens: 0 });
});

test("a server that leaves the connection open after [DONE] does not hold the answer up", async () => {
  const { response, server } = await call(streamed({ linger: true }));
  expect(response.text).toBe(LONG);
  await server.ended(1, "client_closed");
});

test.each<[string, RuleDelivery]>([
  ["broken off", { cutAfterBytes: 400 }],
  ["ended in an orderly way in the middle of an event", { endAfterBytes: 400 }],
  ["ended after whole events, without a finish reason", { withoutDone: true, withoutFinish: true }],
  ["broken off at its very beginning", { cutAfterBytes: 0 }],
  ["ended before it began", { endAfterBytes: 0 }],
])("a stream that is %s is a network failure, never a short answer", async (_how, deliver) => {
  const error = await failure(streamed(deliver));
  expect(error.category).toBe("transient_network");
  expect(error.message).toMatch(/^local connection closed before the answer was complete/);
});

test("a whole answer that breaks off is a network failure", async () => {
  const error = await failure(streamed({ mode: "plain", cutAfterBytes: 60 }));
  expect(error).toMatchObject({ category: "transient_network", tag: "cut" });
});

test("bad JSON names the provider and shows an excerpt", async () => {
  const inStream = await failure(streamed({ badJson: true }));
  expect(inStream.category).toBe("server_error");
  expect(inStream.message).toBe('local sent an event that is not a JSON object: {"id": <oops>}');
  const whole = await failure(streamed({ badJson: true, mode: "plain" }));
  expect(whole.category).toBe("server_error");
  expect(whole.message).toMatch(/^local sent an answer that is not a JSON object \(application\/json\): \{"id":/);
  const page = await failure({ answer: { wire: "<html>Please log in</html>", contentType: "text/html" } });
  expect(page.category).toBe("server_error");
  expect(page.message).toContain("(text/html): <html>Please log in</html>");
});

test.each<RuleDelivery>([{}, { chunkBytes: 1 }, { chunkBytes: 70 }])(
  "a bare line of JSON with an error in a stream is that error, delivered as %j",
  async (deliver) => {
    const begun = 'data: {"choices":[{"delta":{"content":"half"}}]}\n\n';
    for (const end of ["", "\n", "\r\n\r\n"]) {
      const error = await failure({ answer: { wire: `${begun}{"error":{"message":"worker died"}}${end}` }, deliver });
      expect(error).toMatchObject({ category: "server_error", message: "local API error [stream_error]: worker died" });
    }
    const page = await failure({ answer: { wire: `${begun}<h1>Gateway</h1>` }, deliver });
    expect(page.message).toBe("local sent a line that is no event: <h1>Gateway</h1>");
  },
);

test("an error object inside the stream keeps its own category", async () => {
  const overloaded = await failure(streamed({ errorInStream: { message: "busy", type: "overloaded_error" } }));
  expect(overloaded).toMatchObject({
    category: "overloaded",
    message: "local API error [stream_error]: busy (overloaded_error)",
  });
  const limited = await failure(streamed({ errorInStream: { message: "slow down", code: 429 } }));
  expect(limited.category).toBe("rate_limit");
  const unnamed = await failure(streamed({ errorInStream: { message: "boom" } }));
  expect(unnamed.category).toBe("server_error");
});

test.each([
  [401, "auth"],
  [403, "auth"],
  [404, "not_found"],
  [408, "timeout"],
  [429, "rate_limit"],
  [500, "server_error"],
  [502, "server_error"],
  [503, "overloaded"],
  [504, "timeout"],
  [529, "overloaded"],
  [418, "generic"],
])("status %i is %s", async (status, category) => {
  const error = await failure({ refuse: { status, body: { error: { message: "because" } } } });
  expect(error).toMatchObject({ category, status });
  expect(error.message).toMatch(new RegExp(`^local HTTP ${status} .*because`));
});

test("an unknown model is not found and named", async () => {
  const body = { error: { message: "The model `m` does not exist", code: "model_not_found" } };
  const error = await failure({ refuse: { status: 404, body } });
  expect(error.category).toBe("not_found");
  expect(error.message).toContain("The model `m` does not exist");
});

test("a prompt that is too long is told apart by its body, whatever the status", async () => {
  for (const status of [400, 429]) {
    const body = {
      error: { message: "This model's maximum context length is 8192 tokens", code: "context_length_exceeded" },
    };
    const error = await failure({ refuse: { status, body } });
    expect(error).toMatchObject({ category: "generic", tag: "context_overflow" });
    expect(error.message).toMatch(/^local HTTP \d+ .*\[context_overflow\]: /);
  }
});

test("retry-after is read in seconds, in milliseconds and as a date", async () => {
  const refuse = (headers: Record<string, string>): Rule => ({ refuse: { status: 429, headers } });
  const seconds = await failure(refuse({ "retry-after": "2.5" }));
  expect(seconds).toMatchObject({ retryAfterMs: 2500 });
  expect(seconds.message).toMatch(/\[rate_limited\].*\(retry-after: 2\.5\)$/);
  expect(await failure(refuse({ "retry-after-ms": "120", "retry-after": "1" }))).toMatchObject({ retryAfterMs: 120 });
  const date = await failure(refuse({ "retry-after": new Date(Date.now() + 3_600_000).toUTCString() }));
  expect(date.retryAfterMs).toBeGreaterThan(3_500_000);
  expect(await failure(refuse({ "retry-after": "soon" }))).toMatchObject({ retryAfterMs: null });
});

test("an answer of tokens but no content is a server error", async () => {
  const error = await failure({ answer: { text: "", usage: { completion: 9 } } });
  expect(error.category).toBe("server_error");
  expect(error.message).toBe("local model m reported 9 tokens but delivered no content, reasoning or tool calls");
});

test("nobody listening is a network failure that names the address", async () => {
  const server = await serve({ answer: { text: "x" } });
  await server.close();
  const doors = testDoors({ LOCAL_LLM_BASE_URL: server.url });
  const signal = new AbortController().signal;
  const error: unknown = await createProviders()
    .call(chatRequest("hello"), doors, { signal })
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ category: "transient_network" });
  expect((error as Failure).message).toMatch(/^local connection error: .*ECONNREFUSED.*127\.0\.0\.1/);
});

test.each<[string, Rule, (server: Loopback, events: readonly ModelEvent[]) => Promise<unknown>]>([
  ["before the answer has begun", { deliver: { hang: true } }, (server) => server.arrived(1)],
  [
    "in the middle of the answer",
    streamed({ stall: true }),
    async (_server, events) => {
      while (events.length === 0) await new Promise((resolve) => setImmediate(resolve));
    },
  ],
])("cancelling %s closes the socket at once", async (_when, rule, begun) => {
  const server = await serve(rule);
  const events: ModelEvent[] = [];
  const cancel = new AbortController();
  const doors = testDoors({ LOCAL_LLM_BASE_URL: server.url });
  const answer = createProviders().call(chatRequest("hello"), doors, {
    signal: cancel.signal,
    emit: (e) => events.push(e),
  });
  const settled = answer.catch((reason: unknown) => reason);
  await begun(server, events);
  expect(server.requests[0]?.outcome).toBeNull();
  cancel.abort();
  expect(await settled).toMatchObject({ category: "cancelled" });
  // The server never ends these answers by itself: this resolves only because our side closed.
  await server.ended(1, "client_closed");
});

test("a server that is silent for too long, or too slow in all, is a timeout", async () => {
  const idle = await failure(streamed({ stall: true }), { idleTimeoutMs: 60 });
  expect(idle).toMatchObject({ category: "timeout", message: "local timed out: nothing received for 60 ms" });
  const total = await failure({ deliver: { hang: true } }, { timeoutMs: 80 });
  expect(total).toMatchObject({ category: "timeout", message: "local timed out after 80 ms" });
});

test("the key goes out in one header and stands in no error", async () => {
  const apiKey = { $secret: { env: "MY_KEY" } };
  const env = { MY_KEY: "sk-secret-123" };
  const { server } = await call({ answer: { text: "ok" } }, { apiKey }, env);
  expect(server.requests[0]?.headers.authorization).toBe("Bearer sk-secret-123");
  expect(JSON.stringify(server.requests[0]?.body)).not.toContain("sk-secret");
  const body = { error: { message: "Incorrect API key provided: sk-secret-123", code: "invalid_api_key" } };
  const error = await failure({ refuse: { status: 401, body } }, { apiKey }, env);
  expect(error.category).toBe("auth");
  expect(error.message).toContain("Incorrect API key provided: [redacted]");
});

test("a key that is gone is an auth failure that names its variable, and nothing is sent", async () => {
  const server = await serve({ answer: { text: "ok" } });
  const signal = new AbortController().signal;
  const attempt = (more: Partial<ModelRequest>) =>
    createProviders().call(chatRequest("hello", { baseUrl: server.url, ...more }), testDoors(), { signal });
  await expect(attempt({ apiKey: { $secret: { env: "MY_KEY" } } })).rejects.toMatchObject({
    category: "auth",
    message: expect.stringContaining("set MY_KEY environment variable"),
  });
  await expect(attempt({ provider: "huggingface" })).rejects.toMatchObject({
    category: "auth",
    message: expect.stringContaining("set one of HF_TOKEN, HUGGINGFACE_API_KEY environment variables"),
  });
  expect(server.requests).toHaveLength(0);
});

test("a known model has a price, and retries are told and counted", async () => {
  const rule: Rule = {
    answer: { text: "at last", usage: { prompt: 1000, completion: 1000 } },
    failFirst: { times: 2, refuse: { status: 429, headers: { "retry-after": "1" } } },
  };
  const server = await serve(rule);
  const doors = testDoors({ OPENAI_API_KEY: "k" }, true);
  const events: ModelEvent[] = [];
  const request = chatRequest("hello", {
    provider: "openai",
    model: "gpt-4o",
    baseUrl: `${server.url}/v1`,
    retry: { maxAttempts: 3 },
  });
  const signal = new AbortController().signal;
  const response = await createProviders().call(request, doors, { signal, emit: (event) => events.push(event) });
  expect(response.text).toBe("at last");
  expect(response.costUsd).toBeCloseTo(0.0125);
  const retries = events.filter((event) => event.kind === "retry");
  expect(retries.map(({ attempt, category, waitMs }) => [attempt, category, waitMs])).toEqual([
    [1, "rate_limit", 1000],
    [2, "rate_limit", 1000],
  ]);
  expect(doors.waits.filter((ms) => ms === 1000)).toHaveLength(2);
  await server.ended(3);
  expect(server.requests.map(({ key, outcome }) => [key, outcome])).toEqual([
    ["effect-1", "refused"],
    ["effect-1", "refused"],
    ["effect-1", "answered"],
  ]);
});

test("what was streamed before a cut is void once the call is tried again", async () => {
  const rule: Rule = { answer: { text: LONG }, failFirst: { times: 1, deliver: { cutAfterBytes: 900 } } };
  const server = await serve(rule);
  const events: ModelEvent[] = [];
  const doors = testDoors({ LOCAL_LLM_BASE_URL: server.url }, true);
  const signal = new AbortController().signal;
  const request = chatRequest("hello", { retry: { maxAttempts: 2 } });
  const response = await createProviders().call(request, doors, { signal, emit: (event) => events.push(event) });
  expect(response.text).toBe(LONG);
  expect(events.findIndex((event) => event.kind === "text")).toBeLessThan(
    events.findIndex((event) => event.kind === "retry"),
  );
  expect(textOfEvents(events)).toBe(LONG);
});

test("the request's body is the chat completions form", async () => {
  const { server } = await call(
    { answer: { text: "ok" } },
    {
      system: "be brief",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image_url", image_url: { url: "data:," } },
          ],
        },
        { role: "assistant", content: "", toolCalls: [{ id: "c1", name: "f", arguments: "{}" }], reasoning: "private" },
        { role: "tool", toolCallId: "c1", content: "done" },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "c2", content: "other form" }] },
        {
          role: "assistant",
          content: [
            { type: "output_text", text: "said" },
            { type: "reasoning", text: "thought" },
          ],
        },
      ],
      tools: [{ kind: "function", name: "f", description: "does f", parameters: { type: "object", properties: {} } }],
      toolChoice: { tool: "f" },
      temperature: 0.1,
      maxTokens: 99,
      stop: ["END"],
      responseFormat: "json",
      jsonSchema: { type: "object" },
      prefill: "{",
      overrides: { custom: 1, temperature: 0.9 },
    },
  );
  expect(server.requests[0]?.body).toEqual({
    model: "m",
    messages: [
      { role: "system", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "look" },
          { type: "image_url", image_url: { url: "data:," } },
        ],
      },
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c1", content: "done" },
      { role: "tool", tool_call_id: "c2", content: "other form" },
      { role: "assistant", content: "said" },
      { role: "assistant", content: "{" },
    ],
    max_tokens: 99,
    temperature: 0.9,
    stop: ["END"],
    response_format: {
      type: "json_schema",
      json_schema: { name: "response", schema: { type: "object" }, strict: true },
    },
    tools: [
      {
        type: "function",
        function: { name: "f", description: "does f", parameters: { type: "object", properties: {} } },
      },
    ],
    tool_choice: { type: "function", function: { name: "f" } },
    chat_template_kwargs: { enable_thinking: false, add_generation_prompt: false, continue_final_message: true },
    stream: true,
    stream_options: { include_usage: true },
    custom: 1,
  });
});

test("a base URL that is none, and a provider that is none, are named", async () => {
  const signal = new AbortController().signal;
  const attempt = (more: Partial<ModelRequest>) =>
    createProviders().call(chatRequest("x", more), testDoors(), { signal });
  await expect(attempt({ baseUrl: "ftp://x" })).rejects.toThrow(
    /provider 'local': expected an http or https base URL, got "ftp:\/\/x"/,
  );
  await expect(attempt({ provider: "nope" })).rejects.toThrow(
    /unknown LLM provider 'nope', expected one of anthropic, /,
  );
});
