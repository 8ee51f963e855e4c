/** Floats as values, and as the bare doubles that lists and structs of floats hold. */
import type { Value } from "./value.ts";

/** An integral float: 3.0, −0.0, 1e300. */
export class HFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A float value of a double: boxed when it is integral. */
export function makeFloat(n: number): number | HFloat {
  return Number.isInteger(n) ? new HFloat(n) : n;
}

/** The double of a float; undefined: the value is none. */
export function doubleOf(value: Value): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? undefined : value;
  return value instanceof HFloat ? value.value : undefined;
}
