/** Fibers that wait long leave the memory; whatever happens to them later finds them all the same. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRuntime, type RunHandle, type Runtime } from "../../src/hosts/node/index.ts";

const COUNT = 300;
/** Twice what a fiber lingers, and some polls. */
const LONG = 1_800;

let folder: string;
let runtime: Runtime;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "harn-let-go-"));
  runtime = createRuntime({ stateRoot: folder, graceMs: 500 });
});

afterEach(async () => {
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

function output(run: RunHandle): () => string {
  let text = "";
  run.onEvent((event) => {
    if (event.type === "output") text += String(event.text);
  });
  return () => text;
}

const TASKS = `
fn work(n, results) {
  let message = await_message()
  send(results, to_string(n) + ":" + to_string(message))
}
pipeline default() {
  let results = channel("results", 10)
  for i in 0 to ${COUNT} exclusive { spawn { work(i, results) } }
  println(receive(results))
  println(receive(results))
  println("enough")
}`;

describe("fibers that wait long", () => {
  it("answer a message, and wake another that waits for them", async () => {
    const run = runtime.run({ code: TASKS, durable: true });
    const text = output(run);
    await delay(LONG);
    run.send(10, "first");
    await delay(200);
    await runtime.deliver(run.id, 11, "second");
    expect(await run.result).toMatchObject({ kind: "value" });
    expect(text()).toBe("8:first\n9:second\nenough\n");
  });

  it("are cancelled with the program", async () => {
    const run = runtime.run({ code: TASKS, durable: true });
    await delay(LONG);
    run.cancel();
    expect(await run.result).toMatchObject({ kind: "cancelled" });
    expect((await runtime.runs())[0]).toMatchObject({ status: "cancelled", resumable: false });
  });

  it("have timers that fire", async () => {
    const run = runtime.run({
      durable: true,
      code: `
pipeline default() {
  var tasks = []
  for i in 0 to ${COUNT} exclusive { tasks = tasks.push(spawn { sleep(2500)
    i }) }
  var total = 0
  for task in tasks { total = total + await(task) }
  println(total)
}`,
    });
    const text = output(run);
    expect(await run.result).toMatchObject({ kind: "value" });
    expect(text()).toBe(`${(COUNT * (COUNT - 1)) / 2}\n`);
  });

  it("are workers that can be steered, awaited and closed", async () => {
    const run = runtime.run({
      durable: true,
      code: `
pipeline default() {
  let tools = tool_define(tool_registry(), "wait", "Waits.", {parameters: {}, handler: { _args -> to_string(await_message()) }})
  llm_mock({match: "*go on*", text: "went on"})
  llm_mock({match: "*job*", tool_calls: [{name: "wait", arguments: {}}]})
  var ids = []
  for i in 0 to ${COUNT} exclusive {
    let worker = sub_agent_run("job " + to_string(i), {background: true, provider: "mock", tools: tools, max_iterations: 4})
    ids = ids.push(worker.id)
  }
  sleep(${LONG})
  steer_agent(ids[7], "go on")
  println(wait_agent(ids[7]).result.summary)
  println(close_agent(ids[8]).status)
  println(len(list_agents().filter({ worker -> worker.status == "running" })))
}`,
    });
    const text = output(run);
    expect(await run.result).toMatchObject({ kind: "value" });
    expect(text()).toBe(`went on\ncancelled\n${COUNT - 2}\n`);
  });
});
