/** Fixture files: the reference's format in and out, and errors that name the line. */
import { expect, test } from "vitest";
import { parseFixtures, renderFixtures } from "./fixtures.ts";

test("reads answers, patterns and errors; skips empty lines", () => {
  const text = [
    '{"text":"PLAN","model":"fixture-model","provider":"openai","input_tokens":3}',
    "",
    '{"match":"*hello*","consume_match":true,"tool_calls":[{"name":"f","args":{"a":1}}]}\r',
    '{"match":"*","error":{"category":"rate_limit","message":"slow"}}',
    "",
  ].join("\n");
  const rules = parseFixtures(text, "f.jsonl");
  expect(rules).toHaveLength(3);
  expect(rules[0]).toMatchObject({
    text: "PLAN",
    model: "fixture-model",
    provider: "openai",
    match: null,
    inputTokens: 3,
  });
  expect(rules[1]).toMatchObject({
    match: "*hello*",
    consume: true,
    model: "mock",
    toolCalls: [{ name: "f", arguments: { a: 1 } }],
  });
  expect(rules[2]?.error).toEqual({ category: "rate_limit", message: "slow" });
});

test.each([
  ['{"text":"a"}\n{"text": 3}', "invalid --llm-mock fixture in f.jsonl:2: `text` must be a string, got a number"],
  ['{"text":"a"}\n\n{bad', "invalid JSON in f.jsonl:3: "],
  ['["a"]', "invalid --llm-mock fixture in f.jsonl:1: expected an object, got a list"],
  ['{"tool_calls":[{"name":1}]}', "f.jsonl:1: tool_calls[0] is missing string field `name`"],
  ['{"match":"*","errror":{}}', "f.jsonl:1: unknown key `errror`, expected one of "],
])("names the line of %j", (text, message) => {
  expect(() => parseFixtures(text, "f.jsonl")).toThrow(message);
});

test("writes one object a line, keys sorted, as the reference does", () => {
  const rules = parseFixtures(
    '{"text":"t","model":"m","provider":"p","tool_calls":[{"name":"f","arguments":{"b":2}}],"output_tokens":30,"blocks":[{"type":"x"}]}',
    "f.jsonl",
  );
  const line =
    '{"blocks":[{"type":"x"}],"model":"m","output_tokens":30,"provider":"p","text":"t","tool_calls":[{"args":{"b":2},"name":"f"}]}\n';
  expect(renderFixtures(rules)).toBe(line);
  expect(parseFixtures(line, "f.jsonl")).toEqual(rules);
  expect(renderFixtures([])).toBe("");
});

test("calls of a recorded line take their ids from its blocks", () => {
  const text =
    '{"tool_calls":[{"args":{},"name":"f"}],"blocks":[{"type":"tool_call","id":"toolu_9","name":"f","arguments":{}}]}';
  const rule = parseFixtures(text, "f.jsonl")[0];
  expect(rule?.blocks?.[0]?.id).toBe("toolu_9");
});
