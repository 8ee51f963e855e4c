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

import { boxedFloat, doubleOf } from "./floats.ts";
import { compareUtf8 } from "./key-order.ts";
import {
  bareShape,
  EMPTY_SHAPE,
  givenKeys,
  knownGiven,
  LARGE_SHAPE,
  resized,
  roomFor,
  type Shape,
  SMALL_DICT,
  shapeOf,
  structShape,
  withKey,
  withoutKey,
} from "./shape.ts";
import type { StoredParts, Value } from "./value.ts";

/** The entries of a dict with more keys than `SMALL_DICT`, or that had so many. */
export class LargeEntries {
  readonly map: Map<string, Value>;
  /** The keys in order, while they are known. */
  order: readonly string[] | null = null;
  stored: StoredParts | null = null;
  /** Keys that changed since the stored rows were written. */
  touched: Set<string> | null = null;
  /** Row of each key, while the dict is stored in pieces. */
  parts: Map<string, number> | null = null;
  constructor(map: Map<string, Value>) {
    this.map = map;
  }
}

type Slot = Value | undefined;

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

/** Room for so many more, four at a time: an array that grew by itself would take room for seventeen. */
function emptySlots(count: number): Slot[] {
  const none = undefined;
  return count <= 4 ? [none, none, none, none] : [none, none, none, none, none, none, none, none];
}

/** `values[i]` is the value of the i-th key of the shape. */
export function dictOf(shape: Shape, values: readonly Value[]): HDict {
  const count = shape.keys.length;
  if (count > SMALL_DICT) return HDict.fromMap(new Map(shape.keys.map((key, i) => [key, values[i]!])));
  if (count <= 4) return new Dict4(shape, values[0], values[1], values[2], values[3]);
  const dict = newDict(shape);
  for (let i = 0; i < count; i++) setSlotAt(dict, i, values[i]);
  return dict;
}

/** A struct of the values of a dict, which is given up. */
export function structOf(name: string, dict: HDict): HStruct {
  const shape = structShape(dict.shape, name);
  if (shape.keys.length > 0 && shape.keys.length <= shape.room) {
    const floats = floatsOf(dict);
    if (floats !== null) return floatStruct(bareShape(shape), floats);
  }
  const struct = shape.room === 4 ? new Struct4(shape) : new Struct8(shape);
  copySlots(dict, struct);
  struct.more = dict.more;
  return struct;
}

/** The values when all of them are floats. */
function floatsOf(record: HRecord): number[] | null {
  const first = doubleOf(record.s0!);
  if (first === undefined) return null;
  const floats = [first];
  for (let i = 1; i < record.shape.keys.length; i++) {
    const float = doubleOf(slotAt(record, i)!);
    if (float === undefined) return null;
    floats.push(float);
  }
  return floats;
}

function floatStruct(shape: Shape, floats: readonly number[]): HStruct {
  const [s0, s1, s2, s3, s4, s5, s6, s7] = floats;
  if (shape.room === 4) return new FloatStruct4(shape, s0!, s1!, s2!, s3!);
  return new FloatStruct8(shape, s0!, s1!, s2!, s3!, s4!, s5!, s6!, s7!);
}

/** An own copy of the same kind; the values are not marked. */
export function cloneDict(dict: HDict): HDict {
  const { shape } = dict;
  return filled(shape.room === 4 ? new Dict4(shape) : new Dict8(shape), dict);
}

export function cloneStruct(struct: HStruct): HStruct {
  const { shape } = struct;
  if (shape.floats) {
    const copy = shape.room === 4 ? new FloatStruct4(shape) : new FloatStruct8(shape);
    copySlots(struct, copy);
    return copy;
  }
  if (shape.room === 0) return valued(newStruct(resized(shape, roomFor(shape.keys.length))), struct);
  return filled(shape.room === 4 ? new Struct4(shape) : new Struct8(shape), struct);
}

/** A dict with the fields of a struct; the values are not marked. */
export function dictOfStruct(struct: HStruct): HDict {
  const { plain, floats, keys } = struct.shape;
  if (floats || plain.room === 0) return valued(newDict(shapeOf(keys)), struct);
  return filled(plain.room === 4 ? new Dict4(plain) : new Dict8(plain), struct);
}

/** The same for another room. */
function valued<R extends HRecord>(to: R, from: HRecord): R {
  for (let i = 0; i < from.shape.keys.length; i++) setSlotAt(to, i, slotAt(from, i));
  return to;
}

/** From bare doubles to values, which have no room in the object itself. */
function loosen(record: HRecord): void {
  const { shape } = record;
  const values: Slot[] = emptySlots(shape.keys.length);
  for (let i = 0; i < shape.keys.length; i++) values[i] = slotAt(record, i);
  record.more = values;
  record.shape = resized(shape, 0);
}

function filled<R extends HRecord>(to: R, from: HRecord): R {
  copySlots(from, to);
  if (from.large !== null) to.more = new LargeEntries(new Map(from.large.map));
  else if (from.more !== null) to.more = (from.more as Slot[]).slice();
  return to;
}

/** Both have the same room. */
function copySlots(from: HRecord, to: HRecord): void {
  to.s0 = from.s0;
  to.s1 = from.s1;
  to.s2 = from.s2;
  to.s3 = from.s3;
  if (from.shape.room === 4) return;
  to.s4 = from.s4;
  to.s5 = from.s5;
  to.s6 = from.s6;
  to.s7 = from.s7;
}

/** Puts a value under a new key between the others, in a small form that is not full. */
function insert(record: HRecord, shape: Shape, key: string, value: Value): void {
  if (shape.floats) {
    loosen(record);
    record.set(key, value);
    return;
  }
  const { shape: next, at } = withKey(shape, key);
  const count = shape.keys.length;
  const beyond = count - shape.room;
  if (beyond === 0 && record.more === null) record.more = emptySlots(4);
  else if (beyond === 4) record.more = [...(record.more as Slot[]).slice(0, 4), ...emptySlots(4)];
  record.shape = next;
  for (let i = count; i > at; i--) setSlotAt(record, i, slotAt(record, i - 1));
  setSlotAt(record, at, value);
}

/** From slots to a Map. */
function enlarge(record: HRecord): LargeEntries {
  if (record.shape.floats) loosen(record);
  const { shape } = record;
  const map = new Map<string, Value>();
  for (let i = 0; i < shape.keys.length; i++) map.set(shape.keys[i]!, slotAt(record, i)!);
  for (let i = 0; i < shape.room; i++) setSlotAt(record, i, undefined);
  const entries = new LargeEntries(map);
  record.more = entries;
  record.shape = shape.name === null ? LARGE_SHAPE : structShape(LARGE_SHAPE, shape.name);
  return entries;
}

/** The value of the i-th key of a small form. */
export function slotAt(record: HRecord, i: number): Slot {
  const { room, floats } = record.shape;
  if (i >= room) return (record.more as Slot[])[i - room];
  return floats ? boxedFloat(slot(record, i) as number) : slot(record, i);
}

function slot(record: HRecord, i: number): Slot {
  switch (i) {
    case 0:
      return record.s0;
    case 1:
      return record.s1;
    case 2:
      return record.s2;
    case 3:
      return record.s3;
    case 4:
      return record.s4;
    case 5:
      return record.s5;
    case 6:
      return record.s6;
    default:
      return record.s7;
  }
}

/** The same to set: the caller owns the record. */
export function setSlotAt(record: HRecord, i: number, value: Slot): void {
  if (record.shape.floats) {
    const float = doubleOf(value as Value);
    if (float !== undefined) {
      setSlot(record, i, float);
      return;
    }
    loosen(record);
  }
  const { room } = record.shape;
  if (i >= room) {
    (record.more as Slot[])[i - room] = value;
    return;
  }
  setSlot(record, i, value);
}

function setSlot(record: HRecord, i: number, value: Slot): void {
  switch (i) {
    case 0:
      record.s0 = value;
      return;
    case 1:
      record.s1 = value;
      return;
    case 2:
      record.s2 = value;
      return;
    case 3:
      record.s3 = value;
      return;
    case 4:
      record.s4 = value;
      return;
    case 5:
      record.s5 = value;
      return;
    case 6:
      record.s6 = value;
      return;
    default:
      record.s7 = value;
  }
}

/** From now on the entries are in a Map, however few they are. */
export function asLarge(record: HRecord): LargeEntries {
  return record.large ?? enlarge(record);
}
