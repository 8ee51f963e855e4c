import { describe, expect, it } from "vitest";
import { parseSource } from "../syntax/parser.ts";
import { forEachNode, usedNames, yields } from "./walk.ts";

function fileOf(text: string) {
  const { file, diagnostics } = parseSource("walk.harn", text);
  expect(diagnostics).toEqual([]);
  return file;
}

describe("a walk over a tree", () => {
  it("comes to parents before children, in the order of the text", () => {
    const kinds: string[] = [];
    forEachNode(fileOf("let total = first(1) + second.third"), (node) => {
      kinds.push(node.kind === "name" ? node.name : node.kind);
    });
    expect(kinds.filter((kind) => ["binary", "call", "first", "second"].includes(kind))).toEqual([
      "binary",
      "call",
      "first",
      "second",
    ]);
  });

  it("leaves out what lies below a node that it is told to", () => {
    const names: string[] = [];
    forEachNode(fileOf("f({ x -> inside })\noutside"), (node) => {
      if (node.kind === "name") names.push(node.name);
      return node.kind !== "closure";
    });
    expect(names).toEqual(["f", "outside"]);
  });

  it("finds each name once, and the yields of a body alone", () => {
    expect(usedNames(fileOf("b + a + b"))).toEqual(["b", "a"]);
    const bodies = fileOf("fn one() { if true { yield 1 } }\nfn two() { let g = fn() { yield 1 } }").items;
    expect(bodies.map((item) => item.kind === "fn" && yields(item.body))).toEqual([true, false]);
  });

  it("comes to each node of a large file once", () => {
    const lines = 3_000;
    let calls = 0;
    forEachNode(fileOf(Array.from({ length: lines }, (_, i) => `println([${i}, {a: "x"}])`).join("\n")), (node) => {
      if (node.kind === "call") calls++;
    });
    expect(calls).toBe(lines);
  });
});
