import { afterEach, beforeEach, expect, it } from "vitest";
import { harn, harnOnTerminal, scratch, until } from "./harn-process.ts";

const PROGRAM = `
let tools = tool_define(tool_registry(), "touch", "Touches a thing.", {
  parameters: {thing: {type: "string", description: "what"}},
  handler: { args -> "touched " + args.thing },
})
llm_mock({text: "", tool_calls: [{id: "a", name: "touch", arguments: {thing: "lamp"}}]})
llm_mock({text: "ready ##DONE##"})
let result = sub_agent_run("touch the lamp", {
  provider: "mock",
  tools: tools,
  tool_format: "native",
  approval_policy: {require_approval: ["touch"]},
})
println("ok: \${result.ok}, denied: \${len(result.denied)}")
`;

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
  work.write("main.harn", PROGRAM);
});
afterEach(() => work.remove());

for (const [keys, outcome] of [
  ["y\r", "ok: true, denied: 0"],
  ["no\r", "ok: false, denied: 1"],
] as const) {
  it(`a person at the terminal is asked and answers ${keys.trim()}`, async () => {
    const terminal = harnOnTerminal(["run", "main.harn"], { cwd: work.folder });
    await until(() => terminal.raw().includes("grant it?"));
    expect((await terminal.screen()).join("\n")).toMatch(
      /approval: .* asks for touch \(.*\)\n {2}\{"thing":"lamp"\}\ngrant it\? \[y\/N\]/,
    );
    terminal.type(keys);
    expect(await terminal.exit).toBe(0);
    expect((await terminal.screen()).join("\n")).toContain(outcome);
  });
}

it("Ctrl-C at the question ends the run", async () => {
  const terminal = harnOnTerminal(["run", "main.harn"], { cwd: work.folder });
  await until(() => terminal.raw().includes("grant it?"));
  terminal.type("\u0003");
  expect(await terminal.exit).toBe(124);
  expect((await terminal.screen()).join("\n")).toContain("interrupted: state saved");
});

it("without a terminal nobody is asked, and it is refused", async () => {
  expect(await harn(["run", "main.harn"], { cwd: work.folder })).toMatchObject({
    code: 0,
    stdout: "ok: false, denied: 1\n",
  });
});
