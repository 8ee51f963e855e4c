/** What leads to what in a graph; and runs whose branches take different times, with real commands. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createRuntime } from "../hosts/node/index.ts";
import { HDict, HList } from "../value/value.ts";
import { FIRST, WorkflowOrder } from "./workflow-order.ts";

function order(...edges: readonly (readonly [string, string])[]): WorkflowOrder {
  const nodes = [...new Set(edges.flat())].map((id) => [id, HDict.empty()] as const);
  const list = edges.map(([from, to]) => HDict.of({ from, to }));
  return new WorkflowOrder(HDict.of({ entry: edges[0]![0], nodes: HDict.from(nodes), edges: new HList(list) }));
}

/** plan → fan → (left → more, right) → both → check, which leads back to fan. */
const LOOP = [
  ["plan", "fan"],
  ["fan", "left"],
  ["fan", "right"],
  ["left", "more"],
  ["more", "both"],
  ["right", "both"],
  ["both", "check"],
  ["check", "fan"],
] as const;

describe("what leads to what", () => {
  test("does not go round a loop", () => {
    const flow = order(...LOOP);
    expect(flow.leadsTo("right", "both")).toBe(true);
    expect(flow.leadsTo("plan", "check")).toBe(true);
    expect(flow.leadsTo("right", "more")).toBe(false);
    expect(flow.leadsTo("check", "left")).toBe(false);
  });

  test("a stage sees what was made on the ways to it, and in the rounds before this one", () => {
    const flow = order(...LOOP);
    const edge = (from: string, to: string) => flow.edges.find((one) => one.from === from && one.to === to)!;
    expect(flow.sees("more", FIRST, { node: "right", depth: 2 })).toBe(false);
    const fan = flow.after(edge("check", "fan"), { depth: 5, since: 0 }, undefined);
    expect(fan).toEqual({ depth: 6, since: 6 });
    const left = flow.after(edge("fan", "left"), fan, undefined);
    const more = flow.after(edge("left", "more"), left, undefined);
    expect(more).toEqual({ depth: 8, since: 6 });
    expect(flow.sees("more", more, { node: "right", depth: 2 })).toBe(true);
    expect(flow.sees("more", more, { node: "right", depth: 7 })).toBe(false);
  });

  test("a stage stands behind the longest of the ways to it", () => {
    const flow = order(["a", "b"], ["b", "d"], ["a", "d"]);
    const [, longer, shorter] = flow.edges;
    const known = flow.after(shorter!, { depth: 0, since: 0 }, undefined);
    expect(flow.after(longer!, { depth: 1, since: 0 }, known)).toEqual({ depth: 2, since: 0 });
  });
});

const base = fs.mkdtempSync(path.join(os.tmpdir(), "harn-order-"));
const runtime = createRuntime({ stateRoot: base });
afterAll(async () => {
  await runtime.close();
  fs.rmSync(base, { recursive: true, force: true });
});

/** A stage that writes its name down when it ends, after some time. */
function command(name: string, seconds = 0): string {
  return `${name}: {kind: "verify", verify: {command: "sleep ${seconds}; echo ${name} | tee -a ended.txt"}}`;
}

interface Ran {
  /** Nodes in the order in which their stages ended. */
  readonly ended: readonly string[];
  readonly printed: readonly string[];
}

async function ran(nodes: readonly string[], edges: string): Promise<Ran> {
  const folder = fs.mkdtempSync(path.join(base, "run-"));
  const code = `let flow = workflow_graph({entry: "fan", nodes: {fan: {kind: "fork"}, ${nodes.join(", ")}}, edges: ${edges}})
let run = workflow_execute("Do it", flow, [], {persist_path: "run.json"}).run
println(run.status)
println(run.stages.map({ stage -> stage.node_id }))
println(run.stages.last().consumed_artifact_ids.map({ id -> run.artifacts.find({ one -> one.id == id }).source }))
let again = workflow_execute("Do it", flow, [], {replay_run: run, replay_mode: "deterministic"}).run
println(again.stages.map({ stage -> stage.node_id }) == run.stages.map({ stage -> stage.node_id }))`;
  const run = runtime.run({ code, cwd: folder });
  const output: string[] = [];
  run.onEvent((event) => {
    if (event.type === "output") output.push(String(event.text));
  });
  expect(await run.result).toMatchObject({ kind: "value" });
  const ended = fs.readFileSync(path.join(folder, "ended.txt"), "utf8").trim().split("\n");
  return { ended, printed: output.join("").trimEnd().split("\n") };
}

const FAN = '{from: "fan", to: "slow"}, {from: "fan", to: "quick"}';

describe("a run", () => {
  test("goes on in the branch that is faster; the record is the same whichever that is", async () => {
    const edges = `[${FAN}, {from: "quick", to: "next"}, {from: "next", to: "both"}, {from: "slow", to: "both"}]`;
    const rest = [command("next"), 'both: {kind: "join"}'];
    const one = await ran([command("slow", 1), command("quick"), ...rest], edges);
    expect(one.ended).toEqual(["quick", "next", "slow"]);
    const other = await ran([command("slow"), command("quick", 1), ...rest], edges);
    expect(other.ended).toEqual(["slow", "quick", "next"]);
    expect(one.printed.slice(0, 2)).toEqual(["completed", "[fan, slow, quick, next, both]"]);
    expect(other.printed.slice(0, 2)).toEqual(one.printed.slice(0, 2));
    expect(one.printed[3]).toBe("true");
  });

  test("a stage of one branch does not see the other one", async () => {
    const edges = `[${FAN}, {from: "quick", to: "next"}]`;
    const { ended, printed } = await ran([command("slow"), command("quick", 1), command("next")], edges);
    expect(ended).toEqual(["slow", "quick", "next"]);
    expect(printed[2]).toBe("[quick]");
  });

  test("where branches meet, it goes on once, when all are there", async () => {
    const edges = `[${FAN}, {from: "quick", to: "meet"}, {from: "slow", to: "more"}, {from: "more", to: "meet"}]`;
    const { ended, printed } = await ran(
      [command("slow", 0.3), command("quick"), command("more"), command("meet")],
      edges,
    );
    expect(ended).toEqual(["quick", "slow", "more", "meet"]);
    expect(printed[2]).toBe("[slow, quick, more]");
  });

  test("a stage that may be led to from itself does not wait for itself", async () => {
    const again =
      '{kind: "verify", verify: {command: "echo again >> ended.txt; test $(grep -c again ended.txt) -gt 2"}}';
    const edges = `[${FAN}, {from: "quick", to: "again"}, {from: "again", to: "fan", branch: "failed"}]`;
    const { ended, printed } = await ran([command("slow"), command("quick"), `again: ${again}`], edges);
    expect(ended.filter((one) => one === "again")).toHaveLength(3);
    expect(ended.filter((one) => one === "slow")).toHaveLength(3);
    expect(printed[0]).toBe("completed");
    expect(printed[3]).toBe("true");
  });
});
