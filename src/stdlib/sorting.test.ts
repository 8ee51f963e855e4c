import fc from "fast-check";
import { expect, it } from "vitest";
import { UNMETERED } from "../value/cost.ts";
import { compareValues } from "../value/equality.ts";
import { makeFloat } from "../value/numbers.ts";
import type { Value } from "../value/value.ts";
import { orderOf, sortItems } from "./sorting.ts";

const number = fc.oneof(
  fc.integer(),
  fc.double().map((n) => makeFloat(n)),
  fc.constantFrom<Value>(makeFloat(-0), 0, makeFloat(Number.NaN), makeFloat(3), 3, 10n ** 17n),
);
const text = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.constantFrom("\uffff", "\u{10000}", "\ud7ff"));
const items = fc.oneof(
  fc.array(fc.integer()),
  fc.array(fc.double({ noInteger: true, noNaN: true })),
  fc.array(number),
  fc.array(text),
  fc.array(fc.constantFrom("b", "a", "ab", "", "B")),
  fc.array(fc.oneof(number, text, fc.constant(null), fc.boolean())),
);

it("agrees with the order of values, and is stable", () => {
  fc.assert(
    fc.property(items, (list) => {
      const slow = list.slice().sort((a, b) => compareValues(a, b, UNMETERED));
      expect(sortItems(list, UNMETERED)).toEqual(slow);
      const order = Array.from(orderOf(list, UNMETERED));
      expect(order.map((i) => list[i])).toEqual(slow);
      const positions = list.map((_, i) => i).sort((a, b) => compareValues(list[a]!, list[b]!, UNMETERED));
      expect(order).toEqual(positions);
    }),
    { numRuns: 2_000 },
  );
});
