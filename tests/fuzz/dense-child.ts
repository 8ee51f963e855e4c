/**
 * Does a stage for dense texts of so many characters, and says a line of JSON about each: `dense-child.ts HOW STAGE SIZE [FORM …]`, with `--expose-gc`. How:
 *
 * - `peak`: what it takes in memory at the most, in the heap and beside it. Only what can be reached counts: each collection is a whole one, which takes its time.
 * - `held`: the same at the end.
 * - `tried`: nothing is measured. The process is given no more memory than it may take, and dies of more.
 */
import v8 from "node:v8";
import { DENSE_FORMS, type DenseForm, denseText } from "./dense.ts";
import { loadStage, type Stage, type StageName } from "./dense-stages.ts";
import { byteLength } from "./limits.ts";

/** What the process holds that has loaded everything. */
export interface DenseStart {
  readonly loaded: number;
}

export interface DenseReport {
  readonly form: DenseForm;
  readonly bytes: number;
  /** Beside the text itself. */
  readonly taken: number;
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
  return { form, bytes: byteLength(text), taken: Math.max(0, ...peaks) - before, ms, problem: result.problem };
}

const [how, stage, size, ...named] = process.argv.slice(2);
const forms = DENSE_FORMS.filter((form) => named.length === 0 || named.includes(form));
const run = loadStage(stage as StageName);
// What is loaded and compiled on the way stays for good.
for (let round = 0; round < WARM_ROUNDS; round++) for (const form of DENSE_FORMS) run(denseText(form, WARM_SIZE));
globalThis.gc!();
const say = (line: DenseStart | DenseReport) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ loaded: v8.getHeapStatistics().used_heap_size });
if (how === "peak") v8.setFlagsFromString("--gc-global");
for (const form of Number(size) > 0 ? forms : []) {
  if (how !== "tried") say(await measure(run, form, Number(size)));
  else {
    const text = denseText(form, Number(size));
    const { problem } = run(text);
    say({ form, bytes: byteLength(text), taken: 0, ms: 0, problem });
  }
}
