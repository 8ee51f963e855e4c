/** `harn test --parallel` in several processes: same results in the same order, one that dies is told and the rest goes on. */
import os from "node:os";
import { afterEach, beforeEach, expect, it } from "vitest";
import { harn, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

/** On one core there is nothing to share. */
const cores = os.availableParallelism();

interface Found {
  readonly file: string;
  readonly test: string | null;
  readonly status: string;
  readonly message: string | null;
  readonly output: string;
}

async function runTests(...flags: readonly string[]): Promise<readonly Found[]> {
  const result = await harn(["test", "--json", ...flags], { cwd: work.folder });
  expect(result.stderr).toBe("");
  return JSON.parse(result.stdout) as readonly Found[];
}

const PARENT = 'println(exec("sh", "-c", "echo $PPID").stdout.trim())';

it("uses more than one process, also for the tests of one file", async () => {
  const tests = Array.from({ length: 12 }, (_, i) => `pipeline test_${i}() {\n  ${PARENT}\n  sleep(30ms)\n}\n`);
  work.write("tests/one.harn", tests.join("\n"));
  const together = await runTests("--parallel");
  expect(together.map(({ test, status }) => [test, status])).toEqual(tests.map((_, i) => [`test_${i}`, "passed"]));
  expect(new Set(together.map(({ output }) => output)).size).toBe(Math.min(cores, 8));
  const alone = await runTests();
  expect(new Set(alone.map(({ output }) => output)).size).toBe(1);
});

it("finds the same in the same order as one process does", async () => {
  for (let i = 0; i < 9; i++) {
    const wrong = i % 4 === 1 ? `assert_eq(${i}, 0)` : "assert(true)";
    work.write(`tests/t${i}.harn`, `pipeline test_a() { println("a${i}") }\npipeline test_b() { ${wrong} }\n`);
  }
  work.write("tests/t9.harn", "pipeline test_one() { nobody_knows() }\npipeline test_two() {}\n");
  const steady = (found: readonly Found[]) => found.map((one) => ({ ...one, ms: 0 }));
  const alone = steady(await runTests());
  expect(alone).toHaveLength(19);
  expect(steady(await runTests("--parallel"))).toEqual(alone);
  expect(steady(await runTests("--jobs", "3", "--filter", "test_b"))).toEqual(
    steady(await runTests("--filter", "test_b")),
  );
});

it.runIf(cores > 1)("tells of a process that dies, and runs the rest", async () => {
  for (const name of ["a", "b", "c", "d", "e"]) work.write(`tests/${name}.harn`, "pipeline test_fine() {}\n");
  work.write("tests/bad.harn", 'pipeline test_deadly() {\n  exec("sh", "-c", "kill -9 $PPID")\n}\n');
  const found = await runTests("--parallel");
  expect(found.map(({ file, status }) => [file, status])).toEqual(
    ["a", "b", "bad", "c", "d", "e"].map((name) => [`tests/${name}.harn`, name === "bad" ? "failed" : "passed"]),
  );
  expect(found[2]!.message).toBe("the process that ran its tests was ended by SIGKILL");
});

it("adds up the lines that ran", async () => {
  work.write("lib.harn", "pub fn twice(n) {\n  return n * 2\n}\n\npub fn never(n) {\n  return n\n}\n");
  for (const name of ["a", "b", "c", "d"]) {
    work.write(
      `tests/${name}.harn`,
      'import { twice } from "../lib"\npipeline test_it() {\n  assert_eq(twice(2), 4)\n}\n',
    );
  }
  const result = await harn(["test", "--parallel", "--coverage-lcov", "lines.info"], { cwd: work.folder });
  expect(result.code, result.stderr).toBe(0);
  const lcov = (await import("node:fs")).readFileSync(work.at("lines.info"), "utf8");
  expect(lcov).toContain("DA:2,4\n");
  expect(lcov).toContain("DA:6,0\n");
});
