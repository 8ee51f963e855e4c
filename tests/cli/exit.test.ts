import { afterEach, beforeEach, expect, it } from "vitest";
import { harn, scratch, startHarn, until } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());
const options = () => ({ cwd: work.folder });

const PROGRAM = `
fn inner() {
  defer { println("deferred") }
  try { exit(7) } catch (e) { println("caught") } finally { println("finally") }
  println("after")
}
pipeline default() {
  let task = spawn { sleep(60s) }
  inner()
}
`;

it("exit ends a program with its code, tidied up, and its tasks with it", async () => {
  work.write("main.harn", PROGRAM);
  const seven = { code: 7, stdout: "finally\ndeferred\n", stderr: "" };
  expect(await harn(["run", "main.harn"], options())).toMatchObject(seven);
  const every = { ...options(), env: { HARN_SNAPSHOT_EVERY_WAIT: "1" } };
  expect(await harn(["run", "main.harn"], every)).toMatchObject(seven);
  expect(await harn(["run", "--durable", "main.harn"], options())).toMatchObject(seven);
  const [run] = JSON.parse((await harn(["runs", "--json"], options())).stdout);
  expect(run).toMatchObject({ status: "failed", resumable: false });
});

it("a program that was killed while it ended itself ends with its code when it goes on", async () => {
  work.write("main.harn", 'defer { println("tidying")\n  sleep(1s)\n  println("tidy") }\nexit(3)\n');
  const started = startHarn(["run", "--durable", "main.harn"], options());
  await until(() => started.stdout() === "tidying\n");
  started.child.kill("SIGKILL");
  await started.done;
  const [{ id }] = JSON.parse((await harn(["runs", "--json"], options())).stdout);
  expect(await harn(["resume", id], options())).toMatchObject({ code: 3, stdout: "tidying\ntidy\n" });
});

it("a worker cannot end its program", async () => {
  work.write(
    "main.harn",
    `
var tools = tool_registry()
tools = tool_define(tools, "stop", "Stops.", {parameters: {}, handler: { args -> exit(9) }})
llm_mock({tool_calls: [{name: "stop", arguments: {}}]})
llm_mock({text: "went on"})
println(sub_agent_run("stop", {provider: "mock", tools: tools}).summary)
`,
  );
  expect(await harn(["run", "main.harn"], options())).toMatchObject({ code: 0, stdout: "went on\n" });
});
