/** Dicts and structs that are made of others, or of the values for a shape (see record.ts). */
import { doubleOf } from "./floats.ts";
import {
  Dict4,
  Dict8,
  FloatStruct4,
  FloatStruct8,
  HDict,
  type HRecord,
  type HStruct,
  newDict,
  newStruct,
  Struct4,
  Struct8,
} from "./record.ts";
import { LargeEntries, type Slot, setSlotAt, slotAt } from "./record-slots.ts";
import { bareShape, resized, roomFor, type Shape, SMALL_DICT, shapeOf, structShape } from "./shape.ts";
import type { Value } from "./value.ts";

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
