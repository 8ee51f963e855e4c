/**
 * Fibers and frames: everything that can wait, as plain data.
 *
 * Invariants
 * 1. Between two turns of the driver nothing of a fiber lives on the JavaScript stack or in a promise: its frames and its `wait` are all there is. Within
 *    a turn others may run on top of one that waits (handover.ts).
 * 2. `pc` of a frame is the instruction that runs next; `pc − 1` lies inside the one that ran last, for handlers and line numbers.
 * 3. `dst` of a frame is the register of the frame below that receives its result; −1 drops it.
 */
import type { Outcome } from "../builtin/call.ts";
import type { Scope } from "../builtin/scope.ts";
import type { FunctionProto } from "../bytecode/chunk.ts";
import type { HCaught, RaisedError, Value } from "../value/value.ts";
import type { FiberLinks } from "./fiber-table.ts";
import type { GeneratorObject, TaskObject } from "./objects.ts";
import type { Waiter } from "./queues.ts";
import type { WayIn } from "./tier1/unit.ts";

/** Ids of objects: numbers of the run, or names (`worker_…`). */
export type ObjectId = number | string;

/** The generator whose code starts with this frame, and where its consumer continues. */
export interface GeneratorLink {
  readonly object: number;
  /** The same as an object, while that is known. */
  readonly held: GeneratorObject | null;
  /** Register of the consumer for a yielded value; `exit`: pc to go on at when it ends (a `for` loop), or −1 (a call of `next`). */
  readonly dst: number;
  readonly exit: number;
}

export interface HarnFrame {
  readonly kind: "harn";
  readonly proto: FunctionProto;
  pc: number;
  readonly regs: (Value | undefined)[];
  dst: number;
  generator: GeneratorLink | null;
  /** Generated code that has left it, and in which it may go on, if nothing else has touched it since. Not part of its row. */
  left: WayIn | null;
}

/** A native operation that waits more than once. `input` is what its next step gets; null while it waits or a call of it runs. */
export interface MachineFrame {
  readonly kind: "machine";
  readonly machine: string;
  readonly version: number;
  readonly state: object;
  readonly dst: number;
  input: MachineInput | null;
  /** Unwinding goes on when it ends. */
  unwinding: HCaught | null;
}

export type Frame = HarnFrame | MachineFrame;

export type MachineInput =
  | { readonly kind: "start" }
  /** The closure that it called, or the machine that it pushed, has returned. */
  | { readonly kind: "returned"; readonly value: Value }
  /** … has failed. */
  | { readonly kind: "raised"; readonly error: RaisedError }
  /** A wait is over. */
  | { readonly kind: "outcome"; readonly outcome: Outcome }
  /** The fiber is being cancelled: tidy up (waiting is allowed, within the grace), then end. */
  | { readonly kind: "cancelled" };

/** A source of a wait that is under way. */
export type Source =
  | { readonly kind: "effect"; readonly id: number }
  | { readonly kind: "timer"; readonly due: number }
  | { readonly kind: "task"; readonly id: ObjectId; readonly objects?: readonly ObjectId[] }
  | { readonly kind: "receive"; readonly channel: number }
  | { readonly kind: "send"; readonly channel: number }
  | { readonly kind: "lock"; readonly mutex: ObjectId }
  | { readonly kind: "group"; readonly group: number }
  | { readonly kind: "inbox"; readonly only?: string }
  | { readonly kind: "load"; readonly objects: readonly ObjectId[] | "all" };

/** What happens when a wait is over. */
export type Continuation =
  /** The value goes to a register of the top frame; a builtin that named itself turns the outcome into the value first. */
  | { readonly kind: "register"; readonly dst: number; readonly finish: string | null; readonly data: Value }
  /** To the machine on top. */
  | { readonly kind: "machine" }
  /** `for` over a channel: value to `dst`, or on at `exit` when it is closed. */
  | { readonly kind: "iterate"; readonly dst: number; readonly exit: number }
  /** SELECT: index to `dst`, value to `dst + 1`. */
  | {
      readonly kind: "select";
      readonly dst: number;
      /** Source that is the timeout, or −1. */
      readonly timeout: number;
      /** Case of each receiving source. */
      readonly indexes: readonly number[];
    };

export interface Wait {
  readonly seq: number;
  readonly sources: readonly Source[];
  readonly next: Continuation;
  /** When the innermost deadline ends it; null: none. */
  readonly deadline: number | null;
}

export interface Deadline {
  readonly due: number;
  /** Frames that were on the stack: the deadline ends with the last of them. */
  readonly depth: number;
  /** It was raised already; it stays until its block is left, so that blocks and entries pair. */
  readonly fired: boolean;
}

export interface Fiber extends FiberLinks {
  readonly kind: "fiber";
  readonly id: number;
  readonly frames: Frame[];
  readonly scope: Scope;
  parent: number | null;
  /** The object that others await: a task, a worker; null for the root. */
  readonly task: ObjectId | null;
  /** The same as an object, while that is known; else it is looked up. */
  readonly taskObject: TaskObject | null;
  /** It is in the table, and among the children of its parent: false in its first turn, as long as nobody but who runs it can know of it. */
  registered: boolean;
  /** Tasks that it has started and that have not begun. */
  unstarted: number;
  /** Its activations stand on the host's stack below others that run (handover.ts). */
  hosting: boolean;
  status: "ready" | "waiting" | "ended";
  wait: Wait | null;
  /** What stands for its wait in lists of objects, linked by `sibling`; null also after it came back from its row. */
  parked: Waiter | null;
  /** Counts the waits, so that a late timer is known for what it is. */
  seq: number;
  /** What ended the last wait, not taken yet. */
  incoming:
    | { readonly kind: "outcome"; readonly outcome: Outcome; readonly next: Continuation }
    | { readonly kind: "unwind"; readonly caught: HCaught }
    | null;
  /** Null until it is cancelled; then when its grace ends. */
  cancel: { readonly reason: string; readonly graceDue: number } | null;
  deadlines: Deadline[];
  /** Held back until it is joined; null: goes straight to the run. */
  output: readonly string[] | null;
  /** Null: nothing has come yet. */
  inbox: Value[] | null;
}

export type FiberResult =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "failed"; readonly error: RaisedError }
  | { readonly kind: "cancelled"; readonly reason: string };
