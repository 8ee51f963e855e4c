/** Tool calls in text, and the literals that models write. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../base/json.ts";
import { readLiteral } from "./call-literal.ts";
import { readTextCalls } from "./text-calls.ts";

function literal(text: string): Json {
  const read = readLiteral(text, 0);
  if (read.kind === "error") throw new Error(`${read.message} at ${read.at}`);
  return read.value;
}

function problem(text: string): string {
  const read = readLiteral(text, 0);
  return read.kind === "error" ? read.message : `read as ${JSON.stringify(read.value)}`;
}

describe("literals", () => {
  test.each([
    ["{a: 1, 'b': [true, null, -2.5e3,], }", { a: 1, b: [true, null, -2500] }],
    ["{ /* why */ a: `x\\`y` // end\n }", { a: "x`y" }],
    ['{a: "\\u00e9\\x41\\u{1f600}\\n"}', { a: "éA😀\n" }],
    ["{a: <<END\nfirst\n  second\n  END, b: 2}", { a: "first\n  second", b: 2 }],
    ["{a: <<'T'\r\nline\r\nT\n}", { a: "line" }],
    ["{a: <<EOF\nENDING\nEOFX\nEOF}", { a: "ENDING\nEOFX" }],
    ["{a: <<E\nE}", { a: "" }],
    ['{a: "<<E\nquoted\nE"}', { a: "quoted" }],
    ["{a: undefined}", { a: null }],
  ])("%s", (text, value) => {
    expect(literal(text)).toEqual(value);
  });

  test.each([
    ["{a 1}", 'expected ":" after the key a'],
    ["{a: 1 b: 2}", 'expected "," or "}" after a, got "b"'],
    ["{a: yes}", "expected a value, got yes; texts stand in quotes"],
    ["{a: 'x", "a text that starts with ' does not end"],
    ["{a: <<END\nx", "the heredoc <<END does not end: END must start a line"],
    ["{a: <<END x", 'expected a heredoc (<<TAG and a line break), got "<"'],
    ["{a: 1", 'expected "," or "}" after a, got the end'],
    ["[".repeat(100), "the arguments are nested too deeply"],
  ])("%s is refused", (text, message) => {
    expect(problem(text)).toBe(message);
  });

  test("all JSON is read as JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value);
        expect(literal(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test("a key of the prototype is a key like others", () => {
    expect(Object.keys(literal('{"__proto__": 1}') as object)).toEqual(["__proto__"]);
  });
});

const known = new Set(["edit", "look"]);
const calls = (text: string) =>
  readTextCalls(text, known).calls.map(({ name, arguments: given }) => [name, JSON.parse(given)]);

describe("calls", () => {
  test("stand in blocks, also of tools that do not exist", () => {
    expect(calls("<tool_call>\nlook({ at: 'x' })\n</tool_call> and <tool_call>lok()</tool_call>")).toEqual([
      ["look", { at: "x" }],
      ["lok", {}],
    ]);
  });

  test("stand in a fence within the block", () => {
    expect(calls('<tool_call>\n```json\n{"name": "look", "arguments": {}}\n```\n</tool_call>')).toEqual([["look", {}]]);
  });

  test("bare, at the start of a line, of tools that exist only", () => {
    expect(calls("look({a: 1})\nthen look({a: 2}) and\n  look({a: 3})\nprint({a: 4})")).toEqual([
      ["look", { a: 1 }],
      ["look", { a: 3 }],
    ]);
  });

  test("bare text may itself hold a fence and something like a call", () => {
    expect(calls("edit({ text: <<END\n```\nlook({a: 1})\n```\nEND\n})")).toEqual([
      ["edit", { text: "```\nlook({a: 1})\n```" }],
    ]);
  });

  test("not in an example, but where the whole answer is a fence", () => {
    expect(calls("So:\n```\nlook({a: 1})\n```\n")).toEqual([]);
    expect(calls("```tool\nlook({a: 1})\n```")).toEqual([["look", { a: 1 }]]);
  });

  test("not in what a model thinks", () => {
    expect(calls("<think><tool_call>look()</tool_call></think>nothing")).toEqual([]);
  });

  test("one that cannot be read does not take the others along", () => {
    const answer = readTextCalls("<tool_call>look({</tool_call><tool_call>edit({a: 1})</tool_call>", known);
    expect(answer.calls).toEqual([{ name: "edit", arguments: '{"a":1}' }]);
    expect(answer.errors).toEqual(['look: expected a key, got "<"']);
  });

  test("arguments are one object", () => {
    expect(readTextCalls('<tool_call>look("x")</tool_call>', known).errors).toEqual([
      "look takes one object: look({ key: value })",
    ]);
    expect(readTextCalls('<tool_call>{"tool": "look"}</tool_call>', known).errors).toEqual([
      'a call as JSON is {"name": …, "arguments": {…}}',
    ]);
  });

  test("no text is too odd to be read", () => {
    const bits = fc.constantFrom(
      "<tool_call>",
      "</tool_call>",
      "look(",
      "{",
      "}",
      ")",
      "<<E\n",
      "E",
      "\n",
      "'",
      '"',
      "`",
      "```",
      "a: 1",
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 30 }), (parts) => {
        const answer = readTextCalls(parts.join(""), known);
        for (const call of answer.calls) expect(typeof JSON.parse(call.arguments)).toBe("object");
      }),
    );
  });
});
