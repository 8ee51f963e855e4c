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
import { compareUtf8 } from "./key-order.ts";

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

/** An integral float: 3.0, −0.0, 1e300. */
export class HFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Pieces of a long list or large dict that the store holds apart; see vm/snapshot. */
export interface StoredParts {
  readonly id: number;
  /** Pieces of a list that changed since they were written last. */
  readonly dirty: Set<number>;
  /** Length at the last write. */
  length: number;
}

export class HList {
  items: Value[];
  shared = false;
  stored: StoredParts | null = null;
  constructor(items: Value[]) {
    this.items = items;
  }
}

/** The keys of a small dict, in UTF-8 byte order. Its identity serves as the hidden class: equal arrays may be different shapes. */
export type Shape = readonly string[];

export const EMPTY_SHAPE: Shape = Object.freeze([]);

interface KnownShape {
  /** The keys in the order in which they came. */
  readonly given: readonly string[];
  readonly shape: Shape;
  /** `from[i]`: where in the given order the i-th key of the shape stands. */
  readonly from: readonly number[];
}

/** A cache of immutable things, as hidden classes are: it changes what dicts with equal keys weigh, nothing that a program can see. */
const KNOWN_SHAPES = new Map<string, KnownShape>();
const MOST_SHAPES = 10_000;
/** The first that were seen of those that begin with a key: comparing keys that are the same strings is faster than joining them. */
const SHAPES_BY_FIRST_KEY = new Map<string, KnownShape[]>();
const COMPARED = 8;

/** The shape of these keys, which are all different and at most `SMALL_DICT`. */
export function knownShape(keys: readonly string[]): Shape {
  return shapeOf(keys).shape;
}

function shapeOf(keys: readonly string[]): KnownShape {
  if (keys.length === 0) return NO_KEYS;
  const begun = SHAPES_BY_FIRST_KEY.get(keys[0]!);
  if (begun !== undefined) for (const known of begun) if (sameKeys(known.given, keys)) return known;
  const name = keys.join("\u0000");
  const known = KNOWN_SHAPES.get(name);
  if (known !== undefined) return known;
  const shape = [...keys].sort(compareUtf8);
  const made = { given: [...keys], shape, from: shape.map((key) => keys.indexOf(key)) };
  if (KNOWN_SHAPES.size >= MOST_SHAPES) {
    KNOWN_SHAPES.clear();
    SHAPES_BY_FIRST_KEY.clear();
  }
  KNOWN_SHAPES.set(name, made);
  if (begun === undefined || KNOWN_SHAPES.size === 1) SHAPES_BY_FIRST_KEY.set(keys[0]!, [made]);
  else if (begun.length < COMPARED) begun.push(made);
  return made;
}

const NO_KEYS: KnownShape = { given: EMPTY_SHAPE, shape: EMPTY_SHAPE, from: [] };

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = b.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}

/** Above this many keys a dict is a Map. */
export const SMALL_DICT = 12;

export class HDict {
  /** Small form: `shape[i]` is the key of `slots[i]`. Null in the large form. */
  shape: Shape | null;
  slots: Value[];
  map: Map<string, Value> | null = null;
  private order: readonly string[] | null = null;
  shared = false;
  stored: StoredParts | null = null;
  /** Keys that changed since the stored rows were written. */
  touched: Set<string> | null = null;
  /** Row of each key, while the dict is stored in pieces. */
  parts: Map<string, number> | null = null;

  constructor(shape: Shape = EMPTY_SHAPE, slots: Value[] = []) {
    this.shape = shape;
    this.slots = slots;
  }

  /** From any entries; the later of two equal keys wins. */
  static from(entries: Iterable<readonly [string, Value]>): HDict {
    const map = new Map(entries);
    return HDict.fromMap(map);
  }

  /** Takes the map over. */
  static fromMap(map: Map<string, Value>): HDict {
    const dict = new HDict();
    if (map.size > SMALL_DICT) {
      dict.shape = null;
      dict.map = map;
      return dict;
    }
    dict.shape = shapeOf([...map.keys()]).shape;
    dict.slots = dict.shape.map((key) => map.get(key)!);
    return dict;
  }

  static of(fields: { readonly [key: string]: Value }): HDict {
    const keys = Object.keys(fields);
    if (keys.length > SMALL_DICT) return HDict.from(Object.entries(fields));
    const { shape, from } = shapeOf(keys);
    const slots: Value[] = new Array(shape.length);
    for (let i = 0; i < shape.length; i++) slots[i] = fields[keys[from[i]!]!]!;
    return new HDict(shape, slots);
  }

  get size(): number {
    return this.shape !== null ? this.shape.length : this.map!.size;
  }

  /** undefined when missing; a present nil is null. */
  get(key: string): Value | undefined {
    const shape = this.shape;
    if (shape === null) return this.map!.get(key);
    for (let i = 0; i < shape.length; i++) if (shape[i] === key) return this.slots[i];
    return undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Changes this object: the caller owns it. */
  set(key: string, value: Value): void {
    const shape = this.shape;
    if (shape === null) {
      if (!this.map!.has(key)) this.order = null;
      this.map!.set(key, value);
      return;
    }
    for (let i = 0; i < shape.length; i++) {
      if (shape[i] === key) {
        this.slots[i] = value;
        return;
      }
    }
    if (shape.length === SMALL_DICT) {
      const map = new Map<string, Value>();
      for (let i = 0; i < shape.length; i++) map.set(shape[i]!, this.slots[i]!);
      map.set(key, value);
      this.shape = null;
      this.slots = [];
      this.map = map;
      return;
    }
    let at = shape.length;
    while (at > 0 && compareUtf8(key, shape[at - 1]!) < 0) at--;
    const keys = shape.slice();
    keys.splice(at, 0, key);
    this.shape = keys;
    this.slots.splice(at, 0, value);
  }

  /** Changes this object: the caller owns it. True when the key was there. */
  delete(key: string): boolean {
    if (this.shape === null) {
      const had = this.map!.delete(key);
      if (had) this.order = null;
      return had;
    }
    const at = this.shape.indexOf(key);
    if (at < 0) return false;
    this.shape = this.shape.filter((_, i) => i !== at);
    this.slots.splice(at, 1);
    return true;
  }

  /** In UTF-8 byte order, which is the order of iteration, display and JSON. */
  keys(): readonly string[] {
    if (this.shape !== null) return this.shape;
    if (this.order === null) this.order = [...this.map!.keys()].sort(compareUtf8);
    return this.order;
  }

  *entries(): Generator<readonly [string, Value]> {
    const { shape, slots } = this;
    if (shape === null) for (const key of this.keys()) yield [key, this.get(key)!];
    // The dict may change meanwhile: what was there at the start is given.
    else
      for (let i = 0; i < shape.length; i++)
        yield [shape[i]!, this.shape === shape ? slots[i]! : (this.get(shape[i]!) ?? null)];
  }
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

export class HStruct {
  readonly name: string;
  readonly fields: HDict;
  shared = false;
  constructor(name: string, fields: HDict) {
    this.name = name;
    this.fields = fields;
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
    if (value instanceof HList || value instanceof HDict || value instanceof HSet || value instanceof HStruct) {
      value.shared = true;
    }
  }
  return value;
}

/** A copy that the caller owns; the children are now in two places. */
export function copyList(list: HList): HList {
  const items = list.items.slice();
  for (let i = 0; i < items.length; i++) share(items[i]);
  return new HList(items);
}

export function copyDict(dict: HDict): HDict {
  const copy = new HDict();
  if (dict.shape === null) {
    copy.shape = null;
    copy.map = new Map(dict.map!);
    for (const value of copy.map.values()) share(value);
  } else {
    copy.shape = dict.shape;
    copy.slots = dict.slots.slice();
    for (const value of copy.slots) share(value);
  }
  return copy;
}
