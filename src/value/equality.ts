/**
 * Equality, ordering and hash keys of values.
 *
 * Invariants
 * 1. `valuesEqual(a, b)` implies `hashKey(a) === hashKey(b)`: 1 and 1.0 are equal, so they hash alike.
 * 2. Nothing here recurses deeper than the stack allows without a clear failure: nesting is followed with a work list.
 */
import { Growth, itemsCost, type Meter, SHORT_TEXT, textCost } from "./cost.ts";
import { displayDuration } from "./display.ts";
import { compareUtf8 } from "./key-order.ts";
import { type Int, isNumber } from "./numbers.ts";
import { PathWatch } from "./path-watch.ts";
import {
  HBuiltin,
  HClosure,
  HDict,
  HDuration,
  HEnum,
  HFloat,
  HHandle,
  HList,
  HPair,
  HRange,
  type HRecord,
  HSet,
  HStruct,
  slotAt,
  type Value,
} from "./value.ts";

/** So many parts are compared for nothing. */
const FEW = 8;

/** From here on it is worth noting which pairs have been compared. */
const MANY_PAIRS = 100_000;

/** Structural; ints and floats compare by value; channels and generators are equal to nothing, closures never. */
export function valuesEqual(a: Value, b: Value, meter: Meter): boolean {
  if (typeof a === "string") return typeof b === "string" && textsEqual(a, b, meter);
  if (a === b) return !(a instanceof HClosure || neverEqual(a));
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return scalarsEqual(a, b, meter);
  const work: Value[] = [a, b];
  let equal = true;
  let pairs = 0;
  let known: KnownPairs | null = null;
  for (; equal && work.length > 0; pairs++) {
    const y = work.pop()!;
    const x = work.pop()!;
    if (pairs >= MANY_PAIRS) {
      known ??= new KnownPairs();
      if (known.has(x, y)) continue;
    }
    equal = pushParts(x, y, work, meter);
  }
  if (pairs > FEW) meter.spend(pairs);
  return equal;
}

/**
 * Pairs that have been looked at, or are about to be: a pair that comes again needs no second look, and values that share their parts with themselves do not
 * take time by their number of ways.
 */
class KnownPairs {
  readonly #partners = new Map<Value, Set<Value>>();

  /** From now on it is. */
  has(x: Value, y: Value): boolean {
    if (typeof x !== "object" || typeof y !== "object" || x === null || y === null) return false;
    let partners = this.#partners.get(x);
    if (partners === undefined) {
      partners = new Set();
      this.#partners.set(x, partners);
    }
    if (partners.has(y)) return true;
    partners.add(y);
    return false;
  }
}

function textsEqual(a: string, b: string, meter: Meter): boolean {
  if (a.length > SHORT_TEXT && a.length === b.length) meter.spend(textCost(a.length));
  return a === b;
}

function neverEqual(value: Value): boolean {
  if (typeof value === "number") return Number.isNaN(value);
  return value instanceof HHandle && (value.kind === "channel" || value.kind === "generator");
}

function scalarsEqual(a: Value, b: Value, meter: Meter): boolean {
  if (typeof a === "string" && typeof b === "string") return textsEqual(a, b, meter);
  if (isNumber(a) && isNumber(b)) {
    return numbersEqual(a, b);
  }
  return a === b;
}

/** By mathematical value, also where an int is too large for a double. */
function numbersEqual(a: Int | HFloat, b: Int | HFloat): boolean {
  const x = a instanceof HFloat ? a.value : a;
  const y = b instanceof HFloat ? b.value : b;
  return typeof x === typeof y ? x === y : x <= y && x >= y;
}

/** Compares two values as far as they have no parts, and queues the parts in pairs. False: they differ. */
function pushParts(x: Value, y: Value, work: Value[], meter: Meter): boolean {
  if (typeof x !== "object" || typeof y !== "object" || x === null || y === null) return scalarsEqual(x, y, meter);
  if (x instanceof HList)
    return y instanceof HList && x.length === y.length && pushItems(x.values(), y.values(), work, meter);
  if (x instanceof HDict) return y instanceof HDict && pushEntries(x, y, work, meter);
  if (x instanceof HFloat) return isNumber(y) && numbersEqual(x, y);
  if (x instanceof HStruct) return y instanceof HStruct && x.name === y.name && pushEntries(x, y, work, meter);
  if (x instanceof HEnum) {
    return (
      y instanceof HEnum &&
      x.enumName === y.enumName &&
      x.variant === y.variant &&
      pushItems(x.fields, y.fields, work, meter)
    );
  }
  if (x instanceof HSet) {
    if (!(y instanceof HSet) || x.items.size !== y.items.size) return false;
    meter.spend(x.items.size);
    for (const key of x.items.keys()) if (!y.items.has(key)) return false;
    return true;
  }
  if (x instanceof HPair) {
    if (!(y instanceof HPair)) return false;
    work.push(x.first, y.first, x.second, y.second);
    return true;
  }
  if (x instanceof HRange) {
    return y instanceof HRange && x.start === y.start && x.end === y.end && x.exclusive === y.exclusive;
  }
  if (x instanceof HDuration) return y instanceof HDuration && x.ms === y.ms;
  if (x instanceof HBuiltin) return y instanceof HBuiltin && x.name === y.name;
  if (x instanceof HHandle) return y instanceof HHandle && x.kind === y.kind && x.id === y.id && !neverEqual(x);
  return false;
}

function pushItems(x: readonly Value[], y: readonly Value[], work: Value[], meter: Meter): boolean {
  if (x.length !== y.length) return false;
  if (x.length > FEW) meter.spend(itemsCost(x.length));
  for (let i = x.length - 1; i >= 0; i--) {
    const a = x[i]!;
    const b = y[i]!;
    if (typeof a === "object" && typeof b === "object" && a !== null && b !== null) work.push(a, b);
    else if (!scalarsEqual(a, b, meter)) return false;
  }
  return true;
}

function pushEntries(x: HRecord, y: HRecord, work: Value[], meter: Meter): boolean {
  if (x.size !== y.size) return false;
  if (x.shape === y.shape && !x.shape.large) {
    for (let i = x.shape.keys.length - 1; i >= 0; i--) {
      const a = slotAt(x, i)!;
      const b = slotAt(y, i)!;
      if (typeof a === "object" && typeof b === "object" && a !== null && b !== null) work.push(a, b);
      else if (!scalarsEqual(a, b, meter)) return false;
    }
    return true;
  }
  for (const key of x.keys()) {
    const other = y.get(key);
    if (other === undefined) return false;
    work.push(x.get(key)!, other);
  }
  return true;
}

/** How much longer it takes unit by unit. */
const BY_UNIT = 4;

/** Negative, 0 or positive. Unlike or unordered kinds compare equal. */
export function compareValues(a: Value, b: Value, meter: Meter): number {
  let x = a;
  let y = b;
  for (;;) {
    if (isNumber(x) && isNumber(y)) {
      const p = x instanceof HFloat ? x.value : x;
      const q = y instanceof HFloat ? y.value : y;
      return p < q ? -1 : p > q ? 1 : 0;
    }
    if (typeof x === "string" && typeof y === "string") {
      if (x.length > SHORT_TEXT && y.length > SHORT_TEXT) meter.spend(textCost(Math.min(x.length, y.length)) * BY_UNIT);
      return compareUtf8(x, y);
    }
    if (x instanceof HDuration && y instanceof HDuration) return x.ms - y.ms;
    if (!(x instanceof HPair && y instanceof HPair)) return 0;
    const first = compareValues(x.first, y.first, meter);
    if (first !== 0) return first;
    [x, y] = [x.second, y.second];
  }
}

/** Of a key, in fuel: the text is made, and hashed. */
const KEY_BITS = 2;
const SHORT_KEY = 32;

/** Equal for equal values; for sets and `unique`. Different values have different keys, but for closures, which share by their text. */
export function hashKey(value: Value, meter: Meter): string {
  const key = keyOf(value, meter);
  if (key.length > SHORT_KEY) meter.spend(key.length >> KEY_BITS);
  return key;
}

function keyOf(value: Value, meter: Meter): string {
  let out = "";
  const growth = new Growth(meter);
  const path = new PathWatch();
  // Strings in the work list are finished text.
  const work: (Finished | Value)[] = [value];
  while (work.length > 0) {
    const next = work.pop()!;
    if (next instanceof Finished) {
      out += next.text;
      if (next.closes) path.leave();
      continue;
    }
    const scalar = scalarKey(next);
    if (scalar !== null) {
      out += scalar;
      continue;
    }
    path.enter(next as object);
    growth.told(out.length + work.length * PENDING_BYTES);
    if (next instanceof HList) pushKeyItems(work, "L", next.values());
    else if (next instanceof HPair) pushKeyItems(work, "P", [next.first, next.second]);
    else if (next instanceof HEnum) pushKeyItems(work, `E${sized(next.enumName)}${sized(next.variant)}`, next.fields);
    else if (next instanceof HDict) pushKeyEntries(work, "D", next);
    else if (next instanceof HStruct) pushKeyEntries(work, `O${sized(next.name)}`, next);
  }
  return out;
}

/** What a part takes that is still to be looked at. */
const PENDING_BYTES = 32;

class Finished {
  readonly text: string;
  /** It ends a value with parts. */
  readonly closes: boolean;
  constructor(text: string, closes: boolean) {
    this.text = text;
    this.closes = closes;
  }
}

function sized(text: string): string {
  return `${text.length}:${text}`;
}

function pushKeyItems(work: (Finished | Value)[], open: string, items: readonly Value[]): void {
  work.push(new Finished("]", true));
  for (let i = items.length - 1; i >= 0; i--) work.push(items[i]!);
  work.push(new Finished(open, false));
}

function pushKeyEntries(work: (Finished | Value)[], open: string, fields: HRecord): void {
  work.push(new Finished("}", true));
  const keys = fields.keys();
  const values = fields.values();
  for (let i = keys.length - 1; i >= 0; i--) {
    work.push(values[i]!);
    work.push(new Finished(sized(keys[i]!), false));
  }
  work.push(new Finished(open, false));
}

function scalarKey(value: Value): string | null {
  switch (typeof value) {
    case "string":
      return `s${sized(value)}`;
    case "boolean":
      return value ? "T" : "F";
    case "number":
    case "bigint":
      return `n${value};`;
    default:
      if (value === null) return "N";
      if (value instanceof HFloat) return `n${BigInt(value.value)};`;
      if (value instanceof HDuration) return `d${displayDuration(value.ms)};`;
      if (value instanceof HRange) return `r${value.start},${value.end},${value.exclusive};`;
      if (value instanceof HBuiltin) return `b${sized(value.name)}`;
      if (value instanceof HHandle) return `h${value.kind}${value.id};`;
      if (value instanceof HSet) return `S${sized([...value.items.keys()].sort().join(","))}`;
      if (value instanceof HClosure) return `c${sized(`<fn(${value.proto.params.join(", ")})>`)}`;
      return null;
  }
}
