import { describe, expect, it } from "vitest";
import { summarize } from "./measure.ts";

const runs = (...times: readonly number[]) =>
  times.map((ms) => ({ ms, modelCalls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 }));

describe("summarize", () => {
  it("takes the middle of an odd and of an even number of runs", () => {
    expect(summarize(runs(9, 1, 5))).toMatchObject({ least: 1, median: 5, most: 9, mean: 5, total: 15 });
    expect(summarize(runs(4, 1, 3, 2))).toMatchObject({ median: 2.5, mean: 2.5 });
  });

  it("tells how long nine of ten took, and how far they are apart", () => {
    const ten = summarize(runs(1, 2, 3, 4, 5, 6, 7, 8, 9, 100));
    expect(ten.ninth).toBe(9);
    expect(summarize(runs(2, 2, 2)).spread).toBe(0);
    expect(summarize(runs(1, 3)).spread).toBe(1);
    expect(summarize(runs(7))).toMatchObject({ runs: 1, least: 7, median: 7, ninth: 7, most: 7 });
  });
});
