/**
 * One program against its JavaScript twin, in a process of their own: `node measure.ts '{"name": …}'` prints a line of JSON.
 *
 * The Harn side is one run. Its entry calls `bench_next(answer)` between rounds: that builtin stops the clock, lets the twin run the same size, compares the
 * answers, and hands out the next size. So the two alternate in one process, and no wait of the bench is measured.
 */
import { fileURLToPath } from "node:url";
import { awaitEffect } from "../../src/builtin/call.ts";
import { BuiltinTable, suspending } from "../../src/builtin/declaration.ts";
import { createNodePorts } from "../../src/hosts/node/index.ts";
import type { Performer } from "../../src/ports/effects.ts";
import { RunDriver } from "../../src/runtime/driver.ts";
import { createVmHost } from "../../src/runtime/language.ts";
import { loadProgram } from "../../src/runtime/program.ts";
import { startRun } from "../../src/runtime/start-run.ts";
import { stdlibGlobals } from "../../src/stdlib/index.ts";
import type { Value } from "../../src/value/value.ts";
import type { Tiering } from "../../src/vm/host.ts";
import { type BenchProgram, programNamed } from "./programs.ts";

export interface MeasureOrder {
  readonly name: string;
  readonly size: number;
  /** Grow the size until a Harn round takes this long, in milliseconds; null: leave it. */
  readonly growTo: number | null;
  /** Rounds before the measured ones, after the last growth. */
  readonly warm: number;
  readonly rounds: number;
  readonly tiering: Tiering;
}

export interface Measured {
  readonly size: number;
  /** Medians, in milliseconds. */
  readonly harn: number;
  readonly twin: number;
}

/** Rounds at each size on the way to one that is large enough, and how much a size may grow at once. */
const TRIES = 4;
const MOST_GROWTH = 16;

type Twin = (size: number) => unknown;

class Rounds {
  private readonly order: MeasureOrder;
  private readonly twin: Twin;
  private readonly larger: BenchProgram["larger"];
  private size: number;
  private growing: boolean;
  /** Of the rounds at a size that may still be too small. */
  private tried: number[] = [];
  private done = 0;
  private started = 0;
  private readonly harn: number[] = [];
  private readonly twins: number[] = [];

  constructor(order: MeasureOrder, twin: Twin) {
    this.order = order;
    this.twin = twin;
    this.larger = programNamed(order.name).larger;
    this.size = order.size;
    this.growing = order.growTo !== null;
  }

  /** Starts the clock and answers the size of the next round; 0: that was all. */
  next(): number {
    if (this.done >= this.order.warm + this.order.rounds) return 0;
    this.started = performance.now();
    return this.size;
  }

  stop(): number {
    return performance.now() - this.started;
  }

  /** The twin's answer and time; async twins are awaited by the caller. */
  runTwin(): unknown {
    return this.twin(this.size);
  }

  settle(answer: string, harn: number, expected: string, twin: number): void {
    if (answer !== expected) {
      throw new Error(`${this.order.name}(${this.size}): Harn says ${answer}, JavaScript says ${expected}`);
    }
    if (this.growing) {
      this.tried.push(harn);
      if (this.tried.length < TRIES) return;
      const wanted = this.order.growTo! / Math.min(...this.tried);
      this.tried = [];
      if (wanted > 1.5) {
        this.size = this.larger(this.size, Math.min(MOST_GROWTH, wanted));
        return;
      }
      this.growing = false;
    }
    this.done++;
    if (this.done <= this.order.warm) return;
    this.harn.push(harn);
    this.twins.push(twin);
  }

  result(): Measured {
    return { size: this.size, harn: median(this.harn), twin: median(this.twins) };
  }
}

export function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1]!;
}

const TWIN = "bench.twin";

export async function measure(order: MeasureOrder): Promise<Measured> {
  const folder = fileURLToPath(new URL("./programs/", import.meta.url));
  const { run: twin } = (await import(`${folder}${order.name}.js`)) as { run: Twin };
  const rounds = new Rounds(order, twin);
  let waiting: { harn: number; answer: string; promise: Promise<unknown>; started: number } | null = null;
  const benchNext = suspending("bench_next", {
    sig: "(answer?: any) -> int",
    doc: "Ends a round and begins the next one.",
    needs: "nothing",
    run(_call, args) {
      const answer = args.raw("answer") as Value | undefined;
      if (answer === undefined || answer === null) return rounds.next();
      const harn = rounds.stop();
      const started = performance.now();
      const expected = rounds.runTwin();
      if (expected instanceof Promise) {
        waiting = { harn, answer: String(answer), promise: expected, started };
        return awaitEffect({ kind: TWIN, version: 1, args: {}, repeat: "never", place: "any" });
      }
      rounds.settle(String(answer), harn, String(expected), performance.now() - started);
      return rounds.next();
    },
    finish: (_call, outcome) => {
      if (outcome.kind === "failed") throw new Error(outcome.message);
      return rounds.next();
    },
  });
  const performer: Performer = {
    kind: TWIN,
    version: 1,
    repeat: "never",
    place: "any",
    perform: async () => {
      const { harn, answer, promise, started } = waiting!;
      const expected = String(await promise);
      rounds.settle(answer, harn, expected, performance.now() - started);
      return null;
    },
  };
  const ports = createNodePorts();
  const plain = createVmHost({ ports, tools: [], graceMs: 5_000, tiering: order.tiering });
  const { builtins, methods } = plain.table;
  const all = [...builtins.values(), ...[...methods.values()].flatMap((byName) => [...byName.values()])];
  const host = { ...plain, table: new BuiltinTable([all, [benchNext]]) };
  const globals = new Map<string, Value>(stdlibGlobals);
  const program = await loadProgram(
    { entry: `${folder}bench.harn`, name: "bench.harn", code: entryOf(order.name) },
    { files: ports.files, table: host.table, globals: new Set(globals.keys()) },
  );
  const run = startRun("bench", host, program, globals, { cwd: folder, env: {}, policies: [] });
  const driver = new RunDriver(run, {
    host,
    ports,
    performers: new Map([[TWIN, performer]]),
    openStore: null,
    program: order.name,
    meta: {},
    durable: false,
    snapshotMode: false,
    onOutput: (text) => process.stderr.write(text),
    onEvent: () => {},
  });
  const finished = await driver.finish();
  if (finished.kind !== "value") throw new Error(`${order.name}: ${JSON.stringify(finished)}`);
  return rounds.result();
}

function entryOf(name: string): string {
  return `import { run } from "./${name}"
pipeline default() {
  var size = bench_next()
  while size > 0 {
    size = bench_next(run(size))
  }
}
`;
}

if (import.meta.main) console.log(JSON.stringify(await measure(JSON.parse(process.argv[2]!) as MeasureOrder)));
