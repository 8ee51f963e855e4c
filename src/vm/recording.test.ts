/** A run that is kept in rows only from its middle on: what lived with its handles until then is in the rows too, and goes on from them. */
import { describe, expect, it } from "vitest";
import { createNodePorts } from "../hosts/node/ports.ts";
import { createVmHost } from "../runtime/language.ts";
import { MemoryRows } from "../runtime/memory-rows.ts";
import { loadProgram } from "../runtime/program.ts";
import { startRun } from "../runtime/start-run.ts";
import type { Tiering } from "./host.ts";
import { Run } from "./run.ts";
import { advance } from "./scheduler.ts";
import { Freezer } from "./snapshot/freeze.ts";
import { Thawer } from "./snapshot/thaw.ts";
import { postMessage } from "./waits.ts";

const PROGRAM = `
fn numbers() {
  for n in 0 to 5 exclusive {
    yield n
  }
}

fn slowly(n) {
  await_message()
  yield n
  yield n + 1
}

pipeline default() {
  let ended = spawn { "ended" }
  let failed = spawn { throw "failed" }
  await(ended)
  let items = numbers().iter()
  println(items.next())
  let gate = channel("gate", 1)
  let waiting = spawn { receive(gate) }
  let other = spawn { receive(gate) }
  for x in slowly(7) {
    println(x)
  }
  println(items.to_list())
  println(await(ended))
  println(try { await(failed) } catch (e) { "caught " + e })
  send(gate, "to the first")
  send(gate, "to the second")
  println([await(waiting), await(other)])
}`;

const ports = createNodePorts();

async function begun(tiering: Tiering): Promise<Run> {
  const host = createVmHost({ ports, tools: [], graceMs: 5_000, tiering });
  const program = await loadProgram(
    { entry: "/project/main.harn", name: "main.harn", code: PROGRAM },
    { files: ports.files, table: host.table, globals: new Set() },
  );
  const run = startRun("run", host, program, new Map(), { cwd: "/project", env: {}, policies: [] });
  advance(run, Number.POSITIVE_INFINITY);
  return run;
}

/** A message ends the wait in the generator; then everything runs to its end. */
function finish(run: Run): string {
  postMessage(run, run.root, "go on");
  advance(run, Number.POSITIVE_INFINITY);
  expect(run.fibers.size).toBe(0);
  expect(run.result?.kind).toBe("value");
  return run.output.join("");
}

async function fromRows(run: Run): Promise<Run> {
  const rows = new MemoryRows();
  run.record();
  rows.apply(new Freezer(run).takeTurn());
  const fresh = new Run(run.unit, run.host);
  const thawer = new Thawer(fresh, new Freezer(fresh), rows);
  await thawer.loadProgram(rows.head);
  await thawer.loadAllFibers();
  await thawer.loadAllObjects();
  fresh.recording = true;
  return fresh;
}

describe("a run that begins to be kept in rows", () => {
  for (const tiering of ["off", "forced"] as const) {
    it(`goes on from them, tier ${tiering}`, async () => {
      const run = await begun(tiering);
      expect(run.objects.size).toBe(1);
      const before = run.output.join("");
      expect(before + finish(await fromRows(run))).toBe(finish(await begun(tiering)));
    });
  }

  it("forgets tasks and generators with their handles while it is in memory alone", async () => {
    const run = await begun("off");
    expect([...run.objects.values()].map(({ kind }) => kind)).toEqual(["channel"]);
  });

  it("gives what was expected", async () => {
    expect(finish(await begun("hot"))).toBe(
      "{done: false, value: 0}\n7\n8\n[1, 2, 3, 4]\nended\ncaught failed\n[to the first, to the second]\n",
    );
  });
});
