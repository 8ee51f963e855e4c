/**
 * Sets: builtins and methods. A set keeps the order in which its items came; equal items (1 and 1.0 are) stand once.
 * A set that nobody else has is changed in place by `add` and `remove`.
 */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin, method, preludeMethod } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import type { Meter } from "../value/cost.ts";
import { hashKey } from "../value/equality.ts";
import { isTruthy } from "../value/truthiness.ts";
import { HList, HSet, share, type Value } from "../value/value.ts";
import { sharedList } from "./list-methods.ts";
import { COPYING, HASHING } from "./paces.ts";

type Items = ReadonlyMap<string, Value>;

/** A set of items that stay where they are, too. */
export function setOf(items: Iterable<Value>, meter: Meter): HSet {
  const map = new Map<string, Value>();
  for (const item of items) {
    const key = hashKey(item, meter);
    if (!map.has(key)) map.set(key, share(item));
  }
  return new HSet(map);
}

/** A set of items by their keys; the first of a key stays. */
function sharedSet(entries: readonly (readonly [string, Value])[]): HSet {
  const map = new Map<string, Value>();
  for (const [key, item] of entries) if (!map.has(key)) map.set(key, share(item));
  return new HSet(map);
}

function selectItems(items: Items, keep: (key: string) => boolean): HSet {
  const map = new Map<string, Value>();
  for (const [key, item] of items) if (keep(key)) map.set(key, share(item));
  return new HSet(map);
}

const union = (a: Items, b: Items) => sharedSet([...a, ...b]);
const intersection = (a: Items, b: Items) => selectItems(a, (key) => b.has(key));
const difference = (a: Items, b: Items) => selectItems(a, (key) => !b.has(key));
const symmetricDifference = (a: Items, b: Items) => sharedSet([...difference(a, b).items, ...difference(b, a).items]);

function isSubset(a: Items, b: Items): boolean {
  for (const key of a.keys()) if (!b.has(key)) return false;
  return true;
}

function isDisjoint(a: Items, b: Items): boolean {
  for (const key of a.keys()) if (b.has(key)) return false;
  return true;
}

function added(set: HSet, item: Value, owned: boolean, meter: Meter): HSet {
  const result = owned ? set : selectItems(set.items, () => true);
  const key = hashKey(item, meter);
  if (!result.items.has(key)) result.items.set(key, item);
  return result;
}

function removed(set: HSet, item: Value, owned: boolean, meter: Meter): HSet {
  const result = owned ? set : selectItems(set.items, () => true);
  result.items.delete(hashKey(item, meter));
  return result;
}

const COMBINATIONS: readonly (readonly [
  readonly string[],
  string,
  string,
  (a: Items, b: Items) => HSet,
  "self" | "empty",
])[] = [
  [["union"], "The items of both sets.", "set(1, 2, 3)", union, "self"],
  [["intersect", "intersection"], "The items that are in both sets.", "set(2)", intersection, "empty"],
  [["difference"], "The items that are not in the other set.", "set(1)", difference, "self"],
  [["symmetric_difference"], "The items that are in one of the sets only.", "set(1, 3)", symmetricDifference, "self"],
];

const TESTS: readonly (readonly [string, string, string, (a: Items, b: Items) => boolean, boolean])[] = [
  ["is_subset", "Are all its items in the other set?", "false", isSubset, false],
  ["is_superset", "Are all items of the other set in this one?", "false", (a, b) => isSubset(b, a), false],
  ["is_disjoint", "Have both sets no item in common?", "false", isDisjoint, true],
];

export const setBuiltins: readonly Builtin[] = [
  builtin("set", {
    sig: "(...items: any) -> any",
    doc: "A set of the items of the lists and sets given, and of the other arguments.",
    needs: "nothing",
    examples: [{ code: "println(set([1, 2], 2, 3))", prints: "set(1, 2, 3)" }],
    pace: HASHING,
    run(call, args) {
      const items = args.rest("items").flatMap((item) => {
        if (item instanceof HList) return item.items;
        return item instanceof HSet ? [...item.items.values()] : [item];
      });
      return setOf(items, call);
    },
  }),
  builtin("set_add", {
    sig: "(set: any, item: any) -> any",
    doc: "The set with one more item.",
    needs: "nothing",
    examples: [{ code: "println(set_add(set(1), 2))", prints: "set(1, 2)" }],
    pace: COPYING,
    run(call, args) {
      const set = args.raw("set");
      if (!(set instanceof HSet)) throw thrownError("set_add: first argument must be a set");
      return added(set, args.raw("item"), false, call);
    },
  }),
  builtin("set_remove", {
    sig: "(set: any, item: any) -> any",
    doc: "The set without an item.",
    needs: "nothing",
    examples: [{ code: "println(set_remove(set(1, 2), 2))", prints: "set(1)" }],
    pace: COPYING,
    run(call, args) {
      const set = args.raw("set");
      if (!(set instanceof HSet)) throw thrownError("set_remove: first argument must be a set");
      return removed(set, args.raw("item"), false, call);
    },
  }),
  builtin("set_contains", {
    sig: "(set: any, item: any) -> bool",
    doc: "Is the item in the set?",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println(set_contains(set(1, 2), 2))", prints: "true" }],
    pace: 0,
    run(call, args) {
      const set = args.raw("set");
      return set instanceof HSet && set.items.has(hashKey(args.raw("item"), call));
    },
  }),
  ...COMBINATIONS.map(([[name], doc, prints, combine]) =>
    builtin(`set_${name}`, {
      sig: "(a: any, b: any) -> any",
      doc,
      needs: "nothing",
      borrows: true,
      examples: [{ code: `println(set_${name}(set(1, 2), set(2, 3)))`, prints }],
      pace: COPYING,
      run(_call, args) {
        const a = args.raw("a");
        const b = args.raw("b");
        if (a instanceof HSet && b instanceof HSet) return combine(a.items, b.items);
        throw thrownError(`set_${name}: arguments must be sets`);
      },
    }),
  ),
  ...TESTS.map(([name, doc, prints, test, otherwise]) =>
    builtin(`set_${name}`, {
      sig: "(a: any, b: any) -> bool",
      doc,
      needs: "nothing",
      borrows: true,
      examples: [{ code: `println(set_${name}(set(1, 2), set(2, 3)))`, prints }],
      run(_call, args) {
        const a = args.raw("a");
        const b = args.raw("b");
        return a instanceof HSet && b instanceof HSet ? test(a.items, b.items) : otherwise;
      },
    }),
  ),
  builtin("__set_of", {
    sig: "(items: list) -> any",
    doc: "A set of the items of a list.",
    needs: "nothing",
    borrows: true,
    pace: HASHING,
    run: (call, args) => setOf(args.list("items")?.items ?? [], call),
  }),
  builtin("__set_select", {
    sig: "(set: any, flags: list) -> any",
    doc: "The items whose flag is true.",
    needs: "nothing",
    borrows: true,
    pace: 8,
    run(call, args) {
      const set = args.raw("set");
      const flags = args.list("flags")?.items ?? [];
      const items = set instanceof HSet ? [...set.items.values()] : [];
      return setOf(
        items.filter((_, i) => isTruthy(flags[i] ?? null)),
        call,
      );
    },
  }),
];

export const setMethods: readonly Builtin[] = [
  ...["count", "len"].map((name) =>
    method("set", name, {
      sig: "() -> int",
      doc: "Number of items.",
      needs: "nothing",
      examples: [{ code: `println(set(1, 2).${name}())`, prints: "2" }],
      pace: 0,
      run: (self: HSet) => self.items.size,
    }),
  ),
  method("set", "empty", {
    sig: "() -> bool",
    doc: "Has it no items?",
    needs: "nothing",
    examples: [{ code: "println(set().empty())", prints: "true" }],
    pace: 0,
    run: (self: HSet) => self.items.size === 0,
  }),
  method("set", "contains", {
    sig: "(item: any) -> bool",
    doc: "Is the item in the set?",
    needs: "nothing",
    examples: [{ code: "println(set(1, 2).contains(2))", prints: "true" }],
    pace: 0,
    run: (self: HSet, args, _owned, call) => self.items.has(hashKey(args.raw("item"), call)),
  }),
  method("set", "add", {
    sig: "(item: any) -> set",
    doc: "The set with one more item.",
    needs: "nothing",
    examples: [{ code: "println(set(1).add(2))", prints: "set(1, 2)" }],
    pace: COPYING,
    run: (self: HSet, args, owned, call) => added(self, args.raw("item"), owned, call),
  }),
  ...["remove", "delete"].map((name) =>
    method("set", name, {
      sig: "(item: any) -> set",
      doc: "The set without an item.",
      needs: "nothing",
      examples: [{ code: `println(set(1, 2).${name}(1))`, prints: "set(2)" }],
      pace: COPYING,
      run: (self: HSet, args, owned, call) => removed(self, args.raw("item"), owned, call),
    }),
  ),
  ...COMBINATIONS.flatMap(([names, doc, prints, combine, otherwise]) =>
    names.map((name) =>
      method("set", name, {
        sig: "(other: any) -> set",
        doc,
        needs: "nothing",
        examples: [{ code: `println(set(1, 2).${name}(set(2, 3)))`, prints }],
        pace: COPYING,
        run(self: HSet, args) {
          const other = args.raw("other");
          if (other instanceof HSet) return combine(self.items, other.items);
          return otherwise === "self" ? share(self) : new HSet(new Map());
        },
      }),
    ),
  ),
  ...TESTS.map(([name, doc, prints, test, otherwise]) =>
    method("set", name, {
      sig: "(other: any) -> bool",
      doc,
      needs: "nothing",
      examples: [{ code: `println(set(1, 2).${name}(set(2, 3)))`, prints }],
      run(self: HSet, args) {
        const other = args.raw("other");
        return other instanceof HSet ? test(self.items, other.items) : otherwise;
      },
    }),
  ),
  method("set", "to_list", {
    sig: "() -> list",
    doc: "Its items, in the order in which they came.",
    needs: "nothing",
    examples: [{ code: "println(set(2, 1).to_list())", prints: "[2, 1]" }],
    run: (self: HSet) => sharedList([...self.items.values()]),
  }),
  preludeMethod("set", "map", {
    sig: "(f: fn) -> set",
    doc: "A set of what the callback gives for the items.",
    needs: "nothing",
    prelude: "set_map",
    examples: [{ code: "println(set(1, 2, 3).map({ x -> x % 2 }))", prints: "set(1, 0)" }],
  }),
  preludeMethod("set", "filter", {
    sig: "(f: fn) -> set",
    doc: "The items for which the callback is true.",
    needs: "nothing",
    prelude: "set_filter",
    examples: [{ code: "println(set(1, 2, 3).filter({ x -> x > 1 }))", prints: "set(2, 3)" }],
  }),
  preludeMethod("set", "any", {
    sig: "(f: fn) -> bool",
    doc: "Is the callback true for any item?",
    needs: "nothing",
    prelude: "set_any",
    examples: [{ code: "println(set(1, 2).any({ x -> x > 1 }))", prints: "true" }],
  }),
  ...["all", "every"].map((name) =>
    preludeMethod("set", name, {
      sig: "(f: fn) -> bool",
      doc: "Is the callback true for all items?",
      needs: "nothing",
      prelude: "set_all",
      examples: [{ code: `println(set(1, 2).${name}({ x -> x > 1 }))`, prints: "false" }],
    }),
  ),
];
