import { expect, it } from "vitest";
import { compileModule } from "../compiler/module.ts";
import { parseSource } from "../syntax/parser.ts";
import { disassemble } from "./disassemble.ts";
import { OPCODES } from "./opcodes.ts";

function disassembled(text: string): string {
  const { file, diagnostics } = parseSource("t.harn", text);
  expect(diagnostics).toEqual([]);
  const { chunk } = compileModule(file, {
    key: "t.harn",
    file: "t.harn",
    resolveImport: () => "no imports here",
    isBuiltin: (name) => name === "println",
    isGlobal: () => false,
    builtinBorrows: () => false,
    builtinNames: () => ["println"],
  });
  return disassemble(chunk!);
}

it("names functions, parameters, captures, slots, constants and targets", () => {
  const text = disassembled(`
fn add(a, b = 2, ...rest) {
  let f = { x -> x + a }
  if a > 1 { println("big", 1.0, 5s) }
  return {k: f(b)}
}
`);
  expect(text).toContain("module t.harn\n");
  expect(text).toMatch(/fn 1 add\(a, b\?, \.\.\.rest\): \d+ registers\n/);
  expect(text).toMatch(/captures a r\d+/);
  expect(text).toMatch(/SET_SLOT +slot 0 add r0/);
  expect(text).toMatch(/BUILTIN +r\d+ "println" \[r\d+ r\d+ r\d+\]/);
  expect(text).toMatch(/CONST +r\d+ 1\.0/);
  expect(text).toMatch(/CONST +r\d+ 5000ms/);
  expect(text).toMatch(/DICT +r\d+ \{k\} \[r\d+\]/);
  expect(text).toMatch(/BR\w* .*→\d+/);
});

it("every line is an instruction of the table, in order", () => {
  const names = new Set<string>(OPCODES.map(({ name }) => name));
  const lines = disassembled(
    "fn f(x) {\n  for i in x { println(i) }\n  try { throw 1 } catch (e) { println(e) }\n}\n",
  ).split("\n");
  let last = -1;
  for (const line of lines) {
    if (line.startsWith("fn ")) last = -1;
    const match = /^ *(\d+) +(?:\d+ +)?([A-Z_]+)/.exec(line);
    if (match === null) continue;
    expect(names.has(match[2]!), line).toBe(true);
    expect(Number(match[1])).toBeGreaterThan(last);
    last = Number(match[1]);
  }
});
