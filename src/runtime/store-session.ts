/**
 * This process's standing in a store: opened when the first run needs it, kept alive by a heartbeat, ended cleanly.
 *
 * Invariants
 * 1. One lease a process and store, however many runs.
 * 2. When the lease is lost, `holds` answers false and every commit is refused; runs end as `fenced`.
 */
import { Failure } from "../base/failure.ts";
import type { Ports } from "../ports/ports.ts";
import type { CommitResult, Lease, Store, UnitTurn } from "../store/contract.ts";

export class StoreSession {
  readonly store: Store;
  private readonly lease: Lease;
  private readonly ports: Ports;
  private stopTimer: (() => void) | null = null;
  private ended = false;

  private constructor(store: Store, lease: Lease, ports: Ports) {
    this.store = store;
    this.lease = lease;
    this.ports = ports;
  }

  static async open(store: Store, ports: Ports, builds: readonly string[]): Promise<StoreSession> {
    const lease = await store.open({ host: ports.environment.machine, builds });
    const session = new StoreSession(store, lease, ports);
    session.beat();
    return session;
  }

  private beat(): void {
    const { clock } = this.ports;
    this.stopTimer = clock.setTimer(clock.nowMs() + this.store.leaseMs / 3, () => {
      if (this.ended) return;
      this.store.heartbeat(this.lease).then(
        (result) => {
          if (result === "ok" && !this.ended) this.beat();
        },
        // A busy store: the lease still runs, the next beat tries again.
        () => {
          if (!this.ended) this.beat();
        },
      );
    });
  }

  holds(): boolean {
    return !this.ended && this.store.holds(this.lease);
  }

  commit(turns: readonly UnitTurn[]): Promise<CommitResult> {
    return this.store.commit(this.lease, turns);
  }

  note(unit: string, effect: number, body: string): Promise<CommitResult | "gone"> {
    return this.store.noteEffect(this.lease, unit, effect, body);
  }

  /** Takes a run over. Refused while another live process has it. */
  async claim(unit: string): Promise<void> {
    const claimed = await this.store.claim(this.lease, unit);
    if (claimed !== "ok") throw new Failure(claimed.heldBy, "generic");
  }

  async release(unit: string): Promise<void> {
    if (!this.ended) await this.store.release(this.lease, unit);
  }

  async end(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.stopTimer?.();
    await this.store.end(this.lease);
  }
}
