/** What is known of a run that was killed: what its store held, and what it sent again afterwards. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createNodePorts } from "../../src/hosts/node/index.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Loopback } from "../loopback/server.ts";

/** What the store held when the process died: effects settled and pending, and the run's id. */
export interface Cut {
  readonly run: string;
  readonly pending: ReadonlySet<string>;
  readonly kinds: readonly string[];
  readonly nextEffect: number;
}

export async function readCut(folder: string): Promise<Cut | null> {
  const ports = createNodePorts();
  const stateRoot = join(folder, "state");
  if (!existsSync(join(stateRoot, "harn.db"))) return null;
  try {
    const store = await openSqliteStore(ports, { stateRoot, readOnly: true });
    try {
      const row = (await store.units())[0];
      if (row === undefined) return null;
      const head = JSON.parse((JSON.parse(row.head) as { vm: string }).vm) as { nextEffect: number };
      const pending = await store.pendingEffects(row.unit);
      return {
        run: row.unit,
        pending: new Set(pending.map(({ id }) => `${row.unit}:${id}`)),
        kinds: pending.map(({ kind }) => kind),
        nextEffect: head.nextEffect,
      };
    } finally {
      await store.close();
    }
  } catch {
    // Just being created.
    return null;
  }
}

/** Model calls that were sent again though their answer had been committed before the kill. */
export function sentTwice(loopback: Loopback, from: number, cut: Cut): string[] {
  const prefix = `${cut.run}:`;
  return loopback.requests.slice(from).flatMap(({ key, repeat }) => {
    if (key === null) return ["a call without an idempotency key"];
    if (!key.startsWith(prefix)) return [`a call of another run: ${key}`];
    const known = Number(key.slice(prefix.length)) < cut.nextEffect;
    return known && !cut.pending.has(key) ? [`${key} (repetition ${repeat})`] : [];
  });
}

/** What differs between any two runs: ids, hashes, folders. */
export function normalised(text: string, folder: string): string {
  return text
    .replaceAll(folder, "FOLDER")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "ID")
    .replace(/\b[0-9a-f]{40}\b/g, "COMMIT")
    .replace(/\b[0-9a-f]{7,12}\b/g, "COMMIT");
}
