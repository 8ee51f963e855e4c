/** The first minute with Harn, as a person sees it: `harn init && harn test`, a change that breaks a test, its end. */
import fs from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { scratch, shellOnTerminal } from "../cli/harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const plain = (lines: readonly string[]) => lines.map((line) => line.replace(/\(\d+ ms\)/g, "(…)"));

it("makes a project whose tests pass", async () => {
  const terminal = shellOnTerminal("harn init && harn test", { cwd: work.folder });
  expect(await terminal.exit).toBe(0);
  expect(plain(await terminal.screen())).toEqual([
    "created  harn.toml",
    "created  .gitignore",
    "created  main.harn",
    "created  lib/greeting.harn",
    "created  tests/test_greeting.harn",
    "",
    "next:",
    "  harn run main.harn  runs the program",
    "  harn test           runs the tests; with --watch again at each change",
    "  pass  test_greets_by_name [tests/test_greeting.harn] (…)",
    "  pass  test_greets_without_a_name [tests/test_greeting.harn] (…)",
    "",
    "2 passed, 0 failed, 2 in all (…)",
  ]);
  // Green, since it is a terminal.
  expect(terminal.raw()).toContain("\u001b[32mpass\u001b[0m");

  const module = work.at("lib/greeting.harn");
  fs.writeFileSync(module, fs.readFileSync(module, "utf8").replace("Hello, $", "Hallo, $"));
  const again = shellOnTerminal("harn test || echo broken", { cwd: work.folder });
  expect(await again.exit).toBe(0);
  const lines = plain(await again.screen());
  expect(lines).toEqual(expect.arrayContaining(["        - Hello, Ada!", "        + Hallo, Ada!"]));
  expect(lines.slice(-2)).toEqual(["1 passed, 1 failed, 2 in all (…)", "broken"]);
});
