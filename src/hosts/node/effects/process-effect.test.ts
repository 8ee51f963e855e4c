import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../base/json.ts";
import { isSameProcessAlive } from "../process-identity.ts";
import { perform, startEffect } from "./performer-harness.ts";
import { processIn } from "./process-effect.ts";

let folder: string;
const base = (change: JsonObject): JsonObject => ({ cwd: folder, ...change });
const at = (name: string) => path.join(folder, name);

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "harn-run-")));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const until = async (test: () => boolean) => {
  while (!test()) await new Promise((go) => setTimeout(go, 5));
};

/** A first process that noted its child and died: the child lives on. */
async function leaveRunning(args: JsonObject): Promise<{ note: Json; finish: () => Promise<unknown> }> {
  const first = startEffect("process.run", args);
  await until(() => first.note() !== null && fs.existsSync(at("ran")));
  return { note: first.note()!, finish: () => first.result.catch((error: unknown) => error) };
}

describe("process.run", () => {
  it("answers status and output, and notes the child before it runs", async () => {
    let ranBeforeNote = false;
    const effect = startEffect(
      "process.run",
      base({ shell: "touch ran; echo out; echo err >&2; cat; exit 3", stdin: "in\n" }),
      {
        onNote: async () => {
          await new Promise((go) => setTimeout(go, 50));
          ranBeforeNote = fs.existsSync(at("ran"));
        },
      },
    );
    expect(await effect.result).toEqual({
      status: 3,
      signal: null,
      stdout: "out\nin\n",
      stderr: "err\n",
      truncated: false,
    });
    expect(ranBeforeNote).toBe(false);
    expect(processIn(effect.note())).toMatchObject({ pid: expect.any(Number), startTime: expect.any(String) });
    expect(effect.events.map((event) => (event as { kind: string }).kind)).toContain("stdout");
  });

  it("does not run when the note cannot be written", async () => {
    const effect = startEffect("process.run", base({ shell: "touch ran" }), {
      onNote: () => {
        throw new Error("fenced");
      },
    });
    await expect(effect.result).rejects.toThrow("fenced");
    expect(fs.existsSync(at("ran"))).toBe(false);
  });

  it("simply runs when an earlier process died before the gate opened", async () => {
    expect(await perform("process.run", base({ argv: ["echo", "now"] }), { again: true, note: null })).toMatchObject({
      stdout: "now\n",
    });
  });

  it("kills what an earlier process left, and does not run it again", async () => {
    const args = base({ shell: "touch ran; sleep 60" });
    const { note, finish } = await leaveRunning(args);
    await expect(perform("process.run", args, { again: true, note })).rejects.toMatchObject({
      category: "effect_unknown",
    });
    expect(isSameProcessAlive(processIn(note)!)).toBe(false);
    await finish();
  });

  it("runs a repeatable one again after the kill", async () => {
    const args = base({ shell: "test -e ran && { echo second; exit 0; }; touch ran; sleep 60", repeatable: true });
    const { note, finish } = await leaveRunning(args);
    expect(await perform("process.run", args, { again: true, note })).toMatchObject({ stdout: "second\n" });
    expect(isSameProcessAlive(processIn(note)!)).toBe(false);
    await finish();
  });

  it("ends the whole group on cancel and on timeout", async () => {
    const script = "sleep 60 & echo $! > child; touch ran; wait";
    const cancelled = startEffect("process.run", base({ shell: script }));
    await until(() => fs.existsSync(at("ran")));
    cancelled.cancel();
    await expect(cancelled.result).rejects.toMatchObject({ category: "cancelled" });
    const gone = (pid: number) =>
      !fs.existsSync(`/proc/${pid}`) || /\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
    await until(() => gone(Number(fs.readFileSync(at("child"), "utf8"))));
    await expect(perform("process.run", base({ shell: script, timeoutMs: 100 }))).rejects.toMatchObject({
      category: "timeout",
    });
    await until(() => gone(Number(fs.readFileSync(at("child"), "utf8"))));
  });

  it("bounds its output", async () => {
    const result = await perform("process.run", base({ shell: "yes é | head -c 100000", maxOutputBytes: 1_000 }));
    expect(result).toMatchObject({ status: 0, truncated: true });
    expect(Buffer.byteLength(result.stdout as string)).toBeLessThanOrEqual(1_000);
    expect(result.stdout).not.toContain("\ufffd");
  });

  it("lays its overlay over the environment of our process, with secrets put in only for the child", async () => {
    process.env.HARN_TEST_KEPT = "kept";
    process.env.HARN_TEST_GONE = "gone";
    process.env.HARN_TEST_KEY = "a-secret-value";
    try {
      const overlay = {
        HARN_TEST_GONE: null,
        HARN_TEST_NEW: "new=1",
        HARN_TEST_SHOWN: { $secret: { env: "HARN_TEST_KEY" } },
      };
      const script =
        'printf "%s|" "$HARN_TEST_KEPT" "${HARN_TEST_GONE-none}" "$HARN_TEST_NEW"; test "$HARN_TEST_SHOWN" = "$HARN_TEST_KEY"';
      const args = base({ shell: script, overlay });
      const effect = startEffect("process.run", args);
      expect(await effect.result).toMatchObject({ stdout: "kept|none|new=1|", status: 0 });
      expect(JSON.stringify([args, effect.notes, effect.events])).not.toContain("a-secret-value");
    } finally {
      delete process.env.HARN_TEST_KEPT;
      delete process.env.HARN_TEST_GONE;
      delete process.env.HARN_TEST_KEY;
    }
  });

  it("names the secret that is missing, and what is wrong with an overlay", async () => {
    const run = (overlay: JsonObject | string) => perform("process.run", base({ argv: ["true"], overlay }));
    await expect(run({ TOKEN: { $secret: { env: "HARN_NOT_SET" } } })).rejects.toThrow(/TOKEN .*HARN_NOT_SET.*not set/);
    await expect(run({ COUNT: 3 })).rejects.toThrow(/COUNT/);
    await expect(run({ "A=B": "x" })).rejects.toThrow('"A=B"');
    await expect(run("A=B")).rejects.toThrow("`overlay` must be a dict");
  });

  it("names a program, a folder or an argument that is wrong", async () => {
    await expect(perform("process.run", base({ argv: ["no-such-program"] }))).rejects.toThrow(
      /no-such-program.*No such file or directory/,
    );
    await expect(perform("process.run", base({ argv: ["./ran"] }))).rejects.toThrow(/No such file/);
    await expect(perform("process.run", base({ argv: ["ls"], cwd: at("nowhere") }))).rejects.toThrow(at("nowhere"));
    await expect(perform("process.run", base({ argv: "ls" }))).rejects.toThrow(
      "process.run: argument `argv` must be a list of strings",
    );
    await expect(perform("process.run", base({}))).rejects.toThrow("`argv`");
  });
});
