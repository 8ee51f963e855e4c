/**
 * The tables, by version, and how a file gets from one version to the next.
 *
 * Invariants
 * 1. A migration never changes once released; a new version is a new entry at the end.
 * 2. All steps run in one write transaction: a file is of one version, whole. A file of a newer version or of another program is refused untouched.
 * 3. Units are named by a number inside (`units.n`), so that a row and its index entries stay small.
 * 4. Tables with bodies have a rowid and a separate unique index: with the body in the primary key's tree (WITHOUT ROWID) a commit of 1,500-byte rows
 *    took three to five times as long and the file was twice the size (bench/store.bench.ts).
 */
import { Failure } from "../base/failure.ts";
import type { Database } from "../ports/database.ts";

/** "Harn" in ASCII; in the file's header, so that `file` and we know whose it is. */
export const APPLICATION_ID = 0x4861726e;

const VERSION_1 = `
CREATE TABLE incarnations(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  start_time TEXT NOT NULL,
  builds TEXT NOT NULL,
  opened INTEGER NOT NULL,
  heartbeat INTEGER NOT NULL,
  ended TEXT                          -- null: alive as far as the store knows; 'closed': clean exit; 'lost': replaced by another
);

CREATE TABLE units(
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  unit TEXT NOT NULL UNIQUE,
  program TEXT NOT NULL,
  meta TEXT NOT NULL,
  parent TEXT,
  status TEXT NOT NULL,
  head TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  owner INTEGER,                      -- incarnations.id
  bound_to TEXT                       -- host of the first effect of place 'host'
);
CREATE INDEX units_status ON units(status, n);
CREATE INDEX units_parent ON units(parent, n) WHERE parent IS NOT NULL;
CREATE INDEX units_program ON units(program, n);

CREATE TABLE rows(unit INTEGER NOT NULL, tbl INTEGER NOT NULL, id TEXT NOT NULL, part INTEGER NOT NULL, body TEXT NOT NULL);
CREATE UNIQUE INDEX rows_key ON rows(unit, tbl, id, part);

CREATE TABLE effects(
  unit INTEGER NOT NULL, id INTEGER NOT NULL, fiber TEXT NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL,
  repeat TEXT NOT NULL, place TEXT NOT NULL, args TEXT NOT NULL, note TEXT
);
CREATE UNIQUE INDEX effects_key ON effects(unit, id);
CREATE INDEX effects_fiber ON effects(unit, fiber, id);

-- An input that the unit wrote to itself (a timer) is deleted when taken. One from elsewhere stays as an empty row, so that writing it again does nothing.
CREATE TABLE inputs(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  unit INTEGER NOT NULL, id TEXT NOT NULL, target TEXT NOT NULL, body TEXT NOT NULL,
  due INTEGER NOT NULL,               -- epoch milliseconds; 0: no due time
  arrived INTEGER NOT NULL, own INTEGER NOT NULL, taken INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX inputs_key ON inputs(unit, id);
CREATE INDEX inputs_ready ON inputs(unit, due, seq) WHERE taken = 0;
CREATE INDEX inputs_target ON inputs(unit, target, due, seq) WHERE taken = 0;
CREATE INDEX inputs_due ON inputs(due) WHERE taken = 0 AND due > 0;

CREATE TABLE output(unit INTEGER NOT NULL, offset INTEGER NOT NULL, body TEXT NOT NULL);
CREATE UNIQUE INDEX output_key ON output(unit, offset);
CREATE TABLE events(unit INTEGER NOT NULL, offset INTEGER NOT NULL, body TEXT NOT NULL);
CREATE UNIQUE INDEX events_key ON events(unit, offset);

CREATE TABLE blobs(hash TEXT NOT NULL, body TEXT NOT NULL);
CREATE UNIQUE INDEX blobs_key ON blobs(hash);

CREATE TABLE records(kind TEXT NOT NULL, id TEXT NOT NULL, unit INTEGER NOT NULL, body TEXT NOT NULL, updated INTEGER NOT NULL);
CREATE UNIQUE INDEX records_key ON records(kind, id);
CREATE INDEX records_unit ON records(unit, kind);
`;

/** Step i leads from version i to version i + 1. */
export const MIGRATIONS: readonly string[] = [VERSION_1];

/**
 * Brings the file to the newest version. Throws a `Failure` that names the file when it is of another program or of a newer version.
 * `migrations` is a parameter so that tests can go beyond the newest.
 */
export function migrate(database: Database, path: string, migrations: readonly string[] = MIGRATIONS): void {
  if (readVersion(database, path, migrations.length) === migrations.length) return;
  database.transaction("write", () => {
    // Another process may have been quicker: ask again under the lock.
    const from = readVersion(database, path, migrations.length);
    for (const step of migrations.slice(from)) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}`);
  });
}

/** For readers, which change nothing: the file must be of exactly this version. */
export function requireVersion(database: Database, path: string): void {
  const version = readVersion(database, path, MIGRATIONS.length);
  if (version !== MIGRATIONS.length) {
    throw new Failure(
      `${path} has the older layout ${version}; run any \`harn\` command that writes there once to bring it to ${MIGRATIONS.length}`,
    );
  }
}

function readVersion(database: Database, path: string, newest: number): number {
  const application = number(database, "PRAGMA application_id", "application_id");
  const version = number(database, "PRAGMA user_version", "user_version");
  if (application !== APPLICATION_ID) {
    const tables = number(database, "SELECT count(*) AS tables FROM sqlite_schema", "tables");
    if (application === 0 && version === 0 && tables === 0) return 0;
    throw new Failure(
      `${path} is the database of another program; expected one of Harn's. Nothing was changed: move it away or choose another state folder`,
    );
  }
  if (version > newest) {
    throw new Failure(
      `${path} was written by a newer Harn (layout ${version}; this one knows up to ${newest}). Nothing was changed: use the newer one`,
    );
  }
  return version;
}

function number(database: Database, sql: string, column: string): number {
  return Number(database.prepare(sql).get()?.[column] ?? 0);
}
