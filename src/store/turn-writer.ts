/**
 * Writes turns: one transaction over all of them, with the fence inside.
 *
 * Invariants
 * 1. Either every turn of the commit is written or nothing is.
 * 2. All creations come first, so turns of one commit may write to units that the same commit creates.
 * 3. A unit that this lease does not own fences the whole commit.
 */
import { Failure } from "../base/failure.ts";
import type { Connection } from "./connection.ts";
import type { CommitResult, EffectRow, InputRow, Lease, RowChange, RowTable, UnitTurn } from "./contract.ts";
import type { Leases } from "./leases.ts";

export const TABLE_NUMBERS: Readonly<Record<RowTable, number>> = {
  fiber: 0,
  cell: 1,
  object: 2,
  piece: 3,
  scope: 4,
  transcript: 5,
};

/** Leaves the transaction without a trace. */
const FENCED = Symbol("fenced");

/** What one statement takes. */
const AT_ONCE = 8;
const UPSERT_ROWS = `INSERT INTO rows(unit, tbl, id, part, body) VALUES ${places(AT_ONCE, 5)}
 ON CONFLICT(unit, tbl, id, part) DO UPDATE SET body = excluded.body`;
const DELETE_EFFECTS = `DELETE FROM effects WHERE unit = ? AND id IN ${places(1, AT_ONCE)}`;
const EFFECT_COLUMNS = "unit, id, fiber, kind, version, repeat, place, args, note";

function places(rows: number, columns: number): string {
  const row = `(${Array.from({ length: columns }, () => "?").join(", ")})`;
  return Array.from({ length: rows }, () => row).join(", ");
}

/** Runs of `AT_ONCE`; what is left over comes one by one, so that few different statements are prepared. */
function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  let at = 0;
  for (; at + AT_ONCE <= items.length; at += AT_ONCE) yield items.slice(at, at + AT_ONCE);
  for (; at < items.length; at++) yield [items[at]!];
}

export class TurnWriter {
  readonly #connection: Connection;
  readonly #leases: Leases;
  readonly #nowMs: () => number;
  /** Inputs that this handle has written to units other than the writing one: `version()` must show them too. */
  posted = 0;

  constructor(connection: Connection, leases: Leases, nowMs: () => number) {
    this.#connection = connection;
    this.#leases = leases;
    this.#nowMs = nowMs;
  }

  commit(lease: Lease, turns: readonly UnitTurn[]): CommitResult {
    const sent = this.#leases.now();
    let renewed = true;
    try {
      this.#connection.database.transaction("write", () => {
        if (!this.#leases.renew(lease)) throw FENCED;
        const now = this.#nowMs();
        for (const turn of turns) if (turn.create !== undefined) this.#create(lease, turn, now);
        for (const turn of turns) this.#write(lease, turn, now);
      });
    } catch (error) {
      this.#connection.forgetUnits();
      if (error !== FENCED) throw error;
      renewed = false;
    }
    return this.#leases.settle(lease, sent, renewed);
  }

  noteEffect(lease: Lease, unit: string, effectId: number, note: string): CommitResult | "gone" {
    const sent = this.#leases.now();
    let found = false;
    try {
      this.#connection.database.transaction("write", () => {
        if (!this.#leases.renew(lease)) throw FENCED;
        const n = this.#ownedUnit(lease, unit);
        found =
          this.#connection.statement("UPDATE effects SET note = ? WHERE unit = ? AND id = ?").run(note, n, effectId) ===
          1;
      });
    } catch (error) {
      if (error !== FENCED) throw error;
      return this.#leases.settle(lease, sent, false);
    }
    this.#leases.settle(lease, sent, true);
    return found ? "ok" : "gone";
  }

  deliver(input: InputRow): void {
    this.#connection.database.transaction("write", () => this.#input(input, false, this.#nowMs()));
  }

  #ownedUnit(lease: Lease, unit: string): number {
    const row = this.#connection
      .statement("SELECT n FROM units WHERE unit = ? AND owner = ?")
      .get(unit, lease.incarnation);
    if (row === undefined) throw FENCED;
    return Number(row.n);
  }

  #create(lease: Lease, turn: UnitTurn, now: number): void {
    const { program, meta, parent } = turn.create!;
    if (this.#connection.findUnit(turn.unit) !== null)
      throw new Failure(`${this.#connection.path}: unit ${turn.unit} exists already`);
    this.#connection
      .statement(
        "INSERT INTO units(unit, program, meta, parent, status, head, created, updated, owner) VALUES (?, ?, ?, ?, 'running', '{}', ?, ?, ?)",
      )
      .run(turn.unit, program, meta, parent ?? null, now, now, lease.incarnation);
  }

  #write(lease: Lease, turn: UnitTurn, now: number): void {
    const n = this.#connection.unitNumber(turn.unit);
    const owned = this.#connection
      .statement(
        "UPDATE units SET updated = ?, status = coalesce(?, status), head = coalesce(?, head) WHERE n = ? AND owner = ?",
      )
      .run(now, turn.status ?? null, turn.head ?? null, n, lease.incarnation);
    if (owned !== 1) throw FENCED;

    this.#rows(n, turn.rows);
    for (const ids of batches(turn.settled)) {
      const sql = ids.length === AT_ONCE ? DELETE_EFFECTS : "DELETE FROM effects WHERE unit = ? AND id = ?";
      this.#connection.statement(sql).run(n, ...ids);
    }
    this.#effects(lease, n, turn.effects);
    for (const id of turn.consumed) this.#consume(n, id);
    for (const input of turn.inputs) this.#input(input, input.unit === turn.unit, now);
    for (const { offset, text } of turn.output) {
      this.#connection.statement("INSERT INTO output(unit, offset, body) VALUES (?, ?, ?)").run(n, offset, text);
    }
    for (const { offset, body } of turn.events) {
      this.#connection.statement("INSERT INTO events(unit, offset, body) VALUES (?, ?, ?)").run(n, offset, body);
    }
    for (const blobs of batches(turn.blobs)) {
      const sql = `INSERT OR IGNORE INTO blobs(hash, body) VALUES ${places(blobs.length, 2)}`;
      this.#connection.statement(sql).run(...blobs.flatMap(({ hash, body }) => [hash, body]));
    }
    for (const { kind, id, body } of turn.records) {
      this.#connection
        .statement(
          "INSERT INTO records(kind, id, unit, body, updated) VALUES (?, ?, ?, ?, ?) " +
            "ON CONFLICT(kind, id) DO UPDATE SET unit = excluded.unit, body = excluded.body, updated = excluded.updated",
        )
        .run(kind, id, n, body, now);
    }
  }

  /** In their order; rows that are written come several to a statement, which costs half of one each. */
  #rows(n: number, rows: readonly RowChange[]): void {
    for (const batch of batches(rows)) {
      if (batch.length < AT_ONCE || batch.some(({ body, part }) => body === null || part < 0)) {
        for (const row of batch) this.#row(n, row);
        continue;
      }
      const values: (number | string)[] = [];
      for (const { table, id, part, body } of batch) values.push(n, TABLE_NUMBERS[table], id, part, body!);
      this.#connection.statement(UPSERT_ROWS).run(...values);
    }
  }

  #row(n: number, { table, id, part, body }: RowChange): void {
    const t = TABLE_NUMBERS[table];
    if (body !== null) {
      if (part < 0) throw new Failure(`row ${table}/${id}: part ${part} can only be deleted`);
      this.#connection
        .statement(
          "INSERT INTO rows(unit, tbl, id, part, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT(unit, tbl, id, part) DO UPDATE SET body = excluded.body",
        )
        .run(n, t, id, part, body);
    } else if (part === -1) {
      this.#connection.statement("DELETE FROM rows WHERE unit = ? AND tbl = ? AND id = ?").run(n, t, id);
    } else {
      this.#connection
        .statement("DELETE FROM rows WHERE unit = ? AND tbl = ? AND id = ? AND part = ?")
        .run(n, t, id, part);
    }
  }

  #effects(lease: Lease, n: number, effects: readonly EffectRow[]): void {
    for (const batch of batches(effects)) {
      const values = batch.flatMap(({ id, fiber, kind, version, repeat, place, args, note }) => {
        return [n, id, fiber, kind, version, repeat, place, args, note ?? null];
      });
      const sql = `INSERT INTO effects(${EFFECT_COLUMNS}) VALUES ${places(batch.length, 9)}`;
      this.#connection.statement(sql).run(...values);
    }
    if (effects.some(({ place }) => place === "host")) {
      this.#connection.statement("UPDATE units SET bound_to = ? WHERE n = ? AND bound_to IS NULL").run(lease.host, n);
    }
  }

  #consume(n: number, id: string): void {
    const emptied = this.#connection
      .statement("UPDATE inputs SET taken = 1, body = '', target = '' WHERE unit = ? AND id = ? AND own = 0")
      .run(n, id);
    if (emptied === 0) this.#connection.statement("DELETE FROM inputs WHERE unit = ? AND id = ?").run(n, id);
  }

  #input(input: InputRow, own: boolean, now: number): void {
    const n = this.#connection.unitNumber(input.unit);
    if (!own) this.posted++;
    this.#connection
      .statement(
        "INSERT INTO inputs(unit, id, target, body, due, arrived, own) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(unit, id) DO NOTHING",
      )
      .run(n, input.id, input.target, input.body, Math.ceil(input.due ?? 0), now, own ? 1 : 0);
  }
}
