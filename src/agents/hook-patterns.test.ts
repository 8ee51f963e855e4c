import { expect, test } from "vitest";
import { hookPatternProblem, matchesHook } from "./hook-patterns.ts";

const call = { event: "PreToolUse", tool: { name: "write_note", args: { path: "a=b.txt", count: 0, tags: ["x"] } } };

test.each([
  ["", true],
  ["  *  ", true],
  ["write_*", true],
  ["read_*", false],
  ['tool.name =~ "write|edit"', true],
  ["tool.name =~ '^note'", false],
  ['tool.args.path == "a=b.txt"', true],
  ['tool.args.path != "a=b.txt"', false],
  ['tool.args.count == "0"', true],
  ['tool.missing.deep == ""', true],
  ["tool.args.count", false],
  ["tool.args.tags", true],
  ["tool.args.missing", false],
])("%s", (pattern, fits) => {
  expect(matchesHook(pattern, call)).toBe(fits);
});

test("an expression that can never match is told", () => {
  expect(hookPatternProblem('tool.name =~ "("')).toMatch(/regex/i);
  expect(hookPatternProblem('tool.name =~ "a.*b"')).toBeNull();
  expect(hookPatternProblem('tool.name == "("')).toBeNull();
});
