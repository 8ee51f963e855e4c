/**
 * Queues with constant cost: a ring of items, and a list of waiters from which one can be taken out anywhere (a wait that was lost or cancelled).
 */
import type { Value } from "../value/value.ts";
import type { Fiber } from "./fiber.ts";

const FIRST_ROOM = 4;

/** First in, first out. */
export class Ring<T> {
  private items: (T | undefined)[] = [];
  private head = 0;
  length = 0;

  static from<T>(items: Iterable<T>): Ring<T> {
    const ring = new Ring<T>();
    for (const item of items) ring.push(item);
    return ring;
  }

  push(item: T): void {
    if (this.length === this.items.length) this.grow();
    this.items[(this.head + this.length) & (this.items.length - 1)] = item;
    this.length++;
  }

  peek(): T | undefined {
    return this.length === 0 ? undefined : this.items[this.head];
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const { items, head } = this;
    const item = items[head];
    items[head] = undefined;
    this.head = (head + 1) & (items.length - 1);
    this.length--;
    return item;
  }

  *[Symbol.iterator](): Generator<T> {
    const { items, head, length } = this;
    for (let i = 0; i < length; i++) yield items[(head + i) & (items.length - 1)] as T;
  }

  /** The room is a power of two, so that places wrap by a mask. */
  private grow(): void {
    const { items, head } = this;
    const grown: (T | undefined)[] = new Array(Math.max(FIRST_ROOM, items.length * 2)).fill(undefined);
    for (let i = 0; i < items.length; i++) grown[i] = items[(head + i) & (items.length - 1)];
    this.items = grown;
    this.head = 0;
  }
}

/** A fiber that waits on an object: stale when the fiber's `seq` has moved on. */
export interface StoredWaiter {
  readonly fiber: number;
  readonly seq: number;
  /** Index of the source in its wait. */
  readonly source: number;
}

export class Waiter implements StoredWaiter {
  readonly fiber: number;
  readonly seq: number;
  readonly source: number;
  /** What it wants to send. */
  readonly value: Value;
  /** The fiber itself, where it is known; not registered any more: it has been let go, and may come back from its row as another object. */
  held: Fiber | null = null;
  /** The next waiter of the same wait. */
  sibling: Waiter | null = null;
  list: WaiterList | null = null;
  before: Waiter | null = null;
  after: Waiter | null = null;

  constructor(fiber: number, seq: number, source: number, value: Value) {
    this.fiber = fiber;
    this.seq = seq;
    this.source = source;
    this.value = value;
  }

  /** Takes it out of the list that it stands in, if any. */
  leave(): void {
    const { list, before, after } = this;
    if (list === null) return;
    if (before === null) list.first = after;
    else before.after = after;
    if (after === null) list.last = before;
    else after.before = before;
    this.list = null;
    this.before = null;
    this.after = null;
  }
}

/** Waiters in the order in which they came. */
export class WaiterList {
  first: Waiter | null = null;
  last: Waiter | null = null;

  push(waiter: Waiter): void {
    const { last } = this;
    waiter.list = this;
    waiter.before = last;
    if (last === null) this.first = waiter;
    else last.after = waiter;
    this.last = waiter;
  }

  shift(): Waiter | null {
    const { first } = this;
    first?.leave();
    return first;
  }

  /** The waiter of one wait, when only its numbers are known: after it came back from rows. */
  of(fiber: number, seq: number, source: number): Waiter | null {
    for (let at = this.first; at !== null; at = at.after)
      if (at.fiber === fiber && at.seq === seq && at.source === source) return at;
    return null;
  }

  *[Symbol.iterator](): Generator<Waiter> {
    for (let at = this.first; at !== null; at = at.after) yield at;
  }
}
