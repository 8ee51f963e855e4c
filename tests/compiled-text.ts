/** A text without imports as the chunk that it compiles to, for tests of the compiler. `len` is a builtin that only looks at its arguments. */
import { expect } from "vitest";
import type { Chunk } from "../src/bytecode/chunk.ts";
import { compileModule } from "../src/compiler/module.ts";
import { parseSource } from "../src/syntax/parser.ts";

export function compiledText(text: string): Chunk {
  const { file, diagnostics } = parseSource("t.harn", text);
  expect(diagnostics).toEqual([]);
  const { chunk } = compileModule(file, {
    key: "t.harn",
    resolveImport: () => "no imports here",
    isBuiltin: (name) => name === "len",
    isGlobal: () => false,
    builtinBorrows: () => true,
  });
  return chunk!;
}
