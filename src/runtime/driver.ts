/**
 * Drives one run: turns. A turn takes what has arrived, advances every ready fiber until it waits, commits what changed, and only then performs
 * effects and releases output and events (durability.md, section 1).
 *
 * Invariants
 * 1. While a commit is under way the run is not advanced; what arrives meanwhile forms the next turn.
 * 2. An effect starts only after the commit that made it pending, and while the lease surely holds.
 * 3. When the lease is lost, nothing more is performed or released, and the run is forgotten by this process.
 * 4. Only this file and the performers know promises; the VM sees data.
 */

import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { PerformContext, Performer } from "../ports/effects.ts";
import type { Ports } from "../ports/ports.ts";
import type { Lease, Store, UnitStatus, UnitTurn } from "../store/contract.ts";
import { jsonToValue } from "../value/json.ts";
import { renderError } from "../vm/errors.ts";
import type { FiberResult } from "../vm/fiber.ts";
import { cancelFiber } from "../vm/fiber-life.ts";
import type { VmHost } from "../vm/host.ts";
import { type NewEffect, Run } from "../vm/run.ts";
import { advance, fireTimers } from "../vm/scheduler.ts";
import type { FrozenTurn } from "../vm/snapshot/freeze.ts";
import { Freezer } from "../vm/snapshot/freeze.ts";
import { Thawer } from "../vm/snapshot/thaw.ts";
import { deliverEffect, postMessage } from "../vm/waits.ts";
import { MemoryRows } from "./memory-rows.ts";

/** How long fibers run before the event loop gets a turn, in milliseconds. */
const SLICE_MS = 8;
/** How often another process's deliveries are looked for while the run waits. */
const POLL_MS = 250;

export interface DriverOptions {
  readonly host: VmHost;
  readonly ports: Ports;
  readonly performers: ReadonlyMap<string, Performer>;
  /** Null: nothing can be made durable. */
  readonly store: Store | null;
  readonly lease: Lease | null;
  /** What the unit's row says of the program, for people. */
  readonly program: string;
  readonly meta: JsonObject;
  /** Durable from its first turn. */
  readonly durable: boolean;
  /** Rebuild the run from text after every turn. */
  readonly snapshotMode: boolean;
  onOutput(text: string): void;
  onEvent(event: JsonObject): void;
}

export type Finished =
  | { readonly kind: "value"; readonly value: FiberResult & { kind: "value" } }
  | { readonly kind: "failed"; readonly message: string; readonly error: FiberResult & { kind: "failed" } }
  | { readonly kind: "cancelled"; readonly reason: string }
  | { readonly kind: "interrupted" }
  | { readonly kind: "fenced" };

interface Arrival {
  readonly effect: number;
  readonly outcome:
    | { readonly kind: "result"; readonly result: Json }
    | { readonly kind: "failed"; readonly message: string; readonly category: string | null };
}

export class RunDriver {
  run: Run;
  private freezer: Freezer;
  private thawer: Thawer | null = null;
  private readonly options: DriverOptions;
  private readonly underWay = new Map<number, AbortController>();
  private arrivals: Arrival[] = [];
  private messages: { readonly id: string | null; readonly target: number; readonly body: JsonObject }[] = [];
  private wakeUp: (() => void) | null = null;
  private durable = false;
  private created = false;
  private stopping: "interrupt" | "cancel" | null = null;
  private outputOffset = 0;
  private eventOffset = 0;
  private memory: MemoryRows | null = null;
  private lastVersion = -1;
  /** The earliest timer of fibers that are not loaded; undefined: not asked yet. */
  private unloadedDue: number | null | undefined = null;

  constructor(run: Run, options: DriverOptions) {
    this.run = run;
    this.options = options;
    this.freezer = new Freezer(run);
    if (options.snapshotMode) this.memory = new MemoryRows();
  }

  /** A run of this store that an earlier process left, loaded as far as something is to be done. */
  static async resume(unit: string, options: DriverOptions): Promise<RunDriver> {
    const { store } = options;
    if (store === null) throw new Failure("resume needs a store");
    const row = await store.unit(unit);
    if (row === null) throw new Failure(`no run ${unit} in this store`, "not_found");
    const driver = new RunDriver(new Run(unit, options.host), options);
    driver.durable = true;
    driver.created = true;
    const head = JSON.parse(row.head) as { vm: string; output: number; events: number; ready: readonly number[] };
    driver.outputOffset = head.output;
    driver.eventOffset = head.events;
    driver.thawer = new Thawer(driver.run, driver.freezer, {
      rows: (table, id) => store.rows(unit, table, id),
      blob: (hash) => store.blob(hash),
    });
    await driver.thawer.loadProgram(head.vm);
    driver.unloadedDue = undefined;
    for (const effect of await store.pendingEffects(unit)) {
      await driver.thawer.loadFiber(Number(effect.fiber));
      driver.start(
        {
          id: effect.id,
          fiber: Number(effect.fiber),
          effect: { ...effect, args: JSON.parse(effect.args) as JsonObject },
        },
        true,
        effect.note === null ? null : (JSON.parse(effect.note) as Json),
      );
    }
    // Fibers that fuel stopped are ready without any input.
    for (const id of head.ready) await driver.thawer.loadFiber(id);
    return driver;
  }

  /** An effect result, a message or a signal may be there. */
  private wake(): void {
    const wakeUp = this.wakeUp;
    this.wakeUp = null;
    wakeUp?.();
  }

  /** A message for a fiber of this run, from the embedding program. */
  send(fiber: number, body: JsonObject): void {
    this.messages.push({ id: null, target: fiber, body });
    this.wake();
  }

  /** Stops the process's part of the run: effects are ended, the state stays as the last commit left it. */
  interrupt(): void {
    this.stopping ??= "interrupt";
    this.wake();
  }

  /** Cancels the program with everything it started. */
  cancel(): void {
    this.stopping ??= "cancel";
    this.wake();
  }

  async finish(): Promise<Finished> {
    try {
      return await this.turns();
    } finally {
      for (const controller of this.underWay.values()) controller.abort();
    }
  }

  private async turns(): Promise<Finished> {
    const { ports } = this.options;
    for (;;) {
      if (this.stopping === "interrupt") return await this.suspend();
      if (this.stopping === "cancel") {
        this.stopping = null;
        if (this.thawer !== null) await this.thawer.loadAllFibers();
        cancelFiber(this.run, this.run.root, "the program was cancelled");
      }
      await this.takeArrivals();
      const nextDue = await this.dueTimers(ports.clock.nowMs());
      const busy = advance(this.run, ports.clock.monotonicMs() + SLICE_MS);
      await this.loadWoken();
      const fenced = await this.commit();
      if (fenced) return { kind: "fenced" };
      if (this.run.result !== null && this.run.fibers.size === 0) return this.ended(this.run.result);
      if (this.memory !== null) await this.rebuild();
      if (busy || this.run.ready.length > 0) {
        await breathe();
        continue;
      }
      if (this.arrivals.length === 0 && this.messages.length === 0 && this.stopping === null) await this.idle(nextDue);
    }
  }

  private async takeArrivals(): Promise<void> {
    const arrivals = this.arrivals;
    this.arrivals = [];
    for (const { effect, outcome } of arrivals) deliverEffect(this.run, effect, outcome);
    const messages = this.messages;
    this.messages = [];
    for (const message of messages) await this.post(message.target, message.body);
    const store = this.options.store;
    if (!this.durable || store === null) return;
    const version = await store.version();
    if (version === this.lastVersion) return;
    this.lastVersion = version;
    for (const input of await store.readyInputs(this.run.unit, this.options.ports.clock.nowMs(), 1_000)) {
      const body = JSON.parse(input.body) as JsonObject;
      if (body.kind === "timer") {
        await this.load(Number(input.target));
        continue;
      }
      if (this.consumed.has(input.id)) continue;
      this.consumed.add(input.id);
      if (body.kind === "cancel") this.cancel();
      else await this.post(Number(input.target), body);
    }
  }
  private consumed = new Set<string>();

  private async post(target: number, body: JsonObject): Promise<void> {
    if (!(await this.load(target))) return;
    postMessage(this.run, target, jsonToValue(body));
  }

  private async load(fiber: number): Promise<boolean> {
    if (this.run.fibers.has(fiber)) return true;
    return this.thawer === null ? false : this.thawer.loadFiber(fiber);
  }

  private async loadWoken(): Promise<void> {
    while (this.run.toLoad.size > 0) {
      const ids = [...this.run.toLoad];
      this.run.toLoad.clear();
      for (const id of ids) if (await this.load(id)) this.wakeLoaded(id);
      advance(this.run, this.options.ports.clock.monotonicMs() + SLICE_MS);
    }
  }

  /** A fiber was loaded because something it waits for has happened: look at its sources again. */
  private wakeLoaded(id: number): void {
    const fiber = this.run.fibers.get(id);
    const wait = fiber?.wait;
    if (fiber === undefined || wait == null) return;
    for (const [index, source] of wait.sources.entries()) {
      if (source.kind === "task") {
        const task = this.run.objects.get(source.id);
        if (task?.kind === "task" && task.result !== null) {
          this.complete(id, wait.seq, index);
          return;
        }
      }
    }
  }
  private complete(fiber: number, seq: number, source: number): void {
    const target = this.run.fibers.get(fiber);
    if (target?.wait?.seq !== seq) return;
    target.incoming = { kind: "outcome", outcome: { kind: "ready", source, value: null }, next: target.wait.next };
    target.wait = null;
    this.run.makeReady(target);
  }

  private async dueTimers(nowMs: number): Promise<number | null> {
    const store = this.options.store;
    if (this.unloadedDue !== null && store !== null && (this.unloadedDue === undefined || this.unloadedDue <= nowMs)) {
      for (const input of await store.readyInputs(this.run.unit, nowMs, 1_000)) await this.load(Number(input.target));
      this.unloadedDue = await store.nextDue(this.run.unit);
    }
    const due = fireTimers(this.run, nowMs);
    if (this.unloadedDue == null) return due;
    return due === null ? this.unloadedDue : Math.min(due, this.unloadedDue);
  }

  /** Commits the turn, then lets it out. True when the lease was lost. */
  private async commit(): Promise<boolean> {
    const { run } = this;
    if ((this.options.durable || run.wantsDurable) && !this.durable && this.options.store !== null) {
      this.durable = true;
      run.markAllDirty();
    }
    if (!this.durable && this.memory === null) run.clearDirty();
    const turn = this.freezer.takeTurn();
    const aborted = run.aborted.splice(0);
    if (this.durable && (await this.write(turn)) === "fenced") return true;
    this.memory?.apply(turn);
    for (const id of aborted) this.underWay.get(id)?.abort();
    for (const effect of turn.effects) if (!aborted.includes(effect.id)) this.start(effect, false, null);
    if (turn.output.length > 0) this.options.onOutput(turn.output.join(""));
    for (const event of turn.events) this.options.onEvent(event);
    return false;
  }

  private async write(turn: FrozenTurn): Promise<"ok" | "fenced"> {
    const { run, options } = this;
    const text = turn.output.join("");
    const status: UnitStatus =
      run.result !== null && run.fibers.size === 0
        ? run.result.kind === "value"
          ? "completed"
          : run.result.kind === "failed"
            ? "failed"
            : "cancelled"
        : run.ready.length > 0
          ? "running"
          : "waiting";
    const empty =
      turn.rows.length +
        turn.effects.length +
        turn.settled.length +
        turn.events.length +
        turn.timers.length +
        turn.timersDone.length ===
        0 &&
      text === "" &&
      turn.records.length === 0 &&
      this.consumed.size === 0;
    if (empty && this.created) return "ok";
    const unitTurn: UnitTurn = {
      unit: run.unit,
      ...(this.created ? {} : { create: { program: options.program, meta: JSON.stringify(options.meta) } }),
      status,
      head: JSON.stringify({
        vm: turn.head,
        output: this.outputOffset + text.length,
        events: this.eventOffset + turn.events.length,
        ready: run.ready,
        ...(status === "failed" && run.result?.kind === "failed" ? { error: renderError(run.result.error) } : {}),
      }),
      rows: turn.rows,
      effects: turn.effects.map(({ id, fiber, effect }) => ({
        id,
        fiber: String(fiber),
        kind: effect.kind,
        version: effect.version,
        repeat: effect.repeat,
        place: effect.place,
        args: JSON.stringify(effect.args),
      })),
      settled: turn.settled,
      inputs: turn.timers.map(({ id, fiber, due }) => ({
        unit: run.unit,
        id,
        target: String(fiber),
        body: '{"kind":"timer"}',
        due: Math.ceil(due),
      })),
      consumed: [...turn.timersDone, ...this.consumed],
      output: text === "" ? [] : [{ offset: this.outputOffset, text }],
      events: turn.events.map((event, i) => ({ offset: this.eventOffset + i, body: JSON.stringify(event) })),
      blobs: turn.blobs,
      records: turn.records.map(({ kind, id, body }) => ({ kind, id, body: JSON.stringify(body) })),
    };
    const result = await options.store!.commit(options.lease!, [unitTurn]);
    if (result === "fenced") return "fenced";
    this.created = true;
    this.consumed.clear();
    this.outputOffset += text.length;
    this.eventOffset += turn.events.length;
    return "ok";
  }

  private start(effect: NewEffect, again: boolean, note: Json | null): void {
    const { options } = this;
    const controller = new AbortController();
    this.underWay.set(effect.id, controller);
    const settle = (outcome: Arrival["outcome"]) => {
      this.underWay.delete(effect.id);
      this.arrivals.push({ effect: effect.id, outcome });
      this.wake();
    };
    const performer = options.performers.get(effect.effect.kind);
    if (performer === undefined || performer.version !== effect.effect.version) {
      settle({
        kind: "failed",
        message: `this build cannot perform ${effect.effect.kind} version ${effect.effect.version}`,
        category: "effect_unknown",
      });
      return;
    }
    if (this.durable && !options.store!.holds(options.lease!)) return;
    const context: PerformContext = {
      effectId: `${this.run.unit}:${effect.id}`,
      again,
      note,
      signal: controller.signal,
      ports: options.ports,
      note_: async (body) => {
        if (!this.durable) return;
        const noted = await options.store!.noteEffect(options.lease!, this.run.unit, effect.id, JSON.stringify(body));
        if (noted !== "ok") throw new Failure("the run is no longer this process's", "cancelled");
      },
      emit: (event) => options.onEvent({ type: "effect_progress", effect: effect.id, ...(event as JsonObject) }),
    };
    performer.perform(effect.effect.args, context).then(
      (result) => settle({ kind: "result", result }),
      (thrown: unknown) => {
        if (this.stopping === "interrupt") return;
        if (thrown instanceof Failure) settle({ kind: "failed", message: thrown.message, category: thrown.category });
        else this.crash(thrown);
      },
    );
  }

  private crashed: unknown = null;
  private crash(thrown: unknown): void {
    this.crashed ??= thrown;
    this.wake();
  }

  private idle(nextDue: number | null): Promise<void> {
    if (this.crashed !== null) throw this.crashed;
    if (this.underWay.size === 0 && nextDue === null && !this.durable && this.run.ready.length === 0) {
      throw new Failure("all fibers wait for each other: nothing can wake the program");
    }
    const { clock } = this.options.ports;
    return new Promise((resolve) => {
      const now = clock.nowMs();
      const poll = this.durable ? now + POLL_MS : Number.POSITIVE_INFINITY;
      const due = Math.min(nextDue ?? Number.POSITIVE_INFINITY, poll);
      const stop = Number.isFinite(due) ? clock.setTimer(due, () => this.wake()) : null;
      this.wakeUp = () => {
        stop?.();
        resolve();
      };
    });
  }

  /** Snapshot mode: everything from the VM up is built again from text; effects under way go on. */
  private async rebuild(): Promise<void> {
    const memory = this.memory!;
    const fresh = new Run(this.run.unit, this.options.host);
    const freezer = new Freezer(fresh);
    const thawer = new Thawer(fresh, freezer, memory);
    await thawer.loadProgram(memory.head);
    await thawer.loadAllFibers();
    await thawer.loadAllObjects();
    fresh.result = this.run.result;
    fresh.wantsDurable = this.run.wantsDurable;
    fresh.ready = this.run.ready;
    for (const id of this.underWay.keys()) if (!fresh.effects.has(id)) this.underWay.get(id)?.abort();
    this.run = fresh;
    this.freezer = freezer;
  }

  private async suspend(): Promise<Finished> {
    for (const controller of this.underWay.values()) controller.abort();
    const deadline = this.options.ports.clock.nowMs() + 5_000;
    while (this.underWay.size > 0 && this.options.ports.clock.nowMs() < deadline) await breathe(10);
    return { kind: "interrupted" };
  }

  private ended(result: FiberResult): Finished {
    switch (result.kind) {
      case "value":
        return { kind: "value", value: result };
      case "failed":
        return { kind: "failed", message: renderError(result.error), error: result };
      case "cancelled":
        return { kind: "cancelled", reason: result.reason };
    }
  }
}

function breathe(ms = 0): Promise<void> {
  return new Promise((resolve) => (ms === 0 ? setImmediate(resolve) : setTimeout(resolve, ms)));
}
