/**
 * The limit of what a program may hold in memory: looked at between slices, and enforced as an error where the program runs. It may catch that, and
 * go on once it has let go of enough.
 */
import { runtimeError } from "../builtin/raise.ts";
import { HCaught } from "../value/value.ts";
import { withTrace } from "./errors.ts";
import { endUnstarted } from "./fiber-life.ts";
import type { VmHost } from "./host.ts";
import type { Run } from "./run.ts";

const MB = 1024 * 1024;
/** After a collection that has shown less than the limit: how much more before the next one, of what is left, and of the limit at least. */
const ROOM = 0.5;
const LEAST_ROOM = 0.02;
/**
 * After an error: how much more before the next one, of what is held, since unwinding lets go of things little by little and a collection takes longer
 * than all else. Not for a program that catches the error again and again, and holds on.
 */
const SLACK = 1.1;
const MOST_PATIENCE = 3;
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
  /** Errors since it was less than the limit. */
  private raised = 0;

  constructor(limit: number) {
    this.limit = limit;
    this.suspicious = limit;
  }

  /** Raises in every fiber that fuel stopped, when the process holds too much; where there is none, tasks that were to begin fail. */
  check(run: Run): void {
    const { heap } = run.host.ports;
    if (heap.used() < this.suspicious) return;
    heap.collect();
    const held = heap.used();
    const brink = heap.limit * BRINK;
    if (held < this.limit) {
      this.raised = 0;
      const room = Math.max((this.limit - held) * ROOM, this.limit * LEAST_ROOM);
      this.suspicious = Math.min(this.limit + room, brink);
      return;
    }
    this.suspicious = ++this.raised > MOST_PATIENCE ? this.limit : Math.min(held * SLACK, brink);
    const text = `out of memory: the program holds ${Math.round(held / MB)} MB, its limit is ${Math.round(this.limit / MB)} MB`;
    const { error } = runtimeError(text);
    run.register();
    let found = false;
    for (const entry of run.ready) {
      const fiber = entry.kind === "fiber" ? entry : entry.start === null ? run.fibers.get(entry.fiber) : undefined;
      if (fiber?.status !== "ready" || fiber.incoming !== null) continue;
      found = true;
      fiber.incoming = { kind: "unwind", caught: new HCaught(withTrace(error, fiber), false) };
    }
    // Those that wait hold it all: no more are to begin.
    if (!found) endUnstarted(run, "all", { kind: "failed", error });
  }
}
