/**
 * Turns what changed in a run since the last commit into rows: one a fiber, cell, object and module instance; long lists and large dicts in
 * pieces, of which only the changed ones; long texts and chunks as blobs by hash, once.
 *
 * Invariants
 * 1. `takeTurn` may be called only when no fiber runs. What it answers, applied to the rows before it, is the whole run.
 * 2. A piece that no row refers to any more is deleted in the turn that dropped it; what was ever shared stays until the run ends.
 */
import type { Scope } from "../../builtin/scope.ts";
import type { Chunk } from "../../bytecode/chunk.ts";
import { encodeChunk } from "../../bytecode/serialize.ts";
import type { Value } from "../../value/value.ts";
import { asLarge, HClosure, HDict, type HHandle, HList } from "../../value/value.ts";
import type { Fiber, Frame, GeneratorLink } from "../fiber.ts";
import { type RunObject, storedObject } from "../objects.ts";
import { PIECE_BITS } from "../places.ts";
import type { ModuleInstance, Run, SentOut } from "../run.ts";
import { timerId } from "../waits.ts";
import type { EncodeContext, Refs } from "./encode.ts";
import { RowEncoder } from "./encode.ts";
import type { TextPart } from "./secret-texts.ts";

export interface RowWrite {
  readonly table: "fiber" | "cell" | "object" | "piece" | "scope";
  readonly id: string;
  readonly part: number;
  readonly body: string | null;
}

/** What a turn hands to the store and, after the commit, to the world. */
export interface FrozenTurn extends SentOut {
  readonly rows: readonly RowWrite[];
  readonly blobs: readonly { readonly hash: string; readonly body: string }[];
  readonly timers: readonly { readonly id: string; readonly fiber: number; readonly due: number }[];
  readonly timersDone: readonly string[];
  readonly head: string;
}

const BLOB_LENGTH = 4_096;
const PIECE_THRESHOLD = 64;
/** Shared values of about this many characters and more are kept apart. */
const SHARED_WEIGHT = 160;
/** And those of this many at once. */
const HEAVY = 220;
/** The same for what is frozen on purpose. */
const FROZEN_WEIGHT = 90;
/** Of hashes that name rows of a run: 96 bits, unlikely to meet below 2^48 of them. */
const HASH_LENGTH = 24;

export class Freezer implements EncodeContext {
  readonly blobLength = BLOB_LENGTH;
  readonly pieceThreshold = PIECE_THRESHOLD;
  private readonly run: Run;
  private rows: RowWrite[] = [];
  private blobs: { hash: string; body: string }[] = [];
  private readonly written = new Set<string>();
  private readonly scopes = new WeakMap<Scope, string>();
  /** Shared values that were looked at: their hash, null when they stand in their rows, `once` when that is to be seen next time. */
  private readonly values = new WeakMap<object, string | null>();
  private readonly scopesWritten = new Set<string>();
  /** Stored ids that each row refers to, and how many rows refer to each. */
  private readonly rowRefs = new Map<string, readonly string[]>();
  private readonly owners = new Map<string, number>();
  private readonly pinned = new Set<string>();
  private dropped = new Set<string>();
  /** Rows of each stored list or dict that refer to others. */
  private readonly piecesWithRefs = new Map<string, Set<string>>();
  /** Timers that are on disk. */
  private readonly armed = new Set<string>();

  constructor(run: Run) {
    this.run = run;
  }

  /** A row that was loaded, so that its pieces are known. */
  noteLoaded(key: string, refs: Partial<Refs>): void {
    this.setRefs(key, storedIds(refs));
    for (const hash of refs.blobs ?? []) this.written.add(hash);
    for (const hash of refs.chunks ?? []) this.written.add(hash);
  }
  noteValue(value: object, hash: string): void {
    this.values.set(value, hash);
    this.written.add(hash);
  }
  noteScope(hash: string, scope: Scope): void {
    this.scopesWritten.add(hash);
    this.scopes.set(scope, hash);
  }
  notePinned(id: string): void {
    this.pinned.add(id);
  }
  noteTimer(id: string): void {
    this.armed.add(id);
  }

  takeTurn(): FrozenTurn {
    const run = this.run;
    const dirty = run.dirty;
    for (const id of dirty.fibers) {
      const fiber = run.fibers.get(id);
      if (fiber !== undefined) this.write("fiber", String(id), this.fiber(fiber));
    }
    for (const id of dirty.goneFibers) this.remove("fiber", String(id));
    this.writeObjects();
    for (const id of dirty.goneObjects) this.remove("object", String(id));
    for (const name of dirty.cells) {
      const encoder = new RowEncoder(this);
      this.write("cell", `cell:${name}`, { text: encoder.row(run.cells.get(name)?.value), refs: encoder.refs });
    }
    for (const key of dirty.modules) {
      const instance = run.modules.get(key);
      if (instance !== undefined) this.write("cell", `module:${key}`, this.module(instance));
    }
    if (dirty.program) this.write("cell", "program", this.program());
    // What only now was named for the first time.
    this.writeObjects();
    for (const set of [dirty.fibers, dirty.objects, dirty.cells, dirty.modules, dirty.goneFibers, dirty.goneObjects])
      set.clear();
    dirty.program = false;
    this.collectPieces();

    const turn: FrozenTurn = {
      rows: this.rows,
      blobs: this.blobs,
      ...this.timers(),
      head: JSON.stringify({
        root: run.root,
        entry: run.entry,
        nextFiber: run.nextFiber,
        nextObject: run.nextObject,
        nextEffect: run.nextEffect,
        nextStored: run.nextStored,
      }),
      ...run.takeSent(),
    };
    this.rows = [];
    this.blobs = [];
    return turn;
  }

  private writeObjects(): void {
    const { dirty, objects } = this.run;
    for (const id of dirty.objects) {
      dirty.objects.delete(id);
      const object = objects.get(id);
      if (object !== undefined) this.write("object", String(id), this.object(object));
    }
  }

  private timers(): Pick<FrozenTurn, "timers" | "timersDone"> {
    const done = this.run.timersDone.filter((id) => this.armed.delete(id));
    const timers: { id: string; fiber: number; due: number }[] = [];
    this.run.timersDone = [];
    for (const fiber of this.waitingWithTimer) {
      const id = timerId(fiber.id, fiber.wait!.seq);
      if (this.armed.has(id)) continue;
      this.armed.add(id);
      timers.push({ id, fiber: fiber.id, due: earliest(fiber) });
    }
    this.waitingWithTimer = [];
    return { timers, timersDone: done };
  }
  private waitingWithTimer: Fiber[] = [];

  private fiber(fiber: Fiber): { text: string; refs: Refs } {
    const encoder = new RowEncoder(this);
    if (fiber.wait !== null && Number.isFinite(earliest(fiber))) this.waitingWithTimer.push(fiber);
    for (const source of fiber.wait?.sources ?? []) {
      if (source.kind === "task") encoder.refs.objects.push(source.id, ...(source.objects ?? []));
      else if (source.kind === "receive" || source.kind === "send") encoder.refs.objects.push(source.channel);
      else if (source.kind === "lock") encoder.refs.objects.push(source.mutex);
      else if (source.kind === "group") encoder.refs.objects.push(source.group);
    }
    for (const frame of fiber.frames) {
      if (frame.kind === "harn" && frame.generator?.held != null) this.run.enter(frame.generator.held);
    }
    const text = encoder.row({
      id: fiber.id,
      parent: fiber.parent,
      task: fiber.task,
      status: fiber.status,
      seq: fiber.seq,
      scope: encoder.scopeRef(fiber.scope),
      frames: fiber.frames.map((frame) => frozenFrame(frame, encoder)),
      ...(fiber.wait === null ? {} : { wait: fiber.wait }),
      ...(fiber.incoming === null ? {} : { incoming: fiber.incoming }),
      ...(fiber.cancel === null ? {} : { cancel: fiber.cancel }),
      ...(fiber.deadlines.length === 0 ? {} : { deadlines: fiber.deadlines }),
      ...(fiber.output === null ? {} : { output: fiber.output }),
      ...(fiber.inbox === null || fiber.inbox.length === 0 ? {} : { inbox: fiber.inbox }),
    });
    return { text, refs: encoder.refs };
  }

  private object(object: RunObject): { text: string; refs: Refs } {
    const encoder = new RowEncoder(this);
    const plain =
      object.kind === "generator" && object.frames !== null
        ? { ...object, frames: object.frames.map((frame) => frozenFrame(frame, encoder)) }
        : storedObject(object);
    return { text: encoder.row(plain), refs: encoder.refs };
  }

  private module(instance: ModuleInstance): { text: string; refs: Refs } {
    const encoder = new RowEncoder(this);
    const text = encoder.row({
      key: instance.key,
      chunk: encoder.chunkRef(instance.chunk),
      initialised: instance.initialised,
      slots: instance.slots,
    });
    return { text, refs: encoder.refs };
  }

  private program(): { text: string; refs: Refs } {
    const encoder = new RowEncoder(this);
    const text = encoder.row({
      entry: this.run.entry,
      chunks: [...this.run.chunks.values()].map((chunk) => encoder.chunkRef(chunk)),
      globals: Object.fromEntries(this.run.globals),
      ...(this.run.result === null ? {} : { result: this.run.result }),
      ...(this.run.exitCode === null ? {} : { exit: this.run.exitCode }),
    });
    return { text, refs: encoder.refs };
  }

  private write(table: RowWrite["table"], id: string, row: { text: string; refs: Refs }, part = 0): void {
    this.rows.push({ table, id, part, body: row.text });
    const ids = storedIds(row.refs);
    if (ids.length > 0 || this.rowRefs.size > 0) this.setRefs(`${table}:${id}:${part}`, ids);
  }

  private remove(table: RowWrite["table"], id: string): void {
    this.rows.push({ table, id, part: -1, body: null });
    this.setRefs(`${table}:${id}:0`, []);
  }

  private setRefs(key: string, ids: readonly string[]): void {
    const before = this.rowRefs.get(key) ?? [];
    if (before.length === 0 && ids.length === 0) return;
    for (const id of ids) this.owners.set(id, (this.owners.get(id) ?? 0) + 1);
    for (const id of before) {
      const left = (this.owners.get(id) ?? 1) - 1;
      this.owners.set(id, left);
      if (left === 0) this.dropped.add(id);
    }
    if (ids.length === 0) this.rowRefs.delete(key);
    else this.rowRefs.set(key, ids);
    if (!key.startsWith("piece:")) return;
    const owner = key.slice(6, key.lastIndexOf(":"));
    const pieces = this.piecesWithRefs.get(owner);
    if (ids.length === 0) pieces?.delete(key);
    else if (pieces === undefined) this.piecesWithRefs.set(owner, new Set([key]));
    else pieces.add(key);
  }

  private collectPieces(): void {
    while (this.dropped.size > 0) {
      const candidates = this.dropped;
      this.dropped = new Set();
      for (const id of candidates) {
        if ((this.owners.get(id) ?? 0) > 0 || this.pinned.has(id)) continue;
        this.owners.delete(id);
        this.rows.push({ table: "piece", id, part: -1, body: null });
        for (const key of [...(this.piecesWithRefs.get(id) ?? [])]) this.setRefs(key, []);
        this.piecesWithRefs.delete(id);
      }
    }
  }

  // ---- EncodeContext

  enter(handle: HHandle): void {
    if (handle.object !== null) this.run.enter(handle.object as RunObject);
  }

  secretParts(text: string): readonly TextPart[] | null {
    return this.run.host.secrets.parts(text);
  }

  chunkHash(chunk: Chunk): string {
    if (chunk.hash === "") chunk.hash = this.run.host.ports.hash.sha256(encodeChunk(chunk)).slice(0, HASH_LENGTH);
    if (!this.written.has(chunk.hash)) {
      this.written.add(chunk.hash);
      this.blobs.push({ hash: chunk.hash, body: encodeChunk(chunk) });
    }
    return chunk.hash;
  }

  scopeHash(scope: Scope): string {
    const known = this.scopes.get(scope);
    if (known !== undefined) return known;
    const encoder = new RowEncoder(this);
    const text = encoder.row({
      ...scope,
      approvers: scope.approvers.map((entry) => ({ closure: entry.closure, scope: encoder.scopeRef(entry.scope) })),
    });
    const hash = this.run.host.ports.hash.sha256(text).slice(0, HASH_LENGTH);
    this.scopes.set(scope, hash);
    if (!this.scopesWritten.has(hash)) {
      this.scopesWritten.add(hash);
      this.write("scope", hash, { text, refs: encoder.refs });
    }
    return hash;
  }

  blob(text: string): string {
    const hash = this.run.host.ports.hash.sha256(text).slice(0, HASH_LENGTH);
    if (!this.written.has(hash)) {
      this.written.add(hash);
      this.blobs.push({ hash, body: text });
    }
    return hash;
  }

  sharedValue(value: object): string | null {
    const known = this.values.get(value);
    if (known !== undefined && known !== "once") return known;
    const container = value instanceof HList || value instanceof HDict;
    if (container && isStored(value)) return null;
    if (known === undefined && container) {
      const about = weight(value, 0);
      if (about < SHARED_WEIGHT) return null;
      // Many are written once and never again: the shorter ones get a row of their own when they come back.
      if (about < HEAVY) {
        this.values.set(value, "once");
        return null;
      }
    }
    this.values.set(value, null);
    if (container && (value instanceof HList ? value.length : value.size) >= PIECE_THRESHOLD) return null;
    const encoder = new RowEncoder(this, value);
    const text = encoder.row(value);
    // What is kept in pieces is counted by the rows that refer to it.
    if (encoder.refs.lists.length > 0 || encoder.refs.dicts.length > 0) return null;
    if (text.length < FROZEN_WEIGHT) return null;
    const hash = this.blob(text);
    this.values.set(value, hash);
    return hash;
  }

  storeList(list: HList): number {
    const count = (list.items.length + (1 << PIECE_BITS) - 1) >> PIECE_BITS;
    let pieces: Iterable<number>;
    if (list.stored === null) {
      list.stored = { id: this.run.nextStored++, dirty: new Set(), length: 0 };
      pieces = Array.from({ length: count }, (_, i) => i);
    } else pieces = [...list.stored.dirty].filter((piece) => piece < count).sort((a, b) => a - b);
    const stored = list.stored;
    const id = `l${stored.id}`;
    if (list.shared) this.pinned.add(id);
    stored.dirty.clear();
    for (const piece of pieces) {
      const encoder = new RowEncoder(this);
      const items = list.items.slice(piece << PIECE_BITS, (piece + 1) << PIECE_BITS);
      this.write("piece", id, { text: encoder.row(items), refs: encoder.refs }, piece);
    }
    const before = (stored.length + (1 << PIECE_BITS) - 1) >> PIECE_BITS;
    for (let piece = count; piece < before; piece++) {
      this.rows.push({ table: "piece", id, part: piece, body: null });
      this.setRefs(`piece:${id}:${piece}`, []);
    }
    stored.length = list.items.length;
    return stored.id;
  }

  storeDict(dict: HDict): number {
    let keys: Iterable<string>;
    const entries = asLarge(dict);
    if (entries.stored === null) {
      entries.stored = { id: this.run.nextStored++, dirty: new Set(), length: 0 };
      entries.parts = new Map();
      keys = dict.keys();
    } else keys = entries.touched ?? [];
    const stored = entries.stored;
    const parts = entries.parts!;
    const id = `d${stored.id}`;
    if (dict.shared) this.pinned.add(id);
    for (const key of keys) {
      const value = dict.get(key);
      let part = parts.get(key);
      if (value === undefined) {
        if (part === undefined) continue;
        parts.delete(key);
        this.rows.push({ table: "piece", id, part, body: null });
        this.setRefs(`piece:${id}:${part}`, []);
        continue;
      }
      if (part === undefined) {
        part = stored.length++;
        parts.set(key, part);
      }
      const encoder = new RowEncoder(this);
      this.write("piece", id, { text: encoder.row([key, value]), refs: encoder.refs }, part);
    }
    entries.touched = null;
    return stored.id;
  }
}

function isStored(value: HList | HDict): boolean {
  return value instanceof HList ? value.stored !== null : value.large !== null && value.large.stored !== null;
}

/** About how long the text of a value is; counts no further than it matters. */
function weight(value: Value | undefined, from: number): number {
  if (typeof value === "string") return from + value.length + 3;
  let total = from + 5;
  if (value instanceof HList) {
    for (const item of value.values()) {
      if (total >= HEAVY) return total;
      total = weight(item, total);
    }
  } else if (value instanceof HDict) {
    for (const key of value.keys()) {
      if (total >= HEAVY) return total;
      total = weight(value.get(key), total + key.length + 3);
    }
  } else if (value instanceof HClosure) total += 20;
  return total;
}

function storedLink({ object, dst, exit }: GeneratorLink): object {
  return { object, dst, exit };
}

function frozenFrame(frame: Frame, encoder: RowEncoder): object {
  if (frame.kind === "machine") {
    return {
      m: frame.machine,
      v: frame.version,
      d: frame.dst,
      s: frame.state,
      ...(frame.input === null ? {} : { i: frame.input }),
      ...(frame.unwinding === null ? {} : { u: frame.unwinding }),
    };
  }
  let used = frame.regs.length;
  while (used > 0 && frame.regs[used - 1] === undefined) used--;
  return {
    c: encoder.chunkRef(frame.proto.chunk),
    f: frame.proto.index,
    p: frame.pc,
    d: frame.dst,
    r: frame.regs.slice(0, used),
    ...(frame.generator === null ? {} : { g: storedLink(frame.generator) }),
  };
}

const NO_IDS: readonly string[] = [];

function storedIds(refs: Partial<Refs>): readonly string[] {
  if ((refs.lists?.length ?? 0) === 0 && (refs.dicts?.length ?? 0) === 0) return NO_IDS;
  return [...(refs.lists ?? []).map((id) => `l${id}`), ...(refs.dicts ?? []).map((id) => `d${id}`)];
}

function earliest(fiber: Fiber): number {
  let due = fiber.wait?.deadline ?? Number.POSITIVE_INFINITY;
  for (const source of fiber.wait?.sources ?? []) if (source.kind === "timer" && source.due < due) due = source.due;
  return due;
}
