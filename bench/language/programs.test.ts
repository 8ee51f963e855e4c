import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { drawResults } from "./draw.ts";
import { measure } from "./measure.ts";
import { programNamed, programs } from "./programs.ts";
import { merged, type ProgramResult } from "./results.ts";

/** Sizes that show a difference and take no time; the others run as `size / 100`. */
const SMALL: Readonly<Record<string, number>> = {
  "spectral-norm": 20,
  fannkuch: 6,
  "binary-trees": 6,
  "n-queens": 5,
  mandelbrot: 30,
  "matrix-product": 12,
  levenshtein: 40,
  "json-round-trip": 300,
};

describe("the programs of the language benchmark", () => {
  it.each(programs.map(({ name, size }) => [name, SMALL[name] ?? Math.ceil(size / 100)] as const))(
    "%s answers what its twin answers",
    async (name, size) => {
      const order = { name, size, growTo: null, warm: 0, rounds: 1 };
      for (const tiering of ["off", "forced"] as const) {
        expect((await measure({ ...order, tiering })).size).toBe(size);
      }
    },
  );

  it("are all measured", () => {
    const folder = fileURLToPath(new URL("./programs", import.meta.url));
    const files = readdirSync(folder).toSorted();
    expect(files).toEqual(programs.flatMap(({ name }) => [`${name}.harn`, `${name}.js`]).toSorted());
  });
});

describe("sizes", () => {
  it("grow until there is so many times the work", () => {
    expect(programNamed("matrix-product").larger(100, 8)).toBe(200);
    expect(programNamed("fannkuch").larger(8, 90)).toBe(10);
    expect(programs.map(({ size, larger }) => larger(size, 1) === size)).not.toContain(false);
    expect(programs.map(({ size, larger }) => larger(size, 20) > size)).not.toContain(false);
  });
});

describe("kept results", () => {
  const of = (name: string, ratio: number, timesReference: number | null): ProgramResult => ({
    name,
    kind: "small",
    size: 1,
    harnMs: ratio,
    twinMs: 1,
    ratio,
    longMs: null,
    longRatio: null,
    coldHarnMs: null,
    coldTwinMs: null,
    coldRatio: null,
    turnNs: null,
    timesReference,
  });

  it("are the latest of each program, in the programs' order, each tier by itself", () => {
    const first = merged({ tiers: {} }, "hot", [of("call", 9, 4), of("arithmetic", 4, 100)], "26.0.0");
    const other = merged(first, "off", [of("call", 30, 1)], "26.0.0");
    const { tiers } = merged(other, "hot", [of("call", 1, 400), of("recursion", 2, 3)], "26.0.0");
    expect(tiers.hot?.programs.map(({ name, ratio }) => [name, ratio])).toEqual([
      ["arithmetic", 4],
      ["call", 1],
      ["recursion", 2],
    ]);
    // The reference's time for `recursion` is mostly its start.
    expect(tiers.hot?.means).toEqual({ ratio: 2, longRatio: null, coldRatio: null, timesReference: 200 });
    expect(tiers.off?.means.ratio).toBe(30);
  });
});

describe("the picture", () => {
  const result = {
    name: "one",
    kind: "small",
    size: 1,
    harnMs: 3,
    twinMs: 2,
    ratio: 1.5,
    longMs: null,
    longRatio: 2,
    coldHarnMs: null,
    coldTwinMs: null,
    coldRatio: 5,
    turnNs: 10,
    timesReference: 100,
  } as const;
  const means = { ratio: 1.5, longRatio: 2, coldRatio: 5, timesReference: 100 };

  it("is the same for the same results, and another for others", () => {
    const results = { tiers: { hot: { means, programs: [result] } } };
    const slower = { tiers: { hot: { means, programs: [{ ...result, ratio: 9 }] } } };
    expect(drawResults(results)).toBe(drawResults(results));
    expect(drawResults(slower)).not.toBe(drawResults(results));
    expect(drawResults(slower)).toContain('class="slow"');
  });
});
