/**
 * What every store offers (durability.md, section 5). A unit is what one process advances at a time; a turn is a value that moves units forward.
 *
 * Invariants
 * 1. `commit` is one transaction over all its turns, with the fence inside: when the lease is lost, it answers `fenced` and nothing is written.
 * 2. Readers need no lease and no owner: what they see is the last commit.
 * 3. Readiness is derived from rows. A wake-up between processes is a hint; `version()` is the poll beneath it.
 * 4. Inputs are taken exactly once by (unit, id), however often they are written.
 * 5. Ids, effect numbers and offsets count per unit.
 */

export type RowTable = "fiber" | "cell" | "object" | "piece" | "scope" | "transcript";

/** One row that changed. `body` null deletes it; `part` -1 with `body` null deletes all parts of `id`. */
export interface RowChange {
  readonly table: RowTable;
  readonly id: string;
  readonly part: number;
  readonly body: string | null;
}

export interface StoredRow {
  readonly id: string;
  readonly part: number;
  readonly body: string;
}

export interface EffectRow {
  readonly id: number;
  readonly fiber: string;
  readonly kind: string;
  readonly version: number;
  readonly repeat: "safe" | "checkable" | "never";
  /** `host` binds the unit to the machine of the process that commits it. */
  readonly place: "any" | "host";
  /** JSON. */
  readonly args: string;
  readonly note?: string | null;
}

/** A mailbox row: a result, a message, an approval, a cancel, or a timer (`due`). */
export interface InputRow {
  readonly unit: string;
  readonly id: string;
  /** The fiber it is for. */
  readonly target: string;
  readonly body: string;
  /** Epoch milliseconds; null: now. */
  readonly due: number | null;
}

export interface StoredInput extends InputRow {
  /** Order of arrival over all units of the store. */
  readonly seq: number;
  /** When it was written, by the store's clock. */
  readonly arrived: number;
}

export type UnitStatus = "running" | "waiting" | "completed" | "failed" | "cancelled" | "interrupted";

/**
 * What one turn changes of one unit. Order inside a turn: creation, rows as listed, effects settled then added, inputs consumed then written, the rest.
 * So consuming a timer and writing it again under its id arms it anew.
 */
export interface UnitTurn {
  readonly unit: string;
  /** In the first turn of a unit, which also claims it. `parent`: the unit that made it. */
  readonly create?: { readonly program: string; readonly meta: string; readonly parent?: string };
  readonly status?: UnitStatus;
  /** Small JSON: counters, root fiber, result. */
  readonly head?: string;
  readonly rows: readonly RowChange[];
  /** Newly pending. */
  readonly effects: readonly EffectRow[];
  /** Finished or given up. */
  readonly settled: readonly number[];
  /** To this or other units, which must exist or be created by the same commit; an id that the unit already had is left alone. */
  readonly inputs: readonly InputRow[];
  /** Ids of inputs of this unit that were taken. */
  readonly consumed: readonly string[];
  readonly output: readonly { readonly offset: number; readonly text: string }[];
  readonly events: readonly { readonly offset: number; readonly body: string }[];
  readonly blobs: readonly { readonly hash: string; readonly body: string }[];
  /** For observers; replaced by (kind, id). */
  readonly records: readonly { readonly kind: string; readonly id: string; readonly body: string }[];
}

/** One process's standing in a store. */
export interface Lease {
  /** Rises with every `open` on the store. */
  readonly incarnation: number;
  readonly host: string;
  readonly pid: number;
}

export interface UnitRow {
  readonly unit: string;
  readonly program: string;
  readonly meta: string;
  readonly parent: string | null;
  readonly status: UnitStatus;
  readonly head: string;
  /** Epoch milliseconds by the store's clock. */
  readonly created: number;
  readonly updated: number;
  /** Who holds it; `alive` false: its process is gone or its lease ran out, so a status `running` means interrupted. */
  readonly owner: {
    readonly host: string;
    readonly pid: number;
    readonly incarnation: number;
    readonly alive: boolean;
  } | null;
  /** The machine the unit is bound to by an effect of place `host`. */
  readonly boundTo: string | null;
}

export interface UnitFilter {
  readonly status?: readonly UnitStatus[];
  readonly program?: string;
  readonly parent?: string;
  /** Newest first; default 1,000. */
  readonly limit?: number;
  /** Only units created before this unit: the last one of the page before. */
  readonly before?: string;
}

export interface RecordRow {
  readonly kind: string;
  readonly id: string;
  readonly unit: string;
  readonly body: string;
  readonly updated: number;
}

export type CommitResult = "ok" | "fenced";
/** Refused: `heldBy` names the holder for people (host, pid, since when, what to do). */
export type ClaimResult = "ok" | { readonly heldBy: string };

export interface Store {
  /** How long a lease holds without a heartbeat, in milliseconds. */
  readonly leaseMs: number;
  /** A new incarnation for this process. `host`: `environment.machine` (only processes of one machine can see whether the other lives). `builds`: the formats of frames and effects it knows, for people who look. */
  open(options: { readonly host: string; readonly builds: readonly string[] }): Promise<Lease>;
  /** Renews the lease; call it at least every third of `leaseMs`. A commit that succeeds renews it too. */
  heartbeat(lease: Lease): Promise<CommitResult>;
  /** Does the lease surely hold now, counted from before its last renewal was sent? Ask right before an effect starts. */
  holds(lease: Lease): boolean;
  /** Gives up all units of the lease and ends it: the clean exit. */
  end(lease: Lease): Promise<void>;

  claim(lease: Lease, unit: string): Promise<ClaimResult>;
  release(lease: Lease, unit: string): Promise<void>;
  commit(lease: Lease, turns: readonly UnitTurn[]): Promise<CommitResult>;
  /** Durable before it resolves. `gone`: the effect was settled meanwhile, so it must not start. */
  noteEffect(lease: Lease, unit: string, effectId: number, note: string): Promise<CommitResult | "gone">;
  /** From outside, without a lease. Idempotent by (unit, id). A unit that does not exist: `Failure` of category `not_found`. */
  deliver(input: InputRow): Promise<void>;

  unit(unit: string): Promise<UnitRow | null>;
  units(filter?: UnitFilter): Promise<readonly UnitRow[]>;
  /** Part 0 of a fiber; null: no such fiber. */
  fiberRow(unit: string, fiber: string): Promise<string | null>;
  /** Ordered by id, then part. */
  rows(unit: string, table: RowTable, id?: string): Promise<readonly StoredRow[]>;
  /** Ordered by id. */
  pendingEffects(unit: string, fiber?: string): Promise<readonly (EffectRow & { readonly note: string | null })[]>;
  /** Inputs due at `nowMs`: those without a due time first, in order of arrival, then timers as they fell due. */
  readyInputs(unit: string, nowMs: number, limit: number): Promise<readonly StoredInput[]>;
  /** The same for one fiber. */
  inputsFor(unit: string, fiber: string, nowMs: number): Promise<readonly StoredInput[]>;
  /** Has the unit ever had this input, taken or not? */
  hasInput(unit: string, id: string): Promise<boolean>;
  /** The earliest due time that is not taken, of a unit or of all; null: none. Inputs without a due time do not count. */
  nextDue(unit?: string): Promise<number | null>;
  /** Units with a timer due at `nowMs`, earliest first, whoever owns them. */
  dueUnits(nowMs: number, limit: number): Promise<readonly string[]>;
  /** Inputs that arrived after `seq` and are not taken, in order: what a poll has to look at. */
  arrivals(afterSeq: number, limit: number): Promise<readonly StoredInput[]>;
  blob(hash: string): Promise<string | null>;
  /** From the row that holds `offset` or the next one on. `limit`: rows, default all. */
  outputFrom(
    unit: string,
    offset: number,
    limit?: number,
  ): Promise<readonly { readonly offset: number; readonly text: string }[]>;
  eventsFrom(
    unit: string,
    offset: number,
    limit?: number,
  ): Promise<readonly { readonly offset: number; readonly body: string }[]>;
  records(kind: string, unit?: string): Promise<readonly RecordRow[]>;
  record(kind: string, id: string): Promise<RecordRow | null>;
  /** Changes when another process has written, or when this handle has written an input to a unit from outside that unit. Cheap: for polling. */
  version(): Promise<number>;
  close(): Promise<void>;
}
