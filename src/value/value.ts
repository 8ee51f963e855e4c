/**
 * What a Harn value is in memory (the choices and their figures: docs/decisions/0002-values.md).
 *
 * Invariants
 * 1. An int is an integral JavaScript number up to ±(2^53−1) and never −0; beyond that a bigint that fits 64 bits. `normalizeInt` keeps this.
 * 2. A float is a JavaScript number when it is not integral (or NaN, ±∞), and an `HFloat` when it is.
 * 3. Lists, dicts and sets have value semantics by an owner flag: while `shared` is false exactly one place refers to the object, and that
 *    place may change it. Whoever makes a second reference sets `shared`; nobody clears it; a writer that finds it set copies first, and
 *    marks the children that are now in two places.
 * 4. In-place changes of a nested value happen only on a path from a root, and mark each level on the way (`touch`), so that a snapshot
 *    writes only what changed.
 */
import type { FunctionProto } from "../bytecode/chunk.ts";
import { doubleOf, type HFloat, makeFloat } from "./floats.ts";
import { HDict, HRecord, type HStruct } from "./record.ts";
import { cloneDict, cloneStruct, dictOfStruct } from "./record-copies.ts";
import { slotAt } from "./record-slots.ts";

export { doubleOf, HFloat } from "./floats.ts";
export {
  Dict4,
  Dict8,
  FloatStruct4,
  FloatStruct8,
  HDict,
  HRecord,
  HStruct,
  newDict,
  newStruct,
  Struct4,
  Struct8,
} from "./record.ts";
export { dictOf, structOf } from "./record-copies.ts";
export { asLarge, setSlotAt, slotAt } from "./record-slots.ts";
export {
  bareShape,
  EMPTY_SHAPE,
  LARGE_SHAPE,
  ROOMY_SHAPE,
  roomFor,
  Shape,
  SMALL_DICT,
  shapeOf,
  structShape,
} from "./shape.ts";

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | HFloat
  | HList
  | HDict
  | HSet
  | HRange
  | HPair
  | HDuration
  | HStruct
  | HEnum
  | HClosure
  | HBuiltin
  | HHandle
  | HCursor
  | HCaught;

/** Pieces of a long list or large dict that the store holds apart; see vm/snapshot. */
export interface StoredParts {
  readonly id: number;
  /** Pieces of a list that changed since they were written last. */
  readonly dirty: Set<number>;
  /** Length at the last write. */
  length: number;
}

/**
 * Items in a row. Floats alone are held as bare doubles, whole ones too, so that they need no box each and code that computes with them no test: such a
 * list begins with the first float that is pushed onto an empty one, and ends when something asks for its `items`, or puts something else into it.
 */
export class HList {
  /** The items, unless they are held as doubles: it is empty then. */
  parts: Value[];
  shared = false;
  /** Null; where the items are stored; or all of them as bare doubles. */
  state: StoredParts | number[] | null = null;
  constructor(items: Value[]) {
    this.parts = items;
  }

  /** From now on as values, each on its own. */
  get items(): Value[] {
    if (this.state !== null && Array.isArray(this.state)) {
      this.parts = boxedFloats(this.state);
      this.state = null;
    }
    return this.parts;
  }

  set items(items: Value[]) {
    this.parts = items;
    if (Array.isArray(this.state)) this.state = null;
  }

  get floats(): number[] | null {
    return this.state !== null && Array.isArray(this.state) ? this.state : null;
  }

  get stored(): StoredParts | null {
    return this.state === null || Array.isArray(this.state) ? null : this.state;
  }

  set stored(stored: StoredParts | null) {
    this.parts = this.items;
    this.state = stored;
  }

  get length(): number {
    const { state } = this;
    return state !== null && Array.isArray(state) ? state.length : this.parts.length;
  }

  /** The item at an index, not marked; undefined: there is none. */
  at(index: number): Value | undefined {
    const { state } = this;
    if (state === null || !Array.isArray(state)) return this.parts[index];
    const float = state[index];
    return float === undefined ? undefined : makeFloat(float);
  }

  /** The items, which are not to be changed; however they are held, they stay so. */
  values(): readonly Value[] {
    const { state } = this;
    return state !== null && Array.isArray(state) ? boxedFloats(state) : this.parts;
  }
}

function boxedFloats(floats: readonly number[]): Value[] {
  const values: Value[] = new Array(floats.length);
  for (let i = 0; i < floats.length; i++) values[i] = makeFloat(floats[i]!);
  return values;
}

/** Takes doubles over as a list of floats. */
export function floatList(floats: number[]): HList {
  const list = new HList([]);
  list.state = floats;
  return list;
}

/** A list that takes the items over; of floats alone when all of them are. */
export function listOf(items: Value[]): HList {
  if (items.length === 0 || doubleOf(items[0]!) === undefined) return new HList(items);
  const floats = doubles(0);
  for (let i = 0; i < items.length; i++) {
    const float = doubleOf(items[i]!);
    if (float === undefined) return new HList(items);
    floats[i] = float;
  }
  return floatList(floats);
}

/** An array of its own that V8 keeps as doubles, whatever the first of them is. */
export function doubles(first: number): number[] {
  const array = [0.5];
  array[0] = first;
  return array;
}

export class HSet {
  /** Keyed by `hashKey` of value/equality. */
  items: Map<string, Value>;
  shared = false;
  constructor(items: Map<string, Value>) {
    this.items = items;
  }
}

/** `start to end`, ends as written. */
export class HRange {
  readonly start: number;
  readonly end: number;
  readonly exclusive: boolean;
  constructor(start: number, end: number, exclusive: boolean) {
    this.start = start;
    this.end = end;
    this.exclusive = exclusive;
  }
}

export class HPair {
  readonly first: Value;
  readonly second: Value;
  constructor(first: Value, second: Value) {
    this.first = first;
    this.second = second;
  }
}

export class HDuration {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

export class HEnum {
  readonly enumName: string;
  readonly variant: string;
  readonly fields: readonly Value[];
  constructor(enumName: string, variant: string, fields: readonly Value[]) {
    this.enumName = enumName;
    this.variant = variant;
    this.fields = fields;
  }
}

/** `room`: how much deeper calls may go; the answer may be a sentinel of the VM. */
export type CompiledFunction = (room: number, self: HClosure, ...args: Value[]) => Value | symbol;

/** `captures` is filled when the closure is created; only sibling functions of one block are patched in later (SET_CAPTURE). */
export class HClosure {
  readonly proto: FunctionProto;
  readonly captures: (Value | undefined)[];
  /** JavaScript generated for the function (vm/tier1), once there is any. Belongs to one run, as the closure does. */
  code: CompiledFunction | null = null;
  constructor(proto: FunctionProto, captures: (Value | undefined)[]) {
    this.proto = proto;
    this.captures = captures;
  }
}

/** A builtin used as a value. */
export class HBuiltin {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export type HandleKind = "task" | "channel" | "atomic" | "generator" | "iterator" | "mutex" | "mcp_client";

/** A value with identity: an id into the run's object table, where its state lives. */
export class HHandle {
  readonly kind: HandleKind;
  readonly id: number;
  /** The object in memory, where its handle alone keeps it; else it stands in the run's table (vm/objects.ts). */
  object: object | null = null;
  constructor(kind: HandleKind, id: number) {
    this.kind = kind;
    this.id = id;
  }
}

/** The state of a `for` loop, in a register; never visible to a program. */
export class HCursor {
  readonly source: Value;
  index: number;
  constructor(source: Value, index: number) {
    this.source = source;
    this.index = index;
  }
}

/**
 * What a handler receives, in a register; CAUGHT_VALUE gives the program its value. `cancel`: unwinding that no `catch` may stop. `below`: of a
 * deadline, how many frames were on the stack where it was set; machines above them end, whatever they would do about other errors. Else 0.
 */
export class HCaught {
  error: RaisedError;
  readonly cancel: boolean;
  readonly below: number;
  /** The beginning of a trace whose rest is found when the frames below are known; null: the error has its trace. */
  rows: { readonly proto: FunctionProto; readonly pc: number }[] | null = null;
  constructor(error: RaisedError, cancel: boolean, below = 0) {
    this.error = error;
    this.cancel = cancel;
    this.below = below;
  }
}

/** A failure of a Harn program. `text` is the rendered form (`Runtime error: …`); a thrown value keeps the value itself. */
export interface RaisedError {
  readonly kind: "thrown" | "runtime" | "type" | "category" | "plain";
  readonly message: string;
  readonly category: string | null;
  readonly value: Value;
  /** Innermost first; filled where it was raised. */
  readonly trace: readonly {
    readonly fn: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
  }[];
}

/** Marks a value that is about to be referred to from a second place. */
export function share<T extends Value | undefined>(value: T): T {
  if (typeof value === "object" && value !== null) {
    if (value instanceof HList || value instanceof HRecord || value instanceof HSet) {
      value.shared = true;
    }
  }
  return value;
}

/** A copy that the caller owns; the children are now in two places. */
export function copyList(list: HList): HList {
  const { floats } = list;
  if (floats !== null) return floatList(floats.slice());
  const items = list.items.slice();
  for (let i = 0; i < items.length; i++) share(items[i]);
  return new HList(items);
}

export function copyDict(dict: HDict): HDict {
  return shareValues(cloneDict(dict));
}

export function copyStruct(struct: HStruct): HStruct {
  return shareValues(cloneStruct(struct));
}

/** The fields of a struct as a dict that the caller owns; a dict itself. */
export function asDict(record: HDict | HStruct): HDict {
  return record instanceof HDict ? record : shareValues(dictOfStruct(record));
}

function shareValues<R extends HRecord>(record: R): R {
  const { large } = record;
  if (large !== null) for (const value of large.map.values()) share(value);
  else {
    const count = record.shape.keys.length;
    for (let i = 0; i < count; i++) share(slotAt(record, i));
  }
  return record;
}
