/** What is done with a text, from nothing but the text: the stages whose memory is in proportion to it. */
import { encodeChunk } from "../../src/bytecode/serialize.ts";
import { checkModule, startCheck } from "../../src/check/check-program.ts";
import { loadGraph } from "../../src/check/module-graph.ts";
import { createMemoryPorts } from "../../src/ports/memory/ports.ts";
import { compileProgram } from "../../src/runtime/compile-program.ts";
import { declaredTable } from "../../src/runtime/declared.ts";
import { stdlibGlobals } from "../../src/stdlib/index.ts";
import { type ParseResult, parseSource } from "../../src/syntax/parser.ts";
import { formatText } from "../../src/tools/format/format.ts";
import { lintFile } from "../../src/tools/lint/lint-text.ts";

export type StageName = "parse" | "check" | "compile" | "encode" | "lint" | "fmt";

/** Answers what is to be held until the memory is measured, and the first syntax error. */
export type Stage = (text: string) => { readonly result: unknown; readonly problem: string | null };

const PATH = "dense.harn";
const KEY = "/project/dense.harn";

function problemOf(diagnostics: ParseResult["diagnostics"]): string | null {
  return diagnostics.find(({ severity }) => severity === "error")?.message ?? null;
}

export function loadStage(name: StageName): Stage {
  const doors = {
    files: createMemoryPorts().files,
    table: declaredTable([]),
    globals: new Set(["argv", ...stdlibGlobals.keys()]),
  };
  const around = {
    importedModule: () => null,
    importedNames: new Set<string>(),
    isBuiltin: (builtin: string) => doors.table.builtins.has(builtin),
    builtinNames: () => doors.table.builtins.keys(),
    givesBool: () => false,
  };
  const rules = { name: PATH, requireFileHeader: false, complexityThreshold: 25 };
  const compile = (text: string) => compileProgram({ key: KEY, path: PATH, text }, doors).chunks;
  switch (name) {
    case "parse":
      return (text) => {
        const result = parseSource(PATH, text);
        return { result, problem: problemOf(result.diagnostics) };
      };
    case "check":
      return (text) => {
        const graph = loadGraph({ key: KEY, path: PATH, text }, () => "there is no other module");
        const session = startCheck(graph, doors);
        return { result: [session, checkModule(session, KEY)], problem: null };
      };
    case "compile":
      return (text) => ({ result: compile(text), problem: null });
    case "encode":
      return (text) => ({ result: compile(text).map(encodeChunk), problem: null });
    case "lint":
      return (text) => {
        const { file, diagnostics } = parseSource(PATH, text);
        const problem = problemOf(diagnostics);
        return { result: problem === null ? lintFile(file, around, rules) : null, problem };
      };
    case "fmt":
      return (text) => ({ result: formatText(PATH, text), problem: null });
  }
}
