/** Trees that nobody wrote, with nodes of every kind: the text that they are printed as is read as the same tree. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseSource } from "../../src/syntax/parser.ts";
import { printSource } from "../../src/syntax/printer.ts";
import { kindsIn, sourceFile } from "./arbitrary-tree.ts";

const PLACES: ReadonlySet<string> = new Set(["start", "end", "opStart", "nameStart", "pathSpan"]);

/** No literal is -0. */
function withoutPlaces(node: unknown): unknown {
  if (typeof node === "number") return node + 0;
  if (typeof node !== "object" || node === null) return node;
  if (Array.isArray(node)) return node.map(withoutPlaces);
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, part]) => (PLACES.has(key) ? [] : [[key, withoutPlaces(part)]])),
  );
}

it("the print of a tree is read as that tree", () => {
  const law = fc.property(sourceFile, (file) => {
    const printed = printSource(file);
    const { file: again, diagnostics } = parseSource("t.harn", printed);
    expect(
      diagnostics.map(({ message }) => message),
      printed,
    ).toEqual([]);
    expect(withoutPlaces(again.items), printed).toEqual(withoutPlaces(file.items));
    expect(printSource(again)).toBe(printed);
  });
  fc.assert(law, { numRuns: 5_000, interruptAfterTimeLimit: 3_000 });
});

it("the trees have nodes of all kinds", () => {
  const found = new Set<string>();
  for (const file of fc.sample(sourceFile, { numRuns: 2_000, seed: 1 })) kindsIn(file, found);
  const all = `arm source-file type-name type-union type-shape type-fn type-string type-int pattern-name pattern-dict pattern-list pattern-pair
    block pipeline fn tool skill struct enum interface impl type-alias override import binding assign for while return throw break continue guard
    require defer expr key-name key-computed match-wildcard match-value match-name match-enum match-dict match-list match-or text int float string
    interpolation bool nil duration name list dict struct-literal spread unary binary ternary call method-call property index slice range closure if
    match try try-star propagate retry deadline mutex spawn yield parallel select`;
  expect(all.split(/\s+/).filter((kind) => kind !== "arm" && !found.has(kind))).toEqual([]);
});
