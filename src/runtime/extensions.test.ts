/** Hooks of a manifest inside a real run: what is wrong with them stops the program before it starts; they survive the death of a process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { createRuntime } from "../hosts/node/index.ts";
import type { ManifestHook } from "./extensions.ts";

const folder = mkdtempSync(path.join(tmpdir(), "harn-extensions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const manifest = path.join(folder, "harn.toml");
const hook = (handler: string, pattern = "*"): ManifestHook => ({
  event: "PreToolUse",
  pattern,
  handler,
  manifest,
  package: "own",
});
mkdirSync(path.join(folder, "more"));
writeFileSync(path.join(folder, "lib.harn"), 'pub fn refuse(event) { return {deny: "no"} }\n');
writeFileSync(path.join(folder, "more", "odd.harn"), "pub fn number(_event) { return 7 }\n");
writeFileSync(path.join(folder, "broken.harn"), "pub fn x( {\n");

const PROGRAM = `
let tools = tool_define(tool_registry(), "work", "Works", {parameters: {}, handler: { _args -> "worked" }})
llm_mock({tool_calls: [{name: "work", arguments: {}}]})
println(agent_loop("go", nil, {provider: "mock", tools: tools, max_iterations: 1}).rejected_tools)
`;

async function run(hooks: readonly ManifestHook[], code = PROGRAM) {
  const runtime = createRuntime({ stateRoot: mkdtempSync(path.join(folder, "s-")) });
  try {
    const handle = runtime.run({ code, cwd: folder, extensions: { hooks, skills: [], mcp: [] } });
    const output: string[] = [];
    handle.onEvent((event) => {
      if (event.type === "output") output.push(String(event.text));
    });
    const outcome = await handle.result.catch((error: Error) => ({ kind: "failed", message: error.message }));
    return { outcome, output: output.join("") };
  } finally {
    await runtime.close();
  }
}

test("a hook of the package's own lib.harn denies a tool", async () => {
  expect((await run([hook("own::refuse")])).output).toBe("[work]\n");
});

test.each([
  ["own::absent", /hook handler 'absent' is not exported by module 'own'/],
  ["refuse", /invalid hook handler 'refuse': expected <module>::<function>/],
  ["nowhere::x", /hook handler 'nowhere::x': Import error: cannot find module nowhere/],
  ["broken::x", /Expected/i],
])("a program with the hook %s does not start", async (handler, problem) => {
  const { outcome, output } = await run([hook(handler)]);
  expect(outcome).toMatchObject({ kind: "failed", message: expect.stringMatching(problem) });
  expect(output).toBe("");
});

test("a pattern that can never match does not start either", async () => {
  const { outcome } = await run([hook("own::refuse", 'tool.name =~ "("')]);
  expect(outcome).toMatchObject({
    kind: "failed",
    message: expect.stringContaining("hook pattern 'tool.name =~ \"(\"'"),
  });
});

test("a hook that answers something else fails the loop", async () => {
  const { outcome } = await run([hook("more/odd::number")]);
  expect(outcome).toMatchObject({
    kind: "failed",
    message: expect.stringContaining("PreToolUse hook must return nil or {deny, args}, got int"),
  });
});
