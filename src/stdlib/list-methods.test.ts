import { describe, expect, it } from "vitest";
import type { Builtin } from "../builtin/declaration.ts";
import { UNMETERED } from "../value/cost.ts";
import { displayValue } from "../value/display.ts";
import { asLarge, HDict, HFloat, HList, type HSet, type Value } from "../value/value.ts";
import { testingCall } from "./call-harness.ts";
import { dictMethods } from "./dict-methods.ts";
import { listMethods } from "./list-methods.ts";
import { setMethods, setOf } from "./sets.ts";

function call(list: readonly Builtin[], receiver: string, name: string, owned: boolean, ...args: Value[]): Value {
  const found = list.find((entry) => entry.receiver === receiver && entry.name === name);
  if (found === undefined) throw new Error(`no method ${receiver}.${name}`);
  return found.run(testingCall(), args, owned) as Value;
}

describe("changing in place", () => {
  it("pushes onto an owned list, and onto a copy of another's", () => {
    const list = new HList([1]);
    expect(call(listMethods, "list", "push", true, list, 2)).toBe(list);
    const copy = call(listMethods, "list", "push", false, list, 3);
    expect(copy).not.toBe(list);
    expect([displayValue(list), displayValue(copy)]).toEqual(["[1, 2]", "[1, 2, 3]"]);
  });

  it("marks the items of a copy as shared", () => {
    const inner = new HList([1]);
    call(listMethods, "list", "push", false, new HList([inner]), 2);
    expect(inner.shared).toBe(true);
  });

  it("removes from an owned dict and set", () => {
    const dict = HDict.of({ a: 1, b: 2 });
    expect(call(dictMethods, "dict", "remove", true, dict, "a")).toBe(dict);
    expect(displayValue(dict)).toBe("{b: 2}");
    const set = setOf([1, 2], UNMETERED);
    expect(call(setMethods, "set", "delete", true, set, 1)).toBe(set);
    expect((call(setMethods, "set", "add", false, set, 3) as HSet).items.size).toBe(2);
    expect(displayValue(set)).toBe("set(2)");
  });

  it("notes keys and pieces of stored values that changed", () => {
    const dict = HDict.of({ a: 1 });
    const entries = asLarge(dict);
    entries.stored = { id: 1, dirty: new Set(), length: 0 };
    call(dictMethods, "dict", "merge", true, dict, HDict.of({ b: 2 }));
    call(dictMethods, "dict", "remove", true, dict, "a");
    expect([...entries.touched!].sort()).toEqual(["a", "b"]);
    const list = new HList(Array.from({ length: 20 }, (_, i) => i));
    list.stored = { id: 2, dirty: new Set(), length: 20 };
    call(listMethods, "list", "pop", true, list);
    expect([...list.stored.dirty]).toEqual([1]);
  });

  it("merges a dict into itself without harm", () => {
    const dict = HDict.of({ a: 1 });
    expect(displayValue(call(dictMethods, "dict", "merge", true, dict, dict))).toBe("{a: 1}");
  });
});

describe("list methods", () => {
  const show = (name: string, items: Value[], ...args: Value[]) =>
    displayValue(call(listMethods, "list", name, false, new HList(items), ...args));

  it("sorts stably: equal numbers of both kinds keep their order", () => {
    expect(show("sort", [3, new HFloat(1), 2, 1])).toBe("[1.0, 1, 2, 3]");
    expect(show("sort", ["b", "a", "ä", "Z"])).toBe("[Z, a, b, ä]");
  });

  it("sums ints with wrapping and mixed numbers as floats", () => {
    expect(show("sum", [9223372036854775807n, 1])).toBe("-9223372036854775808");
    expect(show("sum", [1, 0.5, "x"])).toBe("1.5");
    expect(show("sum", [])).toBe("0");
  });

  it("bounds slices, counts and widths", () => {
    expect(show("slice", [1, 2, 3], -2)).toBe("[2, 3]");
    expect(show("slice", [1, 2, 3], 2, 1)).toBe("[]");
    expect(show("take", [1, 2], -1)).toBe("[]");
    expect(show("chunk", [1, 2, 3], 0)).toBe("[[1], [2], [3]]");
    expect(show("window", [1, 2], 3)).toBe("[]");
    expect(show("last", [1, 2], 5)).toBe("[1, 2]");
  });
});
