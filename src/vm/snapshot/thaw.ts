/**
 * Brings a run back from its rows, only as much of it as is asked for: a fiber, and what it refers to.
 *
 * Invariants
 * 1. Loading one fiber reads a number of rows that does not depend on how many fibers the run has.
 * 2. What is loaded twice is one object in memory.
 */
import { Failure } from "../../base/failure.ts";
import type { Scope } from "../../builtin/scope.ts";
import type { Chunk } from "../../bytecode/chunk.ts";
import { decodeChunk } from "../../bytecode/serialize.ts";
import type { Value } from "../../value/value.ts";
import { asLarge, HDict, HList } from "../../value/value.ts";
import type { Deadline, Fiber, FiberResult, Frame, GeneratorLink, ObjectId, Wait } from "../fiber.ts";
import { adoptChild, unlinked } from "../fiber-table.ts";
import { loadedObject } from "../objects.ts";
import type { Run } from "../run.ts";
import { timerId } from "../waits.ts";
import type { DecodeContext, Row } from "./decode.ts";
import { parseRow, RowDecoder } from "./decode.ts";
import type { Freezer } from "./freeze.ts";
import type { SecretPart } from "./secret-texts.ts";

export interface RowSource {
  /** Ordered by part. */
  rows(
    table: "fiber" | "cell" | "object" | "piece" | "scope",
    id?: string,
  ): Promise<readonly { readonly id: string; readonly part: number; readonly body: string }[]>;
  blob(hash: string): Promise<string | null>;
}

export class Thawer implements DecodeContext {
  private readonly run: Run;
  private readonly freezer: Freezer;
  private readonly source: RowSource;
  private readonly chunks = new Map<string, Chunk>();
  private readonly blobs = new Map<string, string>();
  private readonly scopes = new Map<string, Scope>();
  private readonly values = new Map<string, object>();
  private readonly lists = new Map<number, HList>();
  private readonly dicts = new Map<number, HDict>();
  private readonly loading = new Set<string>();
  /** Loaded fibers whose parent is not. */
  private readonly waitingChildren = new Map<number, number[]>();

  constructor(run: Run, freezer: Freezer, source: RowSource) {
    this.run = run;
    this.freezer = freezer;
    this.source = source;
  }

  /** Program, cells, counters. Fibers and objects come when asked for. */
  async loadProgram(head: string): Promise<void> {
    const run = this.run;
    const counters = JSON.parse(head) as Record<string, number | string>;
    run.root = counters.root as number;
    run.entry = counters.entry as string;
    run.nextFiber = counters.nextFiber as number;
    run.nextObject = counters.nextObject as number;
    run.nextEffect = counters.nextEffect as number;
    run.nextStored = counters.nextStored as number;
    const cells = await this.source.rows("cell");
    const rows = new Map(cells.map((row) => [row.id, parseRow(row.body)]));
    const program = rows.get("program");
    if (program === undefined) throw new Failure(`run ${run.unit} has no program in the store`);
    await this.need("cell:program:0", program);
    const decoder = new RowDecoder(this, program.refs);
    const plain = decoder.plain(program.body) as {
      readonly chunks: readonly number[];
      readonly globals: Record<string, Value>;
      readonly result?: FiberResult;
      readonly exit?: number;
    };
    run.result = plain.result ?? null;
    run.exitCode = plain.exit ?? null;
    for (const index of plain.chunks) run.addChunk(decoder.chunkAt(index));
    run.globals = new Map(Object.entries(plain.globals));
    for (const [id, row] of rows) {
      if (id === "program") continue;
      await this.need(`cell:${id}:0`, row);
      const data = new RowDecoder(this, row.refs).plain(row.body);
      if (id.startsWith("cell:")) run.cells.set(id.slice(5), { value: data });
      else if (id.startsWith("module:")) {
        const state = data as { key: string; initialised: boolean; slots: (Value | undefined)[] };
        const instance = run.modules.get(state.key);
        if (instance === undefined)
          throw new Failure(`run ${run.unit} names module ${state.key}, which its program lacks`);
        state.slots.forEach((value, slot) => {
          instance.slots[slot] = value;
        });
        instance.initialised = state.initialised;
      }
    }
    run.dirty.program = false;
  }

  /** False when there is no such fiber. */
  async loadFiber(id: number): Promise<boolean> {
    if (this.run.fibers.has(id)) return true;
    // Ended in this turn: its row goes with the commit.
    if (this.run.dirty.goneFibers.has(id)) return false;
    const found = await this.source.rows("fiber", String(id));
    const stored = found[0];
    if (stored === undefined) return false;
    const row = parseRow(stored.body);
    await this.need(`fiber:${id}:0`, row);
    const decoder = new RowDecoder(this, row.refs);
    const plain = decoder.plain(row.body) as Record<string, unknown>;
    const fiber: Fiber = {
      kind: "fiber",
      id,
      frames: (plain.frames as Record<string, unknown>[]).map((frame) => thawedFrame(frame, decoder)),
      scope: this.scopes.get(plain.scope as string)!,
      parent: plain.parent as number | null,
      ...unlinked(),
      task: plain.task as ObjectId | null,
      taskObject: null,
      registered: true,
      unstarted: 0,
      hosting: false,
      status: plain.status as Fiber["status"],
      wait: (plain.wait as Wait | undefined) ?? null,
      parked: null,
      seq: plain.seq as number,
      incoming: (plain.incoming as Fiber["incoming"]) ?? null,
      cancel: (plain.cancel as Fiber["cancel"]) ?? null,
      deadlines: (plain.deadlines as Deadline[] | undefined) ?? [],
      output: (plain.output as string[] | undefined) ?? null,
      inbox: (plain.inbox as Value[] | undefined) ?? null,
    };
    // What its row names anyway is not named again among its refs.
    if (fiber.task !== null) {
      await this.loadObject(fiber.task);
      // Who waits for a number of tasks learns of each through their group.
      const task = this.run.objects.get(fiber.task);
      if (task?.kind === "task" && task.group !== null) await this.loadObject(task.group);
    }
    for (const frame of fiber.frames) {
      if (frame.kind !== "machine") continue;
      for (const object of this.run.host.machines.get(frame.machine)?.objects?.(frame.state) ?? [])
        await this.loadObject(object);
    }
    this.adopt(fiber);
    return true;
  }

  private adopt(fiber: Fiber): void {
    const run = this.run;
    run.fibers.add(fiber);
    for (const id of this.waitingChildren.get(fiber.id) ?? []) {
      const child = run.fibers.get(id);
      if (child?.parent === fiber.id && child.olderSibling === null && fiber.lastChild !== child)
        adoptChild(fiber, child);
    }
    this.waitingChildren.delete(fiber.id);
    if (fiber.parent !== null) {
      const parent = run.fibers.get(fiber.parent);
      if (parent !== undefined) adoptChild(parent, fiber);
      else if (this.waitingChildren.get(fiber.parent)?.push(fiber.id) === undefined) {
        this.waitingChildren.set(fiber.parent, [fiber.id]);
      }
    }
    if (fiber.status === "ready") run.ready.push(fiber);
    const wait = fiber.wait;
    if (wait !== null) {
      let due = wait.deadline ?? Number.POSITIVE_INFINITY;
      for (const source of wait.sources) {
        if (source.kind === "effect") run.effects.set(source.id, fiber.id);
        else if (source.kind === "timer" && source.due < due) due = source.due;
      }
      if (Number.isFinite(due)) {
        run.timers.push({ due, fiber: fiber.id, seq: wait.seq });
        this.freezer.noteTimer(timerId(fiber.id, wait.seq));
      }
    }
    if (fiber.cancel !== null) run.timers.push({ due: fiber.cancel.graceDue, fiber: fiber.id, seq: -1 });
  }

  /** All fibers of the run: for snapshot mode, and before a cancellation of the whole. */
  async loadAllFibers(): Promise<void> {
    for (const row of await this.source.rows("fiber")) await this.loadFiber(Number(row.id));
  }

  async loadAllObjects(): Promise<void> {
    for (const row of await this.source.rows("object")) await this.loadObject(objectId(row.id));
  }

  async loadObject(id: ObjectId): Promise<void> {
    const key = `object:${id}:0`;
    if (this.run.objects.has(id) || this.run.dirty.goneObjects.has(id) || this.loading.has(key)) return;
    this.loading.add(key);
    const found = await this.source.rows("object", String(id));
    const stored = found[0];
    if (stored !== undefined) {
      const row = parseRow(stored.body);
      await this.need(key, row);
      const decoder = new RowDecoder(this, row.refs);
      const object = loadedObject(decoder.plain(row.body) as object);
      if (object.kind === "generator" && object.frames !== null) {
        object.frames = object.frames.map((frame) => thawedFrame(frame as unknown as Record<string, unknown>, decoder));
      }
      this.run.noteObject(object);
    }
    this.loading.delete(key);
  }

  /** Loads what a row refers to. */
  private async need(key: string, row: Row): Promise<void> {
    const refs = row.refs;
    this.freezer.noteLoaded(key, refs);
    for (const hash of refs.chunks ?? []) await this.loadChunk(hash);
    for (const hash of refs.blobs ?? []) {
      if (!this.blobs.has(hash)) this.blobs.set(hash, await this.readBlob(hash));
    }
    for (const hash of refs.values ?? []) await this.loadValue(hash);
    for (const hash of refs.scopes ?? []) await this.loadScope(hash);
    for (const id of refs.lists ?? []) await this.loadList(id);
    for (const id of refs.dicts ?? []) await this.loadDict(id);
    for (const id of refs.objects ?? []) await this.loadObject(id);
  }

  private async readBlob(hash: string): Promise<string> {
    const body = await this.source.blob(hash);
    if (body === null) throw new Failure(`blob ${hash} of run ${this.run.unit} is missing from the store`);
    return body;
  }

  private async loadChunk(hash: string): Promise<void> {
    if (this.chunks.has(hash)) return;
    const chunk = decodeChunk(await this.readBlob(hash));
    chunk.hash = hash;
    this.chunks.set(hash, chunk);
  }

  private async loadValue(hash: string): Promise<void> {
    if (this.values.has(hash)) return;
    const row = parseRow(await this.readBlob(hash));
    await this.need(`value:${hash}`, row);
    const value = new RowDecoder(this, row.refs).plain(row.body) as object;
    if (Object.getPrototypeOf(value) === Object.prototype) Object.freeze(value);
    this.values.set(hash, value);
    this.freezer.noteValue(value, hash);
  }

  private async loadScope(hash: string): Promise<void> {
    if (this.scopes.has(hash)) return;
    const [stored] = await this.source.rows("scope", hash);
    if (stored === undefined) throw new Failure(`scope ${hash} of run ${this.run.unit} is missing from the store`);
    const row = parseRow(stored.body);
    await this.need(`scope:${hash}:0`, row);
    const plain = new RowDecoder(this, row.refs).plain(row.body) as Record<string, unknown>;
    const approvers = (plain.approvers as { closure: Value; scope: string }[]).map((entry) => ({
      closure: entry.closure,
      scope: this.scopes.get(entry.scope)!,
    }));
    const scope = { ...plain, approvers } as unknown as Scope;
    this.scopes.set(hash, scope);
    this.freezer.noteScope(hash, scope);
  }

  private async loadList(id: number): Promise<void> {
    if (this.lists.has(id)) return;
    const list = new HList([]);
    this.lists.set(id, list);
    for (const stored of await this.source.rows("piece", `l${id}`)) {
      const row = parseRow(stored.body);
      await this.need(`piece:l${id}:${stored.part}`, row);
      const items = new RowDecoder(this, row.refs).plain(row.body) as Value[];
      for (const item of items) list.items.push(item);
    }
    list.stored = { id, dirty: new Set(), length: list.items.length };
  }

  private async loadDict(id: number): Promise<void> {
    if (this.dicts.has(id)) return;
    const dict = HDict.empty();
    this.dicts.set(id, dict);
    const parts = new Map<string, number>();
    let next = 0;
    for (const stored of await this.source.rows("piece", `d${id}`)) {
      const row = parseRow(stored.body);
      await this.need(`piece:d${id}:${stored.part}`, row);
      const [key, value] = new RowDecoder(this, row.refs).plain(row.body) as [string, Value];
      dict.set(key, value);
      parts.set(key, stored.part);
      next = Math.max(next, stored.part + 1);
    }
    const entries = asLarge(dict);
    entries.parts = parts;
    entries.stored = { id, dirty: new Set(), length: next };
  }

  // ---- DecodeContext

  chunk(hash: string): Chunk {
    const chunk = this.chunks.get(hash)!;
    // One program has one chunk a module: frames and closures share the one that the module instance has.
    const own = this.run.chunks.get(chunk.module);
    return own?.hash === hash ? own : chunk;
  }
  blob(hash: string): string {
    return this.blobs.get(hash)!;
  }
  list(id: number): HList {
    return this.lists.get(id)!;
  }
  dict(id: number): HDict {
    return this.dicts.get(id)!;
  }
  sharedValue(hash: string): object {
    return this.values.get(hash)!;
  }
  secret(part: SecretPart): string {
    return this.run.host.secrets.text(part);
  }
  pin(id: string): void {
    this.freezer.notePinned(id);
  }
}

function objectId(text: string): ObjectId {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function thawedFrame(frame: Record<string, unknown>, decoder: RowDecoder): Frame {
  if (frame.m !== undefined) {
    return {
      kind: "machine",
      machine: frame.m as string,
      version: frame.v as number,
      state: frame.s as object,
      dst: frame.d as number,
      input: (frame.i as Frame extends { input: infer I } ? I : never) ?? null,
      unwinding: (frame.u as never) ?? null,
    };
  }
  const proto = decoder.chunkAt(frame.c as number).functions[frame.f as number]!;
  const regs = frame.r as (Value | undefined)[];
  while (regs.length < proto.registers) regs.push(undefined);
  return {
    kind: "harn",
    proto,
    pc: frame.p as number,
    regs,
    dst: frame.d as number,
    generator: frame.g === undefined ? null : { ...(frame.g as GeneratorLink), held: null },
    left: null,
  };
}
