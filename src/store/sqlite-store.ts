/**
 * The store in one SQLite file, `<state root>/harn.db`: the first implementation of `Store`.
 *
 * Every call completes inside one tick, so no lock is ever held across an await; the promises are the contract's, for stores that are further away.
 * Readers open the file without touching it. A damaged file, one of another program or of a newer Harn is refused by name and left as it is.
 */
import type { ClockPort } from "../ports/clock.ts";
import type { DatabasePort, DurabilityLevel } from "../ports/database.ts";
import type { EnvironmentPort } from "../ports/environment.ts";
import type { FilesPort } from "../ports/files.ts";
import type { ProcessesPort } from "../ports/processes.ts";
import { Connection } from "./connection.ts";
import type { Store } from "./contract.ts";
import { Leases } from "./leases.ts";
import { migrate, requireVersion } from "./schema.ts";
import { STORE_FILE } from "./store-file.ts";
import { TurnWriter } from "./turn-writer.ts";
import { UnitReader } from "./unit-reader.ts";

export { STORE_FILE };

const LEASE_MS = 30_000;

export interface SqliteStoreDoors {
  readonly database: DatabasePort;
  readonly files: Pick<FilesPort, "mkdir">;
  readonly clock: ClockPort;
  readonly environment: Pick<EnvironmentPort, "pid" | "startTime" | "machine">;
  readonly processes: Pick<ProcessesPort, "isAlive">;
}

export interface SqliteStoreOptions {
  /** Absolute; created, readable only by its owner, when it does not exist. */
  readonly stateRoot: string;
  /** Default `process`. */
  readonly level?: DurabilityLevel;
  /** Default 30,000. */
  readonly leaseMs?: number;
  /** Only read, as observers do: the file must exist. Default false. */
  readonly readOnly?: boolean;
  /** How long to wait for another process's commit. Default 5,000. */
  readonly busyMs?: number;
}

/** Throws a `Failure` that names the file or folder and says what to do. */
export async function openSqliteStore(doors: SqliteStoreDoors, options: SqliteStoreOptions): Promise<Store> {
  const { stateRoot, level = "process", leaseMs = LEASE_MS, readOnly = false } = options;
  if (!readOnly) await doors.files.mkdir(stateRoot, { mode: 0o700 });
  const path = `${stateRoot}/${STORE_FILE}`;
  const database = doors.database.open(path, { level, readOnly, mode: 0o600, busyMs: options.busyMs });
  try {
    if (readOnly) requireVersion(database, path);
    else migrate(database, path);
  } catch (error) {
    database.close();
    throw error;
  }

  const connection = new Connection(database, path);
  const leases = new Leases(connection, doors, leaseMs);
  const writer = new TurnWriter(connection, leases, () => Math.floor(doors.clock.nowMs()));
  const reader = new UnitReader(connection, leases, doors.environment.machine);
  return {
    leaseMs,
    open: async ({ host, builds }) => leases.open(host, builds),
    heartbeat: async (lease) => leases.heartbeat(lease),
    holds: (lease) => leases.holds(lease),
    end: async (lease) => leases.end(lease),
    claim: async (lease, unit) => leases.claim(lease, unit),
    release: async (lease, unit) => leases.release(lease, unit),
    commit: async (lease, turns) => writer.commit(lease, turns),
    noteEffect: async (lease, unit, effectId, note) => writer.noteEffect(lease, unit, effectId, note),
    deliver: async (input) => writer.deliver(input),

    unit: async (unit) => reader.unit(unit),
    units: async (filter) => reader.units(filter),
    fiberRow: async (unit, fiber) => reader.fiberRow(unit, fiber),
    rows: async (unit, table, id) => reader.rows(unit, table, id),
    pendingEffects: async (unit, fiber) => reader.pendingEffects(unit, fiber),
    readyInputs: async (unit, nowMs, limit) => reader.readyInputs(unit, nowMs, limit),
    inputsFor: async (unit, fiber, nowMs) => reader.inputsFor(unit, fiber, nowMs),
    hasInput: async (unit, id) => reader.hasInput(unit, id),
    nextDue: async (unit) => reader.nextDue(unit),
    dueUnits: async (nowMs, limit) => reader.dueUnits(nowMs, limit),
    arrivals: async (afterSeq, limit) => reader.arrivals(afterSeq, limit),
    blob: async (hash) => reader.blob(hash),
    outputFrom: async (unit, offset, limit) =>
      reader.stream("output", unit, offset, limit).map((row) => ({ offset: row.offset, text: row.body })),
    eventsFrom: async (unit, offset, limit) => reader.stream("events", unit, offset, limit),
    records: async (kind, unit) => reader.records(kind, unit),
    record: async (kind, id) => reader.record(kind, id),
    version: async () => reader.version() + writer.posted,
    close: async () => database.close(),
  };
}
