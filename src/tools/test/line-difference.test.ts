import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineDifference } from "./line-difference.ts";

const marks = { same: " ", expected: "-", actual: "+", skipped: "…" } as const;
const shown = (expected: string, actual: string) =>
  lineDifference(expected.split(""), actual.split("")).map(({ kind, text }) => `${marks[kind]}${text}`);

describe("lineDifference", () => {
  it("is empty for what is the same", () => {
    expect(shown("abc", "abc")).toEqual([]);
  });

  it("shows what is missing before what is new, with what stands around", () => {
    expect(shown("abcd", "axcd")).toEqual([" a", "-b", "+x", " c", " d"]);
    expect(shown("ab", "abc")).toEqual([" a", " b", "+c"]);
    expect(shown("abc", "")).toEqual(["-a", "-b", "-c"]);
  });

  it("leaves long stretches out", () => {
    expect(shown("xabcdefgy", "1abcdefg2")).toEqual([
      "-x",
      "+1",
      " a",
      " b",
      "…3 lines that are the same",
      " f",
      " g",
      "-y",
      "+2",
    ]);
  });

  it("gives both texts again, whatever they are", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (expected, actual) => {
        // Without what is left out, the kept lines are in both texts in order.
        const lines = lineDifference(expected, actual);
        if (lines.length === 0) {
          expect(expected).toEqual(actual);
          return;
        }
        if (lines.some(({ kind }) => kind === "skipped")) return;
        const side = (kind: "expected" | "actual") =>
          lines.filter((line) => line.kind === "same" || line.kind === kind).map((line) => line.text);
        expect([side("expected"), side("actual")]).toEqual([expected, actual]);
      }),
    );
  });
});
