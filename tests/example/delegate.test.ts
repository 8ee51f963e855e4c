/** The parts of examples/delegate that need no runtime: the repository it works on, and the recorded conversations. */
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeRepository } from "../../examples/delegate/make-repo.mjs";
import { parseFixtures } from "../../src/llm/fixtures.ts";
import { parseScript } from "../loopback/script.ts";

const example = path.join(import.meta.dirname, "../../examples/delegate");
const read = (name: string) => fs.readFileSync(path.join(example, name), "utf8");
const fixtures = parseFixtures(read("fixture.jsonl"), "fixture.jsonl");
const script = parseScript(read("loopback-script.json"), "loopback-script.json");

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-example-"));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const git = (repo: string, ...args: string[]) =>
  execFileSync("git", ["-C", repo, ...args], { encoding: "utf8" }).trim();

function runTests(repo: string): { readonly passes: boolean; readonly output: string } {
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const done = spawnSync(process.execPath, ["--test"], { cwd: repo, encoding: "utf8", env });
  return { passes: done.status === 0, output: done.stdout + done.stderr };
}

describe("the repository", () => {
  test("is the same commit wherever it is made, and clean", () => {
    const first = makeRepository(path.join(folder, "a"));
    const second = makeRepository(path.join(folder, "b", "deep"));
    expect(second).toBe(first);
    expect(git(path.join(folder, "a"), "status", "--porcelain")).toBe("");
    expect(git(path.join(folder, "a"), "log", "--format=%an %at %s")).toBe(
      "Example Author 1714564800 Small functions over plain text",
    );
    expect(git(path.join(folder, "a"), "branch", "--show-current")).toBe("main");
  });

  test("a folder that holds something, or a file, is refused and left as it is", () => {
    fs.writeFileSync(path.join(folder, "mine.txt"), "mine");
    expect(() => makeRepository(folder)).toThrow(`${folder} is not empty (mine.txt)`);
    expect(() => makeRepository(path.join(folder, "mine.txt"))).toThrow("is not a folder");
    expect(fs.readdirSync(folder)).toEqual(["mine.txt"]);
  });

  test("has one test that fails, a module without a test, and a README of another time", () => {
    makeRepository(path.join(folder, "repo"));
    const repo = path.join(folder, "repo");
    const { passes, output } = runTests(repo);
    expect(passes).toBe(false);
    expect(output).toContain("a cut never leaves a separator at the end");
    expect(output).toMatch(/fail 1\b/);
    expect(fs.existsSync(path.join(repo, "test/reading.test.js"))).toBe(false);
    expect(fs.readFileSync(path.join(repo, "README.md"), "utf8")).toContain("toSlug");
    expect(fs.readFileSync(path.join(repo, "src/index.js"), "utf8")).not.toContain("toSlug");
  });
});

describe("the recorded conversations", () => {
  test("what is written in them repairs, tests and documents the library", () => {
    const repo = path.join(folder, "repo");
    makeRepository(repo);
    for (const { name, arguments: args } of fixtures.flatMap((rule) => rule.toolCalls)) {
      if (name !== "write_file") continue;
      const { path: file, content } = args as { readonly path: string; readonly content: string };
      // The one write that the policy refuses.
      if (file === "src/index.js") continue;
      fs.writeFileSync(path.join(repo, file), content);
    }
    expect(runTests(repo)).toMatchObject({ passes: true });
    expect(
      git(repo, "status", "--porcelain")
        .split("\n")
        .map((line) => line.trim().split(" ").at(-1))
        .sort(),
    ).toEqual(["README.md", "src/slug.js", "test/reading.test.js"]);
    expect(fs.readFileSync(path.join(repo, "README.md"), "utf8")).not.toMatch(/toSlug|delimiter/);
  });

  test("are the same as a file of answers and as a script of the server", () => {
    const recorded = fixtures.map((rule) => ({
      phrase: rule.match?.replaceAll("*", ""),
      text: rule.text,
      calls: rule.toolCalls,
      tokens: [rule.inputTokens, rule.outputTokens],
    }));
    const served = script.map(({ match, answer }) => ({
      phrase: match?.firstUser,
      text: answer?.text,
      calls: answer?.toolCalls ?? [],
      tokens: [answer?.usage?.prompt, answer?.usage?.completion],
    }));
    expect(recorded).toEqual(served);
    // Turns count up from nought for each worker.
    const turns = Map.groupBy(script, (rule) => rule.match?.firstUser);
    expect([...turns.values()].map((rules) => rules.map((rule) => rule.match?.turn))).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3],
      [0, 1, 2, 3, 4],
    ]);
  });
});
