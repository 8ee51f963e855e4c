import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IntTexts } from "./int-text.ts";

const texts = new IntTexts();

describe("texts of ints", () => {
  it("are those of JavaScript", () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (int) => texts.of(int) === `${int}`));
    fc.assert(fc.property(fc.integer({ min: 0, max: 2_000_000 }), (int) => texts.of(int) === `${int}`));
    fc.assert(fc.property(fc.integer({ min: 0, max: 2_000_000_000 }), (int) => texts.of(int) === `${int}`));
  });

  it("have all their zeros where groups meet", () => {
    for (const edge of [0, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, Number.MAX_SAFE_INTEGER])
      for (const int of [edge - 1, edge, edge + 1, -edge]) expect(texts.of(int)).toBe(`${int}`);
    expect(texts.of(-0)).toBe("0");
  });
});
