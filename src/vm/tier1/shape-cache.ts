/**
 * What the places of a function that read or change parts met: the shapes of dicts and structs, where the key is known, and how often a place did not do
 * what its code is made for. Fed by tier 0 and by generated code; it outlives the code, so that code that is generated later has the shapes as constants.
 */
import { itemsCost, type Meter } from "../../value/cost.ts";
import type { Value } from "../../value/value.ts";
import { copyList, HList, HRecord, LARGE_SHAPE, Shape, slotAt } from "../../value/value.ts";
import { getField, getFieldOptional, getIndex, setPath, takePath } from "../places.ts";

/** The shape of no dict. */
const NONE: Shape = new Shape([], 4, null, null);

/** A place that met more shapes than this looks each up. */
const MOST_KNOWN = 4;
/** A place that did something else more often than this goes on to do so: the first time is before anything is known. */
const FEW = 2;
/** The same for paths: each part of a value that was shared has to be copied once. */
const FEW_PATHS = 8;

/** In the place of a slot: the shape lacks the key; it is in the dict's Map, if anywhere. */
const LACKING = -1;
export const IN_MAP = -2;

export interface KnownShape {
  readonly shape: Shape;
  readonly at: number;
}

export class ShapeCache {
  /** What it met last. */
  shape: Shape = NONE;
  at = LACKING;
  /** Those that it met first. */
  readonly known: KnownShape[] = [];
  /** It met more than that, or other kinds of values. */
  many = false;
  /** It met a list of floats. */
  floats = false;
  /** How often it was not the short way. */
  private slow = 0;

  /** The slot of a key in a shape, or `LACKING` or `IN_MAP`. */
  find(shape: Shape, key: string): number {
    if (shape === this.shape) return this.at;
    const at = shape === LARGE_SHAPE ? IN_MAP : shape.indexOf(key);
    this.shape = shape;
    this.at = at;
    for (const known of this.known) if (known.shape === shape) return at;
    if (this.known.length < MOST_KNOWN && (!shape.large || at === IN_MAP)) this.known.push({ shape, at });
    else this.many = true;
    return at;
  }

  learn(object: Value, key: string): void {
    if (object instanceof HRecord) this.find(object.shape, key);
    else this.many = true;
  }

  /** The one shape that it met, when that has the key in a slot. */
  only(): KnownShape | null {
    return this.known.length === 1 && !this.many && this.known[0]!.at >= 0 ? this.known[0]! : null;
  }

  /** No item was found where it was looked for: the list is one of floats, or something else is the matter. */
  noteMiss(object: Value, index: Value): void {
    const floats = object instanceof HList ? object.floats : null;
    if (floats !== null && typeof index === "number" && index >= 0 && index < floats.length) this.floats = true;
    else this.slow++;
  }

  isFast(): boolean {
    return this.slow <= FEW;
  }
}

/** Of a path: one for each literal key, null for the others. */
export class PathCache {
  readonly keys: readonly (ShapeCache | null)[];
  /** It ended in a list of floats. */
  floats = false;
  private slow = 0;

  constructor(literal: readonly boolean[]) {
    this.keys = literal.map((is) => (is ? new ShapeCache() : null));
  }

  noteCopy(): void {
    this.slow++;
  }

  learn(root: Value, path: readonly Value[]): void {
    this.slow++;
    let holder: Value | undefined = root;
    for (let i = 0; i < path.length && holder !== undefined; i++) {
      const key = path[i]!;
      if (typeof key === "string") {
        this.keys[i]?.learn(holder, key);
        holder = holder instanceof HRecord ? holder.get(key) : undefined;
      } else holder = holder instanceof HList && typeof key === "number" ? this.item(holder, key, i) : undefined;
    }
  }

  private item(holder: HList, key: number, level: number): Value | undefined {
    if (level === this.keys.length - 1 && holder.floats !== null) this.floats = true;
    return holder.at(key);
  }

  /** Its levels are known, and it could be changed in place nearly always. */
  isFast(): boolean {
    return this.slow <= FEW_PATHS && this.keys.every((key) => key === null || key.only() !== null);
  }
}

/** By pc. */
export class ShapeCaches {
  private readonly places = new Map<number, ShapeCache>();
  private readonly paths = new Map<number, PathCache>();

  at(pc: number): ShapeCache {
    let cache = this.places.get(pc);
    if (cache === undefined) {
      cache = new ShapeCache();
      this.places.set(pc, cache);
    }
    return cache;
  }

  path(pc: number, literal: readonly boolean[]): PathCache {
    let cache = this.paths.get(pc);
    if (cache === undefined) {
      cache = new PathCache(literal);
      this.paths.set(pc, cache);
    }
    return cache;
  }
}

/** The part at a key as it stands, or nil; undefined: the object is neither dict nor struct. */
function read(object: Value, key: string, cache: ShapeCache): Value | undefined {
  if (!(object instanceof HRecord)) {
    cache.many = true;
    return undefined;
  }
  const { shape } = object;
  const at = cache.find(shape, key);
  if (shape.large) return object.get(key) ?? null;
  return at < 0 ? null : slotAt(object, at);
}

export function readField(object: Value, name: string, cache: ShapeCache, meter: Meter): Value {
  const value = read(object, name, cache);
  return value === undefined ? getField(object, name, meter) : value;
}

export function readFieldOptional(object: Value, name: string, cache: ShapeCache, meter: Meter): Value {
  const value = read(object, name, cache);
  return value === undefined ? getFieldOptional(object, name, meter) : value;
}

export function readKey(object: Value, key: string, cache: ShapeCache, meter: Meter): Value {
  const value = read(object, key, cache);
  return value === undefined ? getIndex(object, key, meter) : value;
}

/** Whether a dict or struct has a key; false for other kinds. */
export function hasKey(object: Value, key: string, cache: ShapeCache): boolean {
  cache.learn(object, key);
  return object instanceof HRecord && object.has(key);
}

/** `getIndex` where no item of a list was found. */
export function readItem(object: Value, index: Value, cache: ShapeCache, meter: Meter): Value {
  cache.noteMiss(object, index);
  return getIndex(object, index, meter);
}

/** `setPath`, and what it found on the way. */
export function changePath(root: Value, path: readonly Value[], value: Value, cache: PathCache, meter: Meter): Value {
  const changed = setPath(root, path, value, meter);
  cache.learn(changed, path);
  return changed;
}

/** The same for an item of a list, which nearly always only has to be copied first. */
export function changeItem(root: Value, key: Value, value: Value, cache: PathCache, meter: Meter): Value {
  if (!(root instanceof HList) || !root.shared || root.state !== null || typeof key !== "number") {
    return changePath(root, [key], value, cache, meter);
  }
  if (!(key >= 0 && key < root.parts.length)) return changePath(root, [key], value, cache, meter);
  cache.noteCopy();
  const copy = copyList(root);
  meter.spend(itemsCost(copy.parts.length));
  copy.parts[key] = value;
  return copy;
}

export function takeFrom(
  root: Value,
  path: readonly Value[],
  cache: PathCache,
  meter: Meter,
): ReturnType<typeof takePath> {
  const taken = takePath(root, path, meter);
  cache.learn(taken.root, path);
  return taken;
}

/** What a path is before it is changed. */
export function notePath(root: Value, path: readonly Value[], cache: PathCache): null {
  cache.learn(root, path);
  return null;
}
