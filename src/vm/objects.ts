/**
 * The object table: values with identity. Frames refer to them by id, so that sharing survives a snapshot. In memory those that wait stand in lists;
 * in rows these are arrays.
 */
import type { Suspension } from "../builtin/call.ts";
import type { Scope } from "../builtin/scope.ts";
import type { HClosure, Value } from "../value/value.ts";
import type { Fiber, FiberResult, Frame, ObjectId, Source } from "./fiber.ts";
import { Ring, type StoredWaiter, Waiter, WaiterList } from "./queues.ts";

export interface ChannelObject {
  readonly kind: "channel";
  readonly id: number;
  readonly name: string;
  readonly capacity: number;
  readonly queue: Ring<Value>;
  closed: boolean;
  readonly receivers: WaiterList;
  readonly senders: WaiterList;
  /** What a fiber that only receives from it waits for: always the same. Not part of its row. */
  readonly sources: readonly [Source];
  receiving: Suspension | null;
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
  output: readonly string[] | null;
  /** Null: none has come yet. */
  waiters: WaiterList | null;
  /** The group that counts it, or null. */
  readonly group: number | null;
  /** As long as it has no fiber (until it begins, in a run that is not recorded): what it will call, who has started it, and in which scope. */
  start: HClosure | null;
  starter: Fiber | null;
  scope: Scope | null;
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
  readonly queue: WaiterList;
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

export function newChannel(id: number, name: string, capacity: number): ChannelObject {
  return {
    kind: "channel",
    id,
    name,
    capacity,
    queue: new Ring(),
    closed: false,
    receivers: new WaiterList(),
    senders: new WaiterList(),
    sources: [{ kind: "receive", channel: id }],
    receiving: null,
  };
}

/** An object as its row states it: plain data. Frames of a generator are left to the caller. */
export function storedObject(object: RunObject): object {
  switch (object.kind) {
    case "channel":
      return {
        kind: object.kind,
        id: object.id,
        name: object.name,
        capacity: object.capacity,
        closed: object.closed,
        queue: [...object.queue],
        receivers: storedWaiters(object.receivers),
        senders: [...object.senders].map((waiter) => ({ waiter: storedWaiter(waiter), value: waiter.value })),
      };
    case "task":
      return {
        kind: object.kind,
        id: object.id,
        fiber: object.fiber,
        result: object.result,
        output: object.output,
        waiters: storedWaiters(object.waiters),
        group: object.group,
      };
    case "mutex":
      return { ...object, queue: storedWaiters(object.queue) };
    case "group":
      return { ...object, waiter: object.waiter === null ? null : storedWaiter(object.waiter) };
    default:
      return { ...object };
  }
}

/** The opposite. */
export function loadedObject(stored: object): RunObject {
  const object = stored as RunObject;
  switch (object.kind) {
    case "channel": {
      const plain = stored as {
        readonly queue: readonly Value[];
        readonly receivers: readonly StoredWaiter[];
        readonly senders: readonly { readonly waiter: StoredWaiter; readonly value: Value }[];
      };
      const senders = new WaiterList();
      for (const { waiter, value } of plain.senders) senders.push(loadedWaiter(waiter, value));
      const { id, name, capacity, closed } = object;
      return {
        ...newChannel(id, name, capacity),
        closed,
        queue: Ring.from(plain.queue),
        receivers: loadedWaiters(plain.receivers),
        senders,
      };
    }
    case "task": {
      const { waiters } = stored as { readonly waiters: readonly StoredWaiter[] };
      return {
        ...object,
        waiters: waiters.length === 0 ? null : loadedWaiters(waiters),
        start: null,
        starter: null,
        scope: null,
      };
    }
    case "mutex":
      return { ...object, queue: loadedWaiters((stored as { readonly queue: readonly StoredWaiter[] }).queue) };
    case "group":
      return { ...object, waiter: object.waiter === null ? null : loadedWaiter(object.waiter, null) };
    default:
      return object;
  }
}

function storedWaiter({ fiber, seq, source }: StoredWaiter): StoredWaiter {
  return { fiber, seq, source };
}

function storedWaiters(list: WaiterList | null): readonly StoredWaiter[] {
  return list === null ? [] : [...list].map(storedWaiter);
}

function loadedWaiter({ fiber, seq, source }: StoredWaiter, value: Value): Waiter {
  return new Waiter(fiber, seq, source, value);
}

function loadedWaiters(stored: readonly StoredWaiter[]): WaiterList {
  const list = new WaiterList();
  for (const waiter of stored) list.push(loadedWaiter(waiter, null));
  return list;
}
