/** The object table: values with identity. Frames refer to them by id, so that sharing survives a snapshot. */
import type { Value } from "../value/value.ts";
import type { FiberResult, Frame, ObjectId } from "./fiber.ts";

/** A fiber that waits on an object: stale when the fiber's `seq` has moved on. */
export interface Waiter {
  readonly fiber: number;
  readonly seq: number;
  /** Index of the source in its wait. */
  readonly source: number;
}

export interface ChannelObject {
  readonly kind: "channel";
  readonly id: number;
  readonly name: string;
  readonly capacity: number;
  queue: Value[];
  closed: boolean;
  receivers: Waiter[];
  senders: { readonly waiter: Waiter; readonly value: Value }[];
}

export interface AtomicObject {
  readonly kind: "atomic";
  readonly id: number;
  value: Value;
}

export interface TaskObject {
  readonly kind: "task";
  readonly id: ObjectId;
  readonly fiber: number;
  result: FiberResult | null;
  /** Output that waits for the join; null once it is taken. */
  output: string[] | null;
  waiters: Waiter[];
  /** The group that counts it, or null. */
  readonly group: number | null;
}

/** Counts tasks for the one fiber that started them all. */
export interface GroupObject {
  readonly kind: "group";
  readonly id: number;
  finished: ObjectId[];
  waiter: Waiter | null;
}

export interface GeneratorObject {
  readonly kind: "generator";
  readonly id: number;
  /** Bottom first; null while it runs or when it has ended. */
  frames: Frame[] | null;
  ended: boolean;
}

export interface MutexObject {
  readonly kind: "mutex";
  readonly id: ObjectId;
  holder: number | null;
  queue: Waiter[];
}

/** Typed plain data of a layer above the VM (a worker, a session), by a name of its own. */
export interface RecordObject {
  readonly kind: "record";
  readonly id: ObjectId;
  readonly type: string;
  readonly state: object;
}

export type RunObject =
  | ChannelObject
  | AtomicObject
  | TaskObject
  | GroupObject
  | GeneratorObject
  | MutexObject
  | RecordObject;
