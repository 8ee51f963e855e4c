/** Checker and compiler: any tree can be checked, also one with syntax errors; what the checker accepts is compiled to code that the verifier accepts. */
import { legacyMessage, renderDiagnostic } from "../../src/base/diagnostic.ts";
import { decodeChunk, encodeChunk } from "../../src/bytecode/serialize.ts";
import { checkModule, startCheck } from "../../src/check/check-program.ts";
import { loadGraph, type ModuleText } from "../../src/check/module-graph.ts";
import { createMemoryPorts } from "../../src/ports/memory/ports.ts";
import { compileProgram } from "../../src/runtime/compile-program.ts";
import { declaredTable } from "../../src/runtime/declared.ts";
import { stdlibGlobals } from "../../src/stdlib/index.ts";
import { stdModules } from "../../src/stdlib/modules/index.ts";
import { fuzzedText } from "./mutate-text.ts";
import { Broken, type Target } from "./target.ts";

const SHOWN = 5;
const ENTRY = "/project/fuzz.harn";

function resolveImport(_importer: string, path: string): ModuleText | string {
  const text = stdModules.get(path);
  return text === undefined ? `Import error: there is no module ${path}` : { key: path, path, text };
}

export function createCheckerTarget(): Target {
  const doors = {
    files: createMemoryPorts().files,
    table: declaredTable([]),
    globals: new Set(["argv", ...stdlibGlobals.keys()]),
  };
  return {
    loadsLate: true,
    measuresMemory: true,
    make: fuzzedText,
    run(text) {
      const entry = { key: ENTRY, path: "fuzz.harn", text };
      const graph = loadGraph(entry, resolveImport);
      const diagnostics = checkModule(startCheck(graph, doors), entry.key);
      for (const diagnostic of diagnostics.slice(0, SHOWN)) {
        legacyMessage(diagnostic);
        renderDiagnostic(diagnostic, { path: entry.path, text, color: false });
      }
      const refused = [...diagnostics, ...graph.modules.get(entry.key)!.diagnostics];
      if (refused.some(({ severity }) => severity === "error")) return "refused";
      return "accepted";
    },
    laws(text, outcome) {
      if (outcome !== "accepted") return;
      const { chunks } = compileProgram({ key: ENTRY, path: "fuzz.harn", text }, doors);
      const chunk = chunks.find(({ module }) => module === ENTRY);
      // The compiler has limits of its own.
      if (chunk === undefined) return;
      const stored = encodeChunk(chunk);
      if (encodeChunk(decodeChunk(stored)) !== stored)
        throw new Broken("its chunk is another one when it is read back");
    },
  };
}
