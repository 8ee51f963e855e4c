/**
 * Starts effects and collects what they answer. The only place between the VM and the performers that knows promises.
 *
 * Invariants
 * 1. An effect starts only after the commit that made it pending, and while the lease surely holds.
 * 2. What an effect answers after it was given up is dropped.
 * 3. A performer that throws anything but a `Failure` has a defect: it surfaces and ends the drive, never the program's `catch`.
 */
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { PerformContext, Performer } from "../ports/effects.ts";
import type { Ports } from "../ports/ports.ts";
import type { NewEffect } from "../vm/run.ts";
import type { StoreSession } from "./store-session.ts";

export type EffectOutcome =
  | { readonly kind: "result"; readonly result: Json }
  | { readonly kind: "failed"; readonly message: string; readonly category: string | null };

export interface Arrival {
  readonly effect: number;
  readonly outcome: EffectOutcome;
}

export interface EffectHost {
  readonly unit: string;
  readonly ports: Ports;
  readonly performers: ReadonlyMap<string, Performer>;
  /** Null while the run is not durable. */
  session(): StoreSession | null;
  /** The arguments for the performer: those of the effect, with what it only refers to. Throws a `Failure`. */
  argumentsOf(effect: NewEffect): JsonObject;
  /** Progress of an effect, not durable. */
  progress(effect: NewEffect, event: JsonObject): void;
  /** Something is there to look at. */
  wake(): void;
}

export class EffectRunner {
  private readonly host: EffectHost;
  private readonly underWay = new Map<number, Abortion>();
  private arrivals: Arrival[] = [];
  private defect: { readonly thrown: unknown } | null = null;
  private closing = false;

  constructor(host: EffectHost) {
    this.host = host;
  }

  get busy(): boolean {
    return this.underWay.size > 0;
  }
  get hasArrivals(): boolean {
    return this.arrivals.length > this.taken || this.defect !== null;
  }
  ids(): readonly number[] {
    return [...this.underWay.keys()];
  }

  /** The oldest answers, at most so many. */
  take(most: number): readonly Arrival[] {
    if (this.defect !== null) throw this.defect.thrown;
    if (this.taken === this.arrivals.length) return [];
    const arrivals = this.arrivals.slice(this.taken, this.taken + most);
    this.taken += arrivals.length;
    if (this.taken === this.arrivals.length) {
      this.arrivals = [];
      this.taken = 0;
    }
    return arrivals;
  }
  private taken = 0;

  abort(id: number): void {
    this.underWay.get(id)?.abort();
    this.underWay.delete(id);
  }

  /** Ends everything that is under way and waits for it, at most so long. Nothing is delivered any more. */
  async close(graceMs: number): Promise<void> {
    this.closing = true;
    for (const abortion of this.underWay.values()) abortion.abort();
    const deadline = this.host.ports.clock.monotonicMs() + graceMs;
    while (this.unfinished > 0 && this.host.ports.clock.monotonicMs() < deadline) await pause(this.host.ports, 5);
    // Where nothing was performed nothing is held, and performers need not even be loaded.
    if (this.hasPerformed) {
      for (const performer of this.host.performers.values()) await performer.release?.(this.host.unit);
    }
  }
  private unfinished = 0;
  private hasPerformed = false;

  /** `again`: an earlier process may have begun it. */
  start(effect: NewEffect, again: boolean, note: Json | null): void {
    const { host } = this;
    const { kind, version } = effect.effect;
    const performer = host.performers.get(kind);
    if (performer === undefined || performer.version !== version) {
      const known = performer === undefined ? "" : ` (it knows version ${performer.version})`;
      this.settle(effect.id, {
        kind: "failed",
        message: `this build cannot perform ${kind} version ${version}${known}`,
        category: "effect_unknown",
      });
      return;
    }
    const session = host.session();
    if (session !== null && !session.holds()) return;
    let args: JsonObject;
    try {
      args = host.argumentsOf(effect);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.settle(effect.id, { kind: "failed", message: error.message, category: error.category });
      return;
    }
    const abortion = new Abortion();
    this.underWay.set(effect.id, abortion);
    this.unfinished++;
    this.hasPerformed = true;
    this.perform(performer, args, this.context(effect, again, note, abortion)).then((outcome) => {
      this.unfinished--;
      if (this.underWay.get(effect.id) !== abortion) return;
      this.underWay.delete(effect.id);
      if (!this.closing && outcome !== null) this.settle(effect.id, outcome);
    });
  }

  private async perform(
    performer: Performer,
    args: JsonObject,
    context: PerformContext,
  ): Promise<EffectOutcome | null> {
    try {
      return { kind: "result", result: await performer.perform(args, context) };
    } catch (thrown) {
      if (thrown instanceof Failure) return { kind: "failed", message: thrown.message, category: thrown.category };
      if (context.signal.aborted) return null;
      this.defect ??= { thrown };
      this.host.wake();
      return null;
    }
  }

  private settle(effect: number, outcome: EffectOutcome): void {
    this.arrivals.push({ effect, outcome });
    this.host.wake();
  }

  private context(effect: NewEffect, again: boolean, note: Json | null, abortion: Abortion): PerformContext {
    const { host } = this;
    return {
      effectId: `${host.unit}:${effect.id}`,
      again,
      note,
      get signal() {
        return abortion.signal;
      },
      ports: host.ports,
      note_: async (body) => {
        const session = host.session();
        if (session === null) return;
        if ((await session.note(host.unit, effect.id, JSON.stringify(body))) !== "ok") {
          throw new Failure("the run is no longer this process's", "cancelled");
        }
      },
      emit: (event) => host.progress(effect, event as JsonObject),
    };
  }
}

/** The signal of an effect under way, made when it is first looked at: most effects end without. */
class Abortion {
  private controller: AbortController | null = null;
  private aborted = false;

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      if (this.aborted) this.controller.abort();
    }
    return this.controller.signal;
  }

  abort(): void {
    this.aborted = true;
    this.controller?.abort();
  }
}

export function pause(ports: Pick<Ports, "clock">, ms: number): Promise<void> {
  return new Promise((resolve) => {
    ports.clock.setTimer(ports.clock.nowMs() + ms, resolve);
  });
}
