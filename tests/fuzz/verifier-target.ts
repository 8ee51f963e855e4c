/** The verifier: whatever a stored chunk holds, it is read as verified code or refused with a `Failure`. */
import { Failure } from "../../src/base/failure.ts";
import { decodeChunk, encodeChunk } from "../../src/bytecode/serialize.ts";
import { createMemoryPorts } from "../../src/ports/memory/ports.ts";
import { compileProgram } from "../../src/runtime/compile-program.ts";
import { declaredTable } from "../../src/runtime/declared.ts";
import { stdlibGlobals } from "../../src/stdlib/index.ts";
import type { CorpusProgram } from "./corpus.ts";
import { mutateChunk } from "./mutate-chunk.ts";
import type { Random } from "./random.ts";
import type { Target } from "./target.ts";

const ENTRY = "/project/fuzz.harn";

export function createVerifierTarget(): Target {
  const storedText = createChunkSource();
  return {
    loadsLate: true,
    measuresMemory: true,
    make(random, corpus) {
      return mutateChunk(random, storedText(random, corpus));
    },
    run: verify,
    laws() {},
  };
}

/** Answers the texts of the chunks of programs that need no others. */
export function createChunkSource(): (random: Random, corpus: readonly CorpusProgram[]) => string {
  const doors = {
    files: createMemoryPorts().files,
    table: declaredTable([]),
    globals: new Set(["argv", ...stdlibGlobals.keys()]),
  };
  const stored = new Map<string, string | null>();
  /** null: it has mistakes, or imports. */
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
  return (random, corpus) => {
    for (;;) {
      const text = chunkOf(random.pick(corpus));
      if (text !== null) return text;
    }
  };
}

export function verify(input: string): "verified" | "refused" {
  try {
    decodeChunk(input);
    return "verified";
  } catch (thrown) {
    if (thrown instanceof Failure) return "refused";
    throw thrown;
  }
}
