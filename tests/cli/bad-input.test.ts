/** What delegated work is given wrong: a clear error that names the culprit, the right exit code, and nothing of the user's touched. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const git = (...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@b.c", ...args], { cwd: work.folder, encoding: "utf8" });

function repository(): void {
  git("init", "-q", "-b", "main");
  work.write("file.txt", "one\n");
  git("add", "file.txt");
  git("commit", "-qm", "first");
}

const state = () => git("for-each-ref", "--format=%(refname) %(objectname)") + git("worktree", "list", "--porcelain");

const DELEGATES = (worktree: string) => `
llm_mock({text: "done", match: "*"})
let worker = wait_agent(sub_agent_run("do it", {background: true, provider: "mock", execution: {worktree: ${worktree}}}))
println(worker.status)
println(worker.error)
`;

async function run(program: string, env: Readonly<Record<string, string>> = {}) {
  fs.mkdirSync(work.at("program"), { recursive: true });
  fs.writeFileSync(work.at("program/main.harn"), program);
  return harn(["run", "main.harn"], { cwd: work.at("program"), env });
}

describe("worktrees", () => {
  it("of a folder that is no repository", async () => {
    fs.mkdirSync(work.at("plain"));
    const result = await run(DELEGATES('{repo: "../plain"}'));
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(/^failed\n.*worktree add failed: .*plain is not in a git repository/);
    expect(fs.readdirSync(work.at("plain"))).toEqual([]);
  });

  it("on a branch that exists with other work", async () => {
    repository();
    git("checkout", "-qb", "mine");
    work.write("file.txt", "mine\n");
    git("commit", "-qam", "mine");
    git("checkout", "-q", "main");
    const before = state();
    const result = await run(DELEGATES('{repo: "..", branch: "mine"}'));
    expect(result.stdout).toMatch(/^failed\n.*branch mine/);
    expect(state()).toBe(before);
  });

  it("at a path that holds something else", async () => {
    repository();
    work.write("taken/notes.txt", "keep me\n");
    const before = state();
    const result = await run(DELEGATES('{repo: "..", path: "../taken"}'));
    expect(result.stdout).toMatch(new RegExp(`^failed\\n.*${work.at("taken")}`));
    expect(fs.readFileSync(work.at("taken/notes.txt"), "utf8")).toBe("keep me\n");
    expect(state()).toBe(before);
  });

  it("from a commit that does not exist", async () => {
    repository();
    const before = state();
    const result = await run(DELEGATES('{repo: "..", base_ref: "no-such-tag"}'));
    expect(result.stdout).toMatch(/^failed\n.*no-such-tag/);
    expect(state()).toBe(before);
  });

  it("with a key that there is not", async () => {
    const result = await run(DELEGATES('{repo: "..", brunch: "x"}'));
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("unknown key execution.worktree.brunch (expected one of: repo, path, branch");
    expect(result.stderr).toContain("main.harn:3:");
  });
});

describe("models and tools", () => {
  it("a provider that is down: an error with its address, after the retries", async () => {
    const down = { LOCAL_LLM_BASE_URL: "http://127.0.0.1:9", LOCAL_LLM_MODEL: "m" };
    const result = await run(
      'println(llm_call("x", nil, {provider: "local", llm_retries: 1, llm_backoff_ms: 10}).text)',
      down,
    );
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("transient_network");
    expect(result.stderr).toContain("http://127.0.0.1:9");
    expect(result.stderr).toContain("main.harn:1:");
  });

  it("a provider that there is not", async () => {
    const result = await run('llm_call("x", nil, {provider: "opnai"})');
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/opnai.*(did you mean|expected one of)/s);
  });

  it("unknown tools and arguments that fail their schema are told to the model, and the worker goes on", async () => {
    const result = await run(`
var tools = tool_registry()
tools = tool_define(tools, "count", "Counts.", {parameters: {upto: "int"}, handler: { args -> to_string(args.upto) }})
llm_mock({tool_calls: [{name: "cuont", arguments: {}}]})
llm_mock({tool_calls: [{name: "count", arguments: {upto: "many"}}]})
llm_mock({text: "done"})
let result = sub_agent_run("count", {provider: "mock", tools: tools})
println(result.ok)
let told = llm_mock_calls()[2].messages.filter({ m -> m.role == "tool" }).map({ m -> m.content })
for text in told { println(text.replace("\\n", " ")) }
`);
    expect(result.code, result.stderr).toBe(0);
    const [ok, unknown, unfit] = result.stdout.split("\n");
    expect(ok).toBe("true");
    expect(unknown).toMatch(/cuont.*count/);
    expect(unfit).toMatch(/count.*upto.*int/);
  });

  it("a policy with a key that there is not starts nothing", async () => {
    const result = await run('sub_agent_run("x", {provider: "mock", policy: {tool: ["a"]}})');
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('unknown key "tool" (did you mean "tools"?)');
    expect((await harn(["workers"], { cwd: work.at("program") })).stdout).toContain("no workers in ");
  });
});

describe("the store", () => {
  const durable = 'sub_agent_run("x", {provider: "mock"})\nprintln("done")';

  it("in a place that cannot be written", async () => {
    fs.mkdirSync(work.at("program"));
    fs.writeFileSync(work.at("program/.harn"), "a file of the user's\n");
    const result = await run(durable);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(work.at("program/.harn"));
    expect(fs.readFileSync(work.at("program/.harn"), "utf8")).toBe("a file of the user's\n");
  });

  it("of a newer Harn, and one that is damaged", async () => {
    expect((await run(durable)).code).toBe(0);
    const file = work.at("program/.harn/harn.db");
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 99");
    database.close();
    const newer = await run(durable);
    expect(newer.code).toBe(1);
    expect(newer.stderr).toMatch(/harn\.db was written by a newer Harn \(layout 99;/);

    fs.writeFileSync(file, "no database at all, but somebody's notes\n".repeat(100));
    for (const side of ["-wal", "-shm"]) fs.rmSync(file + side, { force: true });
    const damaged = await run(durable);
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toContain("harn.db");
    expect(fs.readFileSync(file, "utf8")).toMatch(/^no database at all/);
  });
});
