/**
 * The set of keys of a small dict or struct, as hidden classes are: one object for each set, whose identity stands for it in generated code.
 *
 * Invariants
 * 1. `keys` are all different and in UTF-8 byte order; the value of `keys[i]` is the i-th slot.
 * 2. Dicts of a shape have the same room: one that outgrew four slots has another shape than one that was made for more.
 * 3. What is kept here is a cache of immutable things. It is emptied when it has grown large, so two shapes may have the same keys: equal shapes
 *    mean equal keys, different ones mean nothing.
 */
import type { Copier } from "./json-copier.ts";
import { compareUtf8 } from "./key-order.ts";

/** Above this many keys a dict keeps them in a Map. */
export const SMALL_DICT = 12;

/** Slots of an object. There are only two sizes, so that V8 sees few hidden classes; 0: the slots are not used (any more). */
export type Room = 0 | 4 | 8;

export function roomFor(keys: number): 4 | 8 {
  return keys <= 4 ? 4 : 8;
}

/** Above this many keys a table finds a key faster than looking at each. */
const MOST_COMPARED = 8;

export class Shape {
  readonly keys: readonly string[];
  /** The type of a struct; null: of a dict. */
  readonly name: string | null;
  /** The keys are in a Map: this shape has none. */
  readonly large: boolean;
  /** How many slots its dicts have in themselves; the others are in an array. */
  readonly room: Room;
  private readonly places: Map<string, number> | null;
  /** What it becomes with one key more or less, and with a name. */
  more: Map<string, Addition> | null = null;
  less: Map<string, Shape> | null = null;
  named: Map<string, Shape> | null = null;
  /** The shape of a dict with the same keys. */
  readonly plain: Shape;
  /** Its slots are bare doubles. */
  readonly floats: boolean;
  /** The same as `floats`, of a struct. */
  bare: Shape | null = null;
  /** How often one of its dicts was copied for JSON, and what does it faster from some time on. */
  copied = 0;
  copier: Copier | null = null;

  constructor(
    keys: readonly string[],
    room: Room,
    name: string | null,
    plain: Shape | null,
    large = false,
    floats = false,
  ) {
    this.floats = floats;
    this.keys = keys;
    this.name = name;
    this.large = large;
    this.room = room;
    this.places = keys.length > MOST_COMPARED ? new Map(keys.map((key, at) => [key, at])) : null;
    this.plain = plain ?? this;
  }

  /** Which slot has the value of a key; −1: none. */
  indexOf(key: string): number {
    const { keys, places } = this;
    if (places !== null) return places.get(key) ?? -1;
    for (let i = 0; i < keys.length; i++) if (keys[i] === key) return i;
    return -1;
  }
}

/** A key more: the shape, and the slot of the key in it. */
export interface Addition {
  readonly shape: Shape;
  readonly at: number;
}

export const EMPTY_SHAPE = new Shape([], 4, null, null);
/** Of an empty dict that will have more than four keys. */
export const ROOMY_SHAPE = new Shape([], 8, null, null);
const ROOMLESS_SHAPE = new Shape([], 0, null, null);
/** Of all dicts whose keys are in a Map. */
export const LARGE_SHAPE = new Shape([], 4, null, null, true);

/** How keys come in some order of their own. */
export interface GivenKeys {
  readonly given: readonly string[];
  readonly shape: Shape;
  /** `from[i]`: where in the given order the i-th key of the shape stands. */
  readonly from: readonly number[];
}

const NO_KEYS: GivenKeys = { given: [], shape: EMPTY_SHAPE, from: [] };

const MOST_SHAPES = 10_000;
const SHAPES = new Map<string, Shape>();
const GIVEN = new Map<string, GivenKeys>();
/** The first that were seen of those that begin with a key: comparing keys that are the same strings is faster than joining them. */
const GIVEN_BY_FIRST_KEY = new Map<string, GivenKeys[]>();
const MOST_OF_FIRST_KEY = 8;
/** Shapes that remember others. */
const REMEMBERING = new Set<Shape>();

/** The shape of these keys, which are all different and at most `SMALL_DICT`. */
export function shapeOf(keys: readonly string[]): Shape {
  return givenKeys(keys).shape;
}

/** A text for keys in this order: different keys, different texts. No two keys are equal, so none of them begins like the second form. */
function idOf(keys: readonly string[]): string {
  for (const key of keys) if (key.includes("\u0000")) return `\u0000\u0000${JSON.stringify(keys)}`;
  return keys.join("\u0000");
}

/** The same when they are in order. */
function sortedShape(keys: readonly string[], room: Room): Shape {
  if (keys.length === 0) return room === 4 ? EMPTY_SHAPE : room === 8 ? ROOMY_SHAPE : ROOMLESS_SHAPE;
  const id = `${room}${idOf(keys)}`;
  const known = SHAPES.get(id);
  if (known !== undefined) return known;
  if (SHAPES.size >= MOST_SHAPES) forget();
  const shape = new Shape(keys, room, null, null);
  SHAPES.set(id, shape);
  return shape;
}

function forget(): void {
  SHAPES.clear();
  GIVEN.clear();
  GIVEN_BY_FIRST_KEY.clear();
  for (const shape of REMEMBERING) {
    shape.more = null;
    shape.less = null;
    shape.named = null;
  }
  REMEMBERING.clear();
}

export function givenKeys(keys: readonly string[]): GivenKeys {
  if (keys.length === 0) return NO_KEYS;
  const known = knownGiven(keys, keys.length);
  if (known !== null) return known;
  const id = idOf(keys);
  const seen = GIVEN.get(id);
  if (seen !== undefined) return seen;
  const given = keys.slice();
  const shape = sortedShape([...given].sort(compareUtf8), roomFor(given.length));
  const made = { given, shape, from: shape.keys.map((key) => given.indexOf(key)) };
  if (GIVEN.size >= MOST_SHAPES) forget();
  GIVEN.set(id, made);
  const begun = GIVEN_BY_FIRST_KEY.get(keys[0]!);
  if (begun === undefined) GIVEN_BY_FIRST_KEY.set(keys[0]!, [made]);
  else if (begun.length < MOST_OF_FIRST_KEY) begun.push(made);
  return made;
}

/** What is known of the first `count` of these keys, which need not be different; null: nothing. */
export function knownGiven(keys: readonly string[], count: number): GivenKeys | null {
  const begun = GIVEN_BY_FIRST_KEY.get(keys[0]!);
  if (begun !== undefined) for (const known of begun) if (sameKeys(known.given, keys, count)) return known;
  return null;
}

function sameKeys(a: readonly string[], b: readonly string[], count: number): boolean {
  if (a.length !== count) return false;
  for (let i = count - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}

/** The shape with a key that it has not, while it has fewer than `SMALL_DICT`. */
export function withKey(shape: Shape, key: string): Addition {
  const known = shape.more?.get(key);
  if (known !== undefined) return known;
  const keys = shape.keys.slice();
  let at = keys.length;
  while (at > 0 && compareUtf8(key, keys[at - 1]!) < 0) at--;
  keys.splice(at, 0, key);
  const made = { shape: like(shape, sortedShape(keys, shape.room)), at };
  REMEMBERING.add(shape);
  shape.more ??= new Map();
  shape.more.set(key, made);
  return made;
}

/** The shape without a key that it has. */
export function withoutKey(shape: Shape, key: string): Shape {
  const known = shape.less?.get(key);
  if (known !== undefined) return known;
  const made = like(
    shape,
    sortedShape(
      shape.keys.filter((other) => other !== key),
      shape.room,
    ),
  );
  REMEMBERING.add(shape);
  shape.less ??= new Map();
  shape.less.set(key, made);
  return made;
}

function like(shape: Shape, plain: Shape): Shape {
  return shape.name === null ? plain : structShape(plain, shape.name);
}

/** The shape of a struct of a type with the keys of a dict's shape. */
export function structShape(shape: Shape, name: string): Shape {
  const known = shape.named?.get(name);
  if (known !== undefined) return known;
  if (SHAPES.size >= MOST_SHAPES) forget();
  const made = new Shape(shape.keys, shape.room, name, shape, shape.large);
  // Found on its dict's shape; here it counts.
  SHAPES.set(`${name}\u0001${shape.large}${shape.room}${idOf(shape.keys)}`, made);
  REMEMBERING.add(shape);
  shape.named ??= new Map();
  shape.named.set(name, made);
  return made;
}

/** The shape of a struct with the same keys and a room of its own: as few slots as there may be, or none. */
export function resized(shape: Shape, room: Room): Shape {
  return like(shape, sortedShape(shape.keys, room));
}

/** The shape of a struct whose slots are bare doubles. */
export function bareShape(shape: Shape): Shape {
  shape.bare ??= new Shape(shape.keys, shape.room, shape.name, shape.plain, false, true);
  return shape.bare;
}
