/** The verifier: whatever a stored chunk holds, it is read as verified code or refused with a `Failure`; what is verified can be run. */
import { Failure } from "../../src/base/failure.ts";
import type { Chunk } from "../../src/bytecode/chunk.ts";
import { decodeChunk, encodeChunk } from "../../src/bytecode/serialize.ts";
import { createMemoryPorts } from "../../src/ports/memory/ports.ts";
import { compileProgram } from "../../src/runtime/compile-program.ts";
import { declaredTable } from "../../src/runtime/declared.ts";
import { stdlibGlobals } from "../../src/stdlib/index.ts";
import type { CorpusProgram } from "./corpus.ts";
import { mutateChunk } from "./mutate-chunk.ts";
import type { Target } from "./target.ts";

const ENTRY = "/project/fuzz.harn";

/** Each of `runs` gets the chunks that were accepted. */
export function createVerifierTarget(runs: readonly ((chunk: Chunk) => Promise<void>)[]): Target {
  const doors = {
    files: createMemoryPorts().files,
    table: declaredTable([]),
    globals: new Set(["argv", ...stdlibGlobals.keys()]),
  };
  const stored = new Map<string, string | null>();
  /** The text of a program's chunk; null when it has mistakes, or needs other modules. */
  const chunkOf = ({ name, text }: CorpusProgram): string | null => {
    let found = stored.get(name);
    if (found === undefined) {
      const { chunks, problems } = compileProgram({ key: ENTRY, path: "fuzz.harn", text }, doors);
      const [chunk] = chunks;
      const fine = chunks.length === 1 && !problems.some(({ diagnostic }) => diagnostic.severity === "error");
      found = fine && chunk !== undefined ? encodeChunk(chunk) : null;
      stored.set(name, found);
    }
    return found;
  };
  return {
    loadsLate: true,
    measuresMemory: true,
    make(random, corpus) {
      for (;;) {
        const text = chunkOf(random.pick(corpus));
        if (text !== null) return mutateChunk(random, text);
      }
    },
    run(input) {
      try {
        decodeChunk(input);
        return "verified";
      } catch (thrown) {
        if (thrown instanceof Failure) return "refused";
        throw thrown;
      }
    },
    async laws(input, outcome) {
      if (outcome !== "verified") return;
      for (const run of runs) await run(decodeChunk(input));
    },
  };
}
