/** `harn watch` and `harn bench`. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch, startHarn, until } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.folder });

describe("harn watch", () => {
  it("runs again when the program or a module of it changes, and ends with Ctrl-C", async () => {
    work.write("lib/word.harn", 'fn word() {\n  return "first"\n}\n');
    work.write("main.harn", 'import "lib/word"\nprintln("${word()} ${argv[0]}")\n');
    const watch = startHarn(["watch", "main.harn", "--", "arg"], { cwd: work.folder });
    await until(() => watch.stdout().includes("ended with 0"));
    expect(watch.stdout()).toBe("first arg\nended with 0; waiting for a change, Ctrl-C ends\n");
    work.write("lib/word.harn", 'fn word() {\n  return "second"\n}\n');
    await until(() => watch.stdout().includes("changed: lib/word.harn\nsecond arg\nended with 0"));
    work.write("main.harn", 'throw "broken"\n');
    await until(() => watch.stdout().includes("ended with 1"));
    expect(watch.stderr()).toContain("--> main.harn:1:1");
    watch.child.kill("SIGINT");
    expect(await watch.done).toMatchObject({ code: 124 });
  });

  it("stops a run that is under way when its program changes", async () => {
    work.write("main.harn", 'println("waits")\ndefer {\n  println("tidies up")\n}\nsleep(1h)\n');
    const watch = startHarn(["watch", "main.harn"], { cwd: work.folder });
    await until(() => watch.stdout().includes("waits"));
    work.write("main.harn", 'println("new")\n');
    await until(() => watch.stdout().includes("ended with 0"));
    expect(watch.stdout()).toContain("waits\ntidies up\nchanged: main.harn\nnew\nended with 0");
    watch.child.kill("SIGINT");
    expect(await watch.done).toMatchObject({ code: 124 });
  });

  it("refuses what is no file", async () => {
    expect(await run("watch", "none.harn")).toMatchObject({ code: 2, stderr: "error: there is no file none.harn\n" });
  });
});

describe("harn bench", () => {
  it("runs the program as often as wanted, each time anew, and prints none of its output", async () => {
    work.write(
      "main.harn",
      'assert_eq(store_get("seen"), nil)\nstore_set("seen", 1)\nappend_file("runs.txt", "x")\nprintln("loud")\n',
    );
    const result = await run("bench", "main.harn", "-n", "3", "--warmup", "2", "--json");
    expect(result).toMatchObject({ code: 0, stderr: "" });
    const report = JSON.parse(result.stdout);
    expect(report).toMatchObject({ file: "main.harn", runs: [{ model_calls: 0 }, {}, {}] });
    expect(report.summary.least).toBeLessThanOrEqual(report.summary.median);
    expect(await run("run", "-e", 'println(read_file("runs.txt"))')).toMatchObject({ stdout: "xxxxx\n" });
  });

  it("tells figures for people, model calls among them", async () => {
    work.write("main.harn", 'llm_mock({text: "hi"})\nllm_call("Hi", nil, {provider: "mock"})\n');
    const { stdout } = await run("bench", "main.harn", "-n", "2");
    expect(stdout).toMatch(/^main\.harn: 2 runs, compiled once in [\d.]+ ms\n/);
    expect(stdout).toMatch(/least [\d.]+ ms {3}median [\d.]+ ms {3}mean [\d.]+ ms ± [\d.]+ ms\n/);
    expect(stdout).toMatch(/model calls 2 {3}tokens in \d+, out \d+ {3}cost \$0\.0000\n/);
  });

  it("shows why a run fails, and which, and ends with 1", async () => {
    work.write("main.harn", 'throw "broken"\n');
    const result = await run("bench", "main.harn");
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain("--> main.harn:1:1");
    expect(result.stderr).toContain("run 1 failed");
    work.write("main.harn", "let = 1\n");
    expect((await run("bench", "main.harn")).stderr).toContain("--> main.harn:1:5");
    expect(await run("bench", "main.harn", "-n", "0")).toMatchObject({ code: 2 });
  });
});
