import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../base/json.ts";
import type { ProcessIdentity } from "../../../ports/processes.ts";
import { type EffectState, perform, startEffect, TestRepository } from "./performer-harness.ts";
import { processIn } from "./process-effect.ts";

let repo: TestRepository;
let args: JsonObject;
const tree = () => repo.at("trees/w1");
const admin = () => path.join(repo.path, ".git/worktrees/w1");

beforeEach(() => {
  repo = new TestRepository({ "README.md": "hello\n", "src/a.txt": "a\n" });
  args = { repo: repo.path, path: tree(), branch: "harn-w1", run: "r1", worker: "w1" };
});
afterEach(() => repo.dispose());

const add = (change: JsonObject = {}, state?: EffectState) =>
  perform("git.worktree_add", { ...args, ...change }, state);
const remove = (change: JsonObject = {}, state?: EffectState) =>
  perform("git.worktree_remove", { ...args, ...change }, state);
const commitIn = (folder: string, name: string, text: string) => {
  repo.write(name, text, folder);
  repo.gitIn(folder, "add", "-A");
  repo.gitIn(folder, "commit", "-q", "-m", `add ${name}`);
};
const expectWhole = (folder = tree()) => {
  expect(repo.gitIn(folder, "status", "--porcelain")).toBe("");
  expect(repo.gitIn(folder, "symbolic-ref", "--short", "HEAD")).toBe("harn-w1");
  expect(fs.existsSync(path.join(folder, "README.md"))).toBe(true);
  expect(repo.git("worktree", "list", "--porcelain").match(/^worktree /gm)).toHaveLength(2);
  expect(repo.git("worktree", "list", "--porcelain")).not.toMatch(/locked|prunable/);
};

describe("git.worktree_add", () => {
  it("makes a branch and a worktree at the base", async () => {
    const base = repo.git("rev-parse", "HEAD");
    commitIn(repo.path, "later.txt", "later\n");
    const result = await add({ base });
    expect(result).toEqual({ path: tree(), branch: "harn-w1", base, head: base, adopted: false });
    expectWhole();
    expect(fs.existsSync(path.join(tree(), "later.txt"))).toBe(false);
  });

  it("resolves relative paths against cwd and works from a subfolder", async () => {
    await add({ repo: "repo/src", path: "trees/w1", cwd: repo.root });
    expectWhole();
    await expect(add({ path: "elsewhere", worker: "w2", branch: "b2" })).rejects.toThrow("`cwd`");
  });

  it("adopts a worktree that is ours and whole, and uses a branch that is ours where it stands", async () => {
    const first = await add();
    commitIn(tree(), "work.txt", "work\n");
    expect(await add({}, { again: true })).toMatchObject({ adopted: true, base: first.base });
    await remove();
    expect(fs.existsSync(tree())).toBe(false);
    const again = await add();
    expect(again).toMatchObject({ adopted: false, base: first.base, head: repo.git("rev-parse", "harn-w1") });
    expect(repo.read("work.txt", tree())).toBe("work\n");
  });

  it("never touches a branch of the user's", async () => {
    repo.git("branch", "harn-w1");
    commitIn(repo.path, "b.txt", "b\n");
    const before = repo.git("rev-parse", "harn-w1");
    await expect(add()).rejects.toThrow(/branch harn-w1 exists already/);
    await expect(add({}, { again: true })).rejects.toThrow(/branch harn-w1 exists already/);
    expect(repo.git("rev-parse", "harn-w1")).toBe(before);
    expect(fs.existsSync(tree())).toBe(false);
  });

  it("never touches a path of the user's", async () => {
    repo.write("trees/w1/notes.txt", "mine", repo.root);
    await expect(add()).rejects.toThrow(tree());
    fs.rmSync(tree(), { recursive: true });
    fs.writeFileSync(tree(), "a file");
    await expect(add()).rejects.toThrow(tree());
    fs.rmSync(tree());
    repo.git("worktree", "add", "-q", "-b", "theirs", tree());
    await expect(add()).rejects.toThrow(/is taken/);
    expect(repo.gitIn(tree(), "symbolic-ref", "--short", "HEAD")).toBe("theirs");
    expect(repo.git("branch", "--list", "harn-w1")).toBe("");
  });

  it("refuses what has come to stand at the path since", async () => {
    await add();
    await remove();
    repo.write("trees/w1/notes.txt", "mine", repo.root);
    await expect(add({}, { again: true })).rejects.toThrow(/holds something else/);
    expect(fs.readFileSync(path.join(tree(), "notes.txt"), "utf8")).toBe("mine");
  });

  it("keeps a worktree that a prune made unknown: there may be work in it", async () => {
    await add();
    repo.write("work.txt", "work", tree());
    fs.rmSync(admin(), { recursive: true });
    await expect(add({}, { again: true })).rejects.toThrow(/no longer knows/);
    expect(repo.read("work.txt", tree())).toBe("work");
  });

  it("keeps workers apart", async () => {
    await add();
    await expect(add({ run: "r2" })).rejects.toThrow(/belongs to run r1/);
    await expect(add({ worker: "w2" })).rejects.toThrow(/branch harn-w1 exists/);
    await expect(add({ path: repo.at("trees/other") })).rejects.toThrow(/has its worktree at/);
    await expect(add({ branch: "other" })).rejects.toThrow(/works on branch harn-w1/);
  });

  it("names what is wrong with its arguments", async () => {
    const plain = repo.at("plain");
    fs.mkdirSync(plain);
    await expect(add({ repo: plain })).rejects.toThrow(`${plain} is not in a git repository`);
    await expect(add({ repo: repo.at("nowhere") })).rejects.toThrow(`no folder ${repo.at("nowhere")}`);
    await expect(add({ base: "no-such-ref" })).rejects.toThrow("no-such-ref names no commit");
    for (const key of ["branch", "base", "path", "repo"])
      await expect(add({ [key]: "-x" })).rejects.toThrow(`\`${key}\``);
    for (const branch of ["a..b", "@{-1}", "x.lock", ""]) await expect(add({ branch })).rejects.toThrow(/branch/);
    await expect(add({ worker: "../../x" })).rejects.toThrow("`worker`");
    const empty = repo.at("empty");
    fs.mkdirSync(empty);
    repo.gitIn(empty, "init", "-q");
    await expect(add({ repo: empty })).rejects.toThrow("HEAD names no commit");
  });

  it("runs no hook", async () => {
    fs.writeFileSync(path.join(repo.path, ".git/hooks/post-checkout"), `#!/bin/sh\ntouch ${repo.at("hooked")}\n`, {
      mode: 0o755,
    });
    await add();
    expect(fs.existsSync(repo.at("hooked"))).toBe(false);
  });

  it("does not start git when the lease is lost before the note is on disk", async () => {
    const lost = startEffect("git.worktree_add", args, {
      onNote: () => {
        throw new Error("fenced");
      },
    });
    await expect(lost.result).rejects.toThrow("fenced");
    expect(fs.existsSync(tree())).toBe(false);
    expect(repo.git("branch", "--list", "harn-w1")).toBe("");
  });

  it("makes many at once in one repository", async () => {
    const ids = Array.from({ length: 6 }, (_, i) => `m${i}`);
    await Promise.all(ids.map((id) => add({ worker: id, branch: `harn-${id}`, path: repo.at(`trees/${id}`) })));
    for (const id of ids)
      expect(repo.gitIn(repo.at(`trees/${id}`), "status", "--porcelain", "--branch")).toBe(`## harn-${id}`);
  });
});

describe("git.worktree_add after a crash", () => {
  /** A dead git's identity, as a note of an earlier process has it. */
  const deadNote = (): Json => ({
    process: { pid: 2 ** 22 + 1, startTime: "gone", pgid: 2 ** 22 + 1 },
    startedMs: Date.now() - 60_000,
    branch: "harn-w1",
  });

  const stages: Readonly<Record<string, () => void>> = {
    "only the branch was made": () => {
      repo.git("worktree", "remove", "--force", tree());
    },
    "git's folder does not yet say where": () => {
      fs.rmSync(tree(), { recursive: true });
      fs.writeFileSync(path.join(admin(), "locked"), "initializing");
      for (const name of fs.readdirSync(admin()))
        if (name !== "locked") fs.rmSync(path.join(admin(), name), { recursive: true });
    },
    "the path is an empty folder": () => {
      fs.writeFileSync(path.join(admin(), "locked"), "initializing");
      fs.rmSync(tree(), { recursive: true });
      fs.mkdirSync(tree());
    },
    "the path's .git is still empty": () => {
      fs.writeFileSync(path.join(admin(), "locked"), "initializing");
      fs.rmSync(tree(), { recursive: true });
      repo.write(".git", "", tree());
    },
    "the head is not set": () => {
      fs.writeFileSync(path.join(admin(), "locked"), "initializing");
      fs.rmSync(path.join(admin(), "HEAD"));
      fs.rmSync(path.join(tree(), "src"), { recursive: true });
    },
    "the checkout was broken off with its lock": () => {
      fs.writeFileSync(path.join(admin(), "locked"), "initializing");
      fs.rmSync(path.join(admin(), "index"));
      fs.writeFileSync(path.join(admin(), "index.lock"), "half an ind");
      fs.rmSync(path.join(tree(), "README.md"));
    },
    "the branch's lock was left": () => {
      repo.git("worktree", "remove", "--force", tree());
      repo.git("branch", "-D", "harn-w1");
      fs.writeFileSync(path.join(repo.path, ".git/refs/heads/harn-w1.lock"), "");
    },
    "the user has removed the folder": () => {
      fs.rmSync(tree(), { recursive: true });
    },
  };

  /** Git takes its `locked` away first when a signal or an error ends its checkout, then what it has made; it can be killed within. */
  const undone: Readonly<Record<string, () => void>> = {
    "only git's lock was taken away": () => {
      fs.rmSync(path.join(admin(), "index"));
    },
    "git's folder was half taken away": () => {
      for (const name of ["index", "HEAD", "gitdir"]) fs.rmSync(path.join(admin(), name));
    },
    "git's folder was taken away": () => {
      fs.rmSync(admin(), { recursive: true });
    },
    "the path was half taken away": () => {
      fs.rmSync(admin(), { recursive: true });
      fs.rmSync(path.join(tree(), ".git"));
    },
  };
  const forgetMade = () => {
    const file = path.join(repo.path, ".git/harn/intents/w1.json");
    fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, "utf8")), made: false }));
  };
  for (const [name, breakIt] of Object.entries(undone)) {
    it(`finishes when a broken off checkout was being undone and ${name}`, async () => {
      const first = await add();
      forgetMade();
      breakIt();
      expect(await add({}, { again: true, note: deadNote() })).toEqual({ ...first, adopted: false });
      expectWhole();
    });
    it(`removes nothing of a worktree that was once whole when ${name}`, async () => {
      await add();
      repo.write("work.txt", "work", tree());
      breakIt();
      await add({}, { again: true, note: deadNote() }).catch((error: unknown) => error);
      expect(repo.read("work.txt", tree())).toBe("work");
    });
  }

  for (const [name, breakIt] of Object.entries(stages)) {
    it(`finishes when ${name}`, async () => {
      const first = await add();
      breakIt();
      expect(await add({}, { again: true, note: deadNote() })).toEqual({ ...first, adopted: false });
      expectWhole();
    });
  }

  it("leaves a lock alone that it cannot know to be its own", async () => {
    await add();
    repo.git("worktree", "remove", "--force", tree());
    repo.git("branch", "-D", "harn-w1");
    const lock = path.join(repo.path, ".git/refs/heads/harn-w1.lock");
    fs.writeFileSync(lock, "");
    await expect(add({}, { again: true, note: null })).rejects.toThrow(/harn-w1/);
    const old = new Date(Date.now() - 3_600_000);
    fs.utimesSync(lock, old, old);
    await expect(add({}, { again: true, note: deadNote() })).rejects.toThrow(/harn-w1/);
    expect(fs.existsSync(lock)).toBe(true);
  });

  it("leaves other worktrees alone whose folder is missing", async () => {
    await add();
    const away = repo.at("trees/away");
    repo.git("worktree", "add", "-q", "-b", "away", away);
    fs.renameSync(away, repo.at("unmounted"));
    fs.writeFileSync(path.join(admin(), "locked"), "initializing");
    await add({}, { again: true, note: deadNote() });
    expect(repo.git("worktree", "list")).toContain(away);
  });
});

/** Performs `worktree_add` in a process of its own, which reports each note; with `hold`, it waits for ever inside the first note. */
const CHILD = `
import { perform } from ${JSON.stringify(new URL("./performer-harness.ts", import.meta.url).href)};
const [args, hold] = process.argv.slice(1);
const say = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
await perform("git.worktree_add", JSON.parse(args), { onNote: async (note) => {
  say({ note });
  if (hold === "hold") await new Promise(() => setInterval(() => {}, 1000));
} });
say({ done: true });
`;

describe("git.worktree_add with a real kill", () => {
  const children: ChildProcess[] = [];
  const gits: ProcessIdentity[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    for (const { pgid } of gits.splice(0)) kill(-pgid);
  });
  const kill = (pid: number) => {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It had ended.
    }
  };

  /** Kills the performing process, and with `both` its git, as soon as `seen` says so; answers the last note. */
  async function crash(seen: () => boolean, both: boolean, hold = false): Promise<Json | null> {
    const child = spawn(
      process.execPath,
      ["--input-type=module", "-e", CHILD, JSON.stringify(args), hold ? "hold" : "run"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    children.push(child);
    let note: Json | null = null;
    let done = false;
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const message = JSON.parse(line) as { note?: Json; done?: boolean };
      note = message.note ?? note;
      done ||= message.done === true;
    });
    const exited = once(child, "exit");
    while (!done && !(note !== null && seen())) await new Promise((go) => setImmediate(go));
    child.kill("SIGKILL");
    await exited;
    const git = processIn(note);
    if (git !== null) {
      gits.push(git);
      if (both) kill(-git.pgid);
    }
    return note;
  }

  beforeEach(() => {
    for (let i = 0; i < 1_500; i++) repo.write(`many/f${i}.txt`, `file ${i}\n`.repeat(20));
    repo.git("add", "-A");
    repo.git("commit", "-q", "-m", "many");
  });

  const points: Readonly<Record<string, () => boolean>> = {
    "the note is written": () => true,
    "git has its folder": () => fs.existsSync(admin()),
    "the path is there": () => fs.existsSync(path.join(tree(), ".git")),
    "the checkout is under way": () => fs.existsSync(path.join(tree(), "many/f10.txt")),
    "the checkout is nearly done": () => fs.existsSync(path.join(tree(), "src/a.txt")),
  };
  for (const [name, seen] of Object.entries(points)) {
    for (const both of [true, false]) {
      it(`finishes after ${both ? "both were" : "only our process was"} killed when ${name}`, async () => {
        const note = await crash(seen, both);
        const result = await add({}, { again: true, note });
        expect(result).toMatchObject({ branch: "harn-w1", head: repo.git("rev-parse", "main") });
        expectWhole();
        expect(fs.readdirSync(path.join(tree(), "many"))).toHaveLength(1_500);
      });
    }
  }

  it("runs nothing when it dies before the gate opens", async () => {
    const note = await crash(() => true, false, true);
    const { pid } = processIn(note)!;
    while (fs.existsSync(`/proc/${pid}`) && !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8")))
      await new Promise((go) => setTimeout(go, 5));
    expect(repo.git("branch", "--list", "harn-w1")).toBe("");
    expect(fs.existsSync(tree())).toBe(false);
    await add({}, { again: true, note: null });
    expectWhole();
  });

  it("recovers by itself when only git is killed", async () => {
    const effect = startEffect("git.worktree_add", args);
    let settled = false;
    effect.result.then(
      () => (settled = true),
      () => (settled = true),
    );
    while (!settled && !fs.existsSync(path.join(tree(), "many/f10.txt"))) await new Promise((go) => setImmediate(go));
    kill(-processIn(effect.note())!.pgid);
    expect(await effect.result).toMatchObject({ branch: "harn-w1" });
    expectWhole();
  });
});

describe("git.worktree_remove", () => {
  it("hands back everything that was done, keeps what was not committed, and the branch", async () => {
    const { base } = await add();
    commitIn(tree(), "committed.txt", "committed\n");
    repo.write("README.md", "changed\n", tree());
    repo.write("new/untracked.txt", "untracked\n", tree());
    repo.write(".gitignore", "*.log\n", tree());
    repo.write("noise.log", "noise\n", tree());
    const result = await remove();
    expect(result).toMatchObject({ removed: true, base, branch: "harn-w1", truncated: false });
    expect(result.files).toEqual([
      { status: "A", path: ".gitignore" },
      { status: "M", path: "README.md" },
      { status: "A", path: "committed.txt" },
      { status: "A", path: "new/untracked.txt" },
    ]);
    expect(result.diff).toContain("+committed");
    expect(result.diff).toContain("+untracked");
    expect(fs.existsSync(tree())).toBe(false);
    expect(repo.git("worktree", "list").split("\n")).toHaveLength(1);
    expect(repo.git("log", "-1", "--format=%s", "harn-w1")).toBe("add committed.txt");
    expect(repo.git("show", `${result.snapshot}:new/untracked.txt`)).toBe("untracked");
    expect(repo.git("for-each-ref", "--format=%(objectname)", "refs/harn/removed")).toBe(result.snapshot);
  });

  it("gives a diff that applies", async () => {
    await add();
    repo.write("src/a.txt", "other\n", tree());
    fs.writeFileSync(
      path.join(tree(), "bytes.bin"),
      Uint8Array.from({ length: 300 }, (_, i) => i % 256),
    );
    const { diff } = await remove();
    fs.writeFileSync(repo.at("work.patch"), diff as string);
    repo.git("apply", repo.at("work.patch"));
    expect(repo.read("src/a.txt")).toBe("other\n");
    expect(fs.readFileSync(path.join(repo.path, "bytes.bin"))[255]).toBe(255);
  });

  it("has no snapshot of a clean tree, and no commit is made", async () => {
    await add();
    commitIn(tree(), "a.txt", "x\n");
    expect(await remove()).toMatchObject({ snapshot: null });
    expect(repo.git("for-each-ref", "refs/harn")).toBe("");
  });

  it("refuses what was not made for this worker", async () => {
    repo.git("worktree", "add", "-q", "-b", "theirs", tree());
    await expect(remove()).rejects.toThrow(/left alone/);
    expect(fs.existsSync(path.join(tree(), "README.md"))).toBe(true);
    await add({ worker: "w2", branch: "harn-w2", path: repo.at("trees/w2") });
    await expect(remove({ worker: "w2" })).rejects.toThrow(/left alone/);
    fs.rmSync(repo.at("trees/w2"), { recursive: true });
    repo.write("notes.txt", "mine", repo.at("trees/w2"));
    await expect(remove({ worker: "w2", path: repo.at("trees/w2") })).rejects.toThrow(/something else now/);
    expect(repo.read("notes.txt", repo.at("trees/w2"))).toBe("mine");
  });

  it("finishes after a crash at each step, with the same diff", async () => {
    const steps: Readonly<Record<string, () => void>> = {
      "work kept": () => {},
      "folder renamed": () => fs.renameSync(tree(), repo.at("trees/.harn-removed-w1")),
      "git's folder removed": () => {
        fs.renameSync(tree(), repo.at("trees/.harn-removed-w1"));
        fs.rmSync(admin(), { recursive: true });
      },
      "rest half removed": () => {
        fs.renameSync(tree(), repo.at("trees/.harn-removed-w1"));
        fs.rmSync(admin(), { recursive: true });
        fs.rmSync(repo.at("trees/.harn-removed-w1/src"), { recursive: true });
      },
    };
    for (const [name, step] of Object.entries(steps)) {
      await add();
      repo.write("src/a.txt", `${name}\n`, tree());
      // The first process gets as far as its note, then stops; what it did after that is `step`.
      let note: Json | null = null;
      const stopped = startEffect("git.worktree_remove", args, {
        onNote: (next) => {
          note = next;
          throw new Error("killed");
        },
      });
      await expect(stopped.result).rejects.toThrow("killed");
      step();
      const result = await remove({}, { again: true, note });
      expect(result.diff, name).toContain(`+${name}`);
      expect(fs.readdirSync(repo.at("trees"))).toEqual([]);
      expect(repo.git("worktree", "list").split("\n")).toHaveLength(1);
      expect(await remove({}, { again: true, note }), "once more, all done").toEqual(result);
    }
  });

  it("still tells what the branch holds when the user removed the folder", async () => {
    await add();
    commitIn(tree(), "work.txt", "work\n");
    fs.rmSync(tree(), { recursive: true });
    const result = await remove();
    expect(result.diff).toContain("+work");
    expect(repo.git("worktree", "list").split("\n")).toHaveLength(1);
  });
});
