/** examples/delegate as a whole, offline: a real repository, real worktrees, real test runs. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = path.join(import.meta.dirname, "../..");
let folder: string;
let repo: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-delegate-test-"));
  repo = path.join(folder, "repo");
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const {
    NODE_OPTIONS: _options,
    NODE_TEST_CONTEXT: _context,
    HARN_LLM_PROVIDER: _p,
    HARN_LLM_MODEL: _m,
    ...env
  } = process.env;
  const done = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...env, HARN_STATE_DIR: path.join(folder, "state"), NO_COLOR: "1" },
  });
  return { code: done.status, stdout: done.stdout, stderr: done.stderr };
}

const git = (...args: string[]) => spawnSync("git", ["-C", repo, ...args], { encoding: "utf8" }).stdout.trim();
const program = path.join(root, "examples/delegate/main.harn");
const harn = path.join(root, "bin/harn.js");

test("three jobs are done, merged, tested and reported; what the policy forbids is refused and said", {
  timeout: 60_000,
}, () => {
  const { code, stdout, stderr } = run(path.join(root, "examples/delegate/run.mjs"), "--folder", folder.concat("/new"));
  expect(stderr).toContain("[docs] write_file refused");
  const id = "[0-9a-f-]{36}";
  for (const [worker, tokens, file] of [
    ["fix", "4370 in, 328 out", "src/slug.js"],
    ["test", "2766 in, 333 out", "test/reading.test.js"],
    ["docs", "4245 in, 497 out", "README.md"],
  ]) {
    expect(stdout).toMatch(
      new RegExp(
        `${worker}: completed, merged\\n  tokens    ${tokens}\\n  changed   ${file}\\n(?:  .*\\n)*` +
          `  artifact  git_diff (artifact_${id})\\n  artifact  worker_result ${worker}_worker_result_${id}, made from \\1\\n`,
      ),
    );
  }
  expect(stdout).toContain("approval: docs asks to write_file README.md: granted\n");
  expect(stdout).toContain(
    "  refused   tool 'write_file' path 'src/index.js' does not match allowed patterns: [\"README.md\"]",
  );
  expect(stdout).toMatch(/node --test on the merged repository: passes\n$/);
  expect(code).toBe(0);
  repo = path.join(folder, "new/repo");
  expect(git("status", "--porcelain")).toBe("");
  expect(git("log", "--merges", "--format=%s").split("\n").sort()).toEqual([
    "Merge the work of docs",
    "Merge the work of fix",
    "Merge the work of test",
  ]);
  expect(fs.readFileSync(path.join(repo, "src/index.js"), "utf8")).not.toContain("toSlug");
});

test("branches that exist are named and left as they are", { timeout: 60_000 }, () => {
  const before = git("for-each-ref", "--format=%(refname) %(objectname)");
  const { code, stdout, stderr } = run(harn, "run", program, "--", repo);
  expect(stdout).toContain("branch harn/fix exists already");
  expect(stderr).toContain("not everything was done");
  expect(code).toBe(1);
  expect(git("for-each-ref", "--format=%(refname) %(objectname)")).toBe(before);
});

test.each([
  [[], "usage: harn run main.harn -- REPO"],
  [["nowhere"], "nowhere"],
  [[os.tmpdir()], "is not in a git repository"],
])("arguments %j end with a clear error and start nothing", (args, message) => {
  const { code, stdout, stderr } = run(harn, "run", program, "--", ...args);
  expect(stderr).toContain(message);
  expect(stdout).toBe("");
  expect(code).toBe(1);
});

test("work that is not committed is not touched", () => {
  fs.writeFileSync(path.join(repo, "mine.txt"), "mine");
  const { code, stderr } = run(harn, "run", program, "--", repo);
  expect(stderr).toContain(`${repo} has changes that are not committed`);
  expect(code).toBe(1);
  expect(fs.readFileSync(path.join(repo, "mine.txt"), "utf8")).toBe("mine");
});
