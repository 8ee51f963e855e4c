/**
 * The limit of what a program may hold in memory: looked at between slices, and enforced as an error where the program runs. It may catch that, and
 * go on once it has let go of enough.
 */
import { runtimeError } from "../builtin/raise.ts";
import { HCaught } from "../value/value.ts";
import { withTrace } from "./errors.ts";
import { fiberOf, giveFibers } from "./fiber-life.ts";
import type { VmHost } from "./host.ts";
import type { Run } from "./run.ts";

const MB = 1024 * 1024;
/** After a collection that has shown less than the limit: how much more before the next one, of what is left. */
const ROOM = 0.5;
/** But never so near to the host's own limit that it comes first. */
const BRINK = 0.9;

/** Raises when so many bytes more would be more than the program may hold. Small amounts are looked at between slices only. */
export function checkRoom({ ports, memoryLimit }: VmHost, bytes: number): void {
  if (bytes <= MB || ports.heap.used() + bytes <= memoryLimit) return;
  ports.heap.collect();
  const held = ports.heap.used();
  if (held + bytes <= memoryLimit) return;
  const [needed, holds, limit] = [bytes, held, memoryLimit].map((amount) => Math.round(amount / MB));
  throw runtimeError(`out of memory: this needs ${needed} MB, the program holds ${holds} MB, its limit is ${limit} MB`);
}

export class MemoryLimit {
  private readonly limit: number;
  /** Above this it is worth finding out what of it is garbage. */
  private suspicious: number;

  constructor(limit: number) {
    this.limit = limit;
    this.suspicious = limit;
  }

  /** Raises in every fiber that fuel stopped, when the process holds too much. */
  check(run: Run): void {
    const { heap } = run.host.ports;
    if (heap.used() < this.suspicious) return;
    heap.collect();
    const held = heap.used();
    if (held < this.limit) {
      this.suspicious = Math.min(this.limit + (this.limit - held) * ROOM, heap.limit * BRINK);
      return;
    }
    this.suspicious = this.limit;
    const text = `out of memory: the program holds ${Math.round(held / MB)} MB, its limit is ${Math.round(this.limit / MB)} MB`;
    giveFibers(run);
    for (const entry of run.ready) {
      const fiber = fiberOf(run, entry);
      if (fiber === null || fiber.incoming !== null) continue;
      fiber.incoming = { kind: "unwind", caught: new HCaught(withTrace(runtimeError(text).error, fiber), false) };
    }
  }
}
