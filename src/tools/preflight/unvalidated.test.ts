import { describe, expect, it } from "vitest";
import { indexLines, lineAt } from "../../base/text.ts";
import { parseSource } from "../../syntax/parser.ts";
import { unvalidatedUses } from "./unvalidated.ts";

function found(...lines: readonly string[]): readonly string[] {
  const { file } = parseSource("main.harn", `pipeline default(task) {\n${lines.join("\n")}\n}\n`);
  const index = indexLines(file.text);
  return unvalidatedUses(file).map(({ message, labels }) => `${lineAt(index, labels[0]!.span.start)}: ${message}`);
}

describe("fields of values from outside", () => {
  it("are told when nothing has said what the value is", () => {
    expect(found('let data = json_parse("{}")', "log(data.name)", 'log(data["name"])', "log(data?.name)")).toEqual([
      "3: Accessing property on unvalidated value 'data' from `json_parse`",
      "4: Subscript access on unvalidated value 'data' from `json_parse`",
      "5: Accessing property on unvalidated value 'data' from `json_parse`",
    ]);
    expect(found('log(json_parse("{}").a)', 'log(host_call("a.b", {})[0])')).toEqual([
      "2: Direct property access on unvalidated `json_parse()` result",
      "3: Direct subscript access on unvalidated `host_call()` result",
    ]);
  });

  it("are told through another variable, a closure and a later assignment", () => {
    expect(found('let a = yaml_parse("")', "let b = a", "log(b.c)")).toHaveLength(1);
    expect(found('let a = yaml_parse("")', "let f = { -> a.c }")).toHaveLength(1);
    expect(found("var a = {c: 1}", "log(a.c)", 'a = toml_parse("")', "log(a.c)")).toHaveLength(1);
    expect(found('var a = toml_parse("")', "a = {c: 1}", "log(a.c)")).toEqual([]);
  });

  it("are fine once the value was checked or has a type", () => {
    expect(found('let a = json_parse("")', "schema_expect(a, s)", "log(a.b)")).toEqual([]);
    expect(found('let a: {b: string} = json_parse("")', "log(a.b)")).toEqual([]);
    expect(found('let a: dict = json_parse("")', "log(a.b)")).toHaveLength(1);
    expect(found('let a = json_parse("")', "if schema_is(a, s) {", "log(a.b)", "} else {", "log(a.c)", "}")).toEqual([
      "6: Accessing property on unvalidated value 'a' from `json_parse`",
    ]);
    expect(found('let a = llm_call("p", "s", {schema: s})', "log(a.b)")).toEqual([]);
    expect(found('let a = llm_call("p", "s")', "log(a.text)")).toHaveLength(1);
  });

  it("of other values, and of others with the same name, are fine", () => {
    expect(found('let a = len("x")', "log(a.b)")).toEqual([]);
    expect(found('let a = json_parse("")', "let f = { a -> a.b }", "for a in xs {", "log(a.b)", "}")).toEqual([]);
  });
});
