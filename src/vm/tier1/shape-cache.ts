/** What a place in generated code remembers of the dicts that it met, and the operations that fill it. */
import type { Value } from "../../value/value.ts";
import { HList, HRecord, Shape } from "../../value/value.ts";
import { getField, getFieldOptional, getIndex, setPath, takePath } from "../places.ts";

/** The shape of no dict. */
const NONE: Shape = new Shape([], null, false, null);

export class ShapeCache {
  shape: Shape = NONE;
  /** Where the key stands in it. */
  at = 0;

  learn(object: Value, key: string): void {
    if (!(object instanceof HRecord)) return;
    const at = object.shape.indexOf(key);
    if (at < 0) return;
    this.shape = object.shape;
    this.at = at;
  }
}

export function readField(object: Value, name: string, cache: ShapeCache): Value {
  cache.learn(object, name);
  return getField(object, name);
}

export function readFieldOptional(object: Value, name: string, cache: ShapeCache): Value {
  cache.learn(object, name);
  return getFieldOptional(object, name);
}

export function readKey(object: Value, key: string, cache: ShapeCache): Value {
  cache.learn(object, key);
  return getIndex(object, key);
}

type Caches = readonly (ShapeCache | null)[];

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
