/** What goes into generated code. */
import type { Value } from "../../value/value.ts";

/** Generated code has undefined for arguments that were not given. */
export function given(args: readonly Value[]): readonly Value[] {
  let count = args.length;
  while (count > 0 && args[count - 1] === undefined) count--;
  return count === args.length ? args : args.slice(0, count);
}
