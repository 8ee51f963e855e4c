/** The machine: what the verifier accepts of damaged code runs, in either tier, and ends as programs do. */
import { decodeChunk } from "../../src/bytecode/serialize.ts";
import { mutateCodeOf } from "./mutate-chunk.ts";
import { createChunkHost, runChunk } from "./run-chunk.ts";
import type { Target } from "./target.ts";
import { createChunkSource, verify } from "./verifier-target.ts";

/** Damaged in so many ways in turn, most programs are accepted in one of them. */
const TRIES = 12;

export function createVmTarget(): Target {
  const storedText = createChunkSource();
  const hosts = [createChunkHost("off"), createChunkHost("forced")];
  return {
    loadsLate: true,
    measuresMemory: true,
    make(random, corpus) {
      const text = storedText(random, corpus);
      let damaged = text;
      for (let i = 0; i < TRIES; i++) {
        damaged = mutateCodeOf(random, text);
        if (verify(damaged) === "verified") break;
      }
      return damaged;
    },
    run: verify,
    async laws(input, outcome) {
      if (outcome !== "verified") return;
      for (const host of hosts) await runChunk(host, decodeChunk(input));
    },
  };
}
