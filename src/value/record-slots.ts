/**
 * The slots of dicts and structs: reading and setting the i-th value of a small form, and the ways from one form to the next (see record.ts).
 */
import { doubleOf, makeFloat } from "./floats.ts";
import type { HRecord } from "./record.ts";
import { LARGE_SHAPE, resized, type Shape, structShape, withKey } from "./shape.ts";
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
export type Slot = Value | undefined;
/** Room for so many more, four at a time: an array that grew by itself would take room for seventeen. */
export function emptySlots(count: number): Slot[] {
  const none = undefined;
  return count <= 4 ? [none, none, none, none] : [none, none, none, none, none, none, none, none];
}

/** From bare doubles to values, which have no room in the object itself. */
export function loosen(record: HRecord): void {
  const { shape } = record;
  const values: Slot[] = emptySlots(shape.keys.length);
  for (let i = 0; i < shape.keys.length; i++) values[i] = slotAt(record, i);
  record.more = values;
  record.shape = resized(shape, 0);
}

/** Puts a value under a new key between the others, in a small form that is not full. */
export function insert(record: HRecord, shape: Shape, key: string, value: Value): void {
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
export function enlarge(record: HRecord): LargeEntries {
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
  return floats ? makeFloat(slot(record, i) as number) : slot(record, i);
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
