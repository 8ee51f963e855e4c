/** Graphs as values, and what a run takes from them; programs run on a real runtime. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createRuntime } from "../hosts/node/index.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-graphs-"));
const runtime = createRuntime({ stateRoot: folder });
afterAll(async () => {
  await runtime.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** What the program prints, line by line. */
async function printed(code: string): Promise<readonly string[]> {
  const run = runtime.run({ code, cwd: folder });
  const output: string[] = [];
  run.onEvent((event) => {
    if (event.type === "output") output.push(String(event.text));
  });
  expect(await run.result).toMatchObject({ kind: "value" });
  return output.join("").trimEnd().split("\n");
}

async function failure(code: string): Promise<string> {
  const outcome = await runtime.run({ code, cwd: folder }).result;
  return outcome.kind === "failed" ? outcome.message : `ended ${outcome.kind}`;
}

describe("normalising", () => {
  test("a normalised graph stays as it is", async () => {
    const graph =
      '{name: "g", nodes: {b: {kind: "map", map_policy: {items: [1]}, extra: {kept: true}}, a: {}}, capability_policy: {tools: ["t"]}}';
    expect(
      await printed(
        `let once = workflow_graph(${graph})\nprintln(workflow_graph(once) == once)\nprintln([once.entry, once.nodes.b.extra])`,
      ),
    ).toEqual(["true", "[a, {kept: true}]"]);
  });

  test("closures in a graph stay callable", async () => {
    const code = `let flow = workflow_commit(workflow_graph({nodes: {a: {model_policy: {post_turn_callback: { info -> info + 1 }}}}}))
let callback = flow.nodes.a.model_policy.post_turn_callback
println(callback(41))`;
    expect(await printed(code)).toEqual(["42"]);
  });

  test.each([
    [
      '{nodes: {a: {retry_policy: {max_attempts: "x"}}}}',
      "workflow_graph parse error at nodes.a.retry_policy.max_attempts: expected int, got string",
    ],
    [
      "{nodes: {a: {context_policy: {include_kinds: [1]}}}}",
      "workflow_graph parse error at nodes.a.context_policy.include_kinds[0]: expected string, got int",
    ],
    ["{edges: [{from: 1}]}", "workflow_graph parse error at edges[0].from: expected string, got int"],
    [
      "{nodes: {a: {capability_policy: {tool: []}}}}",
      'workflow_graph parse error at nodes.a.capability_policy: unknown key "tool" (did you mean "tools"?)',
    ],
    ["{nodes: {a: 1}}", "workflow_graph parse error at nodes.a: expected dict, got int"],
  ])("%s is refused by its path", async (graph, complaint) => {
    expect(await failure(`workflow_graph(${graph})`)).toContain(complaint);
  });

  test("a key that is nearly a known one is a warning", async () => {
    expect(await printed("println(workflow_validate({nodes: {a: {contex_policy: {}}}}).warnings)")).toEqual([
      "[node a: unknown key `contex_policy`; did you mean `context_policy`?]",
    ]);
  });
});

describe("validating", () => {
  test.each([
    ['{entry: "x", nodes: {a: {}}}', "[entry node does not exist: x]"],
    ['{nodes: {a: {}}, edges: [{from: "a", to: "z"}]}', "[edge.to references unknown node: z]"],
    [
      "{nodes: {a: {input_contract: {min_inputs: 3, max_inputs: 2}}}}",
      "[node a: input contract min_inputs exceeds max_inputs]",
    ],
    ['{nodes: {a: {kind: "condition"}}}', "[node a: condition nodes require both 'true' and 'false' branch edges]"],
    ['{nodes: {a: {kind: "fork"}}}', "[node a: fork nodes require at least two outgoing edges]"],
    [
      '{nodes: {a: {kind: "map"}}}',
      "[node a: map nodes require items, item_artifact_kind, or input_contract.input_kinds]",
    ],
  ])("%s", async (graph, errors) => {
    expect(await printed(`println(workflow_validate(${graph}).errors)`)).toEqual([errors]);
    expect(await failure(`workflow_execute("t", ${graph})`)).toContain("workflow_execute: invalid workflow: ");
  });
});

test("a provider for the whole flow does not make a plain map ask a model", async () => {
  const code = `let flow = workflow_graph({nodes: {each: {kind: "map", map_policy: {items: ["a", "b"]}}}})
let done = workflow_execute("t", flow, [], {provider: "mock", mode: "llm"})
println([len(llm_mock_calls()), done.artifacts.map({ made -> made.text })])`;
  expect(await printed(code)).toEqual(["[0, [a, b]]"]);
});

test("the transcript of a run is the last that a stage had, its policy is what held for it", async () => {
  const code = `llm_mock({text: "said"})
let flow = workflow_graph({entry: "a", nodes: {a: {mode: "llm", model_policy: {provider: "mock"}}, b: {kind: "reduce"}}, edges: [{from: "a", to: "b"}]})
let done = workflow_execute("t", flow)
println(transcript_messages(done.transcript).last().content)
let worker = wait_agent(spawn_agent({task: "t", graph: {nodes: {b: {kind: "reduce"}}}, policy: {side_effect_level: "read_only"}}))
println(worker.result.run.policy.side_effect_level)`;
  expect(await printed(code)).toEqual(["said", "read_only"]);
});

test("a verification command ends with its time", async () => {
  const code = `let done = workflow_execute("t", {nodes: {check: {kind: "verify", verify: {command: "sleep 30", timeout_ms: 50}}}})
println([done.status, done.run.stages[0].outcome, done.run.stages[0].metadata.error])`;
  expect(await printed(code)).toEqual([
    "[failed, error, Runtime error: workflow verify exec failed: `sleep 30` took too long]",
  ]);
});

test("a deadline takes the stages along, and the record says so", async () => {
  const code = `try {
  deadline 100ms {
    workflow_execute("t", {nodes: {check: {kind: "verify", verify: {command: "sleep 30"}}}}, [], {persist_path: "left.json"})
  }
} catch (error) {
  println(error)
}
println(run_record_load("left.json").status)`;
  expect(await printed(code)).toEqual(["Deadline exceeded", "cancelled"]);
});

test("attempts wait longer and longer, and an error that nothing cures is not tried again", async () => {
  const code = `fn run(category) {
  llm_mock_clear()
  llm_mock({error: {category: category, message: "no"}})
  llm_mock({error: {category: category, message: "no"}})
  llm_mock({text: "done"})
  let node = {mode: "llm", model_policy: {provider: "mock", llm_retries: 0}, retry_policy: {max_attempts: 3, backoff_ms: 1, backoff_multiplier: 2.0}}
  let done = workflow_execute("t", {nodes: {a: node}})
  println([done.status, len(done.run.stages[0].attempts), done.run.stages[0].metadata?.error])
}
run("overloaded")
run("auth")`;
  expect(await printed(code)).toEqual(["[completed, 3, nil]", "[failed, 1, Error [auth]: no]"]);
});
