/** One open store file: its statements, prepared once, and the numbers of its units. */
import { Failure } from "../base/failure.ts";
import type { Database, Statement } from "../ports/database.ts";

/** Above this many remembered unit numbers we forget them all; asking again costs a few microseconds. */
const REMEMBERED_UNITS = 100_000;

export class Connection {
  readonly database: Database;
  readonly path: string;
  readonly #statements = new Map<string, Statement>();
  readonly #numbers = new Map<string, number>();

  constructor(database: Database, path: string) {
    this.database = database;
    this.path = path;
  }

  /** `sql` must be one of a fixed set of texts: each is kept for good. */
  statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** The number of a unit, which never changes; null: no such unit. */
  findUnit(unit: string): number | null {
    const known = this.#numbers.get(unit);
    if (known !== undefined) return known;
    const row = this.statement("SELECT n FROM units WHERE unit = ?").get(unit);
    if (row === undefined) return null;
    const n = Number(row.n);
    if (this.#numbers.size >= REMEMBERED_UNITS) this.#numbers.clear();
    this.#numbers.set(unit, n);
    return n;
  }

  /** As `findUnit`, for callers to whom a missing unit is an error. */
  unitNumber(unit: string): number {
    const n = this.findUnit(unit);
    if (n === null) throw new Failure(`${this.path} holds no unit ${unit}`, "not_found");
    return n;
  }

  /** After a rollback: numbers of units that were created in it are void. */
  forgetUnits(): void {
    this.#numbers.clear();
  }
}
