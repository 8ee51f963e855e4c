/**
 * A lock between processes, on a file that stays there empty: the write lock of SQLite, which the system lets go when its holder dies, however it
 * dies. Nothing is ever written to the file. Who waits asks again after a few milliseconds, so that its process goes on meanwhile.
 */
import fs from "node:fs";
import { createRequire } from "node:module";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { FileFailure } from "../../ports/files.ts";
import { systemReason } from "./errno.ts";

const WAIT_MS = 10_000;
const SQLITE_BUSY = 5;

/** Resolves with what lets go. Code `locked` when another holds it for all of `waitMs`. */
export async function lockFile(path: string, waitMs = WAIT_MS): Promise<() => void> {
  const until = performance.now() + waitMs;
  for (;;) {
    const held = tryLock(path);
    if (held !== null) return () => held.close();
    if (performance.now() > until) {
      throw new FileFailure("lock", path, "locked", "another process holds it and does not let go");
    }
    // Not in step with the others who wait.
    await delay(1 + Math.random() * 4);
  }
}

/** Null: another has it. */
function tryLock(path: string): DatabaseSync | null {
  let database: DatabaseSync;
  try {
    // SQLite itself names no cause when it cannot open a file.
    fs.closeSync(fs.openSync(path, "a", 0o666));
    database = new (driver())(path, { timeout: 0 });
  } catch (error) {
    throw new FileFailure("lock", path, (error as NodeJS.ErrnoException).code ?? "cannot_open", systemReason(error));
  }
  try {
    database.exec("BEGIN IMMEDIATE");
    return database;
  } catch (error) {
    database.close();
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) return null;
    throw new FileFailure(
      "lock",
      path,
      "cannot_open",
      `${(error as Error).message}; move it away if it is no lock file`,
    );
  }
}

/** Loaded when first used: a program that locks nothing must not pay for it. */
function driver(): typeof DatabaseSync {
  return (createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite")).DatabaseSync;
}
