/** What a person sees who works with `harn test --watch` beside an editor, in a real terminal. */
import fs from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { harnOnTerminal, type OnTerminal, scratch } from "../cli/harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
  work.write("lib/math.harn", "fn add(a, b) {\n  return a + b\n}\n");
  work.write(
    "tests/test_math.harn",
    `import "../lib/math"\n\npipeline test_add(task) {\n  assert_eq(add(1, 2), 3)\n}\n`,
  );
  work.write("tests/test_other.harn", "pipeline test_other(task) {\n  assert(true)\n}\n");
});
afterEach(() => work.remove());

const plain = (lines: readonly string[]) => lines.map((line) => line.replace(/\(\d+ ms\)/g, "(…)"));

/** The screen once it ends with the line that waits for a change and differs from `before`. */
async function settled(terminal: OnTerminal, fits: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
  for (;;) {
    const lines = plain(await terminal.screen());
    if (lines.at(-1)?.startsWith("waiting for a change") && fits(lines)) return lines;
    await new Promise((go) => setTimeout(go, 20));
  }
}

it("runs all, then what a change concerns; shows the failure and its end; ends with q", async () => {
  const terminal = harnOnTerminal(["test", "--watch"], { cwd: work.folder });
  expect(await settled(terminal, () => true)).toEqual([
    "  pass  test_add [tests/test_math.harn] (…)",
    "  pass  test_other [tests/test_other.harn] (…)",
    "",
    "2 passed, 0 failed, 2 in all (…)",
    "waiting for a change; Enter runs all, q ends",
  ]);

  // A module that only one of the files imports.
  work.write("lib/math.harn", "fn add(a, b) {\n  return a - b\n}\n");
  expect(await settled(terminal, (lines) => lines.some((line) => line.includes("FAIL")))).toEqual([
    "changed: lib/math.harn",
    "",
    "  FAIL  test_add [tests/test_math.harn] (…)",
    "        error: assert_eq: the values differ",
    "         --> tests/test_math.harn:4:3",
    "          |",
    "        4 |   assert_eq(add(1, 2), 3)",
    "          |   ^^^^^^^^^",
    "        - expected  + actual",
    "        - 3",
    "        + -1",
    "",
    "0 passed, 1 failed, 1 in all (…)",
    "waiting for a change; Enter runs all, q ends",
  ]);
  expect(terminal.raw()).toContain("\u001b[31mFAIL\u001b[0m");

  // As editors save: another file that takes its place.
  work.write("lib/math.harn.new", "fn add(a, b) {\n  return b + a\n}\n");
  fs.renameSync(work.at("lib/math.harn.new"), work.at("lib/math.harn"));
  expect(await settled(terminal, (lines) => lines.some((line) => line.includes("1 passed")))).toEqual([
    "changed: lib/math.harn",
    "",
    "  pass  test_add [tests/test_math.harn] (…)",
    "",
    "1 passed, 0 failed, 1 in all (…)",
    "waiting for a change; Enter runs all, q ends",
  ]);

  work.write("tests/deep/test_new.harn", "pipeline test_new(task) {\n  assert(true)\n}\n");
  const withNew = await settled(terminal, (lines) => lines.some((line) => line.includes("test_new")));
  expect(withNew[2]).toBe("  pass  test_new [tests/deep/test_new.harn] (…)");

  terminal.type("\r");
  expect(await settled(terminal, (lines) => lines.some((line) => line.includes("3 in all")))).toHaveLength(6);
  terminal.type("q");
  expect(await terminal.exit).toBe(0);
});

it("gives up a run that a change overtakes, and shows a syntax error until it is mended", async () => {
  work.write("tests/test_other.harn", "pipeline test_other(task) {\n  sleep(1h)\n}\n");
  const terminal = harnOnTerminal(["test", "--watch"], { cwd: work.folder });
  // What takes long is named while it runs, below what has ended.
  let waiting: readonly string[] = [];
  while (!waiting.some((line) => line.includes("…  "))) {
    await new Promise((go) => setTimeout(go, 20));
    waiting = await terminal.screen();
  }
  expect(plain(waiting)).toEqual([
    "  pass  test_add [tests/test_math.harn] (…)",
    expect.stringMatching(/^ {2}… {5}test_other \[tests\/test_other\.harn\] \(/),
  ]);
  work.write("tests/test_other.harn", "pipeline test_other(task) {\n  let = 1\n}\n");
  const broken = await settled(terminal, (lines) => lines.some((line) => line.includes("FAIL")));
  expect(broken).toContain("         --> tests/test_other.harn:2:7");
  expect(broken).toContain("1 passed, 1 failed, 2 in all (…)");
  work.write("tests/test_other.harn", "pipeline test_other(task) {\n  assert(true)\n}\n");
  expect(await settled(terminal, (lines) => lines.every((line) => !line.includes("FAIL")))).toContain(
    "  pass  test_other [tests/test_other.harn] (…)",
  );
  terminal.type("\u0003");
  expect(await terminal.exit).toBe(124);
});
