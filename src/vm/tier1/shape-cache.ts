/**
 * What the places of a function that read or change parts by a known key met: the shapes of dicts and structs. Fed by tier 0 and by generated code; it
 * outlives the code, so that code that is generated later has the shapes as constants.
 */
import type { Value } from "../../value/value.ts";
import { HList, HRecord, Shape, slotAt } from "../../value/value.ts";
import { getField, getFieldOptional, getIndex, setPath, takePath } from "../places.ts";

/** The shape of no dict. */
const NONE: Shape = new Shape([], 4, null, null);

/** More shapes than this are told apart by a look at the cache. */
const MOST_KNOWN = 4;

export interface KnownShape {
  readonly shape: Shape;
  /** The slot of the key; −1: the shape lacks it. */
  readonly at: number;
}

export class ShapeCache {
  /** What it met last. */
  shape: Shape = NONE;
  at = -1;
  /** Those that it met first. */
  readonly known: KnownShape[] = [];
  /** It has met more than that. */
  many = false;

  /** The slot of a key in a shape that is not large; −1: it has none. */
  find(shape: Shape, key: string): number {
    if (shape === this.shape) return this.at;
    const at = shape.indexOf(key);
    this.shape = shape;
    this.at = at;
    for (const known of this.known) if (known.shape === shape) return at;
    if (this.known.length < MOST_KNOWN) this.known.push({ shape, at });
    else this.many = true;
    return at;
  }

  learn(object: Value, key: string): void {
    if (object instanceof HRecord && !object.shape.large) this.find(object.shape, key);
  }
}

export type Caches = readonly (ShapeCache | null)[];

/** By pc: one for each key of the instruction. */
export class ShapeCaches {
  private readonly places = new Map<number, ShapeCache[]>();

  at(pc: number, key = 0): ShapeCache {
    let caches = this.places.get(pc);
    if (caches === undefined) {
      caches = [];
      this.places.set(pc, caches);
    }
    while (caches.length <= key) caches.push(new ShapeCache());
    return caches[key]!;
  }
}

/** The part at a key as it stands, or nil; undefined: the object is neither dict nor struct. */
function read(object: Value, key: string, cache: ShapeCache): Value | undefined {
  if (!(object instanceof HRecord)) return undefined;
  const { shape } = object;
  if (shape.large) return object.get(key) ?? null;
  const at = cache.find(shape, key);
  return at < 0 ? null : slotAt(object, at);
}

export function readField(object: Value, name: string, cache: ShapeCache): Value {
  const value = read(object, name, cache);
  return value === undefined ? getField(object, name) : value;
}

export function readFieldOptional(object: Value, name: string, cache: ShapeCache): Value {
  const value = read(object, name, cache);
  return value === undefined ? getFieldOptional(object, name) : value;
}

export function readKey(object: Value, key: string, cache: ShapeCache): Value {
  const value = read(object, key, cache);
  return value === undefined ? getIndex(object, key) : value;
}

/** Whether a dict or struct has a key; false for other kinds. */
export function hasKey(object: Value, key: string, cache: ShapeCache): boolean {
  if (!(object instanceof HRecord)) return false;
  return object.shape.large ? object.has(key) : cache.find(object.shape, key) >= 0;
}

/** `setPath`, and what it found on the way. */
export function changePath(root: Value, path: readonly Value[], value: Value, caches: Caches): Value {
  const changed = setPath(root, path, value);
  learnPath(changed, path, caches);
  return changed;
}

export function takeFrom(root: Value, path: readonly Value[], caches: Caches): ReturnType<typeof takePath> {
  const taken = takePath(root, path);
  learnPath(taken.root, path, caches);
  return taken;
}

function learnPath(root: Value, path: readonly Value[], caches: Caches): void {
  let holder: Value | undefined = root;
  for (let i = 0; i < path.length && holder !== undefined; i++) {
    const key = path[i]!;
    if (typeof key === "string") {
      caches[i]?.learn(holder, key);
      holder = holder instanceof HRecord ? holder.get(key) : undefined;
    } else holder = holder instanceof HList && typeof key === "number" ? holder.items[key] : undefined;
  }
}
