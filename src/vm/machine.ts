/**
 * Machine frames: native operations that wait more than once, as state machines over plain data.
 *
 * Invariants
 * 1. `state` holds plain objects, arrays, Harn values, strings, numbers, booleans and null: it is written into snapshots as it stands.
 * 2. `step` never waits itself; it changes `state` and says what comes next.
 * 3. A state of a version that this build does not know is refused by name, never guessed at.
 */
import type { Call, WaitSpec } from "../builtin/call.ts";
import type { RaisedError, Value } from "../value/value.ts";
import type { MachineInput } from "./fiber.ts";
import type { VmCall } from "./vm-call.ts";

export type Directive =
  /** Call this; its result comes as `returned` or `raised`. */
  | { readonly kind: "call"; readonly fn: Value; readonly args: readonly Value[] }
  /** Run another machine on top. */
  | { readonly kind: "push"; readonly machine: string; readonly state: object }
  | { readonly kind: "wait"; readonly sources: readonly (WaitSpec | InnerSpec)[] }
  | { readonly kind: "done"; readonly value: Value }
  | { readonly kind: "raise"; readonly error: RaisedError }
  /** Step again at once, with this. */
  | { readonly kind: "again"; readonly input: MachineInput }
  /** Step again after others have had their turns: it has done much. */
  | { readonly kind: "pause" };

/** Waits that only machines start. */
export type InnerSpec =
  | { readonly kind: "group"; readonly group: number }
  | { readonly kind: "load"; readonly objects: readonly (number | string)[] | "all" };

export interface Machine<State extends object = object> {
  readonly kind: string;
  readonly version: number;
  step(state: State, input: MachineInput, call: VmCall): Directive;
  /** Ids of objects that a step looks at without waiting for them: after a resume they are loaded with the fiber. */
  objects?(state: State): readonly (number | string)[];
}

/** Erases the state's type for the table; the frame that `runMachine` makes carries the right one. */
export function machine<State extends object>(definition: Machine<State>): Machine {
  return definition as unknown as Machine;
}

export type { Call };
