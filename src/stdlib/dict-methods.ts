/** Methods and builtins on dicts; structs have them too. A dict that nobody else has is changed in place by `merge` and `remove`. */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin, method, preludeMethod } from "../builtin/declaration.ts";
import { holdItems, type Meter, PAIR_BYTES } from "../value/cost.ts";
import { displayCounted } from "../value/display.ts";
import { isTruthy } from "../value/truthiness.ts";
import {
  asDict,
  copyDict,
  Dict4,
  HDict,
  HList,
  HRecord,
  type HStruct,
  shapeOf,
  share,
  type Value,
} from "../value/value.ts";
import { noteTouched, setEntry } from "../vm/places.ts";
import { ENTRIES, HASHING } from "./paces.ts";

const ENTRY = shapeOf(["key", "value"]);
const NO_FIELDS = HDict.empty();

/** The fields of a dict or struct; none for other kinds. */
export function fieldsOf(value: Value): HRecord {
  return value instanceof HRecord ? value : NO_FIELDS;
}

const keysOf = (dict: HRecord) => new HList(dict.keys().slice());
const valuesOf = (dict: HRecord) => new HList(dict.values().map(share));
function entriesOf(dict: HRecord, meter: Meter): HList {
  holdItems(meter, dict.size, PAIR_BYTES);
  return new HList(dict.entries().map(([key, value]) => new Dict4(ENTRY, key, share(value))));
}

/** The dict itself when it may be changed, else a copy that may. Structs give a dict. */
function changeable(self: HDict | HStruct, owned: boolean): HDict {
  return self instanceof HDict ? (owned ? self : copyDict(self)) : asDict(self);
}

export const dictMethods: readonly Builtin[] = [
  method("dict", "keys", {
    sig: "() -> list",
    doc: "Its keys, in order.",
    needs: "nothing",
    examples: [{ code: "println({b: 1, a: 2}.keys())", prints: "[a, b]" }],
    pace: ENTRIES,
    run: (self: HDict | HStruct) => keysOf(fieldsOf(self)),
  }),
  method("dict", "values", {
    sig: "() -> list",
    doc: "Its values, in the order of the keys.",
    needs: "nothing",
    examples: [{ code: "println({b: 1, a: 2}.values())", prints: "[2, 1]" }],
    pace: ENTRIES,
    run: (self: HDict | HStruct) => valuesOf(fieldsOf(self)),
  }),
  method("dict", "entries", {
    sig: "() -> list",
    doc: "`{key, value}` for each entry, in the order of the keys.",
    needs: "nothing",
    examples: [{ code: "println({a: 2}.entries())", prints: "[{key: a, value: 2}]" }],
    pace: ENTRIES,
    run: (self: HDict | HStruct, _args, _owned, call) => entriesOf(fieldsOf(self), call),
  }),
  method("dict", "count", {
    sig: "() -> int",
    doc: "Number of entries.",
    needs: "nothing",
    examples: [{ code: "println({a: 2}.count())", prints: "1" }],
    pace: 0,
    run: (self: HDict | HStruct) => fieldsOf(self).size,
  }),
  method("dict", "has", {
    sig: "(key: any) -> bool",
    doc: "Has it this key?",
    needs: "nothing",
    examples: [{ code: 'println([{a: nil}.has("a"), {a: 1}.has("b")])', prints: "[true, false]" }],
    pace: 0,
    quick: (self, key) => (typeof key === "string" ? (self as HDict).has(key) : undefined),
    run: (self: HDict | HStruct, args) => fieldsOf(self).has(args.text("key")),
  }),
  method("dict", "get", {
    sig: "(key: any, otherwise?: any) -> any",
    doc: "The value of a key, or `otherwise` (nil) when it is missing.",
    needs: "nothing",
    examples: [{ code: 'println([{a: 1}.get("a"), {a: 1}.get("b", 0)])', prints: "[1, 0]" }],
    pace: 0,
    quick(self, key, otherwise) {
      if (typeof key !== "string") return undefined;
      const value = (self as HDict).get(key);
      return value === undefined ? (otherwise ?? null) : share(value);
    },
    run(self: HDict | HStruct, args) {
      const value = fieldsOf(self).get(args.text("key"));
      return value === undefined ? args.raw("otherwise") : share(value);
    },
  }),
  method("dict", "merge", {
    sig: "(other: any) -> dict",
    doc: "The dict with the entries of another over its own.",
    needs: "nothing",
    examples: [{ code: "println({a: 1, b: 1}.merge({b: 2}))", prints: "{a: 1, b: 2}" }],
    pace: ENTRIES,
    run(self: HDict | HStruct, args, owned) {
      const other = args.dict("other");
      if (other === null) return share(self);
      const merged = changeable(self, owned && other !== self);
      for (const [key, value] of other.entries()) setEntry(merged, key, share(value));
      return merged;
    },
  }),
  method("dict", "remove", {
    sig: "(key: any) -> dict",
    doc: "The dict without a key.",
    needs: "nothing",
    examples: [{ code: 'println({a: 1, b: 2}.remove("a"))', prints: "{b: 2}" }],
    pace: ENTRIES,
    run(self: HDict | HStruct, args, owned) {
      const dict = changeable(self, owned);
      const key = args.text("key");
      if (dict.delete(key)) noteTouched(dict, key);
      return dict;
    },
  }),
  preludeMethod("dict", "map_values", {
    sig: "(f: fn) -> dict",
    doc: "The same keys with what the callback gives for their values.",
    needs: "nothing",
    prelude: "dict_map_values",
    examples: [{ code: "println({a: 1}.map_values({ v -> v + 1 }))", prints: "{a: 2}" }],
  }),
  ...["rekey", "map_keys"].map((name) =>
    preludeMethod("dict", name, {
      sig: "(f: fn) -> dict",
      doc: "The same values under the keys that the callback gives; of equal ones the last stays.",
      needs: "nothing",
      prelude: "dict_rekey",
      examples: [{ code: `println({a: 1}.${name}({ k -> uppercase(k) }))`, prints: "{A: 1}" }],
    }),
  ),
  preludeMethod("dict", "filter", {
    sig: "(f: fn) -> dict",
    doc: "The entries for whose value the callback is true.",
    needs: "nothing",
    prelude: "dict_filter",
    examples: [{ code: "println({a: 1, b: 2}.filter({ v -> v > 1 }))", prints: "{b: 2}" }],
  }),
];

const overKind = (name: string, doc: string, prints: string, run: (dict: HRecord, meter: Meter) => Value): Builtin =>
  builtin(name, {
    sig: "(dict: any) -> list",
    doc,
    needs: "nothing",
    borrows: true,
    examples: [{ code: `println(${name}({a: 2}))`, prints }],
    pace: ENTRIES,
    run: (call, args) => run(fieldsOf(args.raw("dict")), call),
  });

export const dictBuiltins: readonly Builtin[] = [
  overKind("keys", "The keys of a dict, in order; none for other kinds.", "[a]", keysOf),
  overKind("values", "The values of a dict, in the order of the keys; none for other kinds.", "[2]", valuesOf),
  overKind(
    "entries",
    "`{key, value}` for each entry of a dict; none for other kinds.",
    "[{key: a, value: 2}]",
    entriesOf,
  ),
  builtin("__dict_build", {
    sig: "(keys: list, values: list) -> dict",
    doc: "A dict of these keys (by their text) and values.",
    needs: "nothing",
    borrows: true,
    pace: HASHING,
    run(call, args) {
      const values = args.list("values")?.items ?? [];
      const keys = args.list("keys")?.items ?? [];
      return HDict.from(keys.map((key, i) => [displayCounted(key, call), share(values[i]!)] as const));
    },
  }),
  builtin("__dict_select", {
    sig: "(dict: any, flags: list) -> dict",
    doc: "The entries whose flag, in the order of the keys, is true.",
    needs: "nothing",
    borrows: true,
    pace: ENTRIES,
    run(_call, args) {
      const dict = fieldsOf(args.raw("dict"));
      const flags = args.list("flags")?.items ?? [];
      const kept = dict.keys().filter((_, i) => isTruthy(flags[i] ?? null));
      return HDict.from(kept.map((key) => [key, share(dict.get(key)!)] as const));
    },
  }),
];
