import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeRepository } from "../../examples/delegate/make-repo.mjs";
import { command, harn, harnOnTerminal, root, scratch, startHarn, until } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const options = () => ({ cwd: work.folder });
const WAITING = 'println("start")\nexec("sh", "-c", "echo $$ > child; exec sleep 60")\nprintln("end")\n';
const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};
const childPid = () => Number(fs.readFileSync(work.at("child"), "utf8"));
const childRuns = () => fs.existsSync(work.at("child")) && fs.readFileSync(work.at("child"), "utf8").endsWith("\n");

describe("a signal", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`${signal} ends a durable run with 124, one message and its state kept`, async () => {
      work.write("main.harn", 'println("start")\nsleep(1s)\nprintln("end")\n');
      const started = startHarn(["run", "--durable", "main.harn"], options());
      await until(() => started.stdout() === "start\n");
      started.child.kill(signal);
      const result = await started.done;
      expect(result).toMatchObject({ code: 124, stdout: "start\n" });
      const [, id] =
        /^interrupted: state saved, continue with `harn resume ([0-9a-f-]{36})`\n$/.exec(result.stderr) ?? [];
      expect(id, result.stderr).toBeDefined();

      const list = await harn(["resume"], options());
      expect(list).toMatchObject({ code: 0, stdout: expect.stringContaining(id!) });
      expect(await harn(["resume", id!], options())).toMatchObject({ code: 0, stdout: "start\nend\n", stderr: "" });
      expect(await harn(["resume", id!], options())).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("nothing to resume"),
      });
      expect((await harn(["resume"], options())).stdout).toContain("nothing to resume");
    });
  }

  it("ends the child processes of a run", async () => {
    work.write("main.harn", WAITING);
    for (const flags of [["--durable"], []]) {
      const started = startHarn(["run", ...flags, "main.harn"], options());
      await until(childRuns);
      started.child.kill("SIGINT");
      expect((await started.done).code).toBe(124);
      expect(alive(childPid())).toBe(false);
      fs.rmSync(work.at("child"));
    }
  });

  it("says that nothing is kept of a run that is not durable", async () => {
    work.write(
      "main.harn",
      'pipeline main(task) {\n  defer { println("tidied up") }\n  println("start")\n  sleep(60s)\n}\n',
    );
    const started = startHarn(["run", "main.harn"], options());
    await until(() => started.stdout() === "start\n");
    started.child.kill("SIGINT");
    const result = await started.done;
    expect(result).toMatchObject({ code: 124, stdout: "start\ntidied up\n" });
    expect(result.stderr).toMatch(/^interrupted: .*nothing of it is kept.*--durable/);
    expect(fs.existsSync(work.at(".harn"))).toBe(false);
  });

  it("the second one ends at once", async () => {
    work.write("main.harn", 'pipeline main(task) {\n  defer { sleep(60s) }\n  println("start")\n  sleep(60s)\n}\n');
    const started = startHarn(["run", "main.harn"], options());
    await until(() => started.stdout() === "start\n");
    started.child.kill("SIGINT");
    await until(() => started.stderr() !== "");
    await new Promise((go) => setTimeout(go, 200));
    started.child.kill("SIGINT");
    expect((await started.done).code).toBe(124);
  });

  it("reaches a run that an older Node has handed over, once", async () => {
    work.write("main.harn", 'println("start")\nsleep(60s)\n');
    const old = [
      "--import",
      'data:text/javascript,Object.defineProperty(process.versions, "node", {value: "18.20.0"})',
    ];
    const started = startHarn(["run", "--durable", "main.harn"], { ...options(), node: old });
    await until(() => started.stdout() === "start\n");
    started.child.kill("SIGINT");
    expect(await started.done).toMatchObject({ code: 124, stderr: expect.stringContaining("state saved") });

    const killed = startHarn(["run", "--durable", "main.harn"], { ...options(), node: old });
    await until(() => killed.stdout() === "start\n");
    killed.child.kill("SIGKILL");
    await killed.done;
    const runs = async () => JSON.parse((await harn(["runs", "--json"], options())).stdout) as { status: string }[];
    while ((await runs()).some(({ status }) => status !== "interrupted")) await new Promise((go) => setTimeout(go, 50));
  });
});

describe("runs that are kept", () => {
  const start = async () => {
    work.write("main.harn", 'println("start")\nsleep(60s)\n');
    const started = startHarn(["run", "--durable", "main.harn", "--", "word"], options());
    await until(() => started.stdout() === "start\n");
    const [run] = JSON.parse((await harn(["runs", "--json"], options())).stdout) as [{ id: string; pid: number }];
    return { started, run };
  };

  it("are listed, shown by the beginning of their id, and refused to a second process", async () => {
    const { started, run } = await start();
    expect(run).toMatchObject({
      status: expect.stringMatching(/running|waiting/),
      program: "main.harn",
      args: ["word"],
      pid: started.child.pid,
    });
    const shown = await harn(["runs", "show", run.id.slice(0, 20)], options());
    expect(shown.stdout).toContain("program  main.harn word");
    expect(shown.stdout).toContain("── output\nstart\n");
    const second = await harn(["resume", run.id], options());
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toMatch(/^error: /);
    expect(await harn(["runs", "show", "ffff"], options())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no run ffff"),
    });
    started.child.kill("SIGINT");
    await started.done;
  });

  it("can be cancelled from elsewhere", async () => {
    const { started, run } = await start();
    expect(await harn(["cancel", run.id], options())).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("is being cancelled"),
    });
    expect(await started.done).toMatchObject({ code: 1, stderr: expect.stringContaining("cancelled") });
    expect(await harn(["cancel", run.id], options())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nothing to cancel"),
    });
  });

  it("print only what is new with --tail", async () => {
    work.write("main.harn", 'println("start")\nsleep(1s)\nprintln("end")\n');
    const started = startHarn(["run", "--durable", "main.harn"], options());
    await until(() => started.stdout() === "start\n");
    started.child.kill("SIGKILL");
    await started.done;
    const [{ id }] = JSON.parse((await harn(["resume", "--json"], options())).stdout) as [{ id: string }];
    expect(await harn(["resume", "--tail", id.slice(0, 30)], options())).toMatchObject({ code: 0, stdout: "end\n" });
  });
});

describe("on a terminal", () => {
  const example = `${root}/examples/delegate/main.harn`;

  it("the tree of workers stands below the output and is true at the end", async () => {
    makeRepository(work.at("repo"));
    const terminal = harnOnTerminal(["run", example, "--", work.at("repo")], options());
    expect(await terminal.exit).toBe(0);
    const screen = await terminal.screen();
    const at = screen.findIndex((line) => line.startsWith("workers:"));
    expect(screen[at]).toBe("workers: 3 of 3 done");
    expect(screen.slice(at + 1).map((line) => line.replace(/ +/g, " ").replace(/[\d.]+ m?s/, "TIME"))).toEqual([
      " ✓ fix completed TIME 4.7k tok run_tests",
      " ✓ test completed TIME 3.1k tok run_tests",
      " ✓ docs completed TIME 4.7k tok write_file",
    ]);
    // What was painted before has been taken away, and the output is whole.
    expect(screen.filter((line) => line.includes("workers:"))).toHaveLength(1);
    expect(screen[0]).toContain("delegating 3 jobs");
    expect(screen.join("\n")).toContain("on the merged repository: passes");
    expect(terminal.raw().match(/\u001b\[\?25l/g)).toHaveLength(1);
    expect(terminal.raw().lastIndexOf("\u001b[?25h")).toBeGreaterThan(terminal.raw().lastIndexOf("\u001b[?25l"));
  });

  it("NO_COLOR leaves the tree without colours", async () => {
    makeRepository(work.at("repo"));
    const terminal = harnOnTerminal(["run", example, "--", work.at("repo")], { ...options(), env: { NO_COLOR: "1" } });
    expect(await terminal.exit).toBe(0);
    expect(terminal.raw()).not.toMatch(/\u001b\[[\d;]*m/);
    expect(terminal.raw()).toContain("✓");
  });

  it("a program without workers writes just its output", async () => {
    const terminal = harnOnTerminal(["run", "-e", 'print("a")\nprint("b")\nprintln("c")'], options());
    expect(await terminal.exit).toBe(0);
    expect(terminal.raw()).toBe("abc\r\n");
  });

  it("Ctrl-C gives one message, the cursor, 124, and a run that goes on to the same report", async () => {
    makeRepository(work.at("repo"));
    // The repository's own tests never end by themselves the first time.
    const file = work.at("repo/package.json");
    const manifest = JSON.parse(fs.readFileSync(file, "utf8")) as { scripts: { test: string } };
    const ownTests = manifest.scripts.test;
    fs.writeFileSync(
      file,
      JSON.stringify({
        ...manifest,
        scripts: { test: `test -e ${work.at("go")} || { echo $$ > ${work.at("child")}; exec sleep 60; }; ${ownTests}` },
      }),
    );
    spawnSync("git", [
      "-C",
      work.at("repo"),
      "-c",
      "user.name=t",
      "-c",
      "user.email=t@localhost",
      "commit",
      "-qam",
      "slow tests",
    ]);

    const terminal = harnOnTerminal(["run", example, "--", work.at("repo")], options(), 120, 30);
    await until(() => childRuns() && terminal.raw().includes("run_tests …"));
    terminal.type("\u0003");
    expect(await terminal.exit).toBe(124);
    const screen = (await terminal.screen()).join("\n");
    const messages = [...screen.matchAll(/interrupted: state saved, continue with `harn resume ([0-9a-f-]+)`/g)];
    expect(messages).toHaveLength(1);
    expect(terminal.raw().endsWith("\u001b[?25h")).toBe(true);
    expect(alive(childPid())).toBe(false);

    work.write("go", "");
    const resumed = harnOnTerminal(["resume", messages[0]![1]!], options(), 250, 30);
    expect(await resumed.exit).toBe(0);
    const report = (await resumed.screen()).join("\n");
    expect(report).toContain("on the merged repository: passes");
    expect(report).toMatch(/workers: 3 of 3 done\n.*fix +completed .*4\.7k tok/);
  });

  it("the tree never gets wider or higher than the terminal", async () => {
    makeRepository(work.at("repo"));
    const terminal = harnOnTerminal(["run", example, "--", work.at("repo")], options(), 40, 6);
    await until(() => terminal.raw().includes("3 done"));
    terminal.resize(34, 5);
    expect(await terminal.exit).toBe(0);
    const screen = await terminal.screen();
    expect(screen.filter((line) => line.startsWith("workers:")).at(-1)).toBe("workers: 3 of 3 done");
    // A row that the smaller window pushed out of sight cannot be taken back: what counts is the tree that stands.
    const tree = screen.slice(screen.findLastIndex((line) => line.startsWith("workers:")));
    expect(tree).toHaveLength(3);
    expect(tree[1]).toMatch(/^ {2}✓ /);
    expect(tree[2]).toBe("  … and 2 more");
    expect(Math.max(...tree.map((line) => line.length))).toBeLessThanOrEqual(34);
  });
});

it("the command is executable by itself", () => {
  expect(fs.statSync(command).mode & 0o111).not.toBe(0);
});
