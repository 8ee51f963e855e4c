/**
 * Methods of lists that take no callback. Each gives a new list; `push` and `pop` change the receiver in place when nobody else has it.
 *
 * Invariant: an item that is then in two lists is marked shared.
 */
import type { Builtin } from "../builtin/declaration.ts";
import { method } from "../builtin/declaration.ts";
import { holdItems, ITEM_BYTES, itemsCost, type Meter, PAIR_BYTES } from "../value/cost.ts";
import { displayCounted } from "../value/display.ts";
import { compareValues, hashKey, valuesEqual } from "../value/equality.ts";
import { copyList, Dict4, HDict, HList, shapeOf, share, type Value } from "../value/value.ts";
import { listOfShared, PIECE_BITS, pushItem } from "../vm/places.ts";
import { asWhole } from "./number-reading.ts";
import { HASHING, MAKING, SORTING } from "./paces.ts";
import { reserveItems, reserveJoined } from "./reserve.ts";
import { sortItems } from "./sorting.ts";
import { sumOf } from "./sums.ts";

/** A list of items that stay where they are, too. */
export function sharedList(items: readonly Value[]): HList {
  return listOfShared(items.slice());
}

/** Items of a list that it is not worth counting. */
const MANY = 1_000;

const INDEXED = shapeOf(["index", "value"]);

/** The extreme item, the first of equal ones; nil for an empty list. `sign` 1: largest, −1: smallest. */
export function extreme(items: readonly Value[], sign: 1 | -1, meter: Meter): Value {
  let best = items[0] ?? null;
  for (let i = 1; i < items.length; i++) if (compareValues(items[i]!, best, meter) * sign > 0) best = items[i]!;
  return share(best);
}

function chunks(self: HList, size: number): HList {
  const parts: Value[] = [];
  for (let at = 0; at < self.length; at += size) parts.push(sharedList(self.values().slice(at, at + size)));
  return new HList(parts);
}

function windows(self: HList, width: number): HList {
  const parts: Value[] = [];
  for (let at = 0; at + width <= self.length; at++) parts.push(sharedList(self.values().slice(at, at + width)));
  return new HList(parts);
}

function bound(value: number, length: number): number {
  return value < 0 ? Math.max(0, length + value) : Math.min(value, length);
}

/** What the items display as: they themselves, where all are texts. */
function textsOf(items: readonly Value[], meter: Meter): readonly string[] {
  return items.every((item) => typeof item === "string") ? items : items.map((item) => displayCounted(item, meter));
}

const chunkNames = ["chunk", "each_slice"].map((name) =>
  method("list", name, {
    sig: "(size?: int) -> list",
    doc: "Consecutive lists of `size` items (default 1); the last may be shorter.",
    needs: "nothing",
    examples: [{ code: `println([1, 2, 3].${name}(2))`, prints: "[[1, 2], [3]]" }],
    pace: MAKING,
    run(self: HList, args, _owned, call) {
      const size = Math.max(1, asWhole(args.raw("size")) ?? 1);
      holdItems(call, Math.ceil(self.length / size), PAIR_BYTES + Math.min(size, self.length) * ITEM_BYTES);
      return chunks(self, size);
    },
  }),
);

const windowNames = ["window", "each_cons", "sliding_window"].map((name) =>
  method("list", name, {
    sig: "(size?: int) -> list",
    doc: "All runs of `size` neighbours (default 2).",
    needs: "nothing",
    examples: [{ code: `println([1, 2, 3].${name}(2))`, prints: "[[1, 2], [2, 3]]" }],
    pace: MAKING,
    run(self: HList, args, _owned, call) {
      const size = Math.max(1, asWhole(args.raw("size")) ?? 2);
      const count = size * Math.max(0, self.length - size + 1);
      reserveItems(call, count);
      call.spend(itemsCost(count));
      return windows(self, size);
    },
  }),
);

export const listMethods: readonly Builtin[] = [
  method("list", "count", {
    sig: "() -> int",
    doc: "Number of items.",
    needs: "nothing",
    examples: [{ code: "println([1, 2].count())", prints: "2" }],
    pace: 0,
    run: (self: HList) => self.length,
  }),
  method("list", "len", {
    sig: "() -> int",
    doc: "Number of items.",
    needs: "nothing",
    examples: [{ code: "println([1, 2].len())", prints: "2" }],
    pace: 0,
    run: (self: HList) => self.length,
  }),
  method("list", "empty", {
    sig: "() -> bool",
    doc: "Has it no items?",
    needs: "nothing",
    examples: [{ code: "println([].empty())", prints: "true" }],
    pace: 0,
    run: (self: HList) => self.length === 0,
  }),
  method("list", "push", {
    sig: "(item?: any) -> list",
    doc: "The list with one more item. `xs = xs.push(x)` costs the same however long the list is.",
    needs: "nothing",
    examples: [{ code: "let a = [1]\nprintln([a.push(2), a])", prints: "[[1, 2], [1]]" }],
    run(self: HList, args, owned) {
      const list = owned ? self : copyList(self);
      if (args.has("item")) pushItem(list, args.raw("item"));
      return list;
    },
  }),
  method("list", "pop", {
    sig: "() -> list",
    doc: "The list without its last item.",
    needs: "nothing",
    examples: [{ code: "println([1, 2].pop())", prints: "[1]" }],
    run(self: HList, _args, owned) {
      if (!owned) return sharedList(self.values().slice(0, -1));
      if (self.floats !== null) {
        self.floats.pop();
        return self;
      }
      self.items.pop();
      if (self.stored !== null) self.stored.dirty.add(self.length >> PIECE_BITS);
      return self;
    },
  }),
  method("list", "first", {
    sig: "(count?: int) -> any",
    doc: "The first item (nil: none), or the first `count`.",
    needs: "nothing",
    examples: [{ code: "println([[1, 2].first(), [1, 2, 3].first(2)])", prints: "[1, [1, 2]]" }],
    pace: 0,
    made: 1,
    run(self: HList, args) {
      const count = asWhole(args.raw("count"));
      return count === null ? share(self.at(0) ?? null) : sharedList(self.values().slice(0, Math.max(0, count)));
    },
  }),
  method("list", "last", {
    sig: "(count?: int) -> any",
    doc: "The last item (nil: none), or the last `count`.",
    needs: "nothing",
    examples: [{ code: "println([[1, 2].last(), [1, 2, 3].last(2)])", prints: "[2, [2, 3]]" }],
    pace: 0,
    made: 1,
    run(self: HList, args) {
      const count = asWhole(args.raw("count"));
      const { items } = self;
      if (count === null) return share(items[items.length - 1] ?? null);
      return sharedList(items.slice(Math.max(0, items.length - Math.max(0, count))));
    },
  }),
  method("list", "take", {
    sig: "(count: int) -> list",
    doc: "The first `count` items.",
    needs: "nothing",
    examples: [{ code: "println([1, 2, 3].take(2))", prints: "[1, 2]" }],
    run: (self: HList, args) => sharedList(self.values().slice(0, Math.max(0, asWhole(args.raw("count")) ?? 0))),
  }),
  method("list", "skip", {
    sig: "(count: int) -> list",
    doc: "The items after the first `count`.",
    needs: "nothing",
    examples: [{ code: "println([1, 2, 3].skip(2))", prints: "[3]" }],
    run: (self: HList, args) => sharedList(self.values().slice(Math.max(0, asWhole(args.raw("count")) ?? 0))),
  }),
  method("list", "slice", {
    sig: "(start?: int, end?: int) -> list",
    doc: "The items from `start` to before `end`; negative positions count from the end.",
    needs: "nothing",
    examples: [{ code: "println([1, 2, 3, 4].slice(1, -1))", prints: "[2, 3]" }],
    run(self: HList, args) {
      const length = self.length;
      const start = bound(asWhole(args.raw("start")) ?? 0, length);
      const end = bound(asWhole(args.raw("end")) ?? length, length);
      return sharedList(self.values().slice(start, Math.max(start, end)));
    },
  }),
  method("list", "reverse", {
    sig: "() -> list",
    doc: "The items from last to first.",
    needs: "nothing",
    examples: [{ code: "println([1, 2].reverse())", prints: "[2, 1]" }],
    run: (self: HList) => sharedList(self.values().slice().reverse()),
  }),
  method("list", "sort", {
    sig: "() -> list",
    doc: "The items in ascending order; equal ones keep theirs. Numbers, strings, durations and pairs are ordered, unlike kinds are not.",
    needs: "nothing",
    examples: [{ code: "println([3, 1, 2].sort())", prints: "[1, 2, 3]" }],
    pace: SORTING,
    run: (self: HList, _args, _owned, call) => sharedList(sortItems(self.values(), call)),
  }),
  method("list", "join", {
    sig: "(separator?: any) -> string",
    doc: "The items as one text.",
    needs: "nothing",
    examples: [{ code: 'println([1, "a"].join("-"))', prints: "1-a" }],
    run(self: HList, args, _owned, call) {
      const texts = textsOf(self.values(), call);
      const separator = args.text("separator");
      reserveJoined(call, texts, separator);
      return texts.join(separator);
    },
  }),
  method("list", "contains", {
    sig: "(item: any) -> bool",
    doc: "Is an equal item in the list?",
    needs: "nothing",
    examples: [{ code: "println([1, 2].contains(2.0))", prints: "true" }],
    quick(self, item) {
      // A text is equal to nothing but itself.
      const list = self as HList;
      return typeof item === "string" && list.length < MANY ? list.values().includes(item) : undefined;
    },
    run(self: HList, args, _owned, call) {
      const item = args.raw("item");
      return self.values().some((other) => valuesEqual(other, item, call));
    },
  }),
  method("list", "index_of", {
    sig: "(item: any) -> int",
    doc: "Where the first equal item stands; -1: nowhere.",
    needs: "nothing",
    examples: [{ code: "println([[5, 6].index_of(6), [5].index_of(7)])", prints: "[1, -1]" }],
    run(self: HList, args, _owned, call) {
      const item = args.raw("item");
      return self.values().findIndex((other) => valuesEqual(other, item, call));
    },
  }),
  method("list", "enumerate", {
    sig: "() -> list",
    doc: "`{index, value}` for each item.",
    needs: "nothing",
    examples: [{ code: 'println(["a"].enumerate())', prints: "[{index: 0, value: a}]" }],
    pace: MAKING,
    run(self: HList, _args, _owned, call) {
      holdItems(call, self.length, PAIR_BYTES);
      return new HList(self.values().map((item, i) => new Dict4(INDEXED, i, share(item))));
    },
  }),
  method("list", "zip", {
    sig: "(other: list) -> list",
    doc: "Lists of two: the items at each position of both lists, as long as both have one.",
    needs: "nothing",
    examples: [{ code: "println([1, 2].zip([3, 4, 5]))", prints: "[[1, 3], [2, 4]]" }],
    pace: MAKING,
    run(self: HList, args, _owned, call) {
      const other = args.list("other")?.values() ?? [];
      const length = Math.min(self.length, other.length);
      holdItems(call, length, PAIR_BYTES);
      return new HList(Array.from({ length }, (_, i) => sharedList([self.at(i)!, other[i]!])));
    },
  }),
  method("list", "unique", {
    sig: "() -> list",
    doc: "Each item once, where it came first.",
    needs: "nothing",
    examples: [{ code: "println([1, 2, 1].unique())", prints: "[1, 2]" }],
    pace: HASHING,
    run(self: HList, _args, _owned, call) {
      const first = new Map<string, Value>();
      for (const item of self.values()) {
        const key = hashKey(item, call);
        if (!first.has(key)) first.set(key, item);
      }
      return sharedList([...first.values()]);
    },
  }),
  method("list", "flatten", {
    sig: "() -> list",
    doc: "The items, with those of inner lists in their place; one level.",
    needs: "nothing",
    examples: [{ code: "println([1, [2, [3]]].flatten())", prints: "[1, 2, [3]]" }],
    run(self: HList, _args, _owned, call) {
      let length = 0;
      for (const item of self.values()) length += item instanceof HList ? item.length : 1;
      reserveItems(call, length);
      return sharedList(self.values().flatMap((item) => (item instanceof HList ? item.values() : [item])));
    },
  }),
  method("list", "compact", {
    sig: "() -> list",
    doc: "The items that are not nil.",
    needs: "nothing",
    examples: [{ code: "println([1, nil, 2].compact())", prints: "[1, 2]" }],
    run: (self: HList) => sharedList(self.values().filter((item) => item !== null)),
  }),
  method("list", "tally", {
    sig: "() -> dict",
    doc: "How often each item comes, by its text.",
    needs: "nothing",
    examples: [{ code: 'println(["a", "b", "a"].tally())', prints: "{a: 2, b: 1}" }],
    pace: HASHING,
    run(self: HList, _args, _owned, call) {
      const counts = new Map<string, number>();
      for (const item of self.values()) {
        const key = displayCounted(item, call);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return HDict.from(counts);
    },
  }),
  method("list", "sum", {
    sig: "() -> any",
    doc: "The sum of its numbers, or of durations; other items do not count.",
    needs: "nothing",
    examples: [{ code: "println([[1, 2].sum(), [1, 0.5].sum()])", prints: "[3, 1.5]" }],
    run: (self: HList) => sumOf(self.values()),
  }),
  method("list", "min", {
    sig: "() -> any",
    doc: "The smallest item; nil for an empty list.",
    needs: "nothing",
    examples: [{ code: "println([2, 1, 3].min())", prints: "1" }],
    run: (self: HList, _args, _owned, call) => extreme(self.values(), -1, call),
  }),
  method("list", "max", {
    sig: "() -> any",
    doc: "The largest item; nil for an empty list.",
    needs: "nothing",
    examples: [{ code: "println([2, 1, 3].max())", prints: "3" }],
    run: (self: HList, _args, _owned, call) => extreme(self.values(), 1, call),
  }),
  ...chunkNames,
  ...windowNames,
];
