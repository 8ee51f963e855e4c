/**
 * Fibers by id, and who started whom. Fibers come and go quickly: both are kept in links of the fibers themselves, so that nothing is allocated for it.
 *
 * Invariant: ids are whole numbers that mostly come one after the other, so that their last bits spread well.
 */
import type { Fiber } from "./fiber.ts";

const FIRST_ROOM = 16;

export class FiberTable {
  private places: (Fiber | null)[] = new Array(FIRST_ROOM).fill(null);
  size = 0;

  get(id: number): Fiber | undefined {
    const { places } = this;
    let fiber = places[id & (places.length - 1)];
    while (fiber != null && fiber.id !== id) fiber = fiber.samePlace;
    return fiber ?? undefined;
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  /** A fiber that is not in it yet. */
  add(fiber: Fiber): void {
    if (this.size >= this.places.length) this.grow();
    const { places } = this;
    const at = fiber.id & (places.length - 1);
    fiber.samePlace = places[at]!;
    places[at] = fiber;
    this.size++;
  }

  delete(id: number): void {
    const { places } = this;
    const at = id & (places.length - 1);
    let before: Fiber | null = null;
    for (let fiber: Fiber | null = places[at]!; fiber !== null; fiber = fiber.samePlace) {
      if (fiber.id === id) {
        if (before === null) places[at] = fiber.samePlace;
        else before.samePlace = fiber.samePlace;
        fiber.samePlace = null;
        this.size--;
        return;
      }
      before = fiber;
    }
  }

  /** Oldest first. */
  values(): Fiber[] {
    const found: Fiber[] = [];
    for (const first of this.places) {
      for (let fiber: Fiber | null = first; fiber !== null; fiber = fiber.samePlace) found.push(fiber);
    }
    return found.sort((a, b) => a.id - b.id);
  }

  private grow(): void {
    const all = this.values();
    this.places = new Array(this.places.length * 2).fill(null);
    this.size = 0;
    for (const fiber of all) this.add(fiber);
  }
}

/** Notes a child of a loaded fiber, as its youngest. */
export function adoptChild(parent: Fiber, child: Fiber): void {
  const { lastChild } = parent;
  child.olderSibling = lastChild;
  child.youngerSibling = null;
  if (lastChild === null) parent.firstChild = child;
  else lastChild.youngerSibling = child;
  parent.lastChild = child;
}

/** The opposite; `parent` has it. */
export function releaseChild(parent: Fiber, child: Fiber): void {
  const { olderSibling, youngerSibling } = child;
  if (olderSibling !== null) olderSibling.youngerSibling = youngerSibling;
  else if (parent.firstChild === child) parent.firstChild = youngerSibling;
  if (youngerSibling !== null) youngerSibling.olderSibling = olderSibling;
  else if (parent.lastChild === child) parent.lastChild = olderSibling;
  child.olderSibling = null;
  child.youngerSibling = null;
}

/** The links of a fiber that is in no table and has no relatives yet. */
export function unlinked(): FiberLinks {
  return { samePlace: null, firstChild: null, lastChild: null, olderSibling: null, youngerSibling: null };
}

/** Derived from the `parent` of loaded fibers, so not part of their rows. */
export interface FiberLinks {
  samePlace: Fiber | null;
  /** Loaded fibers that end with this one when it is cancelled. */
  firstChild: Fiber | null;
  lastChild: Fiber | null;
  olderSibling: Fiber | null;
  youngerSibling: Fiber | null;
}
