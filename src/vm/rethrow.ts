/** Unwinding that goes on with a failure that was caught before, as JavaScript throws it. */
import type { HCaught } from "../value/value.ts";

export class Rethrow {
  readonly caught: HCaught;
  constructor(caught: HCaught) {
    this.caught = caught;
  }
}
