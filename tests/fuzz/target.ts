/** What a fuzz target is. Each is loaded only in the process that uses it: what it needs counts in that process's memory. */
import type { CorpusProgram } from "./corpus.ts";
import type { Random } from "./random.ts";

/** Those that `all` means. */
export const TARGET_NAMES = ["lexer", "parser", "checker", "verifier", "vm"] as const;
/** `planted` is for tests of the fuzzer. */
export type TargetName = (typeof TARGET_NAMES)[number] | "planted";

export interface Target {
  /** The input that the choices of `random` lead to. */
  make(random: Random, corpus: readonly CorpusProgram[]): string;
  /** What is measured. Any exception is a finding. Answers what became of the input in a word or two, for the counts. */
  run(input: string): string | Promise<string>;
  /** Laws about what it became, which cost more than that itself. Any exception is a finding. */
  laws(input: string, outcome: string): void | Promise<void>;
  /** Whether a few inputs are tried first, so that what is loaded late is there before anything is measured. */
  readonly loadsLate: boolean;
  /** Whether what it allocates must be bounded by the size of the input. */
  readonly measuresMemory: boolean;
}

/** A law that does not hold for an input. */
export class Broken extends Error {
  override name = "Broken";
}

export async function loadTarget(name: TargetName): Promise<Target> {
  switch (name) {
    case "lexer":
      return (await import("./lexer-target.ts")).lexerTarget;
    case "parser":
      return (await import("./parser-target.ts")).parserTarget;
    case "checker":
      return (await import("./checker-target.ts")).createCheckerTarget();
    case "planted":
      return (await import("./planted-target.ts")).plantedTarget;
    case "verifier":
      return (await import("./verifier-target.ts")).createVerifierTarget();
    case "vm":
      return (await import("./vm-target.ts")).createVmTarget();
  }
}
