/**
 * Drives one run: turns. A turn takes what has arrived, advances every ready fiber until it waits, commits what changed, and only then performs
 * effects and releases output and events (durability.md, section 1).
 *
 * Invariants
 * 1. While a commit is under way the run is not advanced; what arrives meanwhile forms the next turn.
 * 2. Nothing leaves the process before the turn that made it is committed.
 * 3. When the lease is lost, nothing more is performed or released, and the run is forgotten by this process.
 */
import { messagesOf, withMessages } from "../agents/conversation.ts";
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { Performer } from "../ports/effects.ts";
import type { Ports } from "../ports/ports.ts";
import { jsonToValue } from "../value/json.ts";
import { renderError } from "../vm/errors.ts";
import type { FiberResult } from "../vm/fiber.ts";
import { cancelFiber } from "../vm/fiber-life.ts";
import type { VmHost } from "../vm/host.ts";
import { MemoryLimit } from "../vm/memory-limit.ts";
import { Ring } from "../vm/queues.ts";
import { type NewEffect, Run } from "../vm/run.ts";
import { advance, fireTimers } from "../vm/scheduler.ts";
import { MOST_WRITTEN, TURN_MS } from "../vm/slice.ts";
import type { Freezer, FrozenTurn } from "../vm/snapshot/freeze.ts";
import { newFreezer, newThawer } from "../vm/snapshot/late.ts";
import { readStoredJson } from "../vm/snapshot/secret-texts.ts";
import { deliverEffect, postMessage } from "../vm/waits.ts";
import { EffectRunner } from "./effect-runner.ts";
import { Loader } from "./loader.ts";
import { MemoryRows } from "./memory-rows.ts";
import type { StoreSession } from "./store-session.ts";
import type { UnitHead, UnitProgress } from "./unit-turn.ts";
import { advanceProgress, unitTurn } from "./unit-turn.ts";

const DELIVERED_AT_ONCE = 32;
const PIECE = 1_000_000;
/** How often another process's deliveries are looked for while the run waits. */
const POLL_MS = 200;
/** How long effects may take to end after an interrupt. */
const STOP_MS = 10_000;

export interface DriverOptions {
  readonly host: VmHost;
  readonly ports: Ports;
  readonly performers: ReadonlyMap<string, Performer>;
  /** Opens the store when the run first needs it; null: the run cannot be made durable. */
  readonly openStore: (() => Promise<StoreSession>) | null;
  /** What the unit's row says of the program, for people. */
  readonly program: string;
  readonly meta: JsonObject;
  /** Durable from its first turn. */
  readonly durable: boolean;
  /** Rebuild the run from text after every turn. */
  readonly snapshotMode: boolean;
  onOutput(text: string): void;
  /** `durable` false: progress that no reader of the store will see. */
  onEvent(event: JsonObject, durable: boolean): void;
}

export type Finished =
  | { readonly kind: "value"; readonly value: FiberResult & { kind: "value" } }
  | { readonly kind: "failed"; readonly message: string; readonly error: FiberResult & { kind: "failed" } }
  | { readonly kind: "cancelled"; readonly reason: string }
  /** The program ended itself (`exit`). */
  | { readonly kind: "exited"; readonly code: number }
  /** `resumable`: its state is in the store. */
  | { readonly kind: "interrupted"; readonly resumable: boolean }
  | { readonly kind: "fenced" };

export class RunDriver {
  run: Run;
  /** Null until something is to be frozen. */
  private madeFreezer: Freezer | null = null;
  private loader: Loader | null = null;
  private session: StoreSession | null = null;
  private readonly options: DriverOptions;
  private readonly effects: EffectRunner;
  private messages: { readonly target: number; readonly message: Json }[] = [];
  private wakeUp: (() => void) | null = null;
  private stopping: "interrupt" | "cancel" | null = null;
  private readonly progress: UnitProgress = { created: false, output: 0, events: 0, status: null, consumed: new Set() };
  private readonly memory: MemoryRows | null;
  private storeVersion = -1;
  /** Made when a slice was not enough: what it asks the platform takes a tenth of a whole start. */
  private memoryLimit: MemoryLimit | null = null;

  constructor(run: Run, options: DriverOptions) {
    this.run = run;
    this.options = options;
    this.memory = options.snapshotMode ? new MemoryRows() : null;
    if (options.snapshotMode) run.record();
    this.effects = new EffectRunner({
      unit: run.unit,
      ports: options.ports,
      performers: options.performers,
      session: () => this.session,
      argumentsOf: ({ effect }) => withMessages(effect.args, (object) => messagesOf(this.run, object)),
      progress: (effect, event) => options.onEvent(this.progressEvent(effect, event), false),
      wake: () => this.wake(),
    });
  }

  private get freezer(): Freezer {
    this.madeFreezer ??= newFreezer(this.run);
    return this.madeFreezer;
  }

  /** A run that an earlier process left, loaded as far as something is to be done. Fails when another live process has it. */
  static async resume(unit: string, session: StoreSession, options: DriverOptions): Promise<RunDriver> {
    const { store } = session;
    const row = await store.unit(unit);
    if (row === null) throw new Failure(`no run ${unit} in this store`, "not_found");
    await session.claim(unit);
    const driver = new RunDriver(new Run(unit, options.host), { ...options, snapshotMode: false });
    driver.session = session;
    driver.run.recording = true;
    const head = JSON.parse(row.head) as UnitHead;
    Object.assign(driver.progress, { created: true, output: head.output, events: head.events });
    driver.loader = new Loader(driver.run, driver.freezer, store, false);
    await driver.loader.thawer.loadProgram(head.vm);
    for (const effect of await store.pendingEffects(unit)) {
      await driver.loader.fiber(Number(effect.fiber));
      const pending = { ...effect, args: readStoredJson(effect.args, options.host.secrets) };
      const note = effect.note === null ? null : (JSON.parse(effect.note) as Json);
      driver.effects.start({ id: effect.id, fiber: Number(effect.fiber), effect: pending }, true, note);
    }
    for (const id of head.ready) await driver.loader.fiber(id);
    return driver;
  }

  /** The run is in the store. */
  get durable(): boolean {
    return this.session !== null;
  }

  /** A message for a fiber, from the embedding program. */
  send(fiber: number, message: Json): void {
    this.messages.push({ target: fiber, message });
    this.wake();
  }

  /** Stops this process's part of the run: effects are ended, the state stays as the last commit left it. */
  interrupt(): void {
    this.stopping = "interrupt";
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
      await this.effects.close(STOP_MS);
      if (this.session !== null) await this.session.release(this.run.unit);
    }
  }

  private wake(): void {
    const wakeUp = this.wakeUp;
    this.wakeUp = null;
    wakeUp?.();
  }

  private async turns(): Promise<Finished> {
    const { ports } = this.options;
    for (;;) {
      if (this.stopping === "interrupt") return await this.interrupted();
      if (this.stopping === "cancel") {
        this.stopping = null;
        cancelFiber(this.run, this.run.root, "the program was cancelled");
      }
      await this.takeInputs();
      const now = ports.clock.nowMs();
      const unloadedDue = this.loader === null ? null : await this.loader.dueTimers(now);
      const due = fireTimers(this.run, now);
      const busy = await this.advanceAll();
      if (busy) {
        this.memoryLimit ??= new MemoryLimit(this.options.host.memoryLimit);
        this.memoryLimit.check(this.run);
      }
      if (this.run.exitCode !== null) cancelFiber(this.run, this.run.root, "the program has ended itself");
      if ((await this.commit()) === "fenced") return { kind: "fenced" };
      if (this.run.result !== null && this.run.fibers.size === 0) return this.ended(this.run.result);
      if (this.memory !== null) await this.rebuild();
      if (busy || this.run.ready.length > 0 || this.effects.hasArrivals) await breathe();
      else if (this.messages.length === 0 && this.stopping === null) {
        this.loader?.letGo(now);
        const nextDue = fireDue(due, unloadedDue, this.run.timers.peek()?.due ?? null);
        await this.idle(nextDue);
      }
    }
  }

  /**
   * Runs fibers until all wait or the slice is over, with what they need of the store. Results are delivered a few at a time: a fiber that has its
   * result but did not run yet would be written twice.
   */
  private async advanceAll(): Promise<boolean> {
    const { clock } = this.options.ports;
    const until = clock.monotonicMs() + TURN_MS;
    for (;;) {
      for (const { effect, outcome } of this.effects.take(DELIVERED_AT_ONCE)) deliverEffect(this.run, effect, outcome);
      const busy = advance(this.run, until);
      if (this.run.written > MOST_WRITTEN) return busy || this.run.ready.length > 0;
      const loaded = this.loader !== null && (await this.loader.bringIn());
      if (clock.monotonicMs() > until) return busy || this.run.ready.length > 0;
      if (!loaded && !this.effects.hasArrivals) return busy;
    }
  }

  private async takeInputs(): Promise<void> {
    for (const { target, message } of this.messages.splice(0)) postMessage(this.run, target, jsonToValue(message));
    const store = this.session?.store;
    if (store === undefined) return;
    const version = await store.version();
    if (version === this.storeVersion) return;
    this.storeVersion = version;
    for (const input of await store.readyInputs(this.run.unit, this.options.ports.clock.nowMs(), 1_000)) {
      const body = JSON.parse(input.body) as JsonObject;
      if (body.kind === "timer" || this.progress.consumed.has(input.id)) continue;
      this.progress.consumed.add(input.id);
      if (body.kind === "cancel") this.cancel();
      else postMessage(this.run, Number(input.target), jsonToValue(body.message ?? null));
    }
  }

  private async commit(): Promise<"ok" | "fenced"> {
    const { run, options } = this;
    if (this.session === null && (options.durable || run.wantsDurable) && options.openStore !== null) {
      this.session = await options.openStore();
      run.record();
      if (this.memory === null) this.loader = new Loader(run, this.freezer, this.session.store, true);
    }
    if (!run.recording) run.clearDirty();
    // What nothing is stored of is not frozen either.
    const frozen = run.recording ? this.freeze() : null;
    const sent = frozen ?? run.takeSent();
    const aborted = new Set(run.aborted.splice(0));
    if (this.session !== null && frozen !== null) {
      const turn = unitTurn(run, frozen, this.progress, options);
      if (turn !== null) {
        if ((await this.session.commit([turn])) === "fenced") return "fenced";
        advanceProgress(this.progress, turn, frozen.events.length);
      }
    }
    if (frozen !== null) this.memory?.apply(frozen);
    for (const id of aborted) this.effects.abort(id);
    for (const effect of sent.effects) if (!aborted.has(effect.id)) this.effects.start(effect, false, null);
    for (const text of pieces(sent.output)) options.onOutput(text);
    for (const event of sent.events) options.onEvent(event, this.session !== null);
    return "ok";
  }

  private freeze(): FrozenTurn {
    try {
      return this.freezer.takeTurn();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Failure("the program holds a value that is nested too deeply, or too long, to be stored");
    }
  }

  private progressEvent(effect: NewEffect, event: JsonObject): JsonObject {
    const worker = this.run.fibers.get(effect.fiber)?.scope.worker ?? null;
    return this.options.host.redact({
      type: "effect_progress",
      effect: effect.id,
      effect_kind: effect.effect.kind,
      worker_id: worker,
      ...event,
    });
  }

  private idle(nextDue: number | null): Promise<void> {
    if (!this.effects.busy && nextDue === null && !this.canBeWoken()) {
      throw new Failure("all tasks wait for each other: nothing can wake the program");
    }
    const { clock } = this.options.ports;
    return new Promise((resolve) => {
      const poll = this.session === null ? Number.POSITIVE_INFINITY : clock.nowMs() + POLL_MS;
      const due = Math.min(nextDue ?? Number.POSITIVE_INFINITY, poll);
      const stop = Number.isFinite(due) ? clock.setTimer(due, () => this.wake()) : null;
      this.wakeUp = () => {
        stop?.();
        resolve();
      };
    });
  }

  /** A message from outside may come for a fiber that waits for one, or that is not loaded. */
  private canBeWoken(): boolean {
    if (!this.run.allLoaded) return true;
    for (const fiber of this.run.fibers.values())
      if (fiber.wait?.sources.some(({ kind }) => kind === "inbox")) return true;
    return false;
  }

  /** Snapshot mode: everything from the VM up is built again from text; effects under way go on. */
  private async rebuild(): Promise<void> {
    const memory = this.memory!;
    const old = this.run;
    const fresh = new Run(old.unit, this.options.host);
    const freezer = newFreezer(fresh);
    const thawer = newThawer(fresh, freezer, memory);
    await thawer.loadProgram(memory.head);
    await thawer.loadAllFibers();
    await thawer.loadAllObjects();
    fresh.wantsDurable = old.wantsDurable;
    fresh.ready = Ring.from(old.readyFibers().flatMap((id) => fresh.fibers.get(id) ?? []));
    fresh.recording = true;
    for (const id of this.effects.ids()) if (!fresh.effects.has(id)) this.effects.abort(id);
    this.run = fresh;
    this.madeFreezer = freezer;
  }

  private async interrupted(): Promise<Finished> {
    await this.effects.close(STOP_MS);
    return { kind: "interrupted", resumable: this.session !== null };
  }

  private ended(result: FiberResult): Finished {
    if (this.run.exitCode !== null) return { kind: "exited", code: this.run.exitCode };
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

/** Texts joined to about a megabyte each: one text cannot hold whatever a turn prints. */
function* pieces(output: readonly string[]): Generator<string> {
  for (let from = 0, length = 0, i = 0; i < output.length; i++) {
    length += output[i]!.length;
    if (i + 1 < output.length && length < PIECE) continue;
    yield output.slice(from, i + 1).join("");
    from = i + 1;
    length = 0;
  }
}

function fireDue(...dues: readonly (number | null)[]): number | null {
  let least: number | null = null;
  for (const due of dues) if (due !== null && (least === null || due < least)) least = due;
  return least;
}

function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
