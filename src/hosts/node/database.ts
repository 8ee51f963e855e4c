/** The database port over node:sqlite, in WAL mode. */
import fs from "node:fs";
import { createRequire } from "node:module";
import type { DatabaseSync } from "node:sqlite";
import {
  type Database,
  DatabaseFailure,
  type DatabaseFailureCode,
  type DatabaseOptions,
  type DatabasePort,
  type SqlRow,
  type SqlValue,
  type Statement,
} from "../../ports/database.ts";
import { systemReason } from "./errno.ts";

/** Primary result codes of SQLite (the low byte of what it reports). */
const CODES: Readonly<Record<number, readonly [DatabaseFailureCode, string]>> = {
  5: ["busy", "another process holds its lock and does not let go; look for a stopped `harn` process"],
  6: ["busy", "a table is locked"],
  8: ["read_only", "it cannot be written; check the permissions of the file and its folder"],
  10: ["io", "the disk reported an error"],
  11: [
    "corrupt",
    "the file is damaged; move it away (with its -wal and -shm files) or restore it from a copy. Nothing was overwritten",
  ],
  13: ["full", "the disk is full"],
  14: ["cannot_open", "it cannot be opened; check that the folder exists and is yours"],
  19: ["constraint", "a row is already there"],
  26: ["not_a_database", "the file is not a database; move it away. Nothing was overwritten"],
};

const BUSY_MS = 5_000;

export function createDatabasePort(): DatabasePort {
  return { open };
}

function open(path: string, options: DatabaseOptions): Database {
  if (options.readOnly !== true) createPrivately(path, options.mode ?? 0o600);
  else if (!fs.existsSync(path)) throw new DatabaseFailure(path, "cannot_open", "there is no such file");
  return guard(path, () => {
    const database = new (driver())(path, {
      readOnly: options.readOnly === true,
      timeout: options.busyMs ?? BUSY_MS,
      enableForeignKeyConstraints: false,
      allowExtension: false,
    });
    try {
      if (options.readOnly !== true) {
        // The page size counts only for a new file. Bodies of 1 to 2 KB are common: at 4 KB a page they took a third longer and a quarter more room.
        database.exec(
          "PRAGMA page_size = 8192; PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 67108864",
        );
        becomeWal(database, options.busyMs ?? BUSY_MS);
      }
      database.exec(`PRAGMA synchronous = ${options.level === "power" ? "FULL" : "NORMAL"}`);
      if (options.level === "power") database.exec("PRAGMA fullfsync = ON");
      database.exec("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA mmap_size = 0");
      // Reads the header, so that a file that is no database is refused here and not at some later statement.
      database.prepare("SELECT count(*) FROM sqlite_schema").get();
    } catch (error) {
      database.close();
      throw error;
    }
    return wrap(path, database);
  });
}

/** Loaded when first used: a program that stores nothing must not pay for it. */
function driver(): typeof DatabaseSync {
  return (createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite")).DatabaseSync;
}

/** The change to WAL does not wait for others as statements do: when several processes open a new file at once, all but one must ask again. */
function becomeWal(database: DatabaseSync, busyMs: number): void {
  const until = performance.now() + busyMs;
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (((error as { errcode?: number }).errcode ?? 0) % 256 !== 5 || performance.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** SQLite gives its -wal and -shm files the permissions of the database file, so that is the one to create with care. */
function createPrivately(path: string, mode: number): void {
  try {
    fs.closeSync(fs.openSync(path, "ax", mode));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST")
      throw new DatabaseFailure(path, "cannot_open", `it cannot be created: ${systemReason(error)}`);
  }
}

function wrap(path: string, database: DatabaseSync): Database {
  const begin = { read: "BEGIN DEFERRED", write: "BEGIN IMMEDIATE" } as const;
  return {
    exec: (sql) => guard(path, () => database.exec(sql)),
    prepare: (sql) => guard(path, () => statement(path, database, sql)),
    transaction(mode, body) {
      guard(path, () => database.exec(begin[mode]));
      let result: ReturnType<typeof body>;
      try {
        result = body();
      } catch (error) {
        // A full disk or an i/o error may have rolled back already.
        if (database.isTransaction) guard(path, () => database.exec("ROLLBACK"));
        throw error;
      }
      try {
        guard(path, () => database.exec("COMMIT"));
      } catch (error) {
        if (database.isTransaction) guard(path, () => database.exec("ROLLBACK"));
        throw error;
      }
      return result;
    },
    close: () => {
      if (database.isOpen) guard(path, () => database.close());
    },
  };
}

function statement(path: string, database: DatabaseSync, sql: string): Statement {
  const prepared = database.prepare(sql);
  return {
    run: (...parameters) => guard(path, () => Number(prepared.run(...(parameters as SqlValue[])).changes)),
    get: (...parameters) => guard(path, () => prepared.get(...(parameters as SqlValue[])) as SqlRow | undefined),
    all: (...parameters) => guard(path, () => prepared.all(...(parameters as SqlValue[])) as SqlRow[]),
  };
}

function guard<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    const code = (error as { errcode?: unknown }).errcode;
    if (typeof code !== "number") throw error;
    const [kind, advice] = CODES[code & 0xff] ?? (["other", "SQLite refused"] as const);
    throw new DatabaseFailure(path, kind, `${advice} (${(error as Error).message})`);
  }
}
