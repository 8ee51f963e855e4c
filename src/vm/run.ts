/**
 * The state of one program run: a tree of fibers, the object table, cells and module instances. It does no I/O; a driver (runtime/) takes what a
 * turn produced, commits it, performs effects and hands results back.
 *
 * Invariants
 * 1. Everything reachable from a loaded fiber or object is loaded, except other fibers and the waiters of objects: those are ids.
 * 2. What changed since the last commit stands in `dirty`; a turn writes exactly that.
 * 3. Output, events and effects made in a turn are released only after its commit.
 */
import type { JsonObject } from "../base/json.ts";
import type { Outcome, PendingEffect } from "../builtin/call.ts";
import type { Cell } from "../builtin/cells.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Scope } from "../builtin/scope.ts";
import type { Chunk, FunctionProto } from "../bytecode/chunk.ts";
import { type HandleText, plainHandleText } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin, HClosure, HHandle } from "../value/value.ts";
import type { Deadline, Fiber, FiberResult, ObjectId } from "./fiber.ts";
import { giveFibers } from "./fiber-life.ts";
import { adoptChild, FiberTable } from "./fiber-table.ts";
import type { VmHost } from "./host.ts";
import type { Linked } from "./link.ts";
import { linkChunk } from "./link.ts";
import type { GeneratorObject, RunObject, TaskObject } from "./objects.ts";
import { Ring } from "./queues.ts";
import { Tier } from "./tier1/tier.ts";
import { TimerHeap } from "./timer-heap.ts";

export interface ModuleInstance {
  readonly key: string;
  readonly chunk: Chunk;
  readonly slots: (Value | undefined)[];
  initialised: boolean;
}

export interface NewEffect {
  readonly id: number;
  readonly fiber: number;
  readonly effect: PendingEffect;
}

export interface Program {
  /** Key of the module that was started. */
  readonly entry: string;
  /** In the order in which they are initialised; the entry is last. */
  readonly chunks: readonly Chunk[];
}

/** What a turn sends out of the run. */
export interface SentOut {
  readonly effects: readonly NewEffect[];
  readonly settled: readonly number[];
  readonly output: readonly string[];
  readonly events: readonly JsonObject[];
  readonly records: readonly { readonly kind: string; readonly id: string; readonly body: JsonObject }[];
}

export class Run {
  readonly unit: string;
  readonly host: VmHost;
  readonly chunks = new Map<string, Chunk>();
  readonly modules = new Map<string, ModuleInstance>();
  readonly methods = new Map<string, Map<string, { readonly module: string; readonly slot: number }>>();
  entry = "";
  readonly fibers = new FiberTable();
  readonly objects = new Map<ObjectId, RunObject>();
  /** Ids of the mutexes among them. */
  readonly mutexes = new Set<ObjectId>();
  readonly cells = new Map<string, { value: unknown }>();
  globals = new Map<string, Value>();
  /** Fibers that can run, and tasks that have not begun, in the order of their turns. */
  ready = new Ring<Fiber | TaskObject>();
  /** Those that have not begun, in the same order: they have no fiber yet. */
  readonly unstarted = new Ring<TaskObject>();
  /** The fiber that is not registered, if there is one. */
  unregistered: Fiber | null = null;
  /** One that ended before it was registered: nobody has it, and the next task may. */
  private spare: Fiber | null = null;
  /** Fibers that must be loaded before their wait can end, with its outcome. */
  readonly toWake = new Map<number, { readonly seq: number; readonly outcome: Outcome }>();
  /** Messages for fibers that are not loaded. */
  readonly toPost: { readonly fiber: number; readonly message: Value }[] = [];
  /** Fibers that were cancelled while others are not loaded: their descendants must be found. */
  readonly cancelReach = new Map<number, string>();
  /** Fibers that wait for objects to be loaded. */
  readonly loads: { readonly fiber: number; readonly seq: number; readonly objects: readonly ObjectId[] | "all" }[] =
    [];
  /** False while rows of the store are not in memory. */
  allLoaded = true;
  allObjectsLoaded = true;
  /** Asked for, and not in the store either. */
  readonly absent = new Set<ObjectId>();
  readonly timers = new TimerHeap();
  /** Ids of the loaded records, by their type. */
  readonly recordIds = new Map<string, Set<ObjectId>>();
  /** Fibers that were asked to stop and may look (`is_cancelled`). */
  readonly stopRequests = new Set<number>();
  /** Effects under way that somebody waits for: id → fiber. */
  readonly effects = new Map<number, number>();

  /** Activations of generated code that stand on the host's stack above the frames of the fiber that runs. */
  virtualFrames = 0;
  readonly tier: Tier | null;
  /** Fibers whose activations stand on the host's stack below others that run. */
  hosting = 0;
  /** When this turn ends, in monotonic milliseconds. */
  turnEnds = 0;
  /** What changes is noted in `dirty`: the run is kept in rows. Until then it is not, and `record` notes everything. */
  recording = false;
  /** Something was started that must survive the process: the driver makes the run durable with the next turn. */
  wantsDurable = false;
  root = 0;
  result: FiberResult | null = null;
  /** Characters printed in this turn: a turn ends early when they are many. */
  written = 0;
  /** The program asked to end with this code (`exit`): whoever drives the run cancels it from its root. */
  exitCode: number | null = null;
  nextFiber = 1;
  nextObject = 1;
  nextEffect = 1;
  nextStored = 1;

  readonly dirty = {
    fibers: new Set<number>(),
    objects: new Set<ObjectId>(),
    cells: new Set<string>(),
    modules: new Set<string>(),
    goneFibers: new Set<number>(),
    goneObjects: new Set<ObjectId>(),
    /** Globals and the list of chunks. */
    program: true,
  };
  /** Made in this turn. */
  newEffects: NewEffect[] = [];
  settled: number[] = [];
  /** Effects under way whose result nobody wants any more. */
  aborted: number[] = [];
  output: string[] = [];
  events: JsonObject[] = [];
  records: { readonly kind: string; readonly id: string; readonly body: JsonObject }[] = [];
  /** Timer inputs that are over. */
  timersDone: string[] = [];

  private readonly links = new Map<Chunk, Linked>();
  private preludeFunctions: Map<string, HClosure> | null = null;

  constructor(unit: string, host: VmHost) {
    this.unit = unit;
    this.host = host;
    this.tier = host.tiering === "off" ? null : new Tier(this, host.tiering === "forced");
  }

  addChunk(chunk: Chunk): ModuleInstance {
    const instance: ModuleInstance = {
      key: chunk.module,
      chunk,
      slots: new Array(chunk.slots.length).fill(undefined),
      initialised: false,
    };
    this.chunks.set(chunk.module, chunk);
    this.modules.set(chunk.module, instance);
    for (const { type, method, slot } of chunk.methods) {
      const table = this.methods.get(type) ?? new Map();
      table.set(method, { module: chunk.module, slot });
      this.methods.set(type, table);
    }
    return instance;
  }

  link(chunk: Chunk): Linked {
    let linked = this.links.get(chunk);
    if (linked === undefined) {
      linked = linkChunk(chunk, this.modules.get(chunk.module) ?? this.addChunk(chunk), this.host.table);
      this.links.set(chunk, linked);
    }
    return linked;
  }

  /** A function of the prelude, as a closure without captures. */
  prelude(name: string): HClosure {
    if (this.preludeFunctions === null) {
      const chunk = this.modules.get("std/prelude")?.chunk ?? this.host.prelude();
      if (!this.modules.has(chunk.module)) {
        this.addChunk(chunk);
        this.dirty.program = true;
      }
      this.preludeFunctions = new Map();
      for (const fn of chunk.functions) this.preludeFunctions.set(fn.name, new HClosure(fn, []));
    }
    const found = this.preludeFunctions.get(name);
    if (found === undefined) throw new Error(`prelude has no function ${name}`);
    return found;
  }

  /** How a value with identity is shown: the object table knows whether an iterator has anything left. */
  readonly handleText: HandleText = (handle) => {
    const object = handle.kind === "iterator" ? (handle.object ?? this.objects.get(handle.id)) : undefined;
    return object !== undefined && (object as GeneratorObject).ended ? "<iter (exhausted)>" : plainHandleText(handle);
  };

  cell<T>(cell: Cell<T>): T {
    let state = this.cells.get(cell.name);
    if (state === undefined) {
      state = { value: cell.initial() };
      this.cells.set(cell.name, state);
    }
    return state.value as T;
  }

  changeCell<T>(cell: Cell<T>): T {
    this.dirty.cells.add(cell.name);
    return this.cell(cell);
  }

  newHandle<K extends RunObject["kind"]>(kind: K, make: (id: number) => Extract<RunObject, { kind: K }>): HHandle {
    const id = this.nextObject++;
    this.putObject(make(id));
    return new HHandle(kind as HHandle["kind"], id);
  }

  putObject(object: RunObject): void {
    // One of the same id may have gone in this turn.
    if (this.recording) this.dirty.goneObjects.delete(object.id);
    this.noteObject(object);
    this.changed(object);
  }

  /** Forgets an object, with its row. */
  dropObject(id: ObjectId): void {
    this.objects.delete(id);
    if (!this.recording) return;
    this.dirty.objects.delete(id);
    this.dirty.goneObjects.add(id);
  }

  /** Enters an object, new or from its row, into the tables. */
  noteObject(object: RunObject): void {
    this.objects.set(object.id, object);
    if (object.kind === "mutex") this.mutexes.add(object.id);
    else if (object.kind === "record") {
      const ids = this.recordIds.get(object.type);
      if (ids === undefined) this.recordIds.set(object.type, new Set([object.id]));
      else ids.add(object.id);
    }
  }

  /** Must it be brought in before it is known whether it exists? */
  mayBeUnloaded(id: ObjectId): boolean {
    return !this.allLoaded && !this.objects.has(id) && !this.absent.has(id);
  }

  /** Raises when there is no such object; a kind that differs is a defect of a caller that mixed up handles. */
  object<K extends RunObject["kind"]>(kind: K, id: ObjectId): Extract<RunObject, { kind: K }> {
    const found = this.objects.get(id);
    if (found === undefined) throw runtimeError(`unknown ${kind}: ${id}`);
    if (found.kind !== kind) throw runtimeError(`expected a ${kind}, got a ${found.kind}`);
    return found as Extract<RunObject, { kind: K }>;
  }

  changed(object: RunObject): void {
    if (this.recording) this.dirty.objects.add(object.id);
  }

  touch(fiber: Fiber): void {
    if (this.recording) this.dirty.fibers.add(fiber.id);
  }

  generator(handle: HHandle): GeneratorObject {
    handle.object ??= this.object("generator", handle.id);
    return handle.object as GeneratorObject;
  }

  /** The task of a wait: as an object when its handle has it, else by its id. */
  task(spec: { readonly id: ObjectId; readonly held?: object }): TaskObject {
    return (spec.held as TaskObject | undefined) ?? this.object("task", spec.id);
  }

  /** Enters an object that so far only its handle or its fiber knows, before a row names it. */
  enter(object: RunObject): void {
    if (!this.objects.has(object.id)) this.putObject(object);
  }

  fiber(id: number): Fiber {
    this.register();
    const found = this.fibers.get(id);
    if (found === undefined) throw new Error(`fiber ${id} is not loaded`);
    return found;
  }

  write(fiber: Fiber, text: string): void {
    if (fiber.output === null) this.output.push(text);
    else if (fiber.output === NO_OUTPUT) fiber.output = [text];
    else (fiber.output as string[]).push(text);
    this.written += text.length;
  }

  makeReady(fiber: Fiber): void {
    if (fiber.status !== "ready") {
      fiber.status = "ready";
      this.ready.push(fiber);
    }
    this.touch(fiber);
  }

  /** A new fiber at the end of the queue; that of a task has the number that the task knows. */
  newFiber(scope: Scope, parent: Fiber | null, task: TaskObject | null, hold: boolean): Fiber {
    this.register();
    // Those that were started before are older.
    if (parent !== null && parent.unstarted > 0) giveFibers(this);
    const fiber = this.makeFiber(task === null ? this.nextFiber++ : task.fiber, scope, parent, task, hold);
    this.unregistered = fiber;
    this.register();
    this.ready.push(fiber);
    return fiber;
  }

  /** Enters the unregistered fiber in the table, as the youngest child of its parent. */
  register(): void {
    const { unregistered } = this;
    if (unregistered === null) return;
    this.unregistered = null;
    unregistered.registered = true;
    this.fibers.add(unregistered);
    const parent = unregistered.parent === null ? undefined : this.fibers.get(unregistered.parent);
    if (parent !== undefined) adoptChild(parent, unregistered);
    this.touch(unregistered);
  }

  makeFiber(id: number, scope: Scope, parent: Fiber | null, taskObject: TaskObject | null, hold: boolean): Fiber {
    return {
      kind: "fiber",
      id,
      frames: [],
      scope,
      parent: parent === null ? null : parent.id,
      samePlace: null,
      firstChild: null,
      lastChild: null,
      olderSibling: null,
      youngerSibling: null,
      task: taskObject === null ? null : taskObject.id,
      taskObject,
      registered: false,
      unstarted: 0,
      hosting: false,
      status: "ready",
      wait: null,
      parked: null,
      seq: 0,
      incoming: null,
      cancel: null,
      deadlines: NO_DEADLINES,
      output: hold ? NO_OUTPUT : null,
      inbox: null,
    };
  }

  /** The fiber of a task that begins. */
  giveFiber(task: TaskObject, scope: Scope, parent: Fiber): Fiber {
    const { spare } = this;
    if (spare === null) this.unregistered = this.makeFiber(task.fiber, scope, parent, task, true);
    else {
      this.spare = null;
      // What else there is of a fiber cannot have changed.
      const renewed = spare as { -readonly [K in keyof Fiber]: Fiber[K] };
      renewed.id = task.fiber;
      renewed.scope = scope;
      renewed.parent = parent.id;
      renewed.task = task.id;
      renewed.taskObject = task;
      renewed.status = "ready";
      renewed.deadlines = NO_DEADLINES;
      this.unregistered = spare;
    }
    return this.unregistered;
  }

  /** The unregistered fiber has ended. */
  recycle(fiber: { -readonly [K in keyof Fiber]: Fiber[K] }): void {
    this.unregistered = null;
    this.spare = fiber;
    fiber.taskObject = null;
    fiber.output = NO_OUTPUT;
  }

  /** Ids of fibers that can run, in the order of their turns. */
  readyFibers(): number[] {
    return [...this.ready].map((entry) => (entry.kind === "fiber" ? entry.id : entry.fiber));
  }

  /** From now on the run is kept in rows; everything there is belongs to the next turn. */
  record(): void {
    giveFibers(this);
    this.recording = true;
    for (const fiber of this.fibers.values()) {
      if (fiber.taskObject !== null) this.enter(fiber.taskObject);
      this.dirty.fibers.add(fiber.id);
    }
    for (const id of this.objects.keys()) this.dirty.objects.add(id);
    for (const name of this.cells.keys()) this.dirty.cells.add(name);
    for (const key of this.modules.keys()) this.dirty.modules.add(key);
    this.dirty.program = true;
  }

  /** Forgets what changed: the run is not durable. */
  /** What the turn sends out, once. */
  takeSent(): SentOut {
    const sent = {
      effects: this.newEffects,
      settled: this.settled,
      output: this.output,
      events: this.events,
      records: this.records,
    };
    this.newEffects = [];
    this.settled = [];
    this.output = [];
    this.written = 0;
    this.events = [];
    this.records = [];
    return sent;
  }

  clearDirty(): void {
    const dirty = this.dirty;
    for (const set of [dirty.fibers, dirty.objects, dirty.cells, dirty.modules, dirty.goneFibers, dirty.goneObjects])
      set.clear();
    dirty.program = false;
  }

  /** Where a builtin value or a name leads, for values called like functions. */
  builtinNamed(name: string): HBuiltin | null {
    return this.host.table.builtins.has(name) ? new HBuiltin(name) : null;
  }
}

/** A task's output before it has printed anything. */
const NO_OUTPUT: readonly string[] = Object.freeze([]);

/** Shared by fibers that have set none; who sets the first makes a list. */
const NO_DEADLINES: Deadline[] = [];
Object.freeze(NO_DEADLINES);

const NOWHERE = { line: 0, column: 0 };

/** Line and column of the instruction before `pc`. */
export function siteOf(proto: FunctionProto, pc: number): { readonly line: number; readonly column: number } {
  return proto.lines.before(pc) ?? NOWHERE;
}
