/** Lists and structs that hold floats as bare doubles are what plain arrays and maps of values are, whatever is done to them in whichever order. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNMETERED } from "../../src/value/cost.ts";
import { displayValue } from "../../src/value/display.ts";
import { valuesEqual } from "../../src/value/equality.ts";
import { parseJson, stringifyJson } from "../../src/value/json.ts";
import { add } from "../../src/value/numbers.ts";
import {
  asDict,
  asLarge,
  copyList,
  copyStruct,
  HDict,
  HList,
  type HStruct,
  listOf,
  structOf,
  type Value,
} from "../../src/value/value.ts";
import { addTo, getIndex, pushItem, setItem, slice, takePath } from "../../src/vm/places.ts";
import { exactText, float, holdsNaN, key, scalar } from "./arbitrary-value.ts";

/** Mostly floats: what they are held as changes when something else comes. */
const value = fc.oneof({ weight: 9, arbitrary: float }, { weight: 1, arbitrary: scalar });
const values = fc.oneof(fc.array(float, { maxLength: 6 }), fc.array(value, { maxLength: 6 }));
const at = fc.nat(7);

/** What the same values are when nothing was ever held in another way. */
function plainText(items: readonly Value[]): string {
  return exactText(new HList([...items]));
}

/** Answers the list that goes on. */
type ListStep = (list: HList, model: Value[]) => HList;

const listStep: fc.Arbitrary<ListStep> = fc.oneof(
  {
    weight: 3,
    arbitrary: value.map(
      (item): ListStep =>
        (list, model) => {
          pushItem(list, item);
          model.push(item);
          return list;
        },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(at, value).map(
      ([index, item]): ListStep =>
        (list, model) => {
          if (index >= model.length) return list;
          setItem(list, index, item);
          model[index] = item;
          return list;
        },
    ),
  },
  values.map(
    (more): ListStep =>
      (list, model) => {
        model.push(...more);
        return addTo(list, listOf([...more])) as HList;
      },
  ),
  values.map(
    (more): ListStep =>
      (list, model) => {
        model.push(...more);
        return add(list, new HList([...more])) as HList;
      },
  ),
  fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 9 })).map(([from, to]): ListStep => {
    return (list, model) => {
      const part = model.slice(from, to);
      model.splice(0, model.length, ...part);
      return slice(list, from, to, UNMETERED) as HList;
    };
  }),
  at.map(
    (index): ListStep =>
      (list, model) => {
        expect(plainText([getIndex(list, index, UNMETERED)])).toBe(plainText([model[index] ?? null]));
        if (index < model.length)
          expect(plainText([takePath(list, [index], UNMETERED).value])).toBe(plainText([model[index]!]));
        return list;
      },
  ),
  fc.constant<ListStep>((list, model) => {
    const copy = copyList(list);
    pushItem(list, 1);
    if (model.length > 0) setItem(list, 0, "other");
    return copy;
  }),
  fc.constant<ListStep>((list, model) => {
    expect(plainText(list.items)).toBe(plainText(model));
    return list;
  }),
);

function expectList(list: HList, model: readonly Value[]): void {
  const plain = new HList([...model]);
  expect(list.length).toBe(model.length);
  expect(exactText(list)).toBe(exactText(plain));
  for (let i = -1; i <= model.length; i++) {
    expect(plainText([list.at(i) ?? null])).toBe(plainText([model[i] ?? null]));
  }
  expect(displayValue(list)).toBe(displayValue(plain));
  expect(valuesEqual(list, plain, UNMETERED)).toBe(!holdsNaN(plain));
  expect(valuesEqual(plain, list, UNMETERED)).toBe(!holdsNaN(plain));
}

/** What JSON makes of it, and what is read again. */
function jsonText(item: Value): string {
  try {
    const text = stringifyJson(item);
    const read = parseJson(text);
    return `${text} ${stringifyJson(item, { indent: 2 })} ${JSON.stringify(read.ok ? exactText(read.value) : read)}`;
  } catch (thrown) {
    return String(thrown);
  }
}

describe("lists of floats", () => {
  it("are what arrays of the same values are", () => {
    fc.assert(
      fc.property(values, fc.array(listStep, { maxLength: 14 }), (first, steps) => {
        const model = [...first];
        let list = listOf([...first]);
        expectList(list, model);
        for (const step of steps) {
          list = step(list, model);
          expectList(list, model);
        }
        expect(jsonText(list)).toBe(jsonText(new HList(model)));
      }),
      { numRuns: 1_000, interruptAfterTimeLimit: 2_000 },
    );
  });
});

type StructStep = (struct: HStruct, model: Map<string, Value>) => HStruct;

const field = fc.oneof(fc.constantFrom("x", "y", "z"), key);
const structStep: fc.Arbitrary<StructStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(field, value).map(
      ([name, item]): StructStep =>
        (struct, model) => {
          struct.set(name, item);
          model.set(name, item);
          return struct;
        },
    ),
  },
  field.map(
    (name): StructStep =>
      (struct, model) => {
        expect(struct.delete(name)).toBe(model.delete(name));
        return struct;
      },
  ),
  fc.constant<StructStep>((struct) => {
    const copy = copyStruct(struct);
    struct.set("x", "other");
    struct.set("another", 1);
    return copy;
  }),
  fc.constant<StructStep>((struct) => {
    const dict = asDict(struct);
    dict.set("x", "other");
    dict.delete("y");
    return struct;
  }),
  fc.constant<StructStep>((struct) => structOf("V", asDict(struct))),
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 9 }).map(
      (n): StructStep =>
        (struct) => {
          if (n === 0) asLarge(struct);
          return struct;
        },
    ),
  },
);

function plainStruct(model: ReadonlyMap<string, Value>): HDict {
  return HDict.from(model);
}

function expectStruct(struct: HStruct, model: ReadonlyMap<string, Value>): void {
  const plain = plainStruct(model);
  expect(struct.name).toBe("V");
  expect(struct.size).toBe(model.size);
  expect(exactText(struct)).toBe(`struct V ${exactText(plain)}`);
  expect(struct.keys()).toEqual(plain.keys());
  expect(plainText(struct.values())).toBe(plainText(plain.values()));
  expect(plainText(struct.entries().map(([, item]) => item))).toBe(plainText(plain.values()));
  for (const name of [...model.keys(), "x", "none"]) {
    expect(struct.has(name)).toBe(model.has(name));
    expect(plainText([struct.get(name) ?? "nothing"])).toBe(plainText([model.get(name) ?? "nothing"]));
  }
  const other = structOf("V", plain);
  expect(displayValue(struct)).toBe(displayValue(other));
  expect(valuesEqual(struct, other, UNMETERED)).toBe(!holdsNaN(other));
  expect(valuesEqual(copyStruct(other), struct, UNMETERED)).toBe(!holdsNaN(other));
}

describe("structs of floats", () => {
  it("are what maps of the same values are", () => {
    const entries = (item: fc.Arbitrary<Value>, maxLength: number) => fc.array(fc.tuple(field, item), { maxLength });
    const start = fc.oneof(entries(float, 9), entries(value, 14));
    fc.assert(
      fc.property(start, fc.array(structStep, { maxLength: 24 }), (first, steps) => {
        const model = new Map(first);
        let struct = structOf("V", HDict.from(first));
        expectStruct(struct, model);
        for (const step of steps) {
          struct = step(struct, model);
          expectStruct(struct, model);
        }
        expect(jsonText(struct)).toBe(jsonText(plainStruct(model)));
      }),
      { numRuns: 1_000, interruptAfterTimeLimit: 2_000 },
    );
  });
});
