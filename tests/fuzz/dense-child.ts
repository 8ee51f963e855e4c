/**
 * Says, a line of JSON for each form of dense text, what a stage takes in memory at the most for one of so many characters. Needs `--expose-gc`: only what can be
 * reached counts, in the heap and beside it. `dense-child.ts STAGE SIZE [FORM …]`
 */
import v8 from "node:v8";
import { DENSE_FORMS, type DenseForm, denseText } from "./dense.ts";
import { loadStage, type Stage, type StageName } from "./dense-stages.ts";
import { byteLength } from "./limits.ts";

export interface DenseReport {
  readonly form: DenseForm;
  readonly bytes: number;
  /** At the most, at any time, beside the text itself. */
  readonly peak: number;
  readonly ms: number;
  /** The first syntax error in it: there should be none. */
  readonly problem: string | null;
}

const WARM_ROUNDS = 3;
const WARM_SIZE = 2_000;
/** What holds memory beside the heap is given back a little after a collection. */
const SWEEP_MS = 10;

function bytesInUse(): number {
  const { used_heap_size: heap, external_memory: beside } = v8.getHeapStatistics();
  return heap + beside;
}

async function measure(run: Stage, form: DenseForm, size: number): Promise<DenseReport> {
  // As if it had been read from a file: not a rope of pieces.
  const text = Buffer.from(denseText(form, size)).toString();
  globalThis.gc!();
  await new Promise((resolve) => setTimeout(resolve, SWEEP_MS));
  globalThis.gc!();
  const before = bytesInUse();
  const profiler = new v8.GCProfiler();
  profiler.start();
  const started = performance.now();
  const result = run(text);
  const ms = performance.now() - started;
  globalThis.gc!();
  const peaks = profiler
    .stop()!
    .statistics.map(({ afterGC: { heapStatistics: s } }) => s.usedHeapSize + s.externalMemory);
  return { form, bytes: byteLength(text), peak: Math.max(0, ...peaks) - before, ms, problem: result.problem };
}

const [stage, size, ...named] = process.argv.slice(2);
const forms = DENSE_FORMS.filter((form) => named.length === 0 || named.includes(form));
const run = await loadStage(stage as StageName);
// What is loaded and compiled on the way stays for good.
for (let round = 0; round < WARM_ROUNDS; round++) for (const form of DENSE_FORMS) run(denseText(form, WARM_SIZE));
// Each collection is a whole one: what was dropped meanwhile does not count.
v8.setFlagsFromString("--gc-global");
for (const form of forms) process.stdout.write(`${JSON.stringify(await measure(run, form, Number(size)))}\n`);
