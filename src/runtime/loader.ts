/**
 * What of a stored run is in memory. A resumed run starts with its program alone; fibers and objects come when something happens to them.
 *
 * Invariants
 * 1. What the run asked for in a turn is brought in before that turn is committed, so no row ever waits for loading.
 * 2. Waking one fiber reads a number of rows that does not depend on how many the run has. Only a cancellation loads all.
 * 3. When many fibers wait, those that have waited for a while are let go of: their rows are all that is needed, as after a resume.
 */
import type { Store } from "../store/contract.ts";
import type { Fiber, ObjectId } from "../vm/fiber.ts";
import { cancelFiber } from "../vm/fiber-life.ts";
import { releaseChild } from "../vm/fiber-table.ts";
import type { Run } from "../vm/run.ts";
import type { Freezer } from "../vm/snapshot/freeze.ts";
import { newThawer } from "../vm/snapshot/late.ts";
import type { Thawer } from "../vm/snapshot/thaw.ts";
import { completeWait, postMessage } from "../vm/waits.ts";

/** Fewer fibers than this stay in memory, however long they wait. */
const MANY_FIBERS = 256;
/** How long a fiber waits before it may be let go of, at least. */
const LINGER_MS = 500;

export class Loader {
  private readonly run: Run;
  private readonly store: Store;
  readonly thawer: Thawer;
  /** The earliest timer of fibers that are not loaded; undefined: not asked yet. */
  private due: number | null | undefined = undefined;
  /** Waits that were seen at the last look: fiber → its count of waits. */
  private seen = new Map<number, number>();
  private lookedMs = 0;

  /** `complete`: everything the store has of the run is in memory. */
  constructor(run: Run, freezer: Freezer, store: Store, complete: boolean) {
    this.run = run;
    this.store = store;
    run.allLoaded = complete;
    run.allObjectsLoaded = complete;
    this.thawer = newThawer(run, freezer, {
      rows: (table, id) => store.rows(run.unit, table, id),
      blob: (hash) => store.blob(hash),
    });
  }

  /** False when the run has no such fiber. */
  async fiber(id: number): Promise<boolean> {
    if (this.run.fibers.has(id)) return true;
    return this.run.allLoaded ? false : this.thawer.loadFiber(id);
  }

  /** Loads what the run has asked for; answers whether fibers may have become ready. */
  async bringIn(): Promise<boolean> {
    const { run } = this;
    if (run.allLoaded) return false;
    let any = false;
    if (run.cancelReach.size > 0 || run.result !== null) {
      await this.everything();
      any = true;
    }
    for (const [id, { seq, outcome }] of [...run.toWake]) {
      run.toWake.delete(id);
      if (await this.fiber(id)) any = completeWait(run, id, seq, outcome) || any;
    }
    for (const { fiber, message } of run.toPost.splice(0)) {
      if (await this.fiber(fiber)) postMessage(run, fiber, message);
      any = true;
    }
    for (const { fiber, seq, objects } of run.loads.splice(0)) {
      if (objects === "all") await this.allObjects();
      else {
        for (const id of objects) {
          await this.thawer.loadObject(id);
          if (!run.objects.has(id)) run.absent.add(id);
        }
      }
      any = completeWait(run, fiber, seq, { kind: "ready", source: 0, value: null }) || any;
    }
    return any;
  }

  /** Loads the fibers of timers that are due; answers when the next one is. */
  async dueTimers(nowMs: number): Promise<number | null> {
    if (this.run.allLoaded) return null;
    if (this.due === undefined || (this.due !== null && this.due <= nowMs)) {
      for (const input of await this.store.readyInputs(this.run.unit, nowMs, 1_000))
        await this.fiber(Number(input.target));
      this.due = await this.store.nextDue(this.run.unit);
      if (this.due !== null && this.due <= nowMs) this.due = undefined;
    }
    return this.due ?? null;
  }

  private async allObjects(): Promise<void> {
    await this.thawer.loadAllObjects();
    this.run.allObjectsLoaded = true;
  }

  /** Lets go of fibers that have waited since the last look. To be called when nothing is ready and everything is committed. */
  letGo(nowMs: number): void {
    const { run } = this;
    if (nowMs - this.lookedMs < LINGER_MS) return;
    this.lookedMs = nowMs;
    const seen = new Map<number, number>();
    const gone: Fiber[] = [];
    if (run.fibers.size >= MANY_FIBERS) {
      for (const fiber of run.fibers.values()) {
        if (!mayGo(run, fiber)) continue;
        if (this.seen.get(fiber.id) === fiber.seq) gone.push(fiber);
        else seen.set(fiber.id, fiber.seq);
      }
    }
    this.seen = seen;
    if (gone.length === 0) return;
    for (const fiber of gone) {
      const parent = fiber.parent === null ? undefined : run.fibers.get(fiber.parent);
      if (parent !== undefined) releaseChild(parent, fiber);
      run.fibers.delete(fiber.id);
      fiber.registered = false;
    }
    const needed = new Set(run.fibers.values().flatMap((fiber) => objectsOf(run, fiber)));
    for (const id of gone.flatMap((fiber) => objectsOf(run, fiber))) {
      if (needed.has(id) || run.dirty.objects.has(id)) continue;
      run.objects.delete(id);
      run.absent.delete(id);
    }
    run.allLoaded = false;
    run.allObjectsLoaded = false;
    this.due = undefined;
  }

  /** A cancellation reaches fibers that are not loaded: bring in all, then cancel those below a cancelled one. */
  private async everything(): Promise<void> {
    const { run } = this;
    await this.thawer.loadAllFibers();
    await this.allObjects();
    run.allLoaded = true;
    for (const fiber of run.fibers.values()) {
      const reason = run.result !== null ? "the program has ended" : reasonAbove(run, fiber.id);
      if (reason !== null) cancelFiber(run, fiber.id, reason);
    }
    run.cancelReach.clear();
  }
}

function mayGo(run: Run, fiber: Fiber): boolean {
  const { wait } = fiber;
  return (
    fiber.id !== run.root &&
    fiber.status === "waiting" &&
    wait !== null &&
    fiber.cancel === null &&
    fiber.firstChild === null &&
    !run.dirty.fibers.has(fiber.id) &&
    !wait.sources.some(({ kind }) => kind === "effect" || kind === "load" || kind === "group" || kind === "lock")
  );
}

/** Records and tasks of delegated work that this fiber looks at. Objects that a program holds a handle of stay. */
function objectsOf(run: Run, fiber: Fiber): readonly ObjectId[] {
  const ids: ObjectId[] = fiber.task === null ? [] : [fiber.task];
  for (const frame of fiber.frames) {
    if (frame.kind === "machine") ids.push(...(run.host.machines.get(frame.machine)?.objects?.(frame.state) ?? []));
  }
  for (const source of fiber.wait?.sources ?? []) {
    if (source.kind === "task") ids.push(source.id, ...(source.objects ?? []));
  }
  return ids.filter((id) => typeof id === "string");
}

function reasonAbove(run: Run, id: number): string | null {
  for (let at: number | null = id; at !== null; at = run.fibers.get(at)?.parent ?? null) {
    const reason = run.cancelReach.get(at);
    if (reason !== undefined) return reason;
  }
  return null;
}
