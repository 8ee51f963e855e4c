/** What goes into generated code, and what an entry of it knows while others run on top. */
import type { Value } from "../../value/value.ts";
import type { VmCall } from "../vm-call.ts";
import type { Version } from "./unit.ts";

/** Generated code has undefined for arguments that were not given. */
export function given(args: readonly Value[]): readonly Value[] {
  let count = args.length;
  while (count > 0 && args[count - 1] === undefined) count--;
  return count === args.length ? args : args.slice(0, count);
}

/** What an entry of generated code knows, while others run on top of it. */
export interface Aside {
  readonly c: VmCall;
  readonly fuel: number;
  readonly k: number;
  readonly p: Version | null;
  readonly base: number;
  readonly room: number;
  readonly inCode: boolean;
  readonly frames: number;
  readonly refills: number;
  readonly sliceEnds: number;
  readonly hostFrames: number;
  readonly hostUnits: number;
  readonly virtualFrames: number;
}
