/** Timers of loaded fibers, earliest first. An entry whose fiber has gone on is stale; who pops it sees that by `seq`. */
import type { Fiber } from "./fiber.ts";
import type { FiberTable } from "./fiber-table.ts";

export interface Timer {
  readonly due: number;
  readonly fiber: number;
  /** Of the wait that it ends; −1: the grace of a cancelled fiber. */
  readonly seq: number;
}

/** Fewer stale entries than this are not worth looking for. */
const FEW = 64;

export class TimerHeap {
  private heap: Timer[] = [];
  /** At most so many entries are stale, since the heap was swept. */
  private abandoned = 0;

  get size(): number {
    return this.heap.length;
  }

  peek(): Timer | undefined {
    return this.heap[0];
  }

  push(timer: Timer): void {
    const heap = this.heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.due <= timer.due) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  pop(): Timer | undefined {
    const heap = this.heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || heap.length === 0 || last === undefined) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.due < heap[child]!.due) child++;
      if (heap[child]!.due >= last.due) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }

  /** A wait with a timer is over. When half of the entries may be stale, these go: waits under a long deadline would pile up. */
  abandon(fibers: FiberTable): void {
    if (++this.abandoned < FEW || this.abandoned * 2 < this.heap.length) return;
    this.abandoned = 0;
    const left = this.heap.filter((timer) => !isStale(timer, fibers.get(timer.fiber)));
    left.sort((a, b) => a.due - b.due);
    this.heap = left;
  }
}

export function isStale(timer: Timer, fiber: Fiber | undefined): boolean {
  return fiber === undefined || (timer.seq >= 0 && fiber.wait?.seq !== timer.seq);
}
