/**
 * Lazy iterators. An iterator is a generator of the prelude under another kind of handle: it has identity, is passed once, and what it still has to
 * give stands in the run's object table.
 *
 * Invariants
 * 1. Adapters check their arguments when they are called; they look at nothing of their source before the first item is asked for.
 * 2. Leaving a loop over an iterator early leaves the rest in it.
 */
import type { Call } from "../builtin/call.ts";
import type { Builtin, Example } from "../builtin/declaration.ts";
import { builtin, method, preludeMethod } from "../builtin/declaration.ts";
import { typeError } from "../builtin/raise.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HHandle, HList, HPair, HRange, HSet, share } from "../value/value.ts";
import { callValue } from "../vm/calls.ts";
import { rangeLength } from "../vm/places.ts";
import { vmCall } from "../vm/vm-call.ts";
import { isCallable } from "./list-callbacks.ts";
import { sumOf } from "./sums.ts";

/** Starts a generator of the prelude, as an iterator. */
export function lazily(call: Call, fn: string, args: readonly Value[]): HHandle {
  const vm = vmCall(call);
  const generator = callValue(
    vm,
    vm.run.prelude(fn),
    args.map((arg) => share(arg)),
    -1,
  );
  if (!(generator instanceof HHandle)) throw new Error(`${fn} is no generator`);
  return new HHandle("iterator", generator.id);
}

/** Kinds with items; each has the method `iter`. */
const ITERABLE = ["list", "set", "dict", "string", "range", "generator", "channel", "iter"] as const;

export function iteratorOf(call: Call, value: Value): HHandle {
  if (value instanceof HHandle) {
    if (value.kind === "iterator") return value;
    if (value.kind === "generator") return new HHandle("iterator", value.id);
    if (value.kind === "channel") return lazily(call, "lazy_items", [value]);
  }
  if (value instanceof HDict) return lazily(call, "lazy_pairs", [value]);
  if (value instanceof HList || value instanceof HSet || value instanceof HRange || typeof value === "string") {
    return lazily(call, "lazy_items", [value]);
  }
  throw typeError(`iter: value of type ${typeName(value)} is not iterable`);
}

type Check = (value: Value, name: string) => Value;

const callback: Check = (value, name) => {
  if (isCallable(value)) return value;
  throw typeError(`iter.${name}: expected callable`);
};

const wholeFrom =
  (least: number, message: string): Check =>
  (value, name) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
    throw typeError(`iter.${name}: ${message}`);
  };

/** Adapter: name, parameter, check of it, doc, example. `null`: no parameter; `iterable`: another source. */
const ADAPTERS: readonly (readonly [string, string, Check | "iterable" | null, string, Example])[] = [
  [
    "map",
    "f: fn",
    callback,
    "What the callback gives for each item, when it is asked for.",
    { code: "println(iter([1, 2]).map({ x -> x * 2 }).to_list())", prints: "[2, 4]" },
  ],
  [
    "filter",
    "f: fn",
    callback,
    "The items for which the callback is true.",
    { code: "println(iter([1, 2]).filter({ x -> x > 1 }).to_list())", prints: "[2]" },
  ],
  [
    "flat_map",
    "f: fn",
    callback,
    "The items of what the callback gives for each item.",
    { code: "println(iter([1, 2]).flat_map({ x -> [x, x] }).to_list())", prints: "[1, 1, 2, 2]" },
  ],
  [
    "take",
    "count: int",
    wholeFrom(0, "expected non-negative int"),
    "At most `count` items.",
    { code: "println(iter(1 to 100).take(2).to_list())", prints: "[1, 2]" },
  ],
  [
    "skip",
    "count: int",
    wholeFrom(0, "expected non-negative int"),
    "Without the first `count` items.",
    { code: "println(iter([1, 2, 3]).skip(2).to_list())", prints: "[3]" },
  ],
  [
    "take_while",
    "f: fn",
    callback,
    "Items until the callback is false.",
    { code: "println(iter([1, 2, 3]).take_while({ x -> x < 3 }).to_list())", prints: "[1, 2]" },
  ],
  [
    "skip_while",
    "f: fn",
    callback,
    "Items from the first on for which the callback is false.",
    { code: "println(iter([1, 2, 3]).skip_while({ x -> x < 2 }).to_list())", prints: "[2, 3]" },
  ],
  [
    "zip",
    "other: any",
    "iterable",
    "Pairs with the items of another source, as long as both have one.",
    { code: 'println(iter([1, 2]).zip(["a", "b"]).to_list())', prints: "[(1, a), (2, b)]" },
  ],
  [
    "enumerate",
    "",
    null,
    "Pairs of position and item.",
    { code: 'println(iter(["a"]).enumerate().to_list())', prints: "[(0, a)]" },
  ],
  [
    "chain",
    "other: any",
    "iterable",
    "Its items, then those of another source.",
    { code: "println(iter([1]).chain([2]).to_list())", prints: "[1, 2]" },
  ],
  [
    "chunks",
    "size: int",
    wholeFrom(1, "chunk size must be positive"),
    "Lists of `size` items; the last may be shorter.",
    { code: "println(iter(1 to 3).chunks(2).to_list())", prints: "[[1, 2], [3]]" },
  ],
  [
    "windows",
    "size: int",
    wholeFrom(1, "window size must be positive"),
    "All runs of `size` neighbours.",
    { code: "println(iter(1 to 3).windows(2).to_list())", prints: "[[1, 2], [2, 3]]" },
  ],
];

function adapters(receiver: "iter" | "range"): Builtin[] {
  return ADAPTERS.map(([name, parameter, check, doc, example]) =>
    method(receiver, name, {
      sig: `(${parameter.replace(/^\w+/, "arg")}) -> iter` as "(arg: any) -> iter",
      doc,
      needs: "nothing",
      examples: receiver === "iter" ? [example] : examplesOfRange(name),
      run(self: Value, args, _owned, call) {
        const source = iteratorOf(call, self);
        if (check === null) return lazily(call, `lazy_${name}`, [source]);
        if (check === "iterable") {
          if (!args.has("arg")) throw typeError(`iter.${name}: expected iterable argument`);
          return lazily(call, `lazy_${name}`, [source, iteratorOf(call, args.raw("arg"))]);
        }
        return lazily(call, `lazy_${name}`, [source, check(args.raw("arg"), name)]);
      },
    }),
  );
}

/** What takes all items, or as many as it needs: name, parameters, doc, example. */
const SINKS: readonly (readonly [string, string, string, Example])[] = [
  [
    "to_list",
    "() -> list",
    "All items that are left.",
    { code: "println(iter(1 to 3).to_list())", prints: "[1, 2, 3]" },
  ],
  [
    "to_set",
    "() -> any",
    "A set of the items that are left.",
    { code: "println(iter([1, 1]).to_set())", prints: "set(1)" },
  ],
  [
    "to_dict",
    "() -> dict",
    "A dict of the pairs that are left.",
    { code: 'println(iter([pair("a", 1)]).to_dict())', prints: "{a: 1}" },
  ],
  [
    "count",
    "() -> int",
    "How many items are left; takes them.",
    { code: "println(iter(1 to 3).count())", prints: "3" },
  ],
  ["sum", "() -> any", "The sum of the numbers that are left.", { code: "println(iter(1 to 3).sum())", prints: "6" }],
  ["min", "() -> any", "The smallest item; nil: none.", { code: "println(iter([2, 1]).min())", prints: "1" }],
  ["max", "() -> any", "The largest item; nil: none.", { code: "println(iter([2, 3]).max())", prints: "3" }],
  [
    "reduce",
    "(initial: any, f: fn) -> any",
    "Folds the items: `f(sum so far, item)`.",
    { code: "println(iter(1 to 3).reduce(0, { s, x -> s + x }))", prints: "6" },
  ],
  ["first", "() -> any", "Takes the next item; nil: none.", { code: "println(iter([5, 6]).first())", prints: "5" }],
  [
    "last",
    "() -> any",
    "Takes all items and gives the last; nil: none.",
    { code: "println(iter([5, 6]).last())", prints: "6" },
  ],
  [
    "any",
    "(f: fn) -> bool",
    "Is the callback true for any item? Stops at the first.",
    { code: "println(iter(1 to 3).any({ x -> x == 2 }))", prints: "true" },
  ],
  [
    "all",
    "(f: fn) -> bool",
    "Is the callback true for all items? Stops at the first for which it is not.",
    { code: "println(iter(1 to 3).all({ x -> x < 3 }))", prints: "false" },
  ],
  [
    "find",
    "(f: fn) -> any",
    "Takes items up to the first for which the callback is true; nil: none.",
    { code: "println(iter(1 to 3).find({ x -> x > 1 }))", prints: "2" },
  ],
  [
    "for_each",
    "(f: fn) -> nil",
    "Calls the callback for each item.",
    { code: "iter(1 to 2).for_each({ x -> println(x) })", prints: "1\n2" },
  ],
];

const NEXT: Omit<Example, "prints"> & Example = {
  code: "let it = iter([1])\nprintln([it.next(), it.next()])",
  prints: "[{done: false, value: 1}, {done: true, value: nil}]",
};

const NEXT_OF_GENERATOR: Example = {
  code: "fn one() {\n  yield 1\n}\nlet g = one()\nprintln([g.next(), g.next()])",
  prints: "[{done: false, value: 1}, {done: true, value: nil}]",
};

const ITER_EXAMPLES: Readonly<Record<(typeof ITERABLE)[number], Example>> = {
  list: { code: "println([1, 2].iter().map({ x -> x + 1 }).to_list())", prints: "[2, 3]" },
  set: { code: "println(set(2, 1).iter().to_list().sort())", prints: "[1, 2]" },
  dict: { code: "println({b: 1, a: 2}.iter().map({ p -> p.first }).to_list())", prints: "[a, b]" },
  string: { code: 'println("abc".iter().take(2).to_list())', prints: "[a, b]" },
  range: { code: "println((1 to 3).iter().skip(1).to_list())", prints: "[2, 3]" },
  generator: {
    code: "fn two() {\n  yield 1\n  yield 2\n}\nprintln(two().iter().map({ x -> x * 10 }).to_list())",
    prints: "[10, 20]",
  },
  channel: {
    code: 'let c = channel("work", 2)\nsend(c, 1)\nsend(c, 2)\nclose_channel(c)\nprintln(c.iter().to_list())',
    prints: "[1, 2]",
  },
  iter: { code: "println(iter([1, 2]).iter().to_list())", prints: "[1, 2]" },
};

/** What it does as an iterator, shown on a range. */
const RANGE_EXAMPLES: Readonly<Record<string, readonly [string, string]>> = {
  map: ["map({ n -> n * n }).to_list()", "[1, 4, 9]"],
  filter: ["filter({ n -> n != 2 }).to_list()", "[1, 3]"],
  flat_map: ["flat_map({ n -> [n, n] }).to_list()", "[1, 1, 2, 2, 3, 3]"],
  take: ["take(2).to_list()", "[1, 2]"],
  skip: ["skip(2).to_list()", "[3]"],
  take_while: ["take_while({ n -> n < 3 }).to_list()", "[1, 2]"],
  skip_while: ["skip_while({ n -> n < 3 }).to_list()", "[3]"],
  zip: ['zip(["a", "b"]).to_list()', "[(1, a), (2, b)]"],
  enumerate: ["enumerate().to_list()", "[(0, 1), (1, 2), (2, 3)]"],
  chain: ["chain([9]).to_list()", "[1, 2, 3, 9]"],
  chunks: ["chunks(2).to_list()", "[[1, 2], [3]]"],
  windows: ["windows(2).to_list()", "[[1, 2], [2, 3]]"],
  to_list: ["to_list()", "[1, 2, 3]"],
  to_set: ["to_set().len()", "3"],
  to_dict: ['map({ n -> pair("k" + to_string(n), n) }).to_dict()', "{k1: 1, k2: 2, k3: 3}"],
  sum: ["sum()", "6"],
  min: ["min()", "1"],
  max: ["max()", "3"],
  reduce: ["reduce(10, { total, n -> total + n })", "16"],
  any: ["any({ n -> n > 2 })", "true"],
  all: ["all({ n -> n > 2 })", "false"],
  find: ["find({ n -> n > 1 })", "2"],
  for_each: ["for_each({ n -> n })", "nil"],
};

function examplesOfRange(name: string): readonly Example[] {
  const example = RANGE_EXAMPLES[name];
  return example === undefined ? [] : [{ code: `println((1 to 3).${example[0]})`, prints: example[1] }];
}

function sinks(receiver: "iter" | "range", without: readonly string[]): Builtin[] {
  return SINKS.filter(([name]) => !without.includes(name)).map(([name, sig, doc, example]) =>
    preludeMethod(receiver, name, {
      sig,
      doc,
      needs: "nothing",
      prelude: `iter_${name}`,
      examples: receiver === "iter" ? [example] : examplesOfRange(name),
    }),
  );
}

export const iteratorMethods: readonly Builtin[] = [
  ...ITERABLE.map((kind) =>
    method(kind, "iter", {
      sig: "() -> iter",
      doc: "A lazy iterator over its items (pairs of a dict). It gives each of them once.",
      needs: "nothing",
      examples: [ITER_EXAMPLES[kind]],
      run: (self: Value, _args, _owned, call) => iteratorOf(call, self),
    }),
  ),
  ...["generator", "iter"].map((kind) =>
    preludeMethod(kind, "next", {
      sig: "() -> dict",
      doc: "The next item: `{value, done}`; after the last `done` is true.",
      needs: "nothing",
      prelude: "iter_next",
      examples: [kind === "iter" ? NEXT : NEXT_OF_GENERATOR],
    }),
  ),
  ...adapters("iter"),
  ...sinks("iter", []),
];

/** Length, ends and membership of a range are known without going through it; all else it does as an iterator. */
export const rangeMethods: readonly Builtin[] = [
  ...["len", "count"].map((name) =>
    method("range", name, {
      sig: "() -> int",
      doc: "How many numbers it has.",
      needs: "nothing",
      examples: [{ code: `println((1 to 3).${name}())`, prints: "3" }],
      run: (self: HRange) => rangeLength(self),
    }),
  ),
  method("range", "empty", {
    sig: "() -> bool",
    doc: "Has it no numbers?",
    needs: "nothing",
    examples: [{ code: "println((3 to 1).empty())", prints: "true" }],
    run: (self: HRange) => rangeLength(self) === 0,
  }),
  method("range", "contains", {
    sig: "(number: any) -> bool",
    doc: "Is the number in the range?",
    needs: "nothing",
    examples: [{ code: "println((1 to 3).contains(3))", prints: "true" }],
    run(self: HRange, args) {
      const value = args.raw("number");
      if (typeof value !== "number" || !Number.isInteger(value)) return false;
      return value >= self.start && value < self.start + rangeLength(self);
    },
  }),
  method("range", "first", {
    sig: "() -> any",
    doc: "Its first number; nil: none.",
    needs: "nothing",
    examples: [{ code: "println((1 to 3).first())", prints: "1" }],
    run: (self: HRange) => (rangeLength(self) > 0 ? self.start : null),
  }),
  method("range", "last", {
    sig: "() -> any",
    doc: "Its last number; nil: none.",
    needs: "nothing",
    examples: [{ code: "println((1 to 3 exclusive).last())", prints: "2" }],
    run: (self: HRange) => (rangeLength(self) > 0 ? self.start + rangeLength(self) - 1 : null),
  }),
  method("range", "to_string", {
    sig: "() -> string",
    doc: "As it is written.",
    needs: "nothing",
    examples: [{ code: "println((1 to 3).to_string())", prints: "1 to 3" }],
    run: (self: HRange) => `${self.start} to ${self.end}${self.exclusive ? " exclusive" : ""}`,
  }),
  ...adapters("range"),
  ...sinks("range", ["count", "first", "last"]),
];

export const iteratorBuiltins: readonly Builtin[] = [
  builtin("iter", {
    sig: "(source: any) -> any",
    doc: "A lazy iterator over a list, set, dict (its pairs), string, range, generator or channel. It gives each item once.",
    needs: "nothing",
    examples: [{ code: "println(iter({a: 1}).to_list())", prints: "[(a, 1)]" }],
    run(call, args) {
      if (!args.has("source")) throw typeError("iter: expected 1 argument");
      return iteratorOf(call, args.raw("source"));
    },
  }),
  builtin("pair", {
    sig: "(first: any, second: any) -> any",
    doc: "A value of two parts, `.first` and `.second`.",
    needs: "nothing",
    examples: [{ code: 'let p = pair("a", 1)\nprintln([p.first, p.second])', prints: "[a, 1]" }],
    run(_call, args) {
      if (args.count !== 2) throw typeError(`pair: expected 2 arguments, got ${args.count}`);
      return new HPair(args.raw("first"), args.raw("second"));
    },
  }),
  builtin("range", {
    sig: "(start: int, end?: int) -> list",
    doc: "The numbers from 0 to before the argument, or from the first to before the second.",
    needs: "nothing",
    examples: [{ code: "println(range(3).to_list())\nprintln(range(1, 3).to_list())", prints: "[0, 1, 2]\n[1, 2]" }],
    run(_call, args) {
      const wrong =
        args.count === 1 ? "range(n): expected integer argument" : "range(a, b): expected integer arguments";
      if (args.count !== 1 && args.count !== 2) {
        throw typeError(`range expects 1 or 2 integer arguments, got ${args.count}`);
      }
      const bounds = args.rest("start").map((value) => {
        if (typeof value !== "number" || !Number.isInteger(value)) throw typeError(wrong);
        return value;
      });
      return bounds.length === 1 ? new HRange(0, bounds[0]!, true) : new HRange(bounds[0]!, bounds[1]!, true);
    },
  }),
  builtin("__iter", {
    sig: "(source: any) -> any",
    doc: "As `iter`; an iterator over a generator leaves it open when a loop over it ends early.",
    needs: "nothing",
    run: (call, args) => iteratorOf(call, args.raw("source")),
  }),
  builtin("__expect_fold", {
    sig: "(arguments: int, f: any) -> nil",
    doc: "Checks the arguments of `iter.reduce`.",
    needs: "nothing",
    borrows: true,
    run(_call, args) {
      if (isCallable(args.raw("f"))) return null;
      throw typeError(
        args.raw("f") === null ? "iter.reduce: expected (init, fn)" : "iter.reduce: second arg must be callable",
      );
    },
  }),
  builtin("__expect_iter_callable", {
    sig: "(f: any, name: string) -> nil",
    doc: "Type error of an iterator's method unless the value can be called.",
    needs: "nothing",
    borrows: true,
    run(_call, args) {
      callback(args.raw("f"), args.text("name"));
      return null;
    },
  }),
  builtin("__sum", {
    sig: "(items: list) -> any",
    doc: "The sum of numbers; other items are refused.",
    needs: "nothing",
    borrows: true,
    run: (_call, args) =>
      sumOf(args.list("items")?.items ?? [], (item) => {
        throw typeError(`iter.sum: expected number, got ${typeName(item)}`);
      }),
  }),
  builtin("__dict_from_pairs", {
    sig: "(items: list) -> dict",
    doc: "A dict of pairs with string keys.",
    needs: "nothing",
    borrows: true,
    run(_call, args) {
      const entries = (args.list("items")?.items ?? []).map((item): readonly [string, Value] => {
        if (!(item instanceof HPair)) throw typeError(`iter.to_dict: expected pair, got ${typeName(item)}`);
        if (typeof item.first !== "string") {
          throw typeError(`iter.to_dict: expected string key, got ${typeName(item.first)}`);
        }
        return [item.first, share(item.second)];
      });
      return HDict.from(entries);
    },
  }),
];
