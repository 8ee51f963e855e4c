import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SpawnRequest } from "../../ports/processes.ts";
import { groupMembers, isSameProcessAlive, listWithPs, startTimeOf, survivorsOf } from "./process-identity.ts";
import { createProcessesPort } from "./processes.ts";

const processes = createProcessesPort();
const env = { PATH: process.env.PATH ?? "/usr/bin:/bin", GREETING: "hello" };
let folder: string;
const at = (name: string) => path.join(folder, name);
const shell = (script: string, more: Partial<SpawnRequest> = {}): SpawnRequest => ({
  command: { kind: "shell", script },
  cwd: folder,
  env,
  maxOutputBytes: 1e6,
  ...more,
});
const argv = (...words: string[]): SpawnRequest => ({ ...shell(""), command: { kind: "argv", argv: words } });
const never = new AbortController().signal;
const until = async (test: () => boolean) => {
  while (!test()) await new Promise((go) => setTimeout(go, 5));
};
const run = async (request: SpawnRequest, signal = never) => {
  const child = await processes.spawnGated(request, signal);
  child.open();
  return child.done;
};

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "harn-proc-")));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

describe("a gated child", () => {
  it("runs nothing before its gate opens, then in its own group, folder and environment only", async () => {
    const child = await processes.spawnGated(
      shell('touch ran; pwd; echo "$GREETING$HOME"; ps -o pgid= -p $$ 2>/dev/null || true'),
      never,
    );
    expect(child.identity).toMatchObject({ pgid: child.identity.pid, startTime: startTimeOf(child.identity.pid) });
    expect(processes.isAlive(child.identity)).toBe(true);
    await new Promise((go) => setTimeout(go, 50));
    expect(fs.existsSync(at("ran"))).toBe(false);
    child.open();
    child.open();
    const { stdout, status } = await child.done;
    expect(status).toBe(0);
    expect(stdout.split("\n").slice(0, 2)).toEqual([folder, "hello"]);
    expect(processes.isAlive(child.identity)).toBe(false);
  });

  it("keeps its pid when the command takes the gate's place, and hands on arguments untouched", async () => {
    const child = await processes.spawnGated(
      argv("/bin/sh", "-c", 'echo $$; printf "%s|" "$@"', "sh", "a b", "", "$(x)", "-n"),
      never,
    );
    child.open();
    expect((await child.done).stdout).toBe(`${child.identity.pid}\na b||$(x)|-n|`);
  });

  it("has no descriptor of ours and an empty input unless given one", async () => {
    expect((await run(shell("cat; (echo open >&3) 2>/dev/null || echo closed"))).stdout).toBe("closed\n");
    expect((await run(shell("cat", { stdin: "given" }))).stdout).toBe("given");
    expect((await run(shell("exit 0", { stdin: "x".repeat(1_000_000) }))).status).toBe(0);
  });

  it("tells status from signal", async () => {
    expect(await run(shell("exit 7"))).toMatchObject({ status: 7, signal: null });
    expect(await run(shell("kill -9 $$"))).toMatchObject({ status: null, signal: "SIGKILL" });
  });

  it("passes on whole characters as they come, and bounds what it keeps", async () => {
    let live = "";
    const result = await run(
      shell("printf '\\303'; sleep 0.05; printf '\\251'; printf 'é%.0s' 1 2 3", {
        maxOutputBytes: 5,
        onChunk: (_, text) => (live += text),
      }),
    );
    expect(live).toBe("éééé");
    expect(result).toMatchObject({ stdout: "éé", truncated: true });
  });

  it("is named when it cannot start", async () => {
    await expect(processes.spawnGated(argv("no-such-program"), never)).rejects.toThrow(
      /cannot run no-such-program: No such file or directory/,
    );
    fs.writeFileSync(at("plain"), "text");
    await expect(processes.spawnGated(argv("./plain"), never)).rejects.toThrow(/Permission denied/);
    await expect(processes.spawnGated(argv("/"), never)).rejects.toThrow(/is a folder/);
    await expect(processes.spawnGated({ ...argv("ls"), cwd: at("none") }, never)).rejects.toThrow(at("none"));
    await expect(processes.spawnGated(argv(), never)).rejects.toThrow(/without a program/);
    await expect(processes.spawnGated(argv("echo", "a\0b"), never)).rejects.toThrow(/NUL/);
  });
});

describe("cancelling", () => {
  it("before the gate opens ends the child unrun", async () => {
    const stop = new AbortController();
    const child = await processes.spawnGated(shell("touch ran"), stop.signal);
    stop.abort();
    child.open();
    await child.done;
    expect(fs.existsSync(at("ran"))).toBe(false);
    await expect(processes.spawnGated(shell("touch ran"), stop.signal)).rejects.toThrow();
  });

  it("asks first, so a child can clean up", async () => {
    const stop = new AbortController();
    const child = await processes.spawnGated(
      shell("trap 'echo bye; exit 4' TERM; touch ran; while :; do sleep 0.02; done"),
      stop.signal,
    );
    child.open();
    await until(() => fs.existsSync(at("ran")));
    stop.abort();
    expect(await child.done).toMatchObject({ stdout: "bye\n", status: 4 });
  });

  it("kills the whole group of one that does not listen, and does not wait for one that left the group", async () => {
    const stop = new AbortController();
    const script = "trap '' TERM; sleep 60 & setsid sleep 61 & echo $! > left; touch ran; while :; do sleep 0.02; done";
    const child = await processes.spawnGated(shell(script, { graceMs: 60 }), stop.signal);
    child.open();
    await until(() => fs.existsSync(at("ran")));
    stop.abort();
    expect(await child.done).toMatchObject({ signal: "SIGKILL" });
    expect(groupMembers(child.identity.pgid)).toEqual([]);
    process.kill(Number(fs.readFileSync(at("left"), "utf8")), "SIGKILL");
  });
});

describe("killing a recorded process", () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  it("ends it and its group and waits until they are gone", async () => {
    const child = await processes.spawnGated(shell("trap '' TERM; sleep 60 & touch ran; wait; sleep 60"), never);
    child.open();
    await until(() => fs.existsSync(at("ran")));
    expect(await processes.killRecorded(child.identity, { graceMs: 50 })).toBe(true);
    expect(groupMembers(child.identity.pgid)).toEqual([]);
    expect(await processes.killRecorded(child.identity)).toBe(false);
    expect((await child.done).signal).toBe("SIGKILL");
  });

  it("finds children whose leader is dead", async () => {
    const child = await processes.spawnGated(shell("sleep 60 > /dev/null 2>&1 & touch ran"), never);
    child.open();
    await child.done;
    expect(survivorsOf(child.identity)).toHaveLength(1);
    expect(await processes.killRecorded(child.identity)).toBe(true);
    expect(survivorsOf(child.identity)).toEqual([]);
  });

  it("wakes a stopped one to end it", async () => {
    const child = await processes.spawnGated(shell("touch ran; sleep 60"), never);
    child.open();
    await until(() => fs.existsSync(at("ran")));
    process.kill(-child.identity.pgid, "SIGSTOP");
    expect(await processes.killRecorded(child.identity)).toBe(true);
  });

  it("never touches another process with the same pid, nor anything after a restart of the machine", async () => {
    const child = await processes.spawnGated(shell("sleep 60"), never);
    child.open();
    const { pid, pgid, startTime } = child.identity;
    const earlier = startTime.replace(/\d+$/, (ticks) => String(Number(ticks) - 5));
    const otherBoot = startTime.replace(/^[^/]*/, "00000000-0000-0000-0000-000000000000");
    const otherContainer = startTime.replace(/\/\d+/, "/1");
    for (const other of [earlier, otherBoot, otherContainer]) {
      expect(processes.isAlive({ pid, startTime: other })).toBe(other === otherContainer ? null : false);
      expect(await processes.killRecorded({ pid, pgid, startTime: other })).toBe(false);
    }
    expect(isSameProcessAlive(child.identity)).toBe(true);
    await processes.killRecorded(child.identity);
  });

  it("is told from `ps` where there is no /proc", async () => {
    const child = await processes.spawnGated(shell("sleep 60"), never);
    const [entry] = listWithPs(["-p", String(child.identity.pid)]);
    expect(entry).toMatchObject({ pid: child.identity.pid, pgid: child.identity.pgid, zombie: false });
    expect(Date.parse(entry!.startTime)).toBeGreaterThan(Date.now() - 3_600_000);
    expect(listWithPs(["-A"]).some((other) => other.pid === process.pid)).toBe(true);
    await processes.killRecorded(child.identity);
    await child.done;
    expect(listWithPs(["-p", String(child.identity.pid)])).toEqual([]);
  });

  it("finds nothing to run when our process was killed before the gate opened", async () => {
    const script = `import { createProcessesPort } from ${JSON.stringify(new URL("./processes.ts", import.meta.url).href)};
      const child = await createProcessesPort().spawnGated({ command: { kind: "shell", script: "touch ran" }, cwd: process.argv[1], env: process.env, maxOutputBytes: 10 }, new AbortController().signal);
      console.log(JSON.stringify(child.identity));
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", script, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(holder);
    const [line] = (await once(createInterface({ input: holder.stdout }), "line")) as [string];
    const identity = JSON.parse(line) as { pid: number; startTime: string; pgid: number };
    expect(isSameProcessAlive(identity)).toBe(true);
    holder.kill("SIGKILL");
    await until(() => !isSameProcessAlive(identity));
    expect(fs.existsSync(at("ran"))).toBe(false);
  });
});
