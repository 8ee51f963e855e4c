/**
 * What a commit costs: `node bench/store.bench.ts [folder]`. Prints medians; the folder's disk is what is measured (default: the temp folder).
 *
 * One turn is what a step of a worker writes: fiber row replaced, transcript piece appended, cell replaced, head, one effect settled and one pending.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createNodePorts } from "../src/hosts/node/ports.ts";
import type { DurabilityLevel } from "../src/ports/database.ts";
import type { UnitTurn } from "../src/store/contract.ts";
import { openSqliteStore } from "../src/store/sqlite-store.ts";

const ROUNDS = 40;

function step(unit: string, n: number, bytes: number, effects: boolean): UnitTurn {
  const body = `${n}${"x".repeat(bytes)}`;
  return {
    unit,
    ...(n === 0 ? { create: { program: "bench.harn", meta: "{}" } } : {}),
    head: `{"turns":${n}}`,
    rows: [
      { table: "fiber", id: "root", part: 0, body },
      { table: "cell", id: "cost", part: 0, body },
      { table: "transcript", id: "main", part: n, body },
    ],
    effects: effects
      ? [
          {
            id: n,
            fiber: "root",
            kind: "llm.call",
            version: 1,
            repeat: "safe",
            place: "any",
            args: '{"prompt":"hello"}',
          },
        ]
      : [],
    settled: effects && n > 0 ? [n - 1] : [],
    inputs: [],
    consumed: [],
    output: [],
    events: [],
    blobs: [],
    records: [],
  };
}

async function measure(
  folder: string,
  level: DurabilityLevel,
  units: number,
  bytes: number,
  effects: boolean,
): Promise<void> {
  const stateRoot = fs.mkdtempSync(path.join(folder, "harn-bench-"));
  const store = await openSqliteStore(createNodePorts(), { stateRoot, level });
  const lease = await store.open({ host: "bench", builds: [] });
  const times: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const turns = Array.from({ length: units }, (_, i) => step(`unit-${i}`, n, bytes, effects));
    const start = performance.now();
    await store.commit(lease, turns);
    if (n > 0) times.push(performance.now() - start);
  }
  const wakes: number[] = [];
  for (let i = 0; i < 200; i++) {
    const start = performance.now();
    const unit = `unit-${(i * 7919) % units}`;
    await store.fiberRow(unit, "root");
    await store.inputsFor(unit, "root", 0);
    wakes.push(performance.now() - start);
  }
  await store.close();
  const file = fs.statSync(path.join(stateRoot, "harn.db")).size;
  fs.rmSync(stateRoot, { recursive: true });
  const commit = median(times);
  console.log(
    `${level.padEnd(7)} ${String(units).padStart(5)} units × 3 rows of ${bytes} bytes${effects ? " + effect" : "         "}: ` +
      `commit ${commit.toFixed(2)} ms (worst ${Math.max(...times).toFixed(1)}), ${Math.round((units / commit) * 1000)} units/s, ` +
      `${Math.round((units * 3 * 1000) / commit)} rows/s; wake one ${(median(wakes) * 1000).toFixed(0)} µs; file ${Math.round(file / units)} bytes/unit`,
  );
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1]!;
}

const folder = process.argv[2] ?? os.tmpdir();
for (const level of ["process", "power"] as const) {
  for (const units of [1, 10, 1_000]) await measure(folder, level, units, 200, true);
  await measure(folder, level, 1_000, 200, false);
  await measure(folder, level, 1_000, 1_500, true);
}
