/** What real servers do differently, chunk by chunk; and the splitting of thinking for every way to cut a text. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { ChatAssembly, readUsage } from "./chat-stream.ts";
import { createThinkSplitter } from "./think-splitter.ts";

function assemble(...chunks: readonly JsonObject[]) {
  const assembly = new ChatAssembly(() => undefined);
  for (const chunk of chunks) assembly.feed(chunk);
  return assembly.finish();
}

const delta = (fields: JsonObject, finish: string | null = null): JsonObject => ({
  choices: [{ index: 0, delta: fields, finish_reason: finish }],
});
const piece = (fields: JsonObject): JsonObject => delta({ tool_calls: [fields] });

test("calls without an index: a new id begins a new call", () => {
  const { toolCalls } = assemble(
    piece({ id: "a", function: { name: "f", arguments: '{"x"' } }),
    piece({ function: { arguments: ":1}" } }),
    piece({ id: "b", function: { name: "g", arguments: "{}" } }),
  );
  expect(toolCalls).toEqual([
    { id: "a", name: "f", arguments: '{"x":1}' },
    { id: "b", name: "g", arguments: "{}" },
  ]);
});

test("two calls under one index are told apart by their ids", () => {
  const { toolCalls } = assemble(
    piece({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
    piece({ index: 0, id: "b", function: { name: "g", arguments: "{" } }),
    piece({ index: 0, id: "b", function: { arguments: "}" } }),
  );
  expect(toolCalls.map(({ id, name, arguments: text }) => [id, name, text])).toEqual([
    ["a", "f", "{}"],
    ["b", "g", "{}"],
  ]);
});

test("pieces of calls may come interleaved, names repeated, arguments as an object, ids not at all", () => {
  const { toolCalls } = assemble(
    piece({ index: 1, function: { name: "g", arguments: '{"y"' } }),
    piece({ index: 0, function: { name: "f", arguments: { x: 1 } } }),
    piece({ index: 1, function: { name: "g", arguments: ":2}" } }),
  );
  expect(toolCalls).toEqual([
    { id: "call_1", name: "g", arguments: '{"y":2}' },
    { id: "call_2", name: "f", arguments: '{"x":1}' },
  ]);
});

test("the first finish reason counts, an empty one does not", () => {
  const answer = assemble(delta({ content: "a" }, ""), delta({}, "tool_calls"), delta({ content: "b" }, "stop"));
  expect(answer).toMatchObject({ stopReason: "tool_calls", text: "ab" });
  expect(assemble(delta({ content: "a" }, "")).stopReason).toBeNull();
});

test("reasoning pieces are joined as they are", () => {
  const answer = assemble(
    delta({ reasoning_content: "first " }),
    delta({ reasoning: "second" }),
    delta({ content: "42" }),
  );
  expect(answer).toMatchObject({ thinking: "first second", text: "42" });
});

test("usage under each provider's names", () => {
  expect(readUsage({ prompt_tokens: 1, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 3 } })).toEqual({
    inputTokens: 1,
    outputTokens: 2,
    cacheReadTokens: 3,
    cacheWriteTokens: 0,
  });
  const passed = readUsage({
    input_tokens: 1,
    output_tokens: 2,
    cache_read_input_tokens: 4,
    cache_creation_input_tokens: 5,
  });
  expect(passed).toEqual({ inputTokens: 1, outputTokens: 2, cacheReadTokens: 4, cacheWriteTokens: 5 });
  expect(readUsage({})).toEqual({ inputTokens: null, outputTokens: null, cacheReadTokens: 0, cacheWriteTokens: 0 });
});

test("thinking is split off the same however the text is cut", () => {
  const parts = fc.array(fc.constantFrom("<think>", "</think>", "<", "th", "ink>", "a", "\n", "é"), { maxLength: 12 });
  const split = (pieces: readonly string[]) => {
    const splitter = createThinkSplitter();
    const all = [...pieces.map((text) => splitter.push(text)), splitter.flush()];
    return { text: all.map(({ text }) => text).join(""), thinking: all.map(({ thinking }) => thinking).join("") };
  };
  fc.assert(
    fc.property(parts, (pieces) => {
      const whole = pieces.join("");
      expect(split(pieces)).toEqual(split([whole]));
      expect(split([...whole])).toEqual(split([whole]));
    }),
  );
});

test("a block that is not closed is thinking to its end", () => {
  const splitter = createThinkSplitter();
  expect(splitter.push("x<think>on and on</thi")).toEqual({ text: "x", thinking: "on and on" });
  expect(splitter.flush()).toEqual({ text: "", thinking: "</thi" });
});

test("a search that the server carried out is no call of a tool", () => {
  const { toolCalls, searches } = assemble(
    piece({ index: 0, id: "s1", type: "tool_search_call", query: { query: "deploy" } }),
    piece({ index: 1, type: "tool_search_output", call_id: "s1", tool_references: [{ tool_name: "deploy" }] }),
    piece({ index: 2, id: "c1", type: "function", function: { name: "deploy", arguments: "{}" } }),
  );
  expect(toolCalls).toEqual([{ id: "c1", name: "deploy", arguments: "{}" }]);
  expect(searches.map(({ type, id, tool_use_id }) => [type, id ?? tool_use_id])).toEqual([
    ["tool_search_query", "s1"],
    ["tool_search_result", "s1"],
  ]);
});
