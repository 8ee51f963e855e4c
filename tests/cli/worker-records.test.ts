/** Records of workers: exported, and brought into another run. */
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());
const options = () => ({ cwd: work.folder });

const FIRST = `
llm_mock({text: "the answer is 42", match: "*"})
var tools = tool_registry()
tools = tool_define(tools, "look", "Looks.", {parameters: {}, handler: { args -> "old" }})
let worker = sub_agent_run("find the answer", {background: true, provider: "mock", name: "finder", tools: tools, policy: {tools: ["look"]}})
let done = wait_agent(worker)
println(done.id)
println(resume_agent(done.id).status)
`;

async function first(): Promise<string> {
  work.write("first.harn", FIRST);
  const result = await harn(["run", "first.harn"], options());
  expect(result.code, result.stderr).toBe(0);
  const [id, status] = result.stdout.split("\n");
  expect(status).toBe("completed");
  return id!;
}

const second = (target: string) => `
llm_mock({tool_calls: [{name: "look", arguments: {}}]})
llm_mock({text: "still 42"})
var tools = tool_registry()
tools = tool_define(tools, "look", "Looks.", {parameters: {}, handler: { args -> "new" }})
tool_bind(tools)
let worker = resume_agent("${target}")
println([worker.name, worker.status, worker.task, worker.result.summary])
send_input(worker, "look again")
let done = wait_agent(worker)
println([done.status, done.result.summary, done.history])
println(llm_mock_calls()[0].messages.map({ m -> m.content }))
println(len(list_agents()))
`;

const GOES_ON = [
  "[finder, completed, find the answer, the answer is 42]",
  "[completed, still 42, [find the answer, look again]]",
  "[find the answer, the answer is 42, look again]",
  "1",
  "",
].join("\n");

describe("a worker's record", () => {
  it("is exported in the shape of the reference, for its owner only", async () => {
    const id = await first();
    const exported = await harn(["workers", "export", id.slice(0, 22)], options());
    expect(exported).toMatchObject({ code: 0, stdout: `${work.at(`.harn/workers/${id}.json`)}\n` });
    const file = exported.stdout.trim();
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(fs.readFileSync(file, "utf8"))).toMatchObject({
      _type: "worker_snapshot",
      id,
      name: "finder",
      status: "completed",
      mode: "sub_agent",
      history: ["find the answer"],
      config: { mode: "sub_agent", spec: { task: "find the answer", session_id: expect.any(String) } },
      latest_payload: { ok: true, summary: "the answer is 42" },
      transcript: { _type: "transcript" },
      artifacts: [{ kind: "worker_result" }],
      snapshot_path: file,
    });
    const printed = await harn(["workers", "export", id, "--out", "-"], options());
    expect(JSON.parse(printed.stdout)).toEqual(JSON.parse(fs.readFileSync(file, "utf8")));
    expect(await harn(["workers", "export", "worker_none"], options())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no worker worker_none in "),
    });
  });

  it("is written by the program that asks for it, at the end of an attempt", async () => {
    const asks = FIRST.replace("background: true,", "background: true, carry: {persist_state: true},");
    work.write("asks.harn", `${asks}println(json_parse(read_file(done.snapshot_path)).latest_payload.summary)\n`);
    const result = await harn(["run", "asks.harn"], options());
    expect(result.stdout, result.stderr).toContain("the answer is 42\n");
  });

  it("brings its worker into another run, with what it had said and the tools in scope", async () => {
    const id = await first();
    work.write("second.harn", second(id));
    expect(await harn(["run", "second.harn"], options())).toMatchObject({ code: 0, stdout: GOES_ON });
  });

  it("does so from a file, in a place that has never seen it", async () => {
    const id = await first();
    await harn(["workers", "export", id, "--out", "record.json"], options());
    const other = scratch();
    try {
      fs.copyFileSync(work.at("record.json"), other.at("record.json"));
      other.write("second.harn", second("record.json"));
      expect(await harn(["run", "second.harn"], { cwd: other.folder })).toMatchObject({ code: 0, stdout: GOES_ON });
    } finally {
      other.remove();
    }
  });

  it("says what is wrong with a file, and with a name", async () => {
    const complaint = async (target: string) => {
      work.write(
        "main.harn",
        `println(try_resume())\nfn try_resume() { try { return resume_agent("${target}") } catch (e) { return e } }\n`,
      );
      return (await harn(["run", "main.harn"], options())).stdout;
    };
    expect(await complaint("worker_gone")).toContain("no worker worker_gone in this store");
    expect(await complaint("gone.json")).toContain("gone.json");
    work.write("torn.json", '{"_type": "worker_snap');
    expect(await complaint("torn.json")).toContain(`${work.at("torn.json")} is no worker record`);
    work.write("other.json", '{"_type": "worker_snapshot", "id": "worker_1", "mode": "dance"}');
    expect(await complaint("other.json")).toContain(
      `${work.at("other.json")}: mode must be one of sub_agent, stage, workflow, delegated_stage`,
    );
  });
});
