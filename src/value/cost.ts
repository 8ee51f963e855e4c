/**
 * What it costs to look at values, in fuel: a turn of a loop is one, about 10 ns. Whoever goes through something large tells a meter, so that a loop over it
 * is stopped as soon as others.
 *
 * Invariants
 * 1. A value of a few parts costs nothing: what is small is paid for by the call or the turn that looks at it.
 * 2. A cost depends on the values alone, never on the clock: the order of fibers does not either.
 */
import { runtimeError } from "./raise.ts";
import { HList, HRecord, HSet, type Value } from "./value.ts";

export interface Meter {
  /** Takes fuel for work that has been done, or is about to be. */
  spend(fuel: number): void;
  /** So many bytes are about to be held beside what is held already: raises when that is too much. Small amounts need not be told. */
  hold(bytes: number): void;
}

/** How much something may grow before it is told again. */
const STEP = 4 * 1024 * 1024;
const FIRST_STEP = 1024 * 1024;

/**
 * For what shows its size only while it is made: tell it the bytes so far. They are not counted a second time, so it is room for the whole that is
 * asked for.
 */
export class Growth {
  readonly #meter: Meter;
  #next = FIRST_STEP;
  constructor(meter: Meter) {
    this.#meter = meter;
  }
  /** At which size it wants to be told. */
  get next(): number {
    return this.#next;
  }
  told(bytes: number): void {
    if (bytes <= this.#next) return;
    this.#meter.hold(bytes);
    this.#next = bytes + STEP;
  }
}

/** What an item of a list takes, its own value apart, and one that is a piece of a text. */
export const ITEM_BYTES = 8;
export const PIECE_BYTES = 40;
/** A list or a dict of two, without what it holds. */
export const PAIR_BYTES = 100;

/** A list that the host makes in one go may have so many items; with more it ends the process. */
const MOST_ITEMS = 2 ** 27 - 8;

/** Room for a list of so many items that is made in one go, each with what it holds. */
export function holdItems(meter: Meter, count: number, bytesEach: number): void {
  if (count > MOST_ITEMS) throw runtimeError(`list is too long: at most ${MOST_ITEMS} items can be made at once`);
  meter.hold(count * bytesEach);
}

/** For work that no program waits for. */
export const UNMETERED: Meter = Object.freeze({ spend: () => {}, hold: () => {} });

/** Texts up to here are looked at for nothing. */
export const SHORT_TEXT = 1_024;

/** Characters that are looked at for one fuel, as a power of two. */
const CHARACTERS_BITS = 5;
/** Items. */
const ITEMS_BITS = 2;

export function textCost(length: number): number {
  return length > SHORT_TEXT ? length >> CHARACTERS_BITS : 0;
}

export function itemsCost(count: number): number {
  return count >> ITEMS_BITS;
}

/** Looking at each part of a value once; at the value itself when it has none. */
export function valueCost(value: Value | undefined): number {
  if (typeof value === "string") return textCost(value.length);
  if (typeof value !== "object" || value === null) return 0;
  if (value instanceof HList) return itemsCost(value.length);
  if (value instanceof HRecord) return value.large === null ? 0 : value.size;
  return value instanceof HSet ? value.items.size : 0;
}

/** The display text of a value with parts, by its length. */
export function displayCost(length: number): number {
  return length;
}

/** Parts of one value, with those of its parts; what is shared counts each time. */
const MOST_PARTS = 20_000_000;

/** Looking at each part of a value, of its parts, and so on. Raises when there is no end to them. */
export function deepCost(value: Value): number {
  let cost = valueCost(value);
  if (typeof value !== "object" || value === null) return cost;
  const work: Value[] = [value];
  while (work.length > 0) {
    if (cost > MOST_PARTS) throw runtimeError(`value has too many parts: at most ${MOST_PARTS} are possible here`);
    for (const part of partsOf(work.pop()!)) {
      cost += 1 + valueCost(part);
      if (typeof part === "object" && part !== null) work.push(part);
    }
  }
  return cost;
}

function partsOf(value: Value): Iterable<Value> {
  if (value instanceof HList) return value.floats === null ? value.parts : [];
  if (value instanceof HRecord) return value.values();
  return value instanceof HSet ? value.items.values() : [];
}

/** A list or dict that is made of others: of the smaller part when the larger one is changed in place. */
export function sumCost(sum: Value, a: Value, b: Value): number {
  return typeof sum === "object" ? valueCost(sum === a ? b : sum) : 0;
}
