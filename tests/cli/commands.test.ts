import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PACKAGE_VERSION } from "../../src/cli/command-line.ts";
import { cleanEnv, command, type Finished, harn, root, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.folder });
const runWith = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  harn(args, { cwd: work.folder, env });
const noStack = ({ stderr }: Finished) => expect(stderr).not.toMatch(/^\s+at .*\.ts:|node:internal/m);

describe("harn run", () => {
  it("prints what the program prints and ends with 0", async () => {
    work.write("main.harn", 'pipeline main(task) {\n  println("hello ${argv[0]} ${len(argv)}")\n}\n');
    expect(await run("run", "main.harn", "--", "you", "--json")).toEqual({
      code: 0,
      signal: null,
      stdout: "hello you 2\n",
      stderr: "",
    });
  });

  it("takes a file alone, and code after -e", async () => {
    work.write("main.harn", "println(6 * 7)\n");
    expect(await run("main.harn")).toMatchObject({ code: 0, stdout: "42\n" });
    expect(await run("run", "-e", "println(1 + 2)")).toMatchObject({ code: 0, stdout: "3\n" });
  });

  it("writes nothing to the folder for a program without workers", async () => {
    await run("run", "-e", "println(1)");
    expect(fs.readdirSync(work.folder)).toEqual([]);
  });

  it("shows every syntax error with its place, and ends with 1", async () => {
    work.write("bad.harn", "let a = 'x'\nlet in = 2\n");
    const result = await run("run", "bad.harn");
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain("--> bad.harn:1:9");
    expect(result.stderr).toContain("2 | let in = 2");
    expect(result.stderr).toContain("straight double quotes");
    noStack(result);
  });

  it("shows where an uncaught error was raised and how the program came there", async () => {
    work.write(
      "main.harn",
      "fn inner(x) {\n  return x.a.b\n}\nfn outer() {\n  let r = inner({})\n  return r\n}\nlet y = outer()\n",
    );
    const result = await run("run", "main.harn");
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^error: .*nil.*\n --> .*main\.harn:2:\d+\n/);
    expect(result.stderr).toContain("2 |   return x.a.b");
    expect(result.stderr).toMatch(/called from outer at .*main\.harn:5/);
  });

  it("names what is missing", async () => {
    expect((await run("run", "nowhere.harn")).stderr).toMatch(/^error: cannot read nowhere\.harn: No such file/);
    expect((await run("run", ".")).stderr).toMatch(/^error: cannot read .*directory/i);
    expect(await run("run")).toMatchObject({ code: 2, stderr: expect.stringContaining("expected a program") });
    expect(await run("run", "a.harn", "-e", "1")).toMatchObject({ code: 2 });
    expect(await run("run", "a.harn", "b.harn")).toMatchObject({ code: 2, stderr: expect.stringContaining("--") });
    work.write("import.harn", 'import "./gone"\n');
    expect((await run("run", "import.harn")).stderr).toContain("gone");
  });

  it("prints events and output as JSON lines with --json", async () => {
    const { code, stdout } = await run("run", "--json", "-e", 'println("a")\nthrow "no"');
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect(code).toBe(1);
    expect(events[0]).toEqual({ type: "output", text: "a\n" });
    expect(events.at(-1)).toMatchObject({ type: "run_ended", outcome: "failed", message: "Thrown: no" });
  });

  it("puts syntax errors into the last JSON line", async () => {
    const { stdout } = await run("run", "--json", "-e", "let = 1");
    expect(JSON.parse(stdout)).toMatchObject({
      type: "run_ended",
      outcome: "failed",
      problems: [{ path: "<code>", line: 1, column: 5 }],
    });
  });

  it("denies builtins, those of workers too, and refuses names that no builtin has", async () => {
    const denied = await run("run", "--deny", "env, read_file", "-e", 'println(try { env("HOME") })');
    expect(denied.stdout).toContain("[tool_rejected]: Tool 'env' is not permitted.");
    expect(await run("run", "--allow", "env", "-e", 'env("HOME")\nread_file("x")')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Tool 'read_file' is not permitted."),
    });
    expect(await run("run", "--deny", "reed_file", "-e", "1")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("did you mean read_file?"),
    });
    expect(await run("run", "--deny", "a", "--allow", "b", "-e", "1")).toMatchObject({ code: 2 });
  });

  it("answers model calls from fixtures, and names a wrong line of them", async () => {
    work.write("ask.harn", 'println(llm_call("how are you?", nil, {provider: "mock"}).text)\n');
    work.write("answers.jsonl", '{"text": "well"}\n');
    expect(await run("run", "--llm-mock", "answers.jsonl", "ask.harn")).toMatchObject({ code: 0, stdout: "well\n" });
    work.write("broken.jsonl", '{"text": "well"}\n{"text": \n');
    expect(await run("run", "--llm-mock", "broken.jsonl", "ask.harn")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("broken.jsonl:2"),
    });
    expect((await run("run", "--llm-mock", "none.jsonl", "ask.harn")).stderr).toContain("cannot read none.jsonl");
  });

  it("records the answers of models as fixtures that give them again, and sums the calls up", async () => {
    work.write(
      "ask.harn",
      'println(llm_call("how are you?", nil, {provider: "mock"}).text)\nprintln(sub_agent_run("job", {provider: "mock"}).summary)\n',
    );
    const recorded = await run("run", "--llm-mock-record", "log/answers.jsonl", "--trace", "ask.harn");
    expect(recorded.code, recorded.stderr).toBe(0);
    expect(recorded.stderr).toContain("#1: mock | 12 in + 30 out tokens\n  #2: mock | ");
    expect(recorded.stderr).toContain("  2 model calls, ");
    const lines = fs.readFileSync(work.at("log/answers.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).text)).toEqual(
      recorded.stdout
        .trimEnd()
        .split("\n")
        .map((text) => expect.stringContaining(text)),
    );
    const again = await run("run", "--llm-mock", "log/answers.jsonl", "ask.harn");
    expect(again).toMatchObject({ code: 0, stdout: recorded.stdout });
    expect(await run("run", "--llm-mock-record", "ask.harn/x.jsonl", "ask.harn")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("cannot write ask.harn/x.jsonl"),
    });
  });

  it("names a state root that cannot be written", async () => {
    work.write("file", "");
    const result = await run("run", "--durable", "--state-root", "file/state", "-e", "sleep(1ms)");
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(work.at("file/state"));
    noStack(result);
  });

  it("names a store that is damaged or newer, and leaves it as it is", async () => {
    work.write("state/harn.db", "this is no database, it is a text of some length");
    const damaged = await run("runs", "--state-root", "state");
    expect(damaged).toMatchObject({ code: 1, stderr: expect.stringContaining("harn.db") });
    noStack(damaged);
    expect(fs.readFileSync(work.at("state/harn.db"), "utf8")).toContain("no database");
  });

  it("does not mind a reader that goes away", async () => {
    const code = 'for i in 0 to 20000 { println("line ${i}") }';
    const child = spawn("/bin/sh", ["-c", '"$0" "$1" run -e "$2" | head -n 1', process.execPath, command, code], {
      cwd: work.folder,
      env: cleanEnv(),
    });
    let stderr = "";
    let stdout = "";
    child.stderr.on("data", (bytes) => (stderr += bytes));
    child.stdout.on("data", (bytes) => (stdout += bytes));
    await once(child, "close");
    expect(stdout).toBe("line 0\n");
    expect(stderr).toBe("");
  });
});

describe("the command line", () => {
  it("suggests the nearest command and flag", async () => {
    expect(await run("rnu")).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean run?") });
    expect(await run("run", "--jsn", "x.harn")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Did you mean --json?"),
    });
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining("Commands:") });
  });

  it("has examples for every command", async () => {
    const { stdout } = await run("--help");
    const names = [...stdout.matchAll(/^ {2}([a-z]+)(?= | \[|$)/gm)]
      .map((match) => match[1]!)
      .filter((name) => name !== "help");
    expect(names).toEqual(
      expect.arrayContaining(["run", "resume", "runs", "workers", "cancel", "parse", "disasm", "test", "version"]),
    );
    for (const name of names) {
      const help = await run(name, "--help");
      expect(help.code, name).toBe(0);
      expect(help.stdout, name).toContain(`harn ${name}`);
      expect(help.stdout, name).toContain("Examples:");
    }
  });

  it("knows its version", async () => {
    const { version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
    expect(PACKAGE_VERSION).toBe(version);
    expect((await run("version")).stdout).toBe(`harn ${version} (language 0.7.22, node ${process.versions.node})\n`);
    expect((await run("--version")).stdout).toBe((await run("version")).stdout);
  });
});

describe("harn parse and harn disasm", () => {
  it("checks many files and shows every error", async () => {
    work.write("a/good.harn", "let a = 1\n");
    work.write("a/bad.harn", "let = 1\nlet b = )\n");
    const result = await run("parse", "--check", "a");
    expect(result).toMatchObject({ code: 1, stdout: "1 of 2 programs are well formed\n" });
    expect(result.stderr.match(/^error:/gm)).toHaveLength(2);
    expect(await run("parse", "--check", "a/good.harn")).toMatchObject({ code: 0 });
    expect(await run("parse", "--check", "b")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("cannot read b"),
    });
    expect(await run("parse", "a")).toMatchObject({ code: 2 });
  });

  it("prints a program as it was understood", async () => {
    work.write("a.harn", "let a=1+2*3 // sum\n");
    expect((await run("parse", "a.harn")).stdout).toBe("let a = 1 + 2 * 3\n");
    fs.writeFileSync(work.at("latin.harn"), Uint8Array.of(0x22, 0xe9, 0x22));
    expect((await run("parse", "latin.harn")).stderr).toContain("not UTF-8");
  });

  it("prints bytecode with constants, names and targets", async () => {
    work.write("lib.harn", "pub fn double(x) { return x * 2 }\n");
    work.write(
      "a.harn",
      'import { double } from "./lib"\nfn f(a, b = 1) {\n  if a > b { println("more") }\n  return {k: double(a)}\n}\n',
    );
    const { code, stdout } = await run("disasm", "a.harn");
    expect(code).toBe(0);
    expect(stdout).toMatch(/fn \d+ f\(a, b\?\): \d+ registers/);
    expect(stdout).toMatch(/BUILTIN +r\d+ "println" \[r\d+\]/);
    expect(stdout).toMatch(/→\d+/);
    expect(stdout).toContain("{k}");
    expect(stdout).toContain(`${work.at("lib.harn")}#double`);
    expect(stdout).not.toContain(`module ${work.at("lib.harn")}`);
    expect((await run("disasm", "--all", "a.harn")).stdout).toContain(`module ${work.at("lib.harn")}`);
  });
});

describe("harn test conformance", () => {
  const suite = () => {
    work.write("conformance/a/good.harn", 'println("one  ")\ntimer_start("t")\n');
    work.write("conformance/a/good.expected", "one\n");
    work.write("conformance/a/helper.harn", "pub fn f() { return 1 }\n");
    work.write("conformance/b/error.harn", 'throw "broken thing"\n');
    work.write("conformance/b/error.error", "broken\n");
    work.write("conformance/b/bad.harn", 'println("two")\n');
    work.write("conformance/b/bad.expected", "three\n");
  };

  it("says which programs do something else, and where", async () => {
    suite();
    work.write("conformance/a/good.harn", 'println("one")\n');
    const result = await run("test", "conformance");
    expect(result).toMatchObject({ code: 1, stderr: "" });
    expect(result.stdout).toContain('FAIL  b/bad.harn: line 1: expected "three", got "two"');
    expect(result.stdout).toMatch(/2 passed, 1 failed, 3 in all/);
  });

  it("takes a selection, a filter, and writes a report", async () => {
    suite();
    expect(await run("test", "conformance", "b/error")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("1 passed"),
    });
    expect(await run("test", "conformance", "conformance/b/error.harn")).toMatchObject({ code: 0 });
    for (const filter of ["error", "re:^b/e", "b/e*", "nothing|error"]) {
      expect((await run("test", "conformance", "--filter", filter)).stdout, filter).toContain("1 in all");
    }
    expect(await run("test", "conformance", "nothing")).toMatchObject({ code: 2 });
    expect(await run("test", "conformance", "..")).toMatchObject({ code: 2 });
    expect(await run("test", "conformance", "--filter", "nothing")).toMatchObject({ code: 1 });
    expect(await run("test", "other")).toMatchObject({ code: 1 });
    await run("test", "conformance", "b", "--junit", "report.xml", "--parallel");
    expect(fs.readFileSync(work.at("report.xml"), "utf8")).toContain('<testsuites tests="2" failures="1"');
  });

  it("stops what takes too long", async () => {
    work.write("conformance/slow.harn", "while true {}\n");
    work.write("conformance/slow.expected", "");
    work.write("conformance/wait.harn", "sleep(60s)\n");
    work.write("conformance/wait.expected", "");
    const result = await run("test", "conformance", "--timeout", "200", "--parallel");
    expect(result.code).toBe(1);
    expect(result.stdout.match(/timed out after 200ms/g)).toHaveLength(2);
  });

  it("does the same when every run is rebuilt from text at each wait", async () => {
    work.write("conformance/wait.harn", "let xs = [1, 2].map({ x ->\n  sleep(1ms)\n  x * 2\n})\nprintln(xs)\n");
    work.write("conformance/wait.expected", "[2, 4]\n");
    const result = await runWith({ HARN_SNAPSHOT_EVERY_WAIT: "1" }, "test", "conformance");
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining("1 passed") });
  });
});

describe("an older Node", () => {
  const pretend = (version: string) => [
    "--import",
    `data:text/javascript,Object.defineProperty(process.versions, "node", {value: "${version}"})`,
  ];

  it("hands over to the one that the package pins", async () => {
    const result = await harn(["run", "-e", 'println("from a new one")\nthrow "x"'], {
      cwd: work.folder,
      node: pretend("18.20.0"),
    });
    expect(result).toMatchObject({ code: 1, stdout: "from a new one\n" });
  });

  it("says what is missing and how to repair it", async () => {
    fs.mkdirSync(work.at("bin"));
    fs.cpSync(path.dirname(command), work.at("bin"), { recursive: true });
    work.write("package.json", '{"type": "module"}');
    const result = execHarn(work.at("bin/harn.js"), pretend("18.20.0"));
    expect(result).toContain("harn needs Node 24 or newer. This is Node 18.20.0");
    expect(result).toContain("npm install");
    fs.mkdirSync(work.at("src/cli"), { recursive: true });
    work.write("src/cli/main.ts", 'import "commander";\n');
    expect(execHarn(work.at("bin/harn.js"), [])).toContain("the packages that harn uses are not installed");
  });

  function execHarn(file: string, node: readonly string[]): string {
    try {
      execFileSync(process.execPath, [...node, file, "version"], { env: cleanEnv(), encoding: "utf8", stdio: "pipe" });
      return "";
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  }
});
