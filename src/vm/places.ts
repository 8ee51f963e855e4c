/**
 * Reading parts of values and changing places. Every level of a path is owned before it is changed (copied if shared) and marked as changed for
 * the next snapshot.
 */
import { runtimeError, typeError } from "../builtin/raise.ts";
import { itemsCost, type Meter, valueCost } from "../value/cost.ts";
import { displayValue } from "../value/display.ts";
import { add } from "../value/numbers.ts";
import { codePointAt, codePointLength, sliceCodePoints } from "../value/strings.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import {
  copyDict,
  copyList,
  copyStruct,
  doubleOf,
  doubles,
  floatList,
  HDict,
  HDuration,
  HEnum,
  HList,
  HPair,
  HRange,
  HRecord,
  HStruct,
  share,
} from "../value/value.ts";

/** Items of a stored list that share a piece. */
export const PIECE_BITS = 4;

export function setItem(list: HList, index: number, value: Value): void {
  const { floats } = list;
  if (floats !== null) {
    const float = doubleOf(value);
    if (float !== undefined) {
      floats[index] = float;
      return;
    }
  }
  list.items[index] = value;
  if (list.stored !== null) list.stored.dirty.add(index >> PIECE_BITS);
}

export function pushItem(list: HList, value: Value): void {
  const { state, parts } = list;
  if (state === null) {
    const float = parts.length === 0 ? doubleOf(value) : undefined;
    if (float === undefined) parts.push(value);
    else list.state = doubles(float);
    return;
  }
  const { floats, stored } = list;
  if (floats !== null) {
    const float = doubleOf(value);
    if (float !== undefined) {
      floats.push(float);
      return;
    }
  }
  const { items } = list;
  if (stored !== null) stored.dirty.add(items.length >> PIECE_BITS);
  items.push(value);
}

/** A copy of a list with one more item. */
export function pushed(list: HList, value: Value, meter: Meter): HList {
  const copy = copyList(list);
  meter.spend(itemsCost(copy.length));
  pushItem(copy, value);
  return copy;
}

/** `a + b` where nobody else sees `a`, unless it is marked: a list or dict grows in place. */
export function addTo(a: Value, b: Value): Value {
  if (a instanceof HList && b instanceof HList && !a.shared && a !== b) {
    for (const item of b.values()) pushItem(a, share(item));
    return a;
  }
  if (a instanceof HDict && b instanceof HDict && !a.shared && a !== b) {
    for (const [key, value] of b.entries()) setEntry(a, key, share(value));
    return a;
  }
  return add(a, b);
}

/** A field or property, not marked: who keeps it marks it. Undefined when the kind has none of that name. */
function property(object: Value, name: string, meter: Meter): Value | undefined {
  if (object instanceof HRecord) return object.get(name) ?? null;
  if (object instanceof HList) {
    switch (name) {
      case "count":
        return object.length;
      case "empty":
        return object.length === 0;
      case "first":
        return object.at(0) ?? null;
      case "last":
        return object.at(object.length - 1) ?? null;
      default:
        return null;
    }
  }
  if (typeof object === "string") {
    return name === "count" ? codePointLength(object, meter) : name === "empty" ? object === "" : null;
  }
  if (object instanceof HEnum) {
    if (name === "variant") return object.variant;
    if (name === "fields") return new HList(object.fields.map((field) => share(field)));
    return null;
  }
  if (object instanceof HPair) return name === "first" ? object.first : name === "second" ? object.second : undefined;
  return undefined;
}

export function getField(object: Value, name: string, meter: Meter): Value {
  const value = property(object, name, meter);
  if (value === undefined) {
    const known = object instanceof HPair ? " (expected `first` or `second`)" : "";
    throw typeError(`cannot access property \`${name}\` on ${typeName(object)}${known}`);
  }
  return value;
}

export function getFieldOptional(object: Value, name: string, meter: Meter): Value {
  return property(object, name, meter) ?? null;
}

/** An item, not marked: who keeps it marks it. */
export function getIndex(object: Value, index: Value, meter: Meter): Value {
  if (typeof object === "string") {
    if (typeof index === "number" && Number.isInteger(index)) {
      return codePointAt(object, index, meter) ?? null;
    }
  } else if (object instanceof HList) {
    if (typeof index === "number" && Number.isInteger(index)) {
      return object.at(index < 0 ? index + object.length : index) ?? null;
    }
    if (index instanceof HRange) return slice(object, index.start, index.exclusive ? index.end : index.end + 1, meter);
  } else if (object instanceof HRecord) {
    return object.get(keyText(index)) ?? null;
  } else if (object instanceof HRange) {
    if (typeof index === "number" && Number.isInteger(index)) {
      const length = rangeLength(object);
      const at = index < 0 ? index + length : index;
      if (at < 0 || at >= length) throw runtimeError(`range index out of range: ${index} (length ${length})`);
      return object.start + at;
    }
  }
  throw typeError(`cannot index into ${typeName(object)} with ${typeName(index)}`);
}

export function rangeLength(range: HRange): number {
  return Math.max(0, range.end - range.start + (range.exclusive ? 0 : 1));
}

/** A list of items that stay where they are, too. */
export function listOfShared(items: Value[]): HList {
  for (let i = 0; i < items.length; i++) share(items[i]!);
  return new HList(items);
}

export function slice(object: Value, from: Value, to: Value, meter: Meter): Value {
  const part = sliceOf(object, from, to, meter);
  if (typeof part === "object") meter.spend(valueCost(part));
  return part;
}

function sliceOf(object: Value, from: Value, to: Value, meter: Meter): Value {
  const bound = (value: Value, length: number, open: number): number => {
    if (value === null) return open;
    if (typeof value !== "number" || !Number.isInteger(value)) {
      throw typeError(`slice bounds must be int or nil, got ${typeName(value)}`);
    }
    return Math.min(length, Math.max(0, value < 0 ? value + length : value));
  };
  if (object instanceof HList) {
    const length = object.length;
    const start = bound(from, length, 0);
    const end = bound(to, length, length);
    if (object.floats !== null && start < end) return floatList(object.floats.slice(start, end));
    return listOfShared(start < end ? object.items.slice(start, end) : []);
  }
  if (typeof object === "string") {
    const length = codePointLength(object, meter);
    const start = bound(from, length, 0);
    const end = bound(to, length, length);
    return start < end ? sliceCodePoints(object, start, end, meter) : "";
  }
  throw typeError(`cannot slice ${typeName(object)}`);
}

/** The value itself when it may be changed, else a copy that may. */
export function own(value: Value, meter: Meter): Value {
  if (value instanceof HList) return value.shared ? copied(copyList(value), meter) : value;
  if (value instanceof HDict) return value.shared ? copied(copyDict(value), meter) : value;
  if (value instanceof HStruct) return value.shared ? copyStruct(value) : value;
  return value;
}

function copied(copy: Value, meter: Meter): Value {
  const cost = valueCost(copy);
  if (cost > 0) meter.spend(cost);
  return copy;
}

function keyText(key: Value): string {
  return typeof key === "string" ? key : displayValue(key);
}

function itemIndex(list: HList, key: Value): number {
  if (typeof key !== "number" || !Number.isInteger(key)) {
    throw typeError(`cannot index into list with ${typeName(key)}`);
  }
  const at = key < 0 ? key + list.length : key;
  if (at < 0 || at >= list.length) {
    throw runtimeError(`Index ${key} out of bounds for list of length ${list.length}`);
  }
  return at;
}

/** The child at a key of an owned parent, itself owned and put back. */
function ownChild(parent: Value, key: Value, meter: Meter): Value {
  if (parent instanceof HList) {
    const at = itemIndex(parent, key);
    const child = own(parent.at(at)!, meter);
    setItem(parent, at, child);
    return child;
  }
  if (parent instanceof HRecord) {
    const name = keyText(key);
    const present = parent.get(name);
    if (present === undefined || present === null) {
      throw typeError(`cannot assign into \`${name}\`: it is nil`);
    }
    const child = own(present, meter);
    setEntry(parent, name, child);
    return child;
  }
  throw typeError(`cannot assign into ${typeName(parent)}`);
}

export function setEntry(record: HRecord, key: string, value: Value): void {
  record.set(key, value);
  noteTouched(record, key);
}

/** An entry was set or deleted: the next snapshot writes it. */
export function noteTouched({ large }: HRecord, key: string): void {
  if (large === null) return;
  if (large.stored !== null) large.touched ??= new Set();
  large.touched?.add(key);
}

/** Sets `root[path…]` and answers the root, which is a new object when the old one was shared. `value` moves in. */
export function setPath(root: Value, path: readonly Value[], value: Value, meter: Meter): Value {
  const owned = own(root, meter);
  let parent = owned;
  for (let i = 0; i < path.length - 1; i++) parent = ownChild(parent, path[i]!, meter);
  setOwned(parent, path[path.length - 1]!, value);
  return owned;
}

/** The same where the holder is owned already. */
function setOwned(holder: Value, key: Value, value: Value): void {
  if (holder instanceof HRecord) setEntry(holder, keyText(key), value);
  else if (holder instanceof HList) setItem(holder, itemIndex(holder, key), value);
  else throw typeError(`cannot set property \`${keyText(key)}\` on ${typeName(holder)}`);
}

/** `setPath` for two keys. */
export function setKeyIn(root: Value, outer: Value, inner: Value, value: Value, meter: Meter): Value {
  const owned = own(root, meter);
  setOwned(ownChild(owned, outer, meter), inner, value);
  return owned;
}

/** `setPath` for one key. */
export function setKey(root: Value, key: Value, value: Value, meter: Meter): Value {
  const owned = own(root, meter);
  setOwned(owned, key, value);
  return owned;
}

/** `root[path…]`, owned on the way but itself as it stands, for a place that is written next. Answers root and value. */
export function takePath(
  root: Value,
  path: readonly Value[],
  meter: Meter,
): { readonly root: Value; readonly value: Value } {
  const owned = own(root, meter);
  let parent = owned;
  for (let i = 0; i < path.length - 1; i++) parent = ownChild(parent, path[i]!, meter);
  return { root: owned, value: takeKey(parent, path[path.length - 1]!, meter) };
}

/** The part at a key of an owned value, as it stands, for a place that is written next. */
export function takeKey(owned: Value, key: Value, meter: Meter): Value {
  if (owned instanceof HList) {
    const at = itemIndex(owned, key);
    const value = owned.at(at)!;
    setItem(owned, at, value);
    return value;
  }
  if (!(owned instanceof HRecord)) return getIndex(owned, key, meter);
  const name = keyText(key);
  const value = owned.get(name);
  if (value === undefined) return null;
  noteTouched(owned, name);
  return value;
}

/** Kinds that `for` and spreads take apart, or null. Handles are the interpreter's. */
export function materialise(value: Value): readonly Value[] | null {
  if (value instanceof HList) return value.values();
  if (value instanceof HRange) {
    const length = rangeLength(value);
    return Array.from({ length }, (_, i) => value.start + i);
  }
  if (value instanceof HDuration) return null;
  return null;
}
