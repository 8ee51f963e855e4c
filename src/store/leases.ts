/**
 * Who may advance a unit. Each process has one incarnation row with a heartbeat; a unit names the incarnation that owns it.
 *
 * Invariants
 * 1. An incarnation ends once: cleanly, or by being replaced. From then on every commit of it is refused, for all its units.
 * 2. It is replaced only when its process is gone (same machine: pid and start time) or its heartbeat is older than the lease.
 * 3. The time that counts for others is the store's clock in the row; the time that counts for the holder runs from before its last renewal was sent,
 *    by whichever of wall clock and monotonic clock went further: a stopped process or a machine that slept must not think that it still holds.
 */
import { Failure } from "../base/failure.ts";
import type { ClockPort } from "../ports/clock.ts";
import type { EnvironmentPort } from "../ports/environment.ts";
import type { ProcessesPort } from "../ports/processes.ts";
import type { Connection } from "./connection.ts";
import type { ClaimResult, CommitResult, Lease } from "./contract.ts";

/** Part of the lease in which no effect starts any more: it must have begun well before someone else may take over. */
const MARGIN = 0.1;

export interface LeaseDoors {
  readonly clock: ClockPort;
  readonly environment: Pick<EnvironmentPort, "pid" | "startTime">;
  readonly processes: Pick<ProcessesPort, "isAlive">;
}

interface Renewal {
  readonly wall: number;
  readonly monotonic: number;
}

interface Incarnation {
  readonly id: number;
  readonly host: string;
  readonly pid: number;
  readonly startTime: string;
  readonly heartbeat: number;
  readonly ended: string | null;
}

export class Leases {
  readonly #connection: Connection;
  readonly #doors: LeaseDoors;
  readonly #leaseMs: number;
  /** When each lease of ours was last renewed; absent: ended or lost. */
  readonly #renewed = new Map<number, Renewal>();

  constructor(connection: Connection, doors: LeaseDoors, leaseMs: number) {
    this.#connection = connection;
    this.#doors = doors;
    this.#leaseMs = leaseMs;
  }

  open(host: string, builds: readonly string[]): Lease {
    const sent = this.now();
    const { pid, startTime } = this.#doors.environment;
    const id = this.#connection.database.transaction("write", () => {
      const now = this.#doors.clock.nowMs();
      this.#connection
        .statement(
          "INSERT INTO incarnations(host, pid, start_time, builds, opened, heartbeat) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .run(host, pid, startTime, JSON.stringify(builds), now, now);
      return Number(this.#connection.statement("SELECT max(id) AS id FROM incarnations").get()!.id);
    });
    this.#renewed.set(id, sent);
    return { incarnation: id, host, pid };
  }

  holds(lease: Lease): boolean {
    const renewal = this.#renewed.get(lease.incarnation);
    if (renewal === undefined) return false;
    const { wall, monotonic } = this.now();
    return Math.max(wall - renewal.wall, monotonic - renewal.monotonic) < this.#leaseMs * (1 - MARGIN);
  }

  heartbeat(lease: Lease): CommitResult {
    const sent = this.now();
    return this.settle(lease, sent, this.renew(lease));
  }

  end(lease: Lease): void {
    this.#renewed.delete(lease.incarnation);
    this.#connection
      .statement("UPDATE incarnations SET ended = 'closed' WHERE id = ? AND ended IS NULL")
      .run(lease.incarnation);
  }

  /** The readings to hand to `settle` once it is known that the renewal succeeded. */
  now(): Renewal {
    return { wall: this.#doors.clock.nowMs(), monotonic: this.#doors.clock.monotonicMs() };
  }

  /** The fence and the renewal in one: false when this incarnation has ended. Inside a transaction or alone. */
  renew(lease: Lease): boolean {
    return (
      this.#connection
        .statement("UPDATE incarnations SET heartbeat = ? WHERE id = ? AND ended IS NULL")
        .run(this.#doors.clock.nowMs(), lease.incarnation) === 1
    );
  }

  settle(lease: Lease, sent: Renewal, renewed: boolean): CommitResult {
    if (renewed) this.#renewed.set(lease.incarnation, sent);
    else this.#renewed.delete(lease.incarnation);
    return renewed ? "ok" : "fenced";
  }

  claim(lease: Lease, unit: string): ClaimResult {
    const { database, path } = this.#connection;
    return database.transaction("write", () => {
      const n = this.#connection.unitNumber(unit);
      const me = this.#incarnation(lease.incarnation);
      if (me === null || me.ended !== null)
        throw new Failure(`this process has lost its lease on ${path}: open a new one`, "cancelled");
      const row = this.#connection.statement("SELECT owner, bound_to FROM units WHERE n = ?").get(n)!;
      const boundTo = row.bound_to as string | null;
      if (boundTo !== null && boundTo !== lease.host) {
        return {
          heldBy: `unit ${unit} has processes or worktrees on host ${boundTo} and can only be continued there, not on ${lease.host}`,
        };
      }
      const owner = row.owner === null ? null : this.#incarnation(Number(row.owner));
      if (owner !== null && owner.id !== lease.incarnation && owner.ended === null) {
        if (this.isLive(owner, lease.host)) return { heldBy: this.#describe(unit, owner) };
        this.#connection.statement("UPDATE incarnations SET ended = 'lost' WHERE id = ?").run(owner.id);
      }
      this.#connection.statement("UPDATE units SET owner = ? WHERE n = ?").run(lease.incarnation, n);
      return "ok";
    });
  }

  release(lease: Lease, unit: string): void {
    this.#connection
      .statement("UPDATE units SET owner = NULL WHERE unit = ? AND owner = ?")
      .run(unit, lease.incarnation);
  }

  /** May its units not be taken? `host`: where the question is asked; null: only the heartbeat counts. */
  isLive(incarnation: Incarnation, host: string | null): boolean {
    if (incarnation.ended !== null) return false;
    if (this.#doors.clock.nowMs() - incarnation.heartbeat > this.#leaseMs) return false;
    // Not known (null) leaves the heartbeat as the only sign.
    return incarnation.host !== host || this.#doors.processes.isAlive(incarnation) !== false;
  }

  #incarnation(id: number): Incarnation | null {
    const row = this.#connection.statement("SELECT * FROM incarnations WHERE id = ?").get(id);
    return row === undefined ? null : toIncarnation(row);
  }

  #describe(unit: string, owner: Incarnation): string {
    const age = Math.max(0, Math.round((this.#doors.clock.nowMs() - owner.heartbeat) / 1_000));
    return `unit ${unit} is being run by process ${owner.pid} on host ${owner.host} (last heard of ${age} s ago); stop it first, or wait until it ends`;
  }
}

export function toIncarnation(row: { readonly [column: string]: unknown }): Incarnation {
  return {
    id: Number(row.id),
    host: row.host as string,
    pid: Number(row.pid),
    startTime: row.start_time as string,
    heartbeat: Number(row.heartbeat),
    ended: row.ended as string | null,
  };
}
