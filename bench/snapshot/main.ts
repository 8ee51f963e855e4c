/**
 * Size and time of a snapshot: a worker that waits inside a `map` callback inside a `try` inside a function.
 * `npm run bench:snapshot` prints bytes, and microseconds to freeze and to thaw it (median and 95th percentile).
 */
import { createNodePorts } from "../../src/hosts/node/index.ts";
import { createVmHost } from "../../src/runtime/language.ts";
import { MemoryRows } from "../../src/runtime/memory-rows.ts";
import { loadProgram } from "../../src/runtime/program.ts";
import { startRun } from "../../src/runtime/start-run.ts";
import { Run } from "../../src/vm/run.ts";
import { advance } from "../../src/vm/scheduler.ts";
import { Freezer } from "../../src/vm/snapshot/freeze.ts";
import { Thawer } from "../../src/vm/snapshot/thaw.ts";

const PROGRAM = `
fn look(items, factor) {
  let seen = {total: len(items), note: "kept across the wait"}
  try {
    return items.map({ item ->
      let scaled = item * factor
      await_message()
      scaled + seen.total
    })
  } catch (e) {
    return []
  }
}
pipeline default() {
  let task = spawn { look([1, 2, 3, 4, 5, 6, 7, 8], 3) }
  println(await(task))
}`;

const ports = createNodePorts();
const host = createVmHost({ ports, tools: [], graceMs: 5_000 });
const program = await loadProgram(
  { entry: "/snapshot.harn", name: "snapshot.harn", code: PROGRAM },
  { files: ports.files, table: host.table, globals: new Set() },
);
const run = startRun("bench", host, program, new Map(), { cwd: "/", env: {}, policies: [] });
while (run.ready.length > 0) advance(run, Number.POSITIVE_INFINITY);
const worker = [...run.fibers.values()].find((fiber) => fiber.id !== run.root);
if (worker === undefined || worker.wait?.sources[0]?.kind !== "inbox")
  throw new Error("the worker does not wait where it should");

function percentile(sorted: readonly number[], at: number): number {
  return sorted[Math.floor((sorted.length - 1) * at)]!;
}

function report(name: string, times: number[]): void {
  times.sort((a, b) => a - b);
  const [middle, high] = [percentile(times, 0.5), percentile(times, 0.95)].map((ms) => (ms * 1000).toFixed(0));
  console.log(`${name}: ${middle} µs (95 %: ${high} µs)`);
}

const rows = new MemoryRows();
run.record();
const whole = new Freezer(run).takeTurn();
rows.apply(whole);
const own = whole.rows.filter((row) => row.table === "fiber" && row.id === String(worker.id));
const bytes = (list: readonly { readonly body: string | null }[]) =>
  list.reduce((sum, row) => sum + Buffer.byteLength(row.body ?? ""), 0);
console.log(`frames: ${worker.frames.length}; its row: ${bytes(own)} bytes; the whole run: ${bytes(whole.rows)} bytes`);
console.log(`code, stored once by hash: ${bytes(whole.blobs)} bytes`);

const ROUNDS = 2_000;
const freezeTimes: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const freezer = new Freezer(run);
  run.record();
  const start = performance.now();
  freezer.takeTurn();
  freezeTimes.push(performance.now() - start);
}
report("freeze, the whole run", freezeTimes);

const thawTimes: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const start = performance.now();
  const fresh = new Run("bench", host);
  const thawer = new Thawer(fresh, new Freezer(fresh), rows);
  await thawer.loadProgram(rows.head);
  await thawer.loadFiber(worker.id);
  thawTimes.push(performance.now() - start);
}
report("thaw, with its program", thawTimes);
