/** What is frozen and thawed is the same: any value, and whole runs that one process leaves in the middle and another continues. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Chunk } from "../../src/bytecode/chunk.ts";
import { createNodePorts, createRuntime, type Runtime } from "../../src/hosts/node/index.ts";
import { createVmHost } from "../../src/runtime/language.ts";
import { MemoryRows } from "../../src/runtime/memory-rows.ts";
import { loadProgram } from "../../src/runtime/program.ts";
import { startRun } from "../../src/runtime/start-run.ts";
import { HList, HRecord, share, type Value } from "../../src/value/value.ts";
import { Run } from "../../src/vm/run.ts";
import { Freezer } from "../../src/vm/snapshot/freeze.ts";
import { Thawer } from "../../src/vm/snapshot/thaw.ts";
import { richProgram } from "../programs/rich-program.ts";
import { arbitraryValue, exactText } from "./arbitrary-value.ts";
import { createEagerClock } from "./eager-clock.ts";

const ports = createNodePorts();
const host = createVmHost({ ports, tools: [], graceMs: 100, tiering: "off" });

async function frozenAndThawed(chunks: readonly Chunk[], turns: readonly ReadonlyMap<string, Value>[]) {
  const scope = { cwd: "/project", env: {}, policies: [] };
  const run = startRun("kept", host, { entry: chunks[0]!.module, chunks }, new Map(turns[0]), scope);
  const freezer = new Freezer(run);
  const rows = new MemoryRows();
  for (const globals of turns) {
    run.globals = new Map(globals);
    run.dirty.program = true;
    rows.apply(freezer.takeTurn());
  }
  const fresh = new Run("kept", host);
  const thawer = new Thawer(fresh, new Freezer(fresh), rows);
  await thawer.loadProgram(rows.head);
  await thawer.loadAllFibers();
  await thawer.loadAllObjects();
  return fresh.globals;
}

/** Two places of one thing that nobody marked: one of them would see the other's changes. */
function unmarkedTwice(value: Value, seen = new Set<object>()): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof HList || value instanceof HRecord) {
    if (seen.has(value)) return !value.shared;
    seen.add(value);
  }
  if (value instanceof HList) return value.values().some((item) => unmarkedTwice(item, seen));
  if (value instanceof HRecord) return value.values().some((item) => unmarkedTwice(item, seen));
  return false;
}

describe("values", () => {
  it.each([5, 150])("of up to %i items are what they were", async (most) => {
    const program = await loadProgram(
      { entry: "/project/kept.harn", name: "kept.harn", code: "println(1)\n" },
      { files: ports.files, table: host.table, globals: new Set() },
    );
    const value = arbitraryValue({ most });
    const law = fc.asyncProperty(value, value, value, async (a, b, later) => {
      const kept = share(a);
      const first = new Map<string, Value>([
        ["a", kept],
        ["b", b],
      ]);
      // The second turn writes what changed only.
      const second = new Map<string, Value>([...first, ["again", kept], ["later", later]]);
      const expected = [...second].map(([name, item]) => `${name} ${exactText(item)}`);
      const thawed = await frozenAndThawed(program.chunks, [first, second]);
      expect([...thawed].map(([name, item]) => `${name} ${exactText(item)}`)).toEqual(expected);
      expect(unmarkedTwice(new HList([...thawed.values()]))).toBe(false);
    });
    await fc.assert(law, { numRuns: 2_000, interruptAfterTimeLimit: 1_500 });
  });
});

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-snapshots-"));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function open(stateRoot: string, tiering: "off" | "forced"): Runtime {
  return createRuntime({
    ports: { ...ports, clock: createEagerClock(ports.clock) },
    performers: new Map(),
    stateRoot,
    tiering,
    graceMs: 100,
  });
}

type Outcome = { readonly output: string; readonly end: string; readonly id: string };

/** Runs until `pieces` pieces of output came, or to the end; `resume` names a run to go on with. */
async function run(runtime: Runtime, code: string, pieces: number, resume: string | null): Promise<Outcome> {
  const handle = resume === null ? runtime.run({ code, cwd: "/project", durable: true }) : runtime.resume(resume);
  let output = "";
  let count = 0;
  handle.onEvent((event) => {
    if (event.type !== "output") return;
    output += String(event.text);
    count++;
    if (count === pieces) handle.interrupt();
  });
  const outcome = await handle.result;
  return { output, end: outcome.kind === "failed" ? `failed ${outcome.message}` : outcome.kind, id: handle.id };
}

const SEED = 40_000_000;
const SECONDS = 2;
/** Times that a run is left, however slow the machine. */
const LEAST = 3;

describe("runs", () => {
  it.each(["off", "forced"] as const)(
    "left in the middle and continued print the same, with generated code %s",
    async (tiering) => {
      const until = Date.now() + SECONDS * 1_000;
      let left = 0;
      for (let number = SEED; Date.now() < until || left < LEAST; number++) {
        const code = richProgram(number);
        const stateRoot = path.join(folder, `${tiering}-${number}`);
        const whole = open(stateRoot, tiering);
        const expected = await run(whole, code, Number.POSITIVE_INFINITY, null);
        await whole.close();
        // Each process sees one more piece of output than the one before had seen.
        let runtime = open(stateRoot, tiering);
        let actual = await run(runtime, code, 1, null);
        await runtime.close();
        for (let pieces = 2; actual.end === "interrupted" && pieces < 12; pieces++) {
          left++;
          runtime = open(stateRoot, tiering);
          actual = await run(runtime, code, pieces === 11 ? Number.POSITIVE_INFINITY : pieces, actual.id);
          await runtime.close();
        }
        expect({ number, output: actual.output, end: actual.end }).toEqual({
          number,
          output: expected.output,
          end: expected.end,
        });
      }
    },
  );
});
