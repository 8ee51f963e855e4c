/** What any process may read of a store, without a lease: units, rows, inputs, output, events, records. Everything goes over an index. */
import type { SqlRow } from "../ports/database.ts";
import type { Connection } from "./connection.ts";
import type {
  EffectRow,
  RecordRow,
  RowTable,
  StoredInput,
  StoredRow,
  UnitFilter,
  UnitRow,
  UnitStatus,
} from "./contract.ts";
import { type Leases, toIncarnation } from "./leases.ts";
import { TABLE_NUMBERS } from "./turn-writer.ts";

const INPUT_COLUMNS = "i.id, i.target, i.body, i.due, i.seq, i.arrived";
const EVERYTHING = -1; // LIMIT of SQLite

export class UnitReader {
  readonly #connection: Connection;
  readonly #leases: Leases;
  /** The machine that asks: only here can be seen whether a process lives. */
  readonly #machine: string;

  constructor(connection: Connection, leases: Leases, machine: string) {
    this.#connection = connection;
    this.#leases = leases;
    this.#machine = machine;
  }

  unit(unit: string): UnitRow | null {
    const row = this.#connection.statement("SELECT * FROM units WHERE unit = ?").get(unit);
    return row === undefined ? null : this.#toUnit(row, new Map());
  }

  units(filter: UnitFilter = {}): readonly UnitRow[] {
    const tests: string[] = [];
    const values: (string | number)[] = [];
    const test = (sql: string, ...bound: (string | number)[]) => {
      tests.push(sql);
      values.push(...bound);
    };
    if (filter.status !== undefined) test(`status IN (${filter.status.map(() => "?").join(", ")})`, ...filter.status);
    if (filter.program !== undefined) test("program = ?", filter.program);
    if (filter.parent !== undefined) test("parent = ?", filter.parent);
    if (filter.before !== undefined) test("n < ?", this.#connection.unitNumber(filter.before));
    const where = tests.length === 0 ? "" : `WHERE ${tests.join(" AND ")}`;
    const owners: Owners = new Map();
    return this.#connection
      .statement(`SELECT * FROM units ${where} ORDER BY n DESC LIMIT ?`)
      .all(...values, filter.limit ?? 1_000)
      .map((row) => this.#toUnit(row, owners));
  }

  fiberRow(unit: string, fiber: string): string | null {
    const row = this.#connection
      .statement("SELECT body FROM rows WHERE unit = ? AND tbl = 0 AND id = ? AND part = 0")
      .get(this.#connection.unitNumber(unit), fiber);
    return row === undefined ? null : (row.body as string);
  }

  rows(unit: string, table: RowTable, id?: string): readonly StoredRow[] {
    const n = this.#connection.unitNumber(unit);
    const found =
      id === undefined
        ? this.#connection
            .statement("SELECT id, part, body FROM rows WHERE unit = ? AND tbl = ? ORDER BY id, part")
            .all(n, TABLE_NUMBERS[table])
        : this.#connection
            .statement("SELECT id, part, body FROM rows WHERE unit = ? AND tbl = ? AND id = ? ORDER BY part")
            .all(n, TABLE_NUMBERS[table], id);
    return found.map((row) => ({ id: row.id as string, part: Number(row.part), body: row.body as string }));
  }

  pendingEffects(unit: string, fiber?: string): readonly (EffectRow & { readonly note: string | null })[] {
    const n = this.#connection.unitNumber(unit);
    const found =
      fiber === undefined
        ? this.#connection.statement("SELECT * FROM effects WHERE unit = ? ORDER BY id").all(n)
        : this.#connection.statement("SELECT * FROM effects WHERE unit = ? AND fiber = ? ORDER BY id").all(n, fiber);
    return found.map((row) => ({
      id: Number(row.id),
      fiber: row.fiber as string,
      kind: row.kind as string,
      version: Number(row.version),
      repeat: row.repeat as EffectRow["repeat"],
      place: row.place as EffectRow["place"],
      args: row.args as string,
      note: row.note as string | null,
    }));
  }

  readyInputs(unit: string, nowMs: number, limit: number): readonly StoredInput[] {
    return this.#connection
      .statement(
        `SELECT ${INPUT_COLUMNS} FROM inputs i WHERE i.unit = ? AND i.taken = 0 AND i.due <= ? ORDER BY i.due, i.seq LIMIT ?`,
      )
      .all(this.#connection.unitNumber(unit), Math.floor(nowMs), limit)
      .map((row) => toInput(row, unit));
  }

  inputsFor(unit: string, fiber: string, nowMs: number): readonly StoredInput[] {
    return this.#connection
      .statement(
        `SELECT ${INPUT_COLUMNS} FROM inputs i WHERE i.unit = ? AND i.target = ? AND i.taken = 0 AND i.due <= ? ORDER BY i.due, i.seq`,
      )
      .all(this.#connection.unitNumber(unit), fiber, Math.floor(nowMs))
      .map((row) => toInput(row, unit));
  }

  hasInput(unit: string, id: string): boolean {
    const n = this.#connection.unitNumber(unit);
    return this.#connection.statement("SELECT 1 FROM inputs WHERE unit = ? AND id = ?").get(n, id) !== undefined;
  }

  nextDue(unit?: string): number | null {
    const row =
      unit === undefined
        ? this.#connection.statement("SELECT min(due) AS due FROM inputs WHERE taken = 0 AND due > 0").get()
        : this.#connection
            .statement("SELECT min(due) AS due FROM inputs WHERE unit = ? AND taken = 0 AND due > 0")
            .get(this.#connection.unitNumber(unit));
    return row?.due == null ? null : Number(row.due);
  }

  dueUnits(nowMs: number, limit: number): readonly string[] {
    return this.#connection
      .statement(
        "SELECT u.unit FROM (SELECT unit, min(due) AS due FROM inputs WHERE taken = 0 AND due > 0 AND due <= ? GROUP BY unit) d " +
          "JOIN units u ON u.n = d.unit ORDER BY d.due LIMIT ?",
      )
      .all(Math.floor(nowMs), limit)
      .map((row) => row.unit as string);
  }

  arrivals(afterSeq: number, limit: number): readonly StoredInput[] {
    return this.#connection
      .statement(
        `SELECT ${INPUT_COLUMNS}, u.unit AS name FROM inputs i JOIN units u ON u.n = i.unit WHERE i.seq > ? AND i.taken = 0 ORDER BY i.seq LIMIT ?`,
      )
      .all(afterSeq, limit)
      .map((row) => toInput(row, row.name as string));
  }

  blob(hash: string): string | null {
    const row = this.#connection.statement("SELECT body FROM blobs WHERE hash = ?").get(hash);
    return row === undefined ? null : (row.body as string);
  }

  /** From `output` or `events`: the last row that starts at or before `offset`, and what follows. */
  stream(
    table: "output" | "events",
    unit: string,
    offset: number,
    limit = EVERYTHING,
  ): readonly { readonly offset: number; readonly body: string }[] {
    const n = this.#connection.unitNumber(unit);
    return this.#connection
      .statement(
        `SELECT offset, body FROM ${table} WHERE unit = ?1 AND offset >= ` +
          `coalesce((SELECT max(offset) FROM ${table} WHERE unit = ?1 AND offset <= ?2), ?2) ORDER BY offset LIMIT ?3`,
      )
      .all(n, offset, limit)
      .map((row) => ({ offset: Number(row.offset), body: row.body as string }));
  }

  records(kind: string, unit?: string): readonly RecordRow[] {
    const select = "SELECT r.*, u.unit AS name FROM records r JOIN units u ON u.n = r.unit WHERE r.kind = ?";
    const found =
      unit === undefined
        ? this.#connection.statement(`${select} ORDER BY r.id`).all(kind)
        : this.#connection
            .statement(`${select} AND r.unit = ? ORDER BY r.id`)
            .all(kind, this.#connection.unitNumber(unit));
    return found.map(toRecord);
  }

  record(kind: string, id: string): RecordRow | null {
    const row = this.#connection
      .statement("SELECT r.*, u.unit AS name FROM records r JOIN units u ON u.n = r.unit WHERE r.kind = ? AND r.id = ?")
      .get(kind, id);
    return row === undefined ? null : toRecord(row);
  }

  /** Rises when another connection has written; not for what this one wrote. */
  version(): number {
    return Number(this.#connection.statement("PRAGMA data_version").get()!.data_version);
  }

  #toUnit(row: SqlRow, owners: Owners): UnitRow {
    return {
      unit: row.unit as string,
      program: row.program as string,
      meta: row.meta as string,
      parent: row.parent as string | null,
      status: row.status as UnitStatus,
      head: row.head as string,
      created: Number(row.created),
      updated: Number(row.updated),
      owner: row.owner === null ? null : this.#owner(Number(row.owner), owners),
      boundTo: row.bound_to as string | null,
    };
  }

  #owner(id: number, owners: Owners): UnitRow["owner"] {
    let owner = owners.get(id);
    if (owner === undefined) {
      const row = this.#connection.statement("SELECT * FROM incarnations WHERE id = ?").get(id);
      const incarnation = row === undefined ? null : toIncarnation(row);
      // One that ended cleanly let go of everything; its units only still carry its number.
      owner =
        incarnation === null || incarnation.ended === "closed"
          ? null
          : {
              host: incarnation.host,
              pid: incarnation.pid,
              incarnation: id,
              alive: this.#leases.isLive(incarnation, this.#machine),
            };
      owners.set(id, owner);
    }
    return owner;
  }
}

/** Asked once per list, not once per unit. */
type Owners = Map<number, UnitRow["owner"]>;

function toInput(row: SqlRow, unit: string): StoredInput {
  return {
    unit,
    id: row.id as string,
    target: row.target as string,
    body: row.body as string,
    due: Number(row.due) === 0 ? null : Number(row.due),
    seq: Number(row.seq),
    arrived: Number(row.arrived),
  };
}

function toRecord(row: SqlRow): RecordRow {
  return {
    kind: row.kind as string,
    id: row.id as string,
    unit: row.name as string,
    body: row.body as string,
    updated: Number(row.updated),
  };
}
