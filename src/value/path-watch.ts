/**
 * Notices that a value contains itself, as only damaged bytecode makes it, while it is gone through from the outside in. One container on the way is
 * remembered, a deeper one each time the depth has doubled: what comes round meets it.
 */
import { runtimeError } from "./raise.ts";

export class PathWatch {
  #depth = 0;
  #marked: object | null = null;
  #markedAt = 0;
  #next = 64;

  /** Goes into a container; raises when that is one which it is inside of. */
  enter(container: object): void {
    if (container === this.#marked) throw runtimeError("value contains itself");
    if (++this.#depth < this.#next) return;
    this.#marked = container;
    this.#markedAt = this.#depth;
    this.#next *= 2;
  }

  leave(): void {
    if (this.#depth-- > this.#markedAt) return;
    this.#marked = null;
    this.#markedAt = 0;
    this.#next = 64;
  }
}
