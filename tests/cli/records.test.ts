/** `harn eval`, `harn replay` and `harn runs inspect` over records that workflows wrote. */
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { harn, scratch } from "./harn-process.ts";

const work = scratch();
const { folder } = work;
const at = (name: string) => path.join(folder, name);
const run = (...args: string[]) => harn(args, { cwd: folder });

const PROGRAM = `let flow = workflow_graph({name: "note", entry: "act", nodes: {act: {mode: "llm", model_policy: {provider: "mock"}}, check: {kind: "verify", verify: {assert_text: "good"}}}, edges: [{from: "act", to: "check"}]})
fn once(text, path) {
  llm_mock({text: text})
  workflow_execute("Write a note", flow, [], {persist_path: path})
}
once("a good text", "runs/good.json")
once("a good text", "runs/same.json")
once("a poor text", "bad.json")
`;

beforeAll(async () => {
  fs.writeFileSync(at("main.harn"), PROGRAM);
  expect(await run("run", "main.harn")).toMatchObject({ code: 0 });
});
afterAll(() => work.remove());

test("a run that completed passes, one that failed does not", async () => {
  expect(await run("eval", "runs/good.json")).toMatchObject({ code: 0, stdout: "PASS  runs/good.json  2 stages\n" });
  const bad = await run("eval", "bad.json", "--compare", "runs/good.json");
  expect(bad.code).toBe(1);
  expect(bad.stdout).toContain("FAIL  bad.json  2 stages\n");
  expect(bad.stdout).toContain(
    "      check changed: status: completed -> failed; outcome: verified -> verification_failed",
  );
});

test("a folder is judged in the order of its names, a manifest from where it lies", async () => {
  expect(await run("eval", "runs", "--compare", "runs/good.json")).toMatchObject({
    code: 0,
    stdout: "PASS  good.json  2 stages\nPASS  same.json  2 stages\n2 passed, 0 failed, 2 in all\n",
  });
  fs.writeFileSync(
    at("runs/suite.manifest"),
    JSON.stringify({
      cases: [{ label: "same as good", run_path: "same.json", compare_to: "good.json" }, { run_path: "../bad.json" }],
    }),
  );
  const suite = await run("eval", "runs/suite.manifest", "--json");
  expect(suite.code).toBe(1);
  expect(JSON.parse(suite.stdout)).toMatchObject({
    passed: 1,
    failed: 1,
    cases: [{ label: "same as good", pass: true }, { pass: false }],
  });
});

test("a record is shown stage by stage, without running anything", async () => {
  const replay = await run("replay", "runs/good.json");
  expect(replay).toMatchObject({ code: 0 });
  expect(replay.stdout).toContain("act [stage] completed: success -> success\n  a good text\n");
  expect(replay.stdout).toContain("act -> check\nPASS\n");
  const inspected = await run("runs", "inspect", "bad.json", "--compare", "runs/good.json");
  expect(inspected.stdout).toContain("status    failed\n");
  expect(inspected.stdout).toContain("holds     2 stages, 2 artifacts, 0 workers, 4 checkpoints\n");
  expect(inspected.stdout).toContain("status: completed -> failed\n");
  const json = await run("runs", "inspect", "runs/good.json", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({ run: { status: "completed" }, diff: null });
});

test("what cannot be read is said by its name", async () => {
  fs.writeFileSync(at("broken.json"), "{");
  expect(await run("eval", "missing.json")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("missing.json: there is no such file or folder"),
  });
  expect(await run("eval", "broken.json")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("broken.json is no JSON"),
  });
  expect(await run("replay", "broken.json")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("failed to parse run record"),
  });
});
