/** A workflow killed in the middle of each of its stages goes on with `harn resume`, and does nothing twice that was done. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Loopback, startLoopback } from "../loopback/server.ts";
import { normalised, readCut, sentTwice } from "./cut.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const base = mkdtempSync(join(tmpdir(), "harn-workflow-kill-"));
/** Long enough for a kill while an answer is under way. */
const deliver = { firstDelayMs: 100 };
let loopback: Loopback;

beforeAll(async () => {
  const text = (system: string, said: string, more: object = {}) => ({
    match: { system, ...more },
    answer: { text: said },
    deliver,
  });
  loopback = await startLoopback({
    script: [
      text("plan", "The plan."),
      {
        match: { system: "left", turn: 0 },
        answer: { text: "Noting.", toolCalls: [{ name: "note", arguments: { line: "from the left" } }] },
        deliver,
      },
      text("left", "Left is done.", { turn: 1 }),
      text("right", "Right is done."),
      text("each", "Item a.", { any: "item 1 of" }),
      text("each", "Item b.", { any: "item 2 of" }),
      text("each", "Item c.", { any: "item 3 of" }),
      text("help", "Helped."),
    ],
  });
});

afterAll(async () => {
  await loopback.close();
  rmSync(base, { recursive: true, force: true });
});

function harn(folder: string, args: readonly string[]) {
  const child = spawn(process.execPath, [join(root, "bin/harn.js"), ...args], {
    cwd: folder,
    env: { ...process.env, HARN_STATE_DIR: join(folder, "state"), LOCAL_LLM_BASE_URL: loopback.url, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    texts.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    texts.stderr += chunk;
  });
  const done = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, ...texts }));
  });
  return { child, done };
}

const program = join(root, "tests/kill/workflow.harn");
const folderOf = (name: string) => mkdtempSync(join(base, `${name}-`));
const REPORT = `completed
[plan, stage, completed, success, The plan.]
[fan, fork, completed, forked, forked]
[left, stage, completed, success, Left is done.]
[right, stage, completed, success, Right is done.]
[seen, verify, completed, verified, from the left
]
[both, join, completed, joined, joined]
[each, map, completed, mapped, mapped 3 of 3 items]
[total, reduce, completed, reduced, Item a. + Item b. + Item c.]
[check, verify, completed, verified, from the left
]
[help, subagent, completed, subagent_completed, Helped.]
[plan>fan, fan>left, fan>right, left>seen, right>both, seen>both, both>each, each>total, total>check, check>help]
1
[from the left
, completed]
`;
/** plan, left, right, left again, three items, help. */
const CALLS = 8;

test("a run that nobody kills asks the model once for each thing", async () => {
  const before = loopback.requests.length;
  const finished = await harn(folderOf("calm"), ["run", program]).done;
  expect(finished.stderr).not.toContain("error");
  expect(finished.stdout).toBe(REPORT);
  expect(loopback.requests.length - before).toBe(CALLS);
});

test.each(Array.from({ length: CALLS }, (_, i) => i + 1))("killed while model call %i is under way", async (call) => {
  const folder = folderOf(`call-${call}`);
  const before = loopback.requests.length;
  const started = harn(folder, ["run", program]);
  await loopback.arrived(before + call);
  started.child.kill("SIGKILL");
  await started.done;
  const cut = await readCut(folder);
  expect(cut).not.toBeNull();
  await loopback.ended(loopback.requests.length);
  const from = loopback.requests.length;
  const resumed = await harn(folder, ["resume", cut!.run]).done;
  expect(normalised(resumed.stdout, folder)).toBe(REPORT);
  expect(resumed.code).toBe(0);
  expect(sentTwice(loopback, from, cut!)).toEqual([]);
});

test("killed while a verification runs: it is made again, and nothing before it", async () => {
  const folder = folderOf("check");
  const before = loopback.requests.length;
  const started = harn(folder, ["run", program]);
  // The last item was answered; the command sleeps.
  await loopback.ended(before + CALLS - 1);
  for (;;) {
    const cut = await readCut(folder);
    if (cut?.kinds.includes("process.run")) break;
    if (!existsSync(folder)) throw new Error("the folder is gone");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  started.child.kill("SIGKILL");
  await started.done;
  const cut = await readCut(folder);
  const from = loopback.requests.length;
  const resumed = await harn(folder, ["resume", cut!.run]).done;
  expect(normalised(resumed.stdout, folder)).toBe(REPORT);
  expect(loopback.requests.length - from).toBe(1);
});
