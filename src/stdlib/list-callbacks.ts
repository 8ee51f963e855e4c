/**
 * Methods of lists that take a callback. They are written in Harn (prelude/lists.harn.ts), so that a callback may wait; what has to be fast after
 * the callbacks have answered (sorting, grouping) is done by the primitives here, whose names start with `__`.
 */
import type { Builtin, Example } from "../builtin/declaration.ts";
import { builtin, preludeMethod } from "../builtin/declaration.ts";
import { typeError } from "../builtin/raise.ts";
import type { Meter } from "../value/cost.ts";
import { displayCounted } from "../value/display.ts";
import { compareValues } from "../value/equality.ts";
import { isTruthy } from "../value/truthiness.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin, HClosure, HDict, HList, share } from "../value/value.ts";
import { sharedList } from "./list-methods.ts";
import { HASHING, SORTING } from "./paces.ts";
import { orderOf } from "./sorting.ts";

export function isCallable(value: Value): boolean {
  return value instanceof HClosure || value instanceof HBuiltin;
}

function itemsOf(value: Value): readonly Value[] {
  return value instanceof HList ? value.items : [];
}

/** The items at which `keys` holds a true value. */
function selected(items: readonly Value[], keys: readonly Value[], wanted: boolean): Value[] {
  return items.filter((_, i) => isTruthy(keys[i] ?? null) === wanted);
}

/** The item whose key is extreme, the first of equal ones; nil when there are none. */
function extremeBy(items: readonly Value[], keys: readonly Value[], sign: 1 | -1, meter: Meter): Value {
  let best = 0;
  for (let i = 1; i < items.length; i++) if (compareValues(keys[i]!, keys[best]!, meter) * sign > 0) best = i;
  return share(items[best] ?? null);
}

const callback = (name: string, sig: string, doc: string, prelude: string, ...examples: Example[]): Builtin =>
  preludeMethod("list", name, { sig, doc, needs: "nothing", prelude, examples });

export const listCallbackMethods: readonly Builtin[] = [
  callback("map", "(f: fn) -> list", "What the callback gives for each item.", "list_map", {
    code: "println([1, 2].map({ x -> x * 10 }))",
    prints: "[10, 20]",
  }),
  callback("filter", "(f: fn) -> list", "The items for which the callback is true.", "list_filter", {
    code: "println([1, 2, 3].filter({ x -> x > 1 }))",
    prints: "[2, 3]",
  }),
  callback("reduce", "(initial: any, f: fn) -> any", "Folds the items: `f(sum so far, item)`.", "list_reduce", {
    code: "println([1, 2, 3].reduce(0, { sum, x -> sum + x }))",
    prints: "6",
  }),
  callback("each", "(f: fn) -> nil", "Calls the callback for each item.", "list_each", {
    code: "[1, 2].each({ x -> println(x) })",
    prints: "1\n2",
  }),
  callback("for_each", "(f: fn) -> nil", "Calls the callback for each item.", "list_each", {
    code: "[1, 2].for_each({ x -> println(x) })",
    prints: "1\n2",
  }),
  callback("find", "(f: fn) -> any", "The first item for which the callback is true; nil: none.", "list_find", {
    code: "println([1, 2, 3].find({ x -> x > 1 }))",
    prints: "2",
  }),
  callback("find_index", "(f: fn) -> int", "Where that item stands; -1: nowhere.", "list_find_index", {
    code: "println([5, 6].find_index({ x -> x == 6 }))",
    prints: "1",
  }),
  callback("any", "(f: fn) -> bool", "Is the callback true for any item?", "list_any", {
    code: "println([1, 2].any({ x -> x > 1 }))",
    prints: "true",
  }),
  ...["all", "every", "all?"].map((name) =>
    callback(name, "(f: fn) -> bool", "Is the callback true for all items?", "list_all", {
      code: `println([1, 2].${name === "all?" ? "all" : name}({ x -> x > 1 }))`,
      prints: "false",
    }),
  ),
  ...["none", "none?"].map((name) =>
    callback(
      name,
      "(f?: fn) -> bool",
      "Is the callback true for no item? Without one: is the list empty?",
      "list_none",
      { code: "println([[1, 2].none({ x -> x > 5 }), [].none()])", prints: "[true, true]" },
    ),
  ),
  callback(
    "flat_map",
    "(f: fn) -> list",
    "As `map`, with the items of lists that the callback gives in their place.",
    "list_flat_map",
    { code: "println([1, 2].flat_map({ x -> [x, x] }))", prints: "[1, 1, 2, 2]" },
  ),
  callback(
    "sort_by",
    "(f: fn) -> list",
    "The items in the order of what the callback gives for them; equal ones keep theirs.",
    "list_sort_by",
    { code: 'println(["ccc", "a", "bb"].sort_by({ s -> len(s) }))', prints: "[a, bb, ccc]" },
  ),
  callback("min_by", "(f: fn) -> any", "The item with the smallest key; nil: none.", "list_min_by", {
    code: 'println(["bb", "a"].min_by({ s -> len(s) }))',
    prints: "a",
  }),
  callback("max_by", "(f: fn) -> any", "The item with the largest key; nil: none.", "list_max_by", {
    code: 'println(["bb", "a"].max_by({ s -> len(s) }))',
    prints: "bb",
  }),
  callback("partition", "(f: fn) -> list", "Two lists: where the callback is true, and the rest.", "list_partition", {
    code: "println([1, 2, 3].partition({ x -> x > 1 }))",
    prints: "[[2, 3], [1]]",
  }),
  callback("group_by", "(f: fn) -> dict", "The items by the text of what the callback gives.", "list_group_by", {
    code: "println([1, 2, 3].group_by({ x -> x % 2 == 0 }))",
    prints: "{false: [1, 3], true: [2]}",
  }),
];

const internal = (
  name: string,
  doc: string,
  run: (items: readonly Value[], keys: readonly Value[], meter: Meter) => Value,
  pace = 1,
): Builtin =>
  builtin(name, {
    sig: "(items: list, keys: list) -> any",
    doc,
    needs: "nothing",
    borrows: true,
    pace,
    run: (call, args) => run(itemsOf(args.raw("items")), itemsOf(args.raw("keys")), call),
  });

export const listPrimitives: readonly Builtin[] = [
  builtin("__expect_callable", {
    sig: "(value: any, method: string) -> nil",
    doc: "Type error unless the value can be called.",
    needs: "nothing",
    borrows: true,
    quick: (value) => (value instanceof HClosure ? null : undefined),
    run(_call, args) {
      const value = args.raw("value");
      if (isCallable(value)) return null;
      throw typeError(`${args.text("method")}: expected callable, got ${typeName(value)}`);
    },
  }),
  internal("__list_select", "Items whose key is true.", (items, keys) => sharedList(selected(items, keys, true))),
  internal(
    "__list_partition",
    "Items whose key is true, and the others.",
    (items, keys) => new HList([sharedList(selected(items, keys, true)), sharedList(selected(items, keys, false))]),
  ),
  internal(
    "__list_sort_by",
    "Items in the order of their keys.",
    (items, keys, meter) => {
      const order = orderOf(keys, meter);
      const sorted: Value[] = new Array(order.length);
      for (let i = 0; i < order.length; i++) sorted[i] = share(items[order[i]!]!);
      return new HList(sorted);
    },
    SORTING,
  ),
  internal(
    "__list_group_by",
    "Items by the text of their keys.",
    (items, keys, meter) => {
      const groups = new Map<string, HList>();
      for (let i = 0; i < items.length; i++) {
        const item = share(items[i]!);
        const by = keys[i]!;
        const key = typeof by === "string" ? by : displayCounted(by, meter);
        const group = groups.get(key);
        if (group === undefined) groups.set(key, new HList([item]));
        else group.parts.push(item);
      }
      return HDict.fromMap(groups);
    },
    HASHING,
  ),
  internal("__list_min_by", "Item with the smallest key.", (items, keys, meter) => extremeBy(items, keys, -1, meter)),
  internal("__list_max_by", "Item with the largest key.", (items, keys, meter) => extremeBy(items, keys, 1, meter)),
];
