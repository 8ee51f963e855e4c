/** What models are told of tools, what people see of answers, and arguments against schemas. */
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { jsonToValue, valueToJson } from "../value/json.ts";
import type { HDict } from "../value/value.ts";
import { argumentSchema, toolSchemas } from "./model-request.ts";
import { readArguments } from "./tool-arguments.ts";
import { describeType, toolContract } from "./tool-contract.ts";
import { saysDone, visibleText } from "./visible-text.ts";

const entry = (json: JsonObject) => jsonToValue({ name: "look", description: "Looks", ...json }) as HDict;

describe("the contract of tools in text", () => {
  test("names every tool with its arguments", () => {
    const parameters = {
      where: { type: "string", description: "a direction" },
      far: { type: "bool", required: false },
    };
    const text = toolContract(toolSchemas([entry({ parameters })]));
    expect(text).toContain("### look({ far?: boolean, where: string })\nLooks\n- where: a direction");
    expect(text).toContain("<tool_call>");
  });

  test.each([
    [{ enum: ["a", 1] }, '"a" | 1'],
    [{ type: "array", items: { type: "integer" } }, "(integer)[]"],
    [{ type: "array" }, "any[]"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "string | null"],
    [{ type: ["string", "null"] }, "string | null"],
    [{ type: "object" }, "object"],
    [{}, "any"],
  ])("%j reads %s", (schema, text) => {
    expect(describeType(schema)).toBe(text);
  });
});

describe("arguments", () => {
  const parameters = { n: { type: "int" }, mode: { type: "string", default: "fast", pattern: "^[a-z]+$" } };
  const read = (text: string, more: JsonObject = {}) => {
    const result = readArguments(entry({ parameters, ...more }), text);
    return result.kind === "args" ? valueToJson(result.args) : result.message;
  };

  test("get the schema's defaults", () => {
    expect(read('{"n": 1}')).toEqual({ n: 1, mode: "fast" });
  });

  test("that do not fit are named with their place", () => {
    expect(read('{"n": "1"}')).toBe("at n: expected type 'int', got 'string'");
    expect(read('{"n": 1, "mode": "9"}')).toContain("at mode:");
    expect(read("{}")).toBe("at root: missing required key 'n'");
  });

  test("are one object of JSON", () => {
    expect(read("{n: 1}")).toBe("the arguments must be one JSON object, got text that is no JSON");
    expect(read("[1]")).toBe("the arguments must be one JSON object, got JSON that is no object");
  });

  test("of a tool whose own schema is malformed are refused, not fatal", () => {
    expect(read("{}", { parameters: { type: "object", properties: { n: { anyOf: 7 } } } })).toContain("schema");
  });

  test("no pattern that the platform cannot read binds anybody", () => {
    expect(
      read('{"n": 1}', { parameters: { n: { type: "int" }, s: { type: "string", default: "x", pattern: "(?<=a)b" } } }),
    ).toEqual({ n: 1, s: "x" });
  });

  test("a whole JSON Schema is taken as it is", () => {
    const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
    expect(argumentSchema(entry({ parameters: schema }))).toEqual(schema);
  });
});

describe("what a person sees", () => {
  test.each([
    ["<assistant_prose>working</assistant_prose>\n<done>##DONE##</done>", "working"],
    ["<assistant_prose>aside</assistant_prose><user_response>the answer</user_response>", "the answer"],
    ["<tool_call>look({})</tool_call> looked", "looked"],
    ["plain ##DONE##", "plain"],
  ])("%s", (text, visible) => {
    expect(visibleText(text, "##DONE##")).toBe(visible);
  });

  test("an answer to the user or the mark says that the task is done", () => {
    expect(saysDone("FIN", "FIN")).toBe(true);
    expect(saysDone("<user_response>x</user_response>", "FIN")).toBe(true);
    expect(saysDone("##DONE##", "FIN")).toBe(false);
  });
});
