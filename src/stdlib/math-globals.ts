/** Constants that every program sees. */
import type { Value } from "../value/value.ts";

export const mathGlobals: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["pi", Math.PI],
  ["e", Math.E],
]);
