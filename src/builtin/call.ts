/**
 * What a builtin gets and what it answers. A builtin either completes at once (a value) or answers a `Suspension`: data that says what its
 * fiber waits for. It never holds a loop on the JavaScript stack while Harn code runs, and never sees a promise.
 */
import type { Json, JsonObject } from "../base/json.ts";
import type { Place, Repeat } from "../ports/effects.ts";
import type { Ports } from "../ports/ports.ts";
import type { Meter } from "../value/cost.ts";
import type { Value } from "../value/value.ts";
import type { Cell } from "./cells.ts";
import type { Scope } from "./scope.ts";

/** Something to be done outside the process, as data. The host performs it after the turn that asked for it is on disk. */
export interface PendingEffect {
  readonly kind: string;
  readonly version: number;
  readonly args: JsonObject;
  readonly repeat: Repeat;
  readonly place: Place;
}

/** One thing a fiber waits for. When another source wins, an effect is cancelled. */
export type WaitSpec =
  | { readonly kind: "effect"; readonly effect: PendingEffect }
  /** Wall clock, epoch milliseconds. */
  | { readonly kind: "timer"; readonly due: number }
  /** A task or worker fiber has ended: object id. */
  | {
      readonly kind: "task";
      readonly id: number | string;
      /** The task itself, where its handle alone keeps it. */
      readonly held?: object;
      /** It has ended, but others have their turns first. */
      readonly late?: boolean;
      /** Objects that `finish` looks at: after a resume they are loaded with the fiber. */
      readonly objects?: readonly (number | string)[];
    }
  /** `held`: the channel itself. */
  | { readonly kind: "receive"; readonly channel: number; readonly held?: object }
  | { readonly kind: "send"; readonly channel: number; readonly value: Value }
  | { readonly kind: "lock"; readonly mutex: number | string }
  /** A message to this fiber. `only`: one whose key `mode` is this; others stay. */
  | { readonly kind: "inbox"; readonly only?: string };

/** How a wait ended. */
export type Outcome =
  | { readonly kind: "ready"; readonly source: number; readonly value: Value }
  /** Source was an effect; `result` is what its performer answered. */
  | { readonly kind: "result"; readonly source: number; readonly result: Json }
  | { readonly kind: "failed"; readonly source: number; readonly message: string; readonly category: string | null };

export type Waiting =
  | { readonly kind: "wait"; readonly sources: readonly WaitSpec[]; readonly data: Value }
  /** Pushes a machine frame; its result is the builtin's. */
  | { readonly kind: "machine"; readonly machine: string; readonly state: object }
  /** Calls a closure; its result is the builtin's. */
  | { readonly kind: "call"; readonly fn: Value; readonly args: readonly Value[] };

export class Suspension {
  readonly waiting: Waiting;
  constructor(waiting: Waiting) {
    this.waiting = waiting;
  }
}

/** Waits for one effect; the declaration's `finish`, if any, turns the outcome into the value. `data` is kept for it. */
export function awaitEffect(effect: PendingEffect, data: Value = null): Suspension {
  return new Suspension({ kind: "wait", sources: [{ kind: "effect", effect }], data });
}

export function awaitAny(sources: readonly WaitSpec[], data: Value = null): Suspension {
  return new Suspension({ kind: "wait", sources, data });
}

export function runMachine(machine: string, state: object): Suspension {
  return new Suspension({ kind: "machine", machine, state });
}

export function callClosure(fn: Value, args: readonly Value[]): Suspension {
  return new Suspension({ kind: "call", fn, args });
}

export interface Call extends Meter {
  readonly scope: Scope;
  readonly ports: Ports;
  /** Program output of this fiber. */
  write(text: string): void;
  /** An event of the run, for hosts and observers; released after the commit. */
  emit(event: JsonObject): void;
  /** A cell's state, to look at. */
  read<T>(cell: Cell<T>): T;
  /** The same, to change: it is written with this turn. */
  change<T>(cell: Cell<T>): T;
  /** Where the call stands in the source, for messages. */
  site(): { readonly file: string; readonly line: number };
}
