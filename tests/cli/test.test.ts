/** `harn test` for the tests of programs. */
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(["test", ...args], { cwd: work.folder });
const pipeline = (name: string, ...lines: readonly string[]) =>
  `pipeline ${name}(task) {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;

interface Row {
  readonly file: string;
  readonly test: string | null;
  readonly line: number;
  readonly status: string;
  readonly message: string | null;
  readonly expected: readonly string[] | null;
  readonly actual: readonly string[] | null;
  readonly output: string;
}

async function rows(...args: readonly string[]): Promise<readonly Row[]> {
  return JSON.parse((await run(...args, "--json")).stdout);
}

describe("which tests run", () => {
  it("takes pipelines test_NAME and those with @test, below ./tests, in order", async () => {
    work.write("tests/b.harn", pipeline("test_second", "assert(true)"));
    work.write(
      "tests/deep/a.harn",
      `${pipeline("helper", "assert(false)")}@test\n${pipeline("marked", "assert(true)")}`,
    );
    work.write("tests/no_tests.harn", pipeline("default", "assert(false)"));
    work.write("other/test_x.harn", pipeline("test_elsewhere", "assert(false)"));
    expect(await rows()).toMatchObject([
      { file: "tests/b.harn", test: "test_second", line: 1, status: "passed" },
      { file: "tests/deep/a.harn", test: "marked", line: 5, status: "passed" },
    ]);
  });

  it("takes files and folders, and a filter on names and paths", async () => {
    work.write("a.harn", pipeline("test_add", "assert(true)") + pipeline("test_sub", "assert(true)"));
    work.write("more/b.harn", pipeline("test_add_more", "assert(true)"));
    const names = async (...args: readonly string[]) => (await rows("a.harn", "more", ...args)).map(({ test }) => test);
    expect(await names()).toEqual(["test_add", "test_sub", "test_add_more"]);
    expect(await names("--filter", "add")).toEqual(["test_add", "test_add_more"]);
    expect(await names("--filter", "re:^test_add$")).toEqual(["test_add"]);
    expect(await names("--filter", "more/b.harn::")).toEqual(["test_add_more"]);
  });

  it("says what is wrong when there is nothing to run, and ends with 1", async () => {
    expect(await run()).toMatchObject({ code: 1, stderr: "error: cannot read tests: no such file or folder\n" });
    work.write("tests/a.harn", pipeline("test_a", "assert(true)"));
    const result = await run("--filter", "zzz");
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain("there is no test that fits zzz in tests");
  });

  it("refuses flags that contradict each other with 2", async () => {
    expect(await run("--record", "--replay")).toMatchObject({ code: 2 });
    expect(await run("conformance", "--coverage")).toMatchObject({
      code: 2,
      stderr: "error: --coverage is for the tests of programs, not for conformance\n",
    });
  });
});

describe("a failing test", () => {
  it("shows the place, the values line by line and what was printed, and ends with 1", async () => {
    work.write(
      "tests/a.harn",
      pipeline("test_fine", "assert_eq(1, 1)") +
        pipeline(
          "test_user",
          'println("looking")',
          'assert_eq({name: "Ada", tags: ["a", "b"]}, {name: "Ada", tags: ["a"]})',
        ),
    );
    const result = await run();
    expect(result.code).toBe(1);
    const shown = result.stdout.replace(/\(\d+ ms\)/g, "(…)");
    expect(shown).toBe(`  pass  test_fine [tests/a.harn] (…)
  FAIL  test_user [tests/a.harn] (…)
        error: assert_eq: the values differ
         --> tests/a.harn:6:3
          |
        6 |   assert_eq({name: "Ada", tags: ["a", "b"]}, {name: "Ada", tags: ["a"]})
          |   ^^^^^^^^^
        - expected  + actual
          {
            name: "Ada",
        -   tags: ["a"],
        +   tags: ["a", "b"],
          }
        printed:
        | looking

1 passed, 1 failed, 2 in all (…)
`);
  });

  it("shows the difference only of the assertion that ended it", async () => {
    work.write(
      "tests/a.harn",
      pipeline("test_other", "try {", "  assert_eq(1, 2)", "} catch e {", '  throw "another"', "}") +
        pipeline("test_worded", 'assert_eq("3", 3, "not the same")'),
    );
    expect(await rows()).toMatchObject([
      { message: "another", expected: null, actual: null },
      { message: "not the same", expected: ["3"], actual: ["3"] },
    ]);
    expect((await run()).stdout).toContain("both are shown the same, but are of different kinds");
  });

  it("is one with a file that does not start; the others run", async () => {
    work.write("tests/a.harn", `${pipeline("test_a", "let x = ")}`);
    work.write("tests/b.harn", pipeline("test_b", "assert(true)"));
    const result = await run();
    expect(result.code).toBe(1);
    expect(result.stdout).toContain("--> tests/a.harn:");
    expect(result.stdout).toContain("pass  test_b");
  });

  it("is one that takes too long, waiting or busy; its output is kept", async () => {
    work.write(
      "tests/a.harn",
      pipeline("test_waits", 'println("so far")', "sleep(1h)") + pipeline("test_busy", "while true {", "}"),
    );
    expect(await rows("--timeout", "200")).toMatchObject([
      { test: "test_waits", status: "timed_out", message: "did not end within 200 ms", output: "so far\n" },
      { test: "test_busy", status: "timed_out" },
    ]);
  });
});

describe("a test that prints without end", () => {
  it("is stopped, and the end of what it printed is kept", async () => {
    work.write(
      "tests/a.harn",
      pipeline("test_loud", 'let line = "x".repeat(20)', "while true {", "  println(line)", "}"),
    );
    const [row] = await rows("--timeout", "500");
    expect(row).toMatchObject({ status: "timed_out" });
    expect(row!.output.length).toBeLessThan(2_100_000);
    expect(row!.output.endsWith("x\n")).toBe(true);
  });
});

describe("isolation", () => {
  it("gives each test its own store, checkpoints, mocks, sessions and module state", async () => {
    const body = [
      'assert_eq(store_get("seen"), nil)',
      'store_set("seen", true)',
      'assert(!checkpoint_exists("seen"))',
      'checkpoint("seen", 1)',
      "assert_eq(llm_mock_calls().count, 0)",
      'llm_mock({text: "mine"})',
      'assert_eq(llm_call("hi", nil).text, "mine")',
      'assert(!agent_session_exists("s"))',
      'agent_session_open("s")',
      "assert_eq(len(host_mock_calls()), 0)",
      'host_mock("a", "b", 1)',
      'host_call("a.b", {})',
      "count = count + 1",
      "assert_eq(count, 1)",
    ];
    work.write("tests/a.harn", `var count = 0\n${pipeline("test_one", ...body)}${pipeline("test_two", ...body)}`);
    for (const flags of [[], ["--parallel"], ["--jobs", "2"]]) {
      expect(await rows(...flags)).toMatchObject([{ status: "passed" }, { status: "passed" }]);
    }
    expect(fs.readdirSync(work.folder)).toEqual(["tests"]);
    expect(fs.readdirSync(work.at("tests"))).toEqual(["a.harn"]);
  });

  it("runs each in the folder of its file, whose modules it imports", async () => {
    work.write("lib/greet.harn", 'fn greet(name) {\n  return "Hi " + name\n}\n');
    work.write(
      "tests/in/a.harn",
      `import "../../lib/greet"\n\n${pipeline("test_a", 'assert_eq(greet("you"), "Hi you")', "assert_eq(cwd(), source_dir())")}`,
    );
    expect(await run()).toMatchObject({ code: 0, stderr: "" });
  });

  it("leaves no folder behind", async () => {
    work.write("tests/a.harn", pipeline("test_a", 'store_set("a", 1)'));
    work.write("temp/.keep", "");
    await harn(["test"], { cwd: work.folder, env: { TMPDIR: work.at("temp") } });
    expect(fs.readdirSync(work.at("temp"))).toEqual([".keep"]);
  });
});

describe("reports", () => {
  it("writes JUnit with a suite a file", async () => {
    work.write("tests/a.harn", pipeline("test_fine", "assert(true)") + pipeline("test_bad", 'throw "<no>\\n& never"'));
    expect(await run("--junit", "report.xml")).toMatchObject({ code: 1 });
    const xml = fs.readFileSync(work.at("report.xml"), "utf8");
    expect(xml).toContain('<testsuite name="tests/a.harn" tests="2" failures="1"');
    expect(xml).toMatch(/<testcase classname="tests\/a.harn" name="test_fine" time="[\d.]+"\/>/);
    expect(xml).toContain('<failure message="&lt;no&gt;&#10;&amp; never">');
  });

  it("tells which lines ran, as a table and as lcov", async () => {
    work.write(
      "lib/sign.harn",
      'fn sign(n) {\n  if n < 0 {\n    return "minus"\n  }\n  let words = [1, 2].map({ x -> x * n })\n  return "plus"\n}\n\nfn unused() {\n  return 1\n}\n',
    );
    work.write("lib/unreached.harn", "fn far() {\n  return 1\n}\n");
    work.write("tests/a.harn", `import "../lib/sign"\n\n${pipeline("test_a", 'assert_eq(sign(2), "plus")')}`);
    const result = await run("--coverage", "--coverage-lcov", "lcov.info");
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(result.stdout).toMatch(/lib\/sign\.harn +3\/5 +60 % +3, 10\n/);
    expect(result.stdout).toMatch(/lib\/unreached\.harn +0\/1 +0 % +2\n/);
    expect(result.stdout).toMatch(/all +3\/6 +50 %\n/);
    expect(fs.readFileSync(work.at("lcov.info"), "utf8")).toBe(
      `TN:\nSF:${work.at("lib/sign.harn")}\nDA:2,1\nDA:3,0\nDA:5,3\nDA:6,1\nDA:10,0\nLF:5\nLH:3\nend_of_record\n` +
        `TN:\nSF:${work.at("lib/unreached.harn")}\nDA:2,0\nLF:1\nLH:0\nend_of_record\n`,
    );
  });

  it("shows with --verbose what passing tests print, and with --timing the slowest", async () => {
    work.write("tests/a.harn", pipeline("test_a", 'println("something")'));
    expect((await run()).stdout).not.toContain("something");
    expect((await run("--verbose")).stdout).toContain("| something");
    expect((await run("--timing")).stdout).toMatch(/slowest:\n +\d+ ms {2}test_a \[tests\/a\.harn\]/);
  });
});

describe("--record and --replay", () => {
  it("keep the answers of models in a file a test, and give them again", async () => {
    work.write(
      "tests/a.harn",
      pipeline(
        "test_a",
        'if env_or("MOCK", "") == "1" {',
        '  llm_mock({text: "kept"})',
        "}",
        'println(llm_call("Hi", nil, {provider: "mock"}).text)',
      ) + pipeline("test_none", "assert(true)"),
    );
    const recorded = await harn(["test", "--record"], { cwd: work.folder, env: { MOCK: "1" } });
    expect(recorded).toMatchObject({ code: 0 });
    expect(fs.readdirSync(work.at(".harn-fixtures/tests/a.harn"))).toEqual(["test_a.jsonl"]);
    expect(await rows("--replay")).toMatchObject([{ output: "kept\n" }, { status: "passed" }]);
  });
});
