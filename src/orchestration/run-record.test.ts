/** Run records in files, and runs below runs. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { createRuntime } from "../hosts/node/index.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-run-records-"));
const runtime = createRuntime({ stateRoot: folder });
afterAll(async () => {
  await runtime.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

async function outcome(code: string): Promise<string> {
  const run = runtime.run({ code, cwd: folder });
  const output: string[] = [];
  run.onEvent((event) => {
    if (event.type === "output") output.push(String(event.text));
  });
  const ended = await run.result;
  return ended.kind === "failed" ? ended.message : output.join("").trimEnd();
}

const write = (name: string, value: unknown) => fs.writeFileSync(path.join(folder, name), JSON.stringify(value));

test("a run of the reference is read as it is", async () => {
  write("old.json", {
    _type: "run_record",
    id: "01890000-0000-7000-8000-000000000000",
    workflow_id: "workflow_1",
    task: "t",
    status: "completed",
    started_at: "01890000-0000-7000-8000-000000000000",
    stages: [
      {
        id: "s",
        node_id: "act",
        kind: "stage",
        status: "completed",
        outcome: "success",
        started_at: "1",
        branch: null,
      },
    ],
    policy: {
      tools: [],
      capabilities: {},
      workspace_roots: [],
      side_effect_level: "network",
      recursion_limit: 8,
      tool_arg_constraints: [],
      tool_annotations: {},
    },
    transcript: null,
    usage: null,
    metadata: {},
  });
  expect(
    await outcome(
      'let run = run_record_load("old.json")\nprintln([run.status, run.stages[0].branch, run.policy.tools, run.observability.action_graph_nodes[1].label])',
    ),
  ).toBe("[completed, nil, [], act]");
});

test("what is no record is refused by file and path", async () => {
  write("wrong.json", { stages: [{ id: 3 }] });
  fs.writeFileSync(path.join(folder, "broken.json"), "{");
  expect(await outcome('run_record_load("wrong.json")')).toContain(
    "run_record_load wrong.json parse error at stages[0].id: expected string, got int",
  );
  expect(await outcome('run_record_load("broken.json")')).toMatch(/failed to parse run record .*broken\.json/);
  expect(await outcome('run_record_load("missing.json")')).toMatch(/failed to read run record .*missing\.json/);
});

test("a run that is below itself is not followed", async () => {
  const child = { worker_id: "w", worker_name: "w", run_path: "loop.json" };
  write("loop.json", { id: "r", status: "completed", child_runs: [child] });
  expect(
    await outcome(
      'let tree = load_run_tree("loop.json")\nprintln([tree.run.id, tree.children[0].run, tree.children[0].worker.worker_id])',
    ),
  ).toBe("[r, nil, w]");
});

test("the record is written where HARN_RUN_DIR says, under the run's id, and no secret is in it", async () => {
  process.env.HARN_RUN_DIR = path.join(folder, "kept");
  process.env.SOME_API_KEY = "sk-very-secret-1234567890";
  try {
    const other = createRuntime({ stateRoot: folder });
    const run = other.run({
      code: 'let done = workflow_execute("use sk-very-secret-1234567890", {nodes: {a: {kind: "reduce"}}})\nprintln([done.path.ends_with("kept/" + done.run.id + ".json")])',
      cwd: folder,
    });
    expect(await run.result).toMatchObject({ kind: "value" });
    await other.close();
  } finally {
    process.env.HARN_RUN_DIR = "";
    process.env.SOME_API_KEY = "";
  }
  const [name] = fs.readdirSync(path.join(folder, "kept"));
  const text = fs.readFileSync(path.join(folder, "kept", name!), "utf8");
  expect(JSON.parse(text)).toMatchObject({ _type: "run_record", status: "completed" });
  expect(text).not.toContain("sk-very-secret");
  expect(fs.statSync(path.join(folder, "kept", name!)).mode & 0o077).toBe(0);
});
