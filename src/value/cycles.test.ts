/** Values that contain themselves, as only damaged bytecode makes them, and values that share their parts: nothing goes round for ever. */
import { describe, expect, it } from "vitest";
import { UNMETERED } from "./cost.ts";
import { displayValue } from "./display.ts";
import { hashKey, valuesEqual } from "./equality.ts";
import { HDict, HEnum, HList, type Value } from "./value.ts";

/** A ring of so many lists, each in the next. */
function ring(length: number): HList {
  const first = new HList([1]);
  let outer = first;
  for (let i = 1; i < length; i++) outer = new HList([outer, i]);
  first.parts.push(outer);
  return first;
}

function dictInItself(): HDict {
  const dict = HDict.of({ a: 1 });
  dict.set("self", new HEnum("E", "Of", [dict]));
  return dict;
}

/** As many ways lead to its last part as two to the power of `depth`. */
function wide(depth: number): HList {
  let list = new HList([1, 2]);
  for (let i = 0; i < depth; i++) list = new HList([list, list]);
  return list;
}

describe("a value that contains itself", () => {
  const all: readonly Value[] = [ring(1), ring(2), ring(77), ring(5_000), dictInItself(), new HList([1, ring(3)])];
  it.each(all)("has no text and no key", (value) => {
    for (const look of [() => displayValue(value), () => hashKey(value, UNMETERED)])
      expect(look).toThrow(
        expect.objectContaining({ error: expect.objectContaining({ message: "value contains itself" }) }),
      );
  });

  it("is equal to one that has the same parts at each depth", () => {
    expect(valuesEqual(ring(3), ring(3), UNMETERED)).toBe(true);
    expect(valuesEqual(dictInItself(), dictInItself(), UNMETERED)).toBe(true);
    expect(valuesEqual(ring(3), ring(4), UNMETERED)).toBe(false);
  });
});

describe("a value that shares its parts", () => {
  it("is compared once for each of them", () => {
    expect(valuesEqual(wide(60), wide(60), UNMETERED)).toBe(true);
    expect(valuesEqual(wide(60), wide(61), UNMETERED)).toBe(false);
  });

  it("has a text, however deep and often shared", () => {
    expect(displayValue(wide(2))).toBe("[[[1, 2], [1, 2]], [[1, 2], [1, 2]]]");
    let deep: Value = 1;
    for (let i = 0; i < 200_000; i++) deep = new HList([deep]);
    expect(displayValue(new HList([deep, deep])).length).toBe(800_006);
  });
});
