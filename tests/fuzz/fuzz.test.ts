/** A few seconds of `npm run fuzz`, and what it has found before. */
import path from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { DENSE_FORMS, denseText } from "./dense.ts";
import type { DenseReport, DenseStart } from "./dense-child.ts";
import type { StageName } from "./dense-stages.ts";
import { MB, SLACK, treeLimit } from "./limits.ts";
import { TARGET_NAMES } from "./target.ts";
import { Fuzzer } from "./watch.ts";

const SEED = 1;
const SECONDS = 1;

describe("inputs that nobody wrote", () => {
  it.each(TARGET_NAMES)("%s: no crash, no hang, no more memory than the input is worth", async (target) => {
    const { inputs, findings } = await new Fuzzer({ target, seed: SEED, seconds: SECONDS }).run();
    expect(findings).toEqual([]);
    expect(inputs).toBeGreaterThan(0);
  });
});

/** Of the heap, at the most, at any time; a table of tokens or of code beside it takes up to twenty more. What functions are compiled to has many parts. */
const STAGES: readonly (readonly [StageName, number])[] = [
  ["check", 100],
  ["lint", 100],
  ["fmt", 100],
  ["compile", 230],
];
const DENSE_SIZE = 200_000;

async function dense(flags: readonly string[], how: string, stage: StageName, size: number) {
  const child = path.join(import.meta.dirname, "dense-child.ts");
  const args = ["--expose-gc", ...flags, child, how, stage, String(size)];
  const { stdout } = await execa(process.execPath, args, { reject: false });
  const [first, ...reports] = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as unknown);
  return { ...(first as DenseStart), reports: reports as readonly DenseReport[] };
}

describe("texts that are worth the most nodes a byte", () => {
  it("take ninety bytes a byte at most when they are parsed", async () => {
    const { reports } = await dense([], "held", "parse", 400_000);
    expect(reports.map(({ form }) => form)).toEqual(DENSE_FORMS);
    expect(reports.filter(({ problem }) => problem !== null).map(({ form }) => form)).toEqual(["no tokens at all"]);
    expect(reports.filter(({ taken, bytes }) => taken > treeLimit(bytes))).toEqual([]);
  });

  it.each(STAGES)("%s: done in a process that has %i bytes of heap a byte and no more", async (stage, perByte) => {
    const { loaded } = await dense([], "tried", stage, 0);
    const limit = Math.ceil((loaded + perByte * DENSE_SIZE + SLACK) / MB);
    const flags = [`--max-old-space-size=${limit}`, "--max-semi-space-size=1"];
    const { reports } = await dense(flags, "tried", stage, DENSE_SIZE);
    expect(reports.map(({ form }) => form)).toEqual(DENSE_FORMS);
  });

  it.each(["nested closures", "sums of numbers", "brackets alone"] as const)(
    "%s: tried in a process that has the memory they may take and no more",
    async (form) => {
      const fuzzer = new Fuzzer({ target: "parser", seed: 0, seconds: 0 });
      expect(await fuzzer.judgeInput(denseText(form, 2_000_000))).toBeNull();
    },
  );
});

describe("the watch itself", () => {
  it("gives the same inputs for the same seed", async () => {
    const outcomes = async () => {
      const {
        inputs,
        bytes,
        outcomes: counts,
      } = await new Fuzzer({ target: "lexer", seed: 7, seconds: 60, most: 40 }).run();
      return { inputs, bytes, counts };
    };
    const first = await outcomes();
    expect(first.inputs).toBe(40);
    expect(await outcomes()).toEqual(first);
  });

  it("finds crashes and what takes too much memory, each once, and makes crashes smaller", async () => {
    const { findings } = await new Fuzzer({ target: "planted", seed: 1, seconds: 60, most: 8 }).run();
    expect(findings.map(({ kind }) => kind).toSorted()).toEqual(["crash", "memory"]);
    expect(findings.find(({ kind }) => kind === "crash")?.input).toMatch(/^(b crash|crash b)$/);
  });

  it("finds nothing wrong with an input that is fine", async () => {
    expect(await new Fuzzer({ target: "parser", seed: 0, seconds: 0 }).judgeInput("let x = 1\n")).toBeNull();
  });
});
