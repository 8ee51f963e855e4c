/** The rows of one run in memory, for snapshot mode: turns are applied as a store would, and the run is read back from text. */
import type { FrozenTurn, RowWrite } from "../vm/snapshot/freeze.ts";
import type { RowSource } from "../vm/snapshot/thaw.ts";

export class MemoryRows implements RowSource {
  head = "";
  private readonly tables = new Map<string, Map<string, Map<number, string>>>();
  private readonly blobs = new Map<string, string>();

  apply(turn: FrozenTurn): void {
    this.head = turn.head;
    for (const { hash, body } of turn.blobs) this.blobs.set(hash, body);
    for (const row of turn.rows) this.write(row);
  }

  private write(row: RowWrite): void {
    const table = this.tables.get(row.table) ?? new Map<string, Map<number, string>>();
    this.tables.set(row.table, table);
    if (row.body === null) {
      if (row.part < 0) table.delete(row.id);
      else table.get(row.id)?.delete(row.part);
      return;
    }
    const parts = table.get(row.id) ?? new Map<number, string>();
    parts.set(row.part, row.body);
    table.set(row.id, parts);
  }

  async rows(table: RowWrite["table"], id?: string): Promise<readonly { id: string; part: number; body: string }[]> {
    const found: { id: string; part: number; body: string }[] = [];
    const ids = id === undefined ? (this.tables.get(table)?.keys() ?? []) : [id];
    for (const name of ids) {
      const parts = this.tables.get(table)?.get(name);
      if (parts === undefined) continue;
      for (const part of [...parts.keys()].sort((a, b) => a - b))
        found.push({ id: name, part, body: parts.get(part)! });
    }
    return found;
  }

  async blob(hash: string): Promise<string | null> {
    return this.blobs.get(hash) ?? null;
  }
}
