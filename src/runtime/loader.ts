/**
 * What of a stored run is in memory. A resumed run starts with its program alone; fibers and objects come when something happens to them.
 *
 * Invariants
 * 1. What the run asked for in a turn is brought in before that turn is committed, so no row ever waits for loading.
 * 2. Waking one fiber reads a number of rows that does not depend on how many the run has. Only a cancellation loads all.
 */
import type { Store } from "../store/contract.ts";
import { cancelFiber } from "../vm/fiber-life.ts";
import type { Run } from "../vm/run.ts";
import type { Freezer } from "../vm/snapshot/freeze.ts";
import { Thawer } from "../vm/snapshot/thaw.ts";
import { completeWait, postMessage } from "../vm/waits.ts";

export class Loader {
  private readonly run: Run;
  private readonly store: Store;
  readonly thawer: Thawer;
  /** The earliest timer of fibers that are not loaded; undefined: not asked yet. */
  private due: number | null | undefined = undefined;

  constructor(run: Run, freezer: Freezer, store: Store) {
    this.run = run;
    this.store = store;
    run.allLoaded = false;
    run.allObjectsLoaded = false;
    this.thawer = new Thawer(run, freezer, {
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

  /** A cancellation reaches fibers that are not loaded: bring in all, then cancel those below a cancelled one. */
  private async everything(): Promise<void> {
    const { run } = this;
    await this.thawer.loadAllFibers();
    await this.allObjects();
    run.allLoaded = true;
    for (const fiber of [...run.fibers.values()]) {
      const reason = run.result !== null ? "the program has ended" : reasonAbove(run, fiber.id);
      if (reason !== null) cancelFiber(run, fiber.id, reason);
    }
    run.cancelReach.clear();
  }
}

function reasonAbove(run: Run, id: number): string | null {
  for (let at: number | null = id; at !== null; at = run.fibers.get(at)?.parent ?? null) {
    const reason = run.cancelReach.get(at);
    if (reason !== undefined) return reason;
  }
  return null;
}
