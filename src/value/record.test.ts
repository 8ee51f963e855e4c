import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayValue } from "./display.ts";
import { compareUtf8 } from "./key-order.ts";
import { asDict, copyDict, copyStruct, HDict, HRecord, HStruct, structOf, type Value } from "./value.ts";

const key = fc.constantFrom(..."abcdefghijklmnopqrst", "\u{1f600}", "\uffee", "");
type Step = { kind: "set"; key: string; value: Value } | { kind: "delete"; key: string };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("set" as const),
      key,
      value: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
    }),
    fc.record({ kind: fc.constant("delete" as const), key }),
  ),
  { maxLength: 60 },
);

function apply(record: HRecord, map: Map<string, Value>, step: Step): void {
  if (step.kind === "set") {
    record.set(step.key, step.value);
    map.set(step.key, step.value);
  } else expect(record.delete(step.key)).toBe(map.delete(step.key));
}

function expectSame(record: HRecord, map: Map<string, Value>): void {
  const keys = [...map.keys()].sort(compareUtf8);
  expect(record.size).toBe(map.size);
  expect([...record.keys()]).toEqual(keys);
  expect(record.values()).toEqual(keys.map((name) => map.get(name)));
  expect(record.entries()).toEqual(keys.map((name) => [name, map.get(name)]));
  for (const name of "abcxyz") {
    expect(record.get(name)).toBe(map.get(name));
    expect(record.has(name)).toBe(map.has(name));
  }
}

describe("dicts and structs", () => {
  it("hold what a map holds, in the order of the keys' bytes", () => {
    fc.assert(
      fc.property(steps, steps, (first, second) => {
        const map = new Map<string, Value>();
        const dict = HDict.empty();
        for (const step of first) apply(dict, map, step);
        expectSame(dict, map);
        expectSame(HDict.from(map), map);
        expectSame(HDict.of(Object.fromEntries(map)), map);
        const copy = copyDict(dict);
        const fields = new Map(map);
        const struct = structOf("S", copyDict(dict));
        for (const step of second) {
          apply(copy, map, step);
          apply(struct, fields, step);
        }
        expectSame(copy, map);
        expectSame(struct, fields);
        expectSame(copyStruct(struct), fields);
        expectSame(asDict(struct), fields);
        expect(displayValue(struct)).toBe(`S ${displayValue(HDict.from(fields))}`);
      }),
    );
  });

  it("are what they are, whatever room they have", () => {
    for (const size of [0, 1, 4, 5, 8, 9, 12, 13, 40]) {
      const dict = HDict.from(Array.from({ length: size }, (_, i) => [`k${i}`, i] as const));
      const struct = structOf("S", copyDict(dict));
      expect([dict.constructor, dict instanceof HDict, dict instanceof HStruct]).toEqual([HDict, true, false]);
      expect([struct.constructor, struct instanceof HStruct, struct instanceof HDict]).toEqual([HStruct, true, false]);
      expect([struct.name, dict instanceof HRecord, struct instanceof HRecord]).toEqual(["S", true, true]);
      expect(dict.shape === HDict.from(dict.entries()).shape).toBe(true);
    }
  });

  it("take the later of two equal keys", () => {
    expect(
      displayValue(
        HDict.from([
          ["b", 1],
          ["a", 2],
          ["b", 3],
        ]),
      ),
    ).toBe("{a: 2, b: 3}");
  });

  it("mark what a copy makes common", () => {
    const inner = HDict.of({ a: 1 });
    expect(inner.shared).toBe(false);
    const outer = HDict.of({ inner });
    copyDict(outer);
    expect([inner.shared, outer.shared]).toEqual([true, false]);
  });
});

it("tells keys with NUL apart from several keys", () => {
  HDict.from([
    ["a", 1],
    ["b", 2],
  ]);
  const dict = HDict.from([["a\u0000b", 3]]);
  expect(dict.keys()).toEqual(["a\u0000b"]);
  expect(dict.get("a\u0000b")).toBe(3);
});
