import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expressionText, programText } from "../../tests/programs/arbitrary-program.ts";
import { parseSource } from "./parser.ts";
import { equalTrees, printSource } from "./printer.ts";

const root = path.resolve(import.meta.dirname, "../..");

function checkRoundTrip(text: string): void {
  const first = parseSource("t.harn", text);
  expect(first.diagnostics, text).toEqual([]);
  const printed = printSource(first.file);
  const second = parseSource("t.harn", printed);
  expect(second.diagnostics, printed).toEqual([]);
  expect(equalTrees(first.file, second.file), `${text}\n---\n${printed}`).toBe(true);
  expect(printSource(second.file)).toBe(printed);
}

const ownPrograms = ["src", "conformance", "examples"].flatMap((folder) =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(
      (name) =>
        path.extname(name) === ".harn" &&
        !name.includes("node_modules") &&
        !fs.existsSync(path.join(root, folder, name.replace(/\.harn$/, ".error"))),
    )
    .map((name) => path.join(folder, name)),
);

describe("printing and parsing again gives the same program", () => {
  test.each(ownPrograms)("%s", (name) => checkRoundTrip(fs.readFileSync(path.join(root, name), "utf8")));

  test("random programs", () => {
    fc.assert(fc.property(programText, checkRoundTrip), { numRuns: 200 });
  });

  test("random expressions keep their grouping", () => {
    fc.assert(
      fc.property(expressionText, (text) => checkRoundTrip(`let x = (${text})\n`)),
      { numRuns: 300 },
    );
  });

  test("grouping that operators would not have by themselves", () => {
    for (const text of [
      "(a + b) * c",
      "a - (b - c)",
      "-(a ** b)",
      "(-a) ** b",
      "(a ?? b) || c",
      "!(a in b)",
      "(a |> b) + c",
      "(a ? b : c) ? d : e",
      "(f)(1)",
      "(a to b)[0]",
      "-(1).x",
    ]) {
      const { diagnostics } = parseSource("t.harn", `let x = ${text}\n`);
      if (diagnostics.length === 0) checkRoundTrip(`let x = ${text}\n`);
    }
  });
});

test("what stands in front of a block", () => {
  const struct = "struct S {\n  x: int\n}\n";
  for (const text of [
    "while (S) {\n}",
    "match (a == S) {\n}",
    "for x in (-S) {\n}",
    "if (a ? b : S) {\n}",
    "parallel each (S) {\n}",
    "select {\n  v from (S) {\n  }\n}",
    "retry (S {}) {\n}",
    "deadline (S) {\n}",
    "while S {x: 1} == S {} {\n}",
    "guard (if a {\n}) else {\n}",
    "guard (if a {\n} else {\n}) else {\n}",
    "let x = try* try* f()",
    'tool t() {\n  (description)\n  "text"\n}',
  ])
    checkRoundTrip(`${struct}${text}\n`);
});

test("trees that differ are told apart", () => {
  const tree = (text: string) => parseSource("t.harn", text).file;
  expect(equalTrees(tree("let a = 1 + 2 * 3"), tree("let a = (1 + 2) * 3"))).toBe(false);
  expect(equalTrees(tree("let a = 1"), tree("let a = 1.0"))).toBe(false);
  expect(equalTrees(tree("let a = 1"), tree("let  a=1 // same"))).toBe(true);
});
