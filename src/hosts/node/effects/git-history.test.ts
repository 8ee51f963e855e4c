import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../base/json.ts";
import { type EffectState, perform, startEffect, TestRepository } from "./performer-harness.ts";
import { processIn } from "./process-effect.ts";

let repo: TestRepository;
beforeEach(() => {
  repo = new TestRepository({ "README.md": "hello\n", "src/a.txt": "a\n" });
});
afterEach(() => repo.dispose());

const head = () => repo.git("rev-parse", "HEAD");
const clean = () => repo.git("status", "--porcelain") === "";
const gitDir = (name: string) => path.join(repo.path, ".git", name);
/** The note of an earlier process whose git is gone. */
const deadNote = (facts: JsonObject): Json => ({
  ...facts,
  process: { pid: 2 ** 22 + 1, startTime: "gone", pgid: 2 ** 22 + 1 },
  startedMs: Date.now() - 60_000,
});
/** Performs until the `n`th note, as a process that is killed there; answers that note. */
async function stopAt(kind: string, args: JsonObject, n: number): Promise<Json> {
  const notes: Json[] = [];
  const effect = startEffect(kind, args, {
    onNote: (note) => {
      if (notes.push(note) === n) throw new Error("killed");
    },
  });
  await expect(effect.result).rejects.toThrow("killed");
  return notes.at(-1)!;
}

describe("git.commit", () => {
  const commit = (change: JsonObject = {}, state?: EffectState) =>
    perform("git.commit", { path: repo.path, message: "Do it\n\n# kept", ...change }, state);

  it("commits everything under its own name, without hooks or signing", async () => {
    fs.writeFileSync(gitDir("hooks/pre-commit"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    repo.git("config", "commit.gpgSign", "true");
    repo.write("new.txt", "new\n");
    fs.rmSync(path.join(repo.path, "src/a.txt"));
    const result = await commit({ path: "repo/src/..", cwd: repo.root });
    expect(result).toEqual({ committed: true, head: head() });
    expect(clean()).toBe(true);
    expect(repo.git("log", "-1", "--format=%an <%ae>%n%B")).toBe("Harn worker <worker@harn.invalid>\nDo it\n\n# kept");
    await commit({ message: "Named", name: "Ann", email: "ann@example.org" });
    repo.write("new.txt", "newer\n");
    await commit({ message: "Named", name: "Ann", email: "ann@example.org" });
    expect(repo.git("log", "-1", "--format=%an <%ae>")).toBe("Ann <ann@example.org>");
  });

  it("says when there is nothing to commit", async () => {
    expect(await commit()).toEqual({ committed: false, head: head() });
    repo.write("new.txt", "new\n");
    expect(await commit({ all: false })).toEqual({ committed: false, head: head() });
  });

  it("makes the first commit of a repository", async () => {
    const empty = repo.at("empty");
    fs.mkdirSync(empty);
    repo.gitIn(empty, "init", "-q");
    expect(await commit({ path: empty })).toEqual({ committed: false, head: null });
    repo.write("a", "a", empty);
    expect(await commit({ path: empty })).toMatchObject({ committed: true });
  });

  it("does not commit twice, wherever the crash was", async () => {
    repo.write("new.txt", "new\n");
    const before = head();
    const first = await stopAt("git.commit", { path: repo.path, message: "Once" }, 1);
    const second = await stopAt("git.commit", { path: repo.path, message: "Once" }, 2);
    expect(head()).toBe(before);
    await commit({ message: "Once" }, { again: true, note: first });
    const made = head();
    for (const note of [first, second]) {
      const facts = note as JsonObject;
      const dated = { ...facts, date: repo.git("log", "-1", "--format=@%at +0000") };
      expect(await commit({ message: "Once" }, { again: true, note: dated })).toEqual({ committed: true, head: made });
    }
    expect(repo.git("rev-list", "--count", "HEAD")).toBe("2");
  });

  it("removes the locks of its own dead git", async () => {
    repo.write("new.txt", "new\n");
    fs.writeFileSync(gitDir("index.lock"), "half");
    fs.writeFileSync(gitDir("refs/heads/main.lock"), "");
    await expect(commit()).rejects.toThrow(/index.lock/);
    expect(
      await commit({}, { again: true, note: deadNote({ head: head(), date: "@1700000000 +0000" }) }),
    ).toMatchObject({ committed: true });
    expect(repo.git("log", "-1", "--format=%at")).toBe("1700000000");
    expect(fs.existsSync(gitDir("index.lock"))).toBe(false);
  });

  it("names what is wrong", async () => {
    await expect(commit({ message: " " })).rejects.toThrow("`message`");
    await expect(commit({ path: repo.root })).rejects.toThrow(`${repo.root} is not in a git repository`);
  });
});

describe("git.merge", () => {
  const merge = (change: JsonObject = {}, state?: EffectState) =>
    perform("git.merge", { path: repo.path, ref: "side", ...change }, state);
  const onSide = (files: Readonly<Record<string, string>>) => {
    repo.git("checkout", "-q", "-b", "side");
    for (const [name, text] of Object.entries(files)) repo.write(name, text);
    repo.git("add", "-A");
    repo.git("commit", "-q", "-m", "side");
    repo.git("checkout", "-q", "main");
  };
  const onMain = (name: string, text: string) => {
    repo.write(name, text);
    repo.git("add", "-A");
    repo.git("commit", "-q", "-m", "main");
  };

  it("merges, fast forward where it can unless told otherwise", async () => {
    onSide({ "side.txt": "side\n" });
    const side = repo.git("rev-parse", "side");
    expect(await merge()).toEqual({ merged: true, head: side, commit: side, upToDate: false });
    expect(await merge()).toEqual({ merged: true, head: side, commit: side, upToDate: true });
    repo.git("reset", "-q", "--hard", "HEAD^");
    await merge({ fastForward: false, message: "Bring it in" });
    expect(repo.git("log", "-1", "--format=%an: %s")).toBe("Harn worker: Bring it in");
    expect(repo.git("log", "-1", "--format=%P").split(" ")[1]).toBe(side);
  });

  it("reports conflicts and leaves the tree as it was", async () => {
    onSide({ "src/a.txt": "theirs\n", "other.txt": "other\n" });
    onMain("src/a.txt", "ours\n");
    repo.write("untracked.txt", "mine\n");
    const before = head();
    expect(await merge()).toEqual({ merged: false, conflicts: ["src/a.txt"], head: before });
    expect(head()).toBe(before);
    expect(repo.git("status", "--porcelain")).toBe("?? untracked.txt");
    expect(repo.read("src/a.txt")).toBe("ours\n");
    expect(fs.existsSync(gitDir("MERGE_HEAD"))).toBe(false);
  });

  it("refuses to mix with work that is under way", async () => {
    onSide({ "side.txt": "side\n" });
    repo.write("README.md", "being edited\n");
    await expect(merge()).rejects.toThrow(/uncommitted changes: README.md/);
    repo.git("checkout", "-q", "README.md");
    repo.write("side.txt", "mine, not tracked\n");
    await expect(merge()).rejects.toThrow(/side.txt/);
    expect(repo.read("side.txt")).toBe("mine, not tracked\n");
    fs.rmSync(path.join(repo.path, "side.txt"));
    onMain("side.txt", "ours\n");
    expect(() => repo.git("merge", "-q", "side")).toThrow();
    await expect(merge()).rejects.toThrow(/merge is under way/);
    expect(fs.existsSync(gitDir("MERGE_HEAD"))).toBe(true);
  });

  it("names a ref that is not there or looks like an option", async () => {
    await expect(merge({ ref: "nowhere" })).rejects.toThrow("nowhere names no commit");
    await expect(merge({ ref: "--abort" })).rejects.toThrow("`ref`");
  });

  it("finishes after a crash: before, after, and with the tree half written", async () => {
    onSide({ "src/a.txt": "theirs\n", "side/new.txt": "new\n" });
    onMain("main.txt", "main\n");
    const before = head();
    const commit = repo.git("rev-parse", "side");
    const note = await stopAt("git.merge", { path: repo.path, ref: "side" }, 1);
    expect(note).toMatchObject({ head: before, commit });
    const dead = deadNote(note as JsonObject & Json);

    const whole = await merge({}, { again: true, note });
    expect(whole).toMatchObject({ merged: true });
    expect(await merge({}, { again: true, note })).toMatchObject({ merged: true, head: whole.head });
    expect(repo.git("rev-list", "--count", "HEAD")).toBe("4");

    repo.git("reset", "-q", "--hard", before);
    repo.write("src/a.txt", "thei"); // torn
    repo.write("side/new.txt", "new\n");
    repo.write("mine.txt", "not tracked\n");
    fs.writeFileSync(gitDir("index.lock"), "half");
    expect(
      await merge(
        {},
        {
          again: true,
          note: { ...(dead as JsonObject), ...(note as JsonObject), process: (dead as JsonObject).process! },
        },
      ),
    ).toMatchObject({ merged: true, head: whole.head });
    expect(repo.read("src/a.txt")).toBe("theirs\n");
    expect(repo.git("status", "--porcelain")).toBe("?? mine.txt");
    expect(repo.git("for-each-ref", "refs/harn/broken-merge").split("\n")).toHaveLength(1);
  });

  it("aborts its own half conflict and says so again", async () => {
    onSide({ "src/a.txt": "theirs\n" });
    onMain("src/a.txt", "ours\n");
    const before = head();
    const note = await stopAt("git.merge", { path: repo.path, ref: "side" }, 2); // killed between the merge and its abort
    expect(fs.existsSync(gitDir("MERGE_HEAD"))).toBe(true);
    expect(await merge({}, { again: true, note })).toEqual({ merged: false, conflicts: ["src/a.txt"], head: before });
    expect(clean()).toBe(true);
  });

  it("stops at changes that are not the broken merge's", async () => {
    onSide({ "src/a.txt": "theirs\n" });
    const note = await stopAt("git.merge", { path: repo.path, ref: "side" }, 1);
    repo.write("src/a.txt", "theirs\n");
    repo.write("README.md", "edited by someone since\n");
    await expect(merge({}, { again: true, note })).rejects.toThrow(/README.md.*left alone/);
    expect(repo.read("README.md")).toBe("edited by someone since\n");
  });

  it("recovers when git is killed in the middle of writing the tree", async () => {
    onSide(Object.fromEntries(Array.from({ length: 1_500 }, (_, i) => [`many/f${i}.txt`, `file ${i}\n`.repeat(20)])));
    onMain("main.txt", "main\n");
    const effect = startEffect("git.merge", { path: repo.path, ref: "side" });
    let settled = false;
    effect.result.then(
      () => (settled = true),
      () => (settled = true),
    );
    while (!settled && !fs.existsSync(path.join(repo.path, "many/f10.txt")))
      await new Promise((go) => setImmediate(go));
    process.kill(-processIn(effect.note())!.pgid, "SIGKILL");
    expect(await effect.result).toMatchObject({ merged: true });
    expect(clean()).toBe(true);
    expect(fs.readdirSync(path.join(repo.path, "many"))).toHaveLength(1_500);
  });
});

describe("git.diff and git.status", () => {
  it("show what is staged, not staged and not tracked, and touch nothing", async () => {
    repo.write("README.md", "changed\n");
    repo.write("späte/neu.txt", "neu\n");
    repo.write("staged.txt", "staged\n");
    repo.git("add", "staged.txt");
    const index = fs.readFileSync(gitDir("index"));
    const diff = await perform("git.diff", { path: path.join(repo.path, "src") });
    expect(diff).toMatchObject({
      base: head(),
      truncated: false,
      files: [
        { status: "M", path: "README.md" },
        { status: "A", path: "späte/neu.txt" },
        { status: "A", path: "staged.txt" },
      ],
    });
    expect(diff.diff).toContain("-hello\n+changed");
    expect(await perform("git.status", { path: repo.path })).toEqual({
      branch: "main",
      head: head(),
      clean: false,
      files: [
        { status: " M", path: "README.md" },
        { status: "A ", path: "staged.txt" },
        { status: "??", path: "späte/neu.txt" },
      ],
    });
    expect(fs.readFileSync(gitDir("index")).equals(index)).toBe(true);
    expect(fs.readdirSync(gitDir(".")).filter((name) => name.startsWith("harn-"))).toEqual([]);
  });

  it("compares with any commit, says when it cut, and works before the first commit", async () => {
    const first = head();
    repo.write("src/a.txt", `${"long line\n".repeat(100)}`);
    repo.git("commit", "-qam", "second");
    expect(await perform("git.diff", { path: repo.path })).toMatchObject({ files: [], diff: "" });
    expect((await perform("git.diff", { path: repo.path, base: first })).files).toEqual([
      { status: "M", path: "src/a.txt" },
    ]);
    const cut = await perform("git.diff", { path: repo.path, base: first, maxBytes: 50 });
    expect(cut.truncated).toBe(true);
    expect((cut.diff as string).length).toBe(50);
    repo.git("checkout", "-q", "--detach");
    expect(await perform("git.status", { path: repo.path })).toMatchObject({ branch: null, clean: true });
    const empty = repo.at("empty");
    fs.mkdirSync(empty);
    repo.gitIn(empty, "init", "-q");
    repo.write("a", "a\n", empty);
    expect(await perform("git.diff", { path: empty })).toMatchObject({
      base: null,
      files: [{ status: "A", path: "a" }],
    });
    expect(await perform("git.status", { path: empty })).toMatchObject({ head: null });
  });
});
