import fc from "fast-check";
import { expect, test } from "vitest";
import { diffLines, unifiedDiff } from "./line-diff.ts";

const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });

test("without its additions a difference is the text before, without its removals the text after", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const diff = diffLines(before, after);
      expect(diff.filter(({ mark }) => mark !== "+").map(({ text }) => text)).toEqual(before);
      expect(diff.filter(({ mark }) => mark !== "-").map(({ text }) => text)).toEqual(after);
    }),
  );
});

/** Length of the longest common subsequence. */
function common(a: readonly string[], b: readonly string[]): number {
  let row: number[] = new Array(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    for (let j = 0; j < b.length; j++) next.push(line === b[j] ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!));
    row = next;
  }
  return row[b.length]!;
}

test("as many lines as possible stay", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const same = diffLines(before, after).filter(({ mark }) => mark === " ").length;
      expect(same).toBe(common(before, after));
    }),
  );
});

test("texts that have nothing in common are taken whole, however long they are", () => {
  const before = Array.from({ length: 5_000 }, (_, i) => `old ${i}`);
  const after = Array.from({ length: 5_000 }, (_, i) => `new ${i}`);
  const diff = diffLines(before, after);
  expect(diff.length).toBe(10_000);
  expect(diff[5_000]).toEqual({ mark: "+", text: "new 0" });
});

test("a unified difference names its file and has every line", () => {
  expect(unifiedDiff("a.txt", "one\ntwo\nthree\n", "one\n2\nthree")).toBe(
    "--- a/a.txt\n+++ b/a.txt\n one\n-two\n+2\n three\n",
  );
  expect(unifiedDiff("a.txt", "", "")).toBe("--- a/a.txt\n+++ b/a.txt\n");
});
