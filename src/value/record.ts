/**
 * Dicts and structs: keys with values (the choice and its figures: docs/decisions/0005-dicts-inline.md).
 *
 * Up to `SMALL_DICT` values stand in the order of the shape's keys: the first in slots of the object itself, which is made with room for 4 or 8, the
 * others in an array. More keys are in a Map.
 *
 * Invariants
 * 1. The slots past the shape's keys are undefined, in the array too, which has four or eight of them.
 * 2. `more` of a large dict is its `LargeEntries`; of a small one the values that have no room, or null. Only large ones are stored in pieces, so
 *    whoever owns a small dict may change a slot without looking further.
 * 3. Of a shape with `floats`, all slots are bare doubles, each a float, and the object is a `FloatStruct`. When it gets something else, its values move
 *    to the array, and its shape has no room from then on; copies of it are ordinary again.
 * 4. A struct is no `HDict`; both are `HRecord`s. The classes stand for the kinds; objects are made by the functions below.
 */

import { compareUtf8 } from "./key-order.ts";
import { emptySlots, enlarge, insert, LargeEntries, loosen, type Slot, setSlotAt, slotAt } from "./record-slots.ts";
import { EMPTY_SHAPE, givenKeys, knownGiven, LARGE_SHAPE, type Shape, SMALL_DICT, withoutKey } from "./shape.ts";
import type { Value } from "./value.ts";

export abstract class HRecord {
  declare shape: Shape;
  declare shared: boolean;
  declare more: LargeEntries | Slot[] | null;
  declare s0: Slot;
  declare s1: Slot;
  declare s2: Slot;
  declare s3: Slot;
  declare s4: Slot;
  declare s5: Slot;
  declare s6: Slot;
  declare s7: Slot;

  /** Null: it is small. */
  get large(): LargeEntries | null {
    return this.shape.large ? (this.more as LargeEntries) : null;
  }

  get size(): number {
    const { shape } = this;
    return shape.large ? (this.more as LargeEntries).map.size : shape.keys.length;
  }

  /** undefined when missing; a present nil is null. */
  get(key: string): Value | undefined {
    const { shape } = this;
    if (shape.large) return (this.more as LargeEntries).map.get(key);
    const at = shape.indexOf(key);
    return at < 0 ? undefined : slotAt(this, at);
  }

  has(key: string): boolean {
    const { shape } = this;
    return shape.large ? (this.more as LargeEntries).map.has(key) : shape.indexOf(key) >= 0;
  }

  /** Changes this object: the caller owns it. */
  set(key: string, value: Value): void {
    const { shape } = this;
    if (shape.large) {
      const entries = this.more as LargeEntries;
      if (entries.order !== null && !entries.map.has(key)) entries.order = null;
      entries.map.set(key, value);
      return;
    }
    const at = shape.indexOf(key);
    if (at >= 0) setSlotAt(this, at, value);
    else if (shape.keys.length === (shape.room === 0 ? 8 : SMALL_DICT)) enlarge(this).map.set(key, value);
    else insert(this, shape, key, value);
  }

  /** Changes this object: the caller owns it. True when the key was there. */
  delete(key: string): boolean {
    const { shape } = this;
    if (shape.large) {
      const entries = this.more as LargeEntries;
      const had = entries.map.delete(key);
      if (had) entries.order = null;
      return had;
    }
    const at = shape.indexOf(key);
    if (at < 0) return false;
    if (shape.floats) {
      loosen(this);
      return this.delete(key);
    }
    const last = shape.keys.length - 1;
    for (let i = at; i < last; i++) setSlotAt(this, i, slotAt(this, i + 1));
    setSlotAt(this, last, undefined);
    this.shape = withoutKey(shape, key);
    return true;
  }

  /** In UTF-8 byte order, which is the order of iteration, display and JSON. */
  keys(): readonly string[] {
    const { shape } = this;
    if (!shape.large) return shape.keys;
    const entries = this.more as LargeEntries;
    if (entries.order === null) entries.order = [...entries.map.keys()].sort(compareUtf8);
    return entries.order;
  }

  /** In the order of the keys. */
  values(): Value[] {
    const { shape } = this;
    if (shape.large) {
      const { map } = this.more as LargeEntries;
      return this.keys().map((key) => map.get(key)!);
    }
    const count = shape.keys.length;
    const values: Value[] = new Array(count);
    for (let i = 0; i < count; i++) values[i] = slotAt(this, i)!;
    return values;
  }

  /** In the order of the keys; what is there now, whatever changes meanwhile. */
  entries(): (readonly [string, Value])[] {
    const keys = this.keys();
    const values = this.values();
    const entries: (readonly [string, Value])[] = new Array(keys.length);
    for (let i = 0; i < keys.length; i++) entries[i] = [keys[i]!, values[i]!];
    return entries;
  }
}

export class HDict extends HRecord {
  declare private readonly kind: "dict";

  private constructor() {
    super();
  }

  static empty(): HDict {
    return new Dict4(EMPTY_SHAPE);
  }

  /** From any entries; the later of two equal keys wins. */
  static from(entries: Iterable<readonly [string, Value]>): HDict {
    const keys: string[] = [];
    const values: Value[] = [];
    for (const [key, value] of entries) {
      keys.push(key);
      values.push(value);
    }
    return HDict.fromKeys(keys, values);
  }

  /** `values[i]` under `keys[i]`; the later of two equal keys wins. */
  static fromKeys(keys: readonly string[], values: readonly Value[]): HDict {
    const count = keys.length;
    if (count === 0) return HDict.empty();
    if (count <= SMALL_DICT) {
      const known = knownGiven(keys, count);
      if (known !== null) return permuted(known.shape, known.from, values);
    }
    const map = new Map<string, Value>();
    for (let i = 0; i < count; i++) map.set(keys[i]!, values[i]!);
    return HDict.fromMap(map);
  }

  /** Takes the map over. */
  static fromMap(map: Map<string, Value>): HDict {
    if (map.size > SMALL_DICT) {
      const dict = new Dict4(LARGE_SHAPE);
      dict.more = new LargeEntries(map);
      return dict;
    }
    const { shape, from } = givenKeys([...map.keys()]);
    return permuted(shape, from, [...map.values()]);
  }

  static of(fields: { readonly [key: string]: Value }): HDict {
    return HDict.fromKeys(Object.keys(fields), Object.values(fields));
  }
}

function permuted(shape: Shape, from: readonly number[], values: readonly Value[]): HDict {
  switch (from.length) {
    case 1:
      return new Dict4(shape, values[0]);
    case 2:
      return new Dict4(shape, values[from[0]!], values[from[1]!]);
    case 3:
      return new Dict4(shape, values[from[0]!], values[from[1]!], values[from[2]!]);
    case 4:
      return new Dict4(shape, values[from[0]!], values[from[1]!], values[from[2]!], values[from[3]!]);
    default: {
      const dict = newDict(shape);
      for (let i = 0; i < from.length; i++) setSlotAt(dict, i, values[from[i]!]);
      return dict;
    }
  }
}

export class HStruct extends HRecord {
  declare private readonly kind: "struct";

  private constructor() {
    super();
  }

  /** Its type. */
  get name(): string {
    return this.shape.name!;
  }
}

type Maker<R> = new (shape: Shape, ...slots: Slot[]) => R;

// A function for each kind and room: V8 gives what a function makes one hidden class, of the exact size. They are written out because functions that
// share their code would share what V8 learns of it.

function makeDict4(this: HRecord, shape: Shape, s0?: Slot, s1?: Slot, s2?: Slot, s3?: Slot) {
  this.shape = shape;
  this.shared = false;
  this.more = null;
  this.s0 = s0;
  this.s1 = s1;
  this.s2 = s2;
  this.s3 = s3;
}

function makeDict8(
  this: HRecord,
  shape: Shape,
  s0?: Slot,
  s1?: Slot,
  s2?: Slot,
  s3?: Slot,
  s4?: Slot,
  s5?: Slot,
  s6?: Slot,
  s7?: Slot,
) {
  this.shape = shape;
  this.shared = false;
  this.more = null;
  this.s0 = s0;
  this.s1 = s1;
  this.s2 = s2;
  this.s3 = s3;
  this.s4 = s4;
  this.s5 = s5;
  this.s6 = s6;
  this.s7 = s7;
}

function makeStruct4(this: HRecord, shape: Shape, s0?: Slot, s1?: Slot, s2?: Slot, s3?: Slot) {
  this.shape = shape;
  this.shared = false;
  this.more = null;
  this.s0 = s0;
  this.s1 = s1;
  this.s2 = s2;
  this.s3 = s3;
}

function makeStruct8(
  this: HRecord,
  shape: Shape,
  s0?: Slot,
  s1?: Slot,
  s2?: Slot,
  s3?: Slot,
  s4?: Slot,
  s5?: Slot,
  s6?: Slot,
  s7?: Slot,
) {
  this.shape = shape;
  this.shared = false;
  this.more = null;
  this.s0 = s0;
  this.s1 = s1;
  this.s2 = s2;
  this.s3 = s3;
  this.s4 = s4;
  this.s5 = s5;
  this.s6 = s6;
  this.s7 = s7;
}

function makeFloats4(this: HRecord, shape: Shape, s0 = 0, s1 = 0, s2 = 0, s3 = 0) {
  this.shape = shape;
  this.shared = false;
  this.more = null;
  this.s0 = s0;
  this.s1 = s1;
  this.s2 = s2;
  this.s3 = s3;
}

function makeFloats8(this: HRecord, shape: Shape, s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0) {
  this.shape = shape;
  this.shared = false;
  this.more = null;
  this.s0 = s0;
  this.s1 = s1;
  this.s2 = s2;
  this.s3 = s3;
  this.s4 = s4;
  this.s5 = s5;
  this.s6 = s6;
  this.s7 = s7;
}

type FloatMaker = new (shape: Shape, ...floats: number[]) => HStruct;

function floatMaker(make: (this: HRecord, shape: Shape) => void): FloatMaker {
  const Made = make as unknown as FloatMaker;
  Made.prototype = HStruct.prototype;
  const sample = new Made(EMPTY_SHAPE, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5);
  sample.s0 = sample.s1 = sample.s2 = sample.s3 = 1.5;
  if ("s4" in sample) sample.s4 = sample.s5 = sample.s6 = sample.s7 = 1.5;
  sample.shared = true;
  sample.more = [undefined];
  return Made;
}

function maker<R extends HRecord>(make: (this: HRecord, shape: Shape) => void, prototype: R): Maker<R> {
  const Made = make as unknown as Maker<R>;
  Made.prototype = prototype;
  // Slots that have held nothing, numbers and texts are known to V8 as places for anything; it need not learn that again and again.
  const sample = new Made(EMPTY_SHAPE);
  const slots = Object.keys(sample).filter((name) => /^s\d/.test(name)) as "s0"[];
  for (const value of [0, 0.5, "", null, true]) for (const slot of slots) sample[slot] = value;
  sample.shared = true;
  sample.more = new LargeEntries(new Map());
  sample.more = [undefined];
  return Made;
}

export const Dict4 = maker(makeDict4, HDict.prototype);
export const Dict8 = maker(makeDict8, HDict.prototype);
export const Struct4 = maker(makeStruct4, HStruct.prototype);
export const Struct8 = maker(makeStruct8, HStruct.prototype);
export const FloatStruct4 = floatMaker(makeFloats4);
export const FloatStruct8 = floatMaker(makeFloats8);

/** Of a small shape; the slots are to be set. */
export function newDict(shape: Shape): HDict {
  const dict = shape.room === 4 ? new Dict4(shape) : new Dict8(shape);
  if (shape.keys.length > shape.room) dict.more = emptySlots(shape.keys.length - shape.room);
  return dict;
}

export function newStruct(shape: Shape): HStruct {
  const struct = shape.room === 4 ? new Struct4(shape) : new Struct8(shape);
  if (shape.keys.length > shape.room) struct.more = emptySlots(shape.keys.length - shape.room);
  return struct;
}
