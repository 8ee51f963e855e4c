/** Random values of a program, as they are in memory; and an equal value made in another way. */
import fc from "fast-check";
import { UNMETERED } from "../../src/value/cost.ts";
import { hashKey } from "../../src/value/equality.ts";
import { makeFloat, normalizeInt } from "../../src/value/numbers.ts";
import { dictOfStruct } from "../../src/value/record-copies.ts";
import {
  HBuiltin,
  HDict,
  HDuration,
  HEnum,
  HFloat,
  HList,
  HPair,
  HRange,
  type HRecord,
  HSet,
  HStruct,
  listOf,
  share,
  structOf,
  type Value,
} from "../../src/value/value.ts";

const int = fc
  .oneof(
    fc.bigInt(-5n, 5n),
    fc.tuple(fc.constantFrom(31n, 32n, 53n, 63n), fc.bigInt(-2n, 2n)).map(([power, near]) => 2n ** power + near),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  )
  .map(normalizeInt);
export const float = fc
  .oneof(
    fc.double(),
    fc.constantFrom(-0, 0, 1, -1, 0.5, 2 ** 53, 2 ** 53 + 2, 2 ** 63, 1e300, 5e-324, Infinity, -Infinity, NaN),
    fc.integer({ min: -5, max: 5 }),
  )
  .map(makeFloat);

/** All that a text may hold: characters outside of the first plane, halves of them, controls. */
export const text = fc.string({
  unit: fc.constantFrom(
    "a",
    "b",
    "é",
    "漢",
    "😀",
    "\uffff",
    "\ue000",
    "\0",
    "\n",
    '"',
    "\\",
    "$",
    ",",
    ":",
    "1",
    "\ud83d",
  ),
  maxLength: 5,
});
/** Keys of dicts are no halves of characters: no source of keys gives them. */
export const key = text.filter((key) => key.isWellFormed());

export const scalar: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: int },
  { weight: 4, arbitrary: float },
  { weight: 4, arbitrary: text },
  fc.constantFrom<Value>(null, true, false),
  fc.integer({ min: -100_000, max: 100_000 }).map((ms) => new HDuration(ms)),
  fc.constantFrom("len", "println").map((name) => new HBuiltin(name)),
  fc
    .tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.boolean())
    .map(([a, b, x]) => new HRange(a, b, x)),
);

function setOf(items: readonly Value[]): HSet {
  for (const item of items) share(item);
  return new HSet(new Map(items.map((item) => [hashKey(item, UNMETERED), item])));
}

interface Sizes {
  /** Items of a list, keys of a dict. */
  readonly most: number;
}

/** `most` above 64 gives lists and dicts that are stored in pieces, above 12 dicts that are maps. */
export function arbitraryValue({ most }: Sizes): fc.Arbitrary<Value> {
  return fc.letrec<{ value: Value }>((tie) => {
    const value = tie("value");
    const items = fc.array(value, { maxLength: most, size: "max", depthIdentifier: "value" });
    const few = fc.array(value, { maxLength: 3, depthIdentifier: "value" });
    const entries = fc.array(fc.tuple(key, value), { maxLength: most, size: "max", depthIdentifier: "value" });
    return {
      value: fc.oneof(
        { depthIdentifier: "value", depthSize: "small", withCrossShrink: true },
        { weight: 5, arbitrary: scalar },
        { weight: 2, arbitrary: items.map((list) => new HList(list)) },
        // Held as bare doubles.
        fc.array(float, { maxLength: most, size: "max", depthIdentifier: "value" }).map(listOf),
        fc.array(fc.tuple(key, float), { maxLength: 9 }).map((list) => structOf("V", HDict.from(list))),
        { weight: 2, arbitrary: entries.map((list) => HDict.from(list)) },
        few.map(setOf),
        fc.tuple(value, value).map(([a, b]) => new HPair(share(a), share(b))),
        fc.tuple(fc.constantFrom("P", "Q"), entries).map(([name, list]) => structOf(name, HDict.from(list))),
        fc
          .tuple(fc.constantFrom("E", "F"), fc.constantFrom("A", "B"), few)
          .map(([e, v, list]) => new HEnum(e, v, list)),
        // The same thing in several places.
        value.map((inner) => new HList([share(inner), inner, new HList([inner])])),
      ),
    };
  }).value;
}

/** Exactly what a value is: ints and floats are told apart, and so are -0.0 and 0.0. Not whether parts of it are shared. */
export function exactText(value: Value): string {
  if (typeof value === "number")
    return `${Number.isInteger(value) ? "int" : "float"} ${Object.is(value, -0) ? "-0" : value}`;
  if (typeof value === "bigint") return `int ${value}`;
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (value instanceof HFloat) return `float ${Object.is(value.value, -0) ? "-0" : value.value}`;
  if (value instanceof HList) return `[${value.values().map(exactText).join(", ")}]`;
  if (value instanceof HDict)
    return `{${value
      .keys()
      .map((k) => `${JSON.stringify(k)}: ${exactText(value.get(k)!)}`)
      .join(", ")}}`;
  if (value instanceof HSet) return `set(${[...value.items.values()].map(exactText).join(", ")})`;
  if (value instanceof HPair) return `(${exactText(value.first)}, ${exactText(value.second)})`;
  if (value instanceof HStruct) return `struct ${value.name} ${exactText(dictOfStruct(value))}`;
  if (value instanceof HEnum) return `${value.enumName}.${value.variant}(${value.fields.map(exactText).join(", ")})`;
  if (value instanceof HRange) return `${value.start} to ${value.end} ${value.exclusive}`;
  if (value instanceof HDuration) return `${value.ms} ms`;
  if (value instanceof HBuiltin) return `builtin ${value.name}`;
  return value.constructor.name;
}

/** An equal value: other objects, keys that came in another order, floats for ints where they are the same number. */
export function equalVariant(value: Value): Value {
  if (typeof value === "number" && Number.isInteger(value)) return new HFloat(value);
  if (value instanceof HFloat && Number.isSafeInteger(value.value)) return value.value + 0;
  if (value instanceof HList) return new HList(value.values().map(equalVariant));
  if (value instanceof HDict) return variantDict(value);
  if (value instanceof HSet) return setOf([...value.items.values()].toReversed().map(equalVariant));
  if (value instanceof HPair) return new HPair(equalVariant(value.first), equalVariant(value.second));
  if (value instanceof HStruct) return structOf(value.name, variantDict(value));
  if (value instanceof HEnum) return new HEnum(value.enumName, value.variant, value.fields.map(equalVariant));
  if (value instanceof HRange) return new HRange(value.start, value.end, value.exclusive);
  if (value instanceof HDuration) return new HDuration(value.ms);
  if (value instanceof HBuiltin) return new HBuiltin(value.name);
  return value;
}

/** Key by key, last first; once it was larger. */
function variantDict(dict: HRecord): HDict {
  const other = HDict.empty();
  const extra = Array.from({ length: 14 }, (_, i) => `extra ${i}`);
  for (const k of extra) other.set(k, null);
  for (const k of dict.keys().toReversed()) other.set(k, equalVariant(dict.get(k)!));
  for (const k of extra) if (!dict.has(k)) other.delete(k);
  return other;
}

/** NaN is in it: such a value is not equal to itself. */
export function holdsNaN(value: Value): boolean {
  return exactText(value).includes("float NaN");
}
