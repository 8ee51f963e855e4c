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

test("a worker that is closed in the middle of its workflow goes on with it", async () => {
  const code = `let flow = {entry: "a", nodes: {a: {kind: "reduce"}, wait: {kind: "verify", verify: {command: "test -e \${path_join(base, "go")} || sleep 30"}}}, edges: [{from: "a", to: "wait"}]}
let worker = spawn_agent({task: "t", graph: flow, options: {persist_path: path_join(base, "closed.json")}})
let log = path_join(base, "closed.json")
while !file_exists(log) {
  sleep(5ms)
}
let closed = close_agent(worker)
let record = run_record_load(closed.child_run_path)
println([closed.status, record.status, record.stages.map({ stage -> stage.node_id }), record.pending_nodes])
write_file(path_join(base, "go"), "")
let done = wait_agent(send_input(closed, "t"))
println([done.status, done.child_run_id == closed.child_run_id, done.result.run.stages.map({ stage -> stage.node_id })])`;
  expect(await printed(`let base = "${folder}"\n${code}`)).toEqual([
    "[cancelled, cancelled, [a], [wait]]",
    "[completed, true, [a, wait]]",
  ]);
});

test("a shared conversation does not make one stage's tool calls and usage those of the next", async () => {
  const code = `var tools = tool_registry()
tools = tool_define(tools, "look", "Looks", {parameters: {at: {type: "string"}}, handler: { args -> "seen " + args.at }})
llm_mock({tool_calls: [{name: "look", arguments: {at: "here"}}]})
llm_mock({text: "one"})
llm_mock({text: "two"})
let stage = {mode: "agent", tools: tools, model_policy: {provider: "mock", session_id: "shared"}}
let done = workflow_execute("t", {entry: "a", nodes: {a: stage, b: stage}, edges: [{from: "a", to: "b"}]})
println(done.run.tool_recordings.map({ one -> [one.tool_name, one.result, len(one.args_hash), one.iteration] }))
println([done.run.usage.call_count, done.run.stages.map({ one -> one.usage.call_count })])
println(done.run.trace_spans.map({ span -> [span.span_id, span.parent_id, span.kind] }))`;
  expect(await printed(code)).toEqual([
    "[[look, seen here, 16, 1]]",
    "[3, [2, 1]]",
    "[[1, nil, pipeline], [2, 1, stage], [3, 1, stage]]",
  ]);
});

test("a worktree for a workflow is a worker's matter", async () => {
  expect(
    await failure('workflow_execute("t", {nodes: {a: {kind: "reduce"}}}, [], {execution: {worktree: {repo: "."}}})'),
  ).toContain("execution.worktree belongs to a worker");
});

test("what a worker carries on is selected by its carry policy", async () => {
  const code = `llm_mock({text: "one"})
llm_mock({text: "two"})
let worker = wait_agent(spawn_agent({task: "t", node: {mode: "llm", model_policy: {provider: "mock"}}, carry: {artifacts: {include_kinds: ["worker_result"]}}}))
let again = wait_agent(send_input(worker, "u"))
println(again.artifacts[0].lineage == [worker.artifacts[1].id])`;
  expect(await printed(code)).toEqual(["true"]);
});

test("a record says what held for the run and for each stage", async () => {
  const code = `let flow = {nodes: {a: {kind: "reduce", capability_policy: {side_effect_level: "none"}}}, capability_policy: {side_effect_level: "read_only"}}
let run = workflow_execute("t", flow).run
println([run.policy.side_effect_level, run.metadata.effective_policy.side_effect_level, run.metadata.max_steps])
println(run.stages[0].metadata.effective_capability_policy.side_effect_level)
println(workflow_validate({nodes: {a: {capability_policy: {tools: ["x"]}}}}, {tools: []}).valid)`;
  expect(await printed(code)).toEqual(["[read_only, read_only, 4]", "none", "false"]);
});

test("a record that cannot be written is an error where the program asked for it, else a warning", async () => {
  fs.writeFileSync(path.join(folder, "no-folder"), "");
  const graph = '{nodes: {a: {kind: "reduce"}}}';
  expect(await failure(`workflow_execute("t", ${graph}, [], {persist_path: "no-folder/run.json"})`)).toContain(
    "persist run record: ",
  );
  process.env.HARN_RUN_DIR = path.join(folder, "no-folder");
  try {
    const other = createRuntime({ stateRoot: folder });
    const run = other.run({
      code: `println(workflow_execute("t", ${graph}).run.metadata.persist_error != nil)`,
      cwd: folder,
    });
    const output: string[] = [];
    let warnings = 0;
    run.onEvent((event) => {
      if (event.type === "output") output.push(String(event.text));
      if (event.type === "warning") warnings++;
    });
    expect(await run.result).toMatchObject({ kind: "value" });
    await other.close();
    expect(output).toEqual(["true\n"]);
    // At the start, after the stage, at the end.
    expect(warnings).toBe(3);
  } finally {
    process.env.HARN_RUN_DIR = "";
  }
});

test("a run ends when its tokens are spent, and goes on with others", async () => {
  const code = `llm_mock({text: "said", input_tokens: 60, output_tokens: 50})
llm_mock({text: "said more", input_tokens: 60, output_tokens: 50})
let stage = {mode: "llm", model_policy: {provider: "mock"}}
let flow = {entry: "a", nodes: {a: stage, b: stage}, edges: [{from: "a", to: "b"}]}
let first = workflow_execute("t", flow, [], {token_budget: 100})
println([first.status, first.run.pending_nodes])
println(first.run.metadata.problem)
println(workflow_execute("t", flow, [], {resume_run: first.run, token_budget: 500}).status)`;
  expect(await printed(code)).toEqual([
    "[paused, [b]]",
    "token_budget (100) is spent: 110 tokens, with b to do",
    "completed",
  ]);
  expect(await failure('workflow_execute("t", {nodes: {a: {kind: "reduce"}}}, [], {token_budget: 0})')).toContain(
    "workflow_execute: token_budget must be a whole number of at least 1",
  );
});

test("a stage that promises a schema is held to it, and hands the value on", async () => {
  const code = `let schema = {type: "object", required: ["name"], properties: {name: {type: "string"}}}
fn run(text) {
  llm_mock({text: text})
  let node = {mode: "llm", model_policy: {provider: "mock"}, output_contract: {schema: schema}}
  let stage = workflow_execute("t", {nodes: {a: node}}).run.stages[0]
  println([stage.outcome, stage.artifacts[0].data?.data, stage.verification.checks[0].actual])
}
run("{\\"name\\": \\"x\\"}")
run("{\\"name\\": 1}")
run("no")
println(llm_mock_calls()[0].messages[0].content.contains("fits this schema"))`;
  expect(await printed(code)).toEqual([
    "[success, {name: x}, nil]",
    "[verification_failed, nil, at name: expected type 'string', got 'int']",
    "[verification_failed, nil, the answer holds no JSON]",
    "true",
  ]);
});
