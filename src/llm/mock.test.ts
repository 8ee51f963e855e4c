/** The mock provider: default answers, queue and patterns, errors, counts, recording. The figures were read off the reference's own runs. */
import { expect, test } from "vitest";
import type { Json, JsonObject } from "../base/json.ts";
import {
  type ModelMessage,
  type ModelRequest,
  type ModelResponse,
  responseBlocks,
  type ToolSchema,
} from "./contract.ts";
import { parseFixtures } from "./fixtures.ts";
import {
  addMock,
  answerMock,
  answerMockCompletion,
  clearMocks,
  type MockState,
  mockAnswersFor,
  mockStreamWords,
  NO_MOCKS,
  recordAnswer,
} from "./mock.ts";
import { readMockRule } from "./mock-rule.ts";

type Asked = Pick<ModelRequest, "messages" | "system" | "tools">;

function ask(text: string, more: Partial<Asked> = {}): Asked {
  return { messages: [{ role: "user", content: text }], ...more };
}

function queue(...rules: readonly Json[]): MockState {
  return rules.reduce<MockState>((state, rule) => addMock(state, readMockRule(rule)), NO_MOCKS);
}

function answered(state: MockState, request: Asked): ModelResponse {
  const { outcome } = answerMock(state, request);
  if (outcome.kind !== "response") throw new Error(outcome.message);
  return outcome.response;
}

/** Asks one after the other, the state carried along. */
function texts(state: MockState, ...prompts: readonly string[]): readonly string[] {
  let at = state;
  return prompts.map((prompt) => {
    const { state: next, outcome } = answerMock(at, ask(prompt));
    at = next;
    return outcome.kind === "response" ? outcome.response.text : `${outcome.category}: ${outcome.message}`;
  });
}

const tool = (parameters: JsonObject): ToolSchema => ({
  kind: "function",
  name: "t",
  parameters,
});

test("echoes the prompt in the response protocol, counting its words and bytes", () => {
  const response = answered(NO_MOCKS, ask("héllo   wörld"));
  expect(response.text).toBe("<assistant_prose>Mock response to 2-word prompt: héllo   wörld</assistant_prose>");
  expect(response.usage).toEqual({ inputTokens: 15, outputTokens: 30, cacheReadTokens: 0, cacheWriteTokens: 0 });
  expect(response).toMatchObject({ model: "mock", provider: "mock", stopReason: null, costUsd: 0, toolCalls: [] });
  expect(responseBlocks(response)).toEqual([{ type: "output_text", text: response.text, visibility: "public" }]);
});

test("echoes at most 100 characters, whole ones", () => {
  const response = answered(NO_MOCKS, ask(`${"x ".repeat(49)}😀😀😀`));
  expect(response.text).toBe(
    `<assistant_prose>Mock response to 50-word prompt: ${"x ".repeat(49)}😀😀</assistant_prose>`,
  );
});

test("an empty prompt, and a system prompt that speaks of the done marker", () => {
  expect(answered(NO_MOCKS, ask("  \n ")).text).toBe("<assistant_prose>Mock LLM response</assistant_prose>");
  const done = answered(NO_MOCKS, ask("x", { system: "say ##DONE## now" }));
  expect(done.text).toBe("<assistant_prose>Mock response to 1-word prompt: x</assistant_prose>\n<done>##DONE##</done>");
});

test("the prompt is the last message that has any text, its parts' kinds left out", () => {
  const messages: readonly ModelMessage[] = [
    { role: "user", content: "one" },
    { role: "user", content: [{ type: "text", text: "two three" }] },
    { role: "assistant", content: "", toolCalls: [{ id: "c", name: "f", arguments: "{}" }] },
  ];
  expect(answered(NO_MOCKS, { messages }).text).toContain("2-word prompt: two three<");
});

test("with tools on offer it calls the first, required arguments filled in", () => {
  const properties = {
    z: { type: "string" },
    n: { type: "number" },
    i: { type: "integer" },
    b: { type: "boolean" },
    l: { type: "array" },
    o: { type: "object" },
    skipped: { type: "string" },
  };
  const required = ["z", "n", "i", "b", "l", "o"];
  const response = answered(NO_MOCKS, ask("z", { tools: [tool({ type: "object", properties, required })] }));
  const args = '{"b":false,"i":0,"l":[],"n":0.0,"o":{},"z":""}';
  expect(response.toolCalls).toEqual([{ id: "mock_call_1", name: "t", arguments: args }]);
  expect(response.text).toBe("");
  expect(response.usage).toMatchObject({ inputTokens: 1, outputTokens: 20 });
  expect(responseBlocks(response)).toMatchObject([
    { type: "tool_call", id: "mock_call_1", name: "t", visibility: "internal" },
  ]);
  const native: ToolSchema = { kind: "provider", definition: { type: "tool_search", mode: "hosted" } };
  expect(answered(NO_MOCKS, ask("z", { tools: [native] })).toolCalls[0]?.name).toBe("unknown");
});

test("queued answers come in order, once each, then the default again", () => {
  const state = queue({ text: "first" }, { text: "second" });
  expect(texts(state, "a", "b").slice(0, 2)).toEqual(["first", "second"]);
  expect(texts(state, "a", "b", "c")[2]).toContain("Mock response to 1-word prompt: c");
});

test("a pattern stays, with consume_match it goes; what has no pattern goes first", () => {
  const state = queue(
    { text: "sticky", match: "*hello*" },
    { text: "step 1", match: "*step*", consume_match: true },
    { text: "step 2", match: "*step*", consume_match: true },
    { text: "next" },
  );
  const got = texts(state, "hello step", "say hello", "hello again", "step", "step", "step");
  expect(got.slice(0, 5)).toEqual(["next", "sticky", "sticky", "step 1", "step 2"]);
  expect(got[5]).toContain("Mock response");
});

test("patterns match the prompt itself: exactly, by its beginning and by its end", () => {
  for (const match of ["plan the work", "plan*", "*work", "*the*", "p*n*k", "*"]) {
    expect(texts(queue({ text: "hit", match }), "plan the work")).toEqual(["hit"]);
  }
  for (const match of ["plan the wor", "*plan", "user", "*user*", "work*", "plan*plan the work"]) {
    expect(texts(queue({ text: "hit", match }), "plan the work")[0]).toContain("Mock response");
  }
});

test("patterns also match the conversation, tool calls and results included", () => {
  const messages: readonly ModelMessage[] = [
    { role: "user", content: "find it" },
    { role: "assistant", content: "", toolCalls: [{ id: "c1", name: "read_file", arguments: '{"path":"a.txt"}' }] },
    { role: "tool", toolCallId: "c1", content: "contents here" },
  ];
  for (const match of ["find*", "*read_file*", '*"a.txt"*', "contents here", "*c1"]) {
    expect(answered(queue({ text: "hit", match }), { messages }).text).toBe("hit");
  }
});

test("an answer that states no counts counts the bytes of all texts of the messages, roles included", () => {
  const response = answered(queue({ text: "y" }), ask("hello you"));
  expect(response.usage).toMatchObject({ inputTokens: 14, outputTokens: 30 });
  const stated = answered(
    queue({ text: "y", input_tokens: 5, output_tokens: 6, cache_read_tokens: 2 }),
    ask("hello you"),
  );
  expect(stated.usage).toEqual({ inputTokens: 5, outputTokens: 6, cacheReadTokens: 2, cacheWriteTokens: 0 });
});

test("tool calls get ids in order; thinking, stop reason and model are as stated", () => {
  const rule = {
    text: "Checking.",
    tool_calls: [
      { name: "a", arguments: { p: 1 } },
      { name: "b", args: {} },
      { name: "c", id: "own" },
    ],
    thinking: "hm",
    stop_reason: "tool_use",
    model: "gpt-4o",
    input_tokens: 1_000_000,
    output_tokens: 0,
  };
  const response = answered(queue(rule as unknown as Json), ask("x"));
  expect(response.toolCalls).toEqual([
    { id: "mock_call_1", name: "a", arguments: '{"p":1}' },
    { id: "mock_call_2", name: "b", arguments: "{}" },
    { id: "own", name: "c", arguments: "{}" },
  ]);
  expect(response).toMatchObject({
    thinking: "hm",
    stopReason: "tool_use",
    model: "gpt-4o",
    provider: "mock",
    costUsd: 2.5,
  });
  expect(responseBlocks(response).map((block) => block.type)).toEqual([
    "output_text",
    "tool_call",
    "tool_call",
    "tool_call",
  ]);
});

test("an error mock fails with its category, once or for good", () => {
  const once = queue({ error: { category: "rate_limit", message: "429" } }, { text: "finally" });
  expect(texts(once, "a", "b")).toEqual(["rate_limit: 429", "finally"]);
  const sticky = queue({ match: "*", error: { category: "overloaded" } });
  expect(texts(sticky, "a", "b")).toEqual(["overloaded: ", "overloaded: "]);
});

test("calls are recorded as records, also those that fail; clearing keeps the fixtures", () => {
  const fixtures = parseFixtures('{"match":"*x*","text":"ok"}', "f.jsonl");
  let state: MockState = { ...queue({ error: { category: "auth" } }), fixtures };
  state = answerMock(state, ask("a", { system: "s", tools: [tool({ type: "object" })] })).state;
  state = answerMock(state, ask("x")).state;
  expect(state.calls).toEqual([
    {
      messages: [{ role: "user", content: "a" }],
      system: "s",
      tools: [{ type: "function", function: { name: "t", description: "", parameters: { type: "object" } } }],
    },
    { messages: [{ role: "user", content: "x" }], system: null, tools: null },
  ]);
  const cleared = clearMocks(addMock(state, readMockRule({ text: "left" })));
  expect(cleared).toEqual({ queue: [], fixtures, recorded: null, calls: [] });
});

test("fixtures answer for every provider, before the queue, and what fits none is an error that quotes the prompt", () => {
  const fixtures = parseFixtures(
    '{"text":"one"}\n{"match":"*hello*","text":"sticky","provider":"anthropic"}\n',
    "f.jsonl",
  );
  const state: MockState = { ...queue({ text: "queued" }), fixtures };
  expect(mockAnswersFor(state, "openai")).toBe(true);
  expect(mockAnswersFor(NO_MOCKS, "openai")).toBe(false);
  expect(mockAnswersFor(NO_MOCKS, "mock")).toBe(true);
  const long = `say "${"é".repeat(300)}`;
  expect(texts(state, "a", "hello", "b", "hello", long)).toEqual([
    "one",
    "sticky",
    "queued",
    "sticky",
    `null: No --llm-mock fixture matched prompt: "say \\"${"é".repeat(195)}..."`,
  ]);
});

test("the state is plain data and is never changed in place", () => {
  const state = queue({ text: "a" }, { text: "b", match: "*" });
  const before = JSON.stringify(state);
  const { state: next } = answerMock(state, ask("x"));
  expect(JSON.stringify(state)).toBe(before);
  expect(JSON.parse(JSON.stringify(next))).toEqual(next);
});

test("recording and replaying gives the same answers", () => {
  let state: MockState = {
    ...queue({ text: "t", tool_calls: [{ name: "f", arguments: { a: 1 } }], thinking: "h" }),
    recorded: [],
  };
  const first = answerMock(state, ask("x"));
  if (first.outcome.kind !== "response") throw new Error("expected an answer");
  state = recordAnswer(first.state, first.outcome.response);
  expect(state.recorded).toHaveLength(1);
  const replay: MockState = { ...NO_MOCKS, fixtures: state.recorded };
  expect(answered(replay, ask("anything"))).toEqual(first.outcome.response);
});

test("completions: their own default, the queue all the same", () => {
  const { outcome } = answerMockCompletion(NO_MOCKS, "abc", "dé");
  expect(outcome).toMatchObject({
    source: "default",
    response: {
      text: "Mock completion after 3 chars before 2 chars",
      stopReason: "stop",
      usage: { inputTokens: 6, outputTokens: 16 },
    },
  });
  expect(answerMockCompletion(NO_MOCKS, "abc", "").outcome).toMatchObject({
    response: { text: "Mock completion after 3 chars" },
  });
  expect(answerMockCompletion(queue({ text: "scripted" }), "abc", "").outcome).toMatchObject({
    response: { text: "scripted" },
  });
});

test("the stream of the mock is the prompt's words", () => {
  expect(mockStreamWords(ask(" one  two\nthree "))).toEqual(["one", "two", "three"]);
});

test.each([
  ["x", "expected an object, got a string"],
  [{ txt: "a" }, "unknown key `txt`, expected one of text, tool_calls"],
  [{ text: 3 }, "`text` must be a string, got a number"],
  [{ error: "z" }, "error must be a dict {category, message}"],
  [{ error: { message: "m" } }, "error.category is required"],
  [{ error: { category: "bogus" } }, "unknown error category `bogus`"],
  [{ tool_calls: [{}] }, "tool_calls[0] is missing string field `name`"],
  [{ input_tokens: 1.5 }, "`input_tokens` must be an integer, got 1.5"],
  [{ consume_match: "yes" }, "`consume_match` must be true or false, got a string"],
])("refuses %j", (rule, message) => {
  expect(() => readMockRule(rule as Json)).toThrow(message);
});
