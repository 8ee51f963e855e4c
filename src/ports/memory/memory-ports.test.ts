import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDatabasePort } from "../../hosts/node/database.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { create, turn } from "../../store/store-contract-suite.ts";
import { DatabaseFailure } from "../database.ts";
import { createMemoryPorts } from "./ports.ts";

describe("files in memory", () => {
  it("lock one after the other", async () => {
    const { files } = createMemoryPorts({});
    const said: string[] = [];
    const first = await files.lock("/project/lock");
    const others = ["second", "third"].map(async (name) => {
      const release = await files.lock("/project/lock");
      said.push(name);
      release();
    });
    said.push("first");
    first();
    await Promise.all(others);
    expect(said).toEqual(["first", "second", "third"]);
  });

  it("read, write, append, list, rename, copy and remove as real ones do", async () => {
    const { files } = createMemoryPorts({ files: { "/project/a/x.txt": "x" } });
    await files.writeText("/project/a/y.txt", "é");
    await files.append("/project/a/y.txt", "!");
    await files.append("/project/a/y.txt", "?", { offset: 2 });
    expect(files.readTextSync("/project/a/y.txt")).toBe("é?");
    expect(files.listSync("/project/a").map((entry) => entry.name)).toEqual(["x.txt", "y.txt"]);
    await files.mkdir("/project/b/c");
    await files.rename("/project/a", "/project/b/a");
    await files.copy("/project/b/a/x.txt", "/project/z");
    expect([
      files.existsSync("/project/a"),
      files.readTextSync("/project/b/a/x.txt"),
      files.statSync("/project/z")?.size,
    ]).toEqual([false, "x", 1]);
    await files.remove("/project/b");
    expect(files.listSync("/project").map((entry) => entry.name)).toEqual([".keep", "z"]);
    await expect(files.writeText("/nowhere/x", "")).rejects.toMatchObject({ code: "ENOENT" });
    expect(() => files.readTextSync("/project")).toThrow(/Is a directory/);
    expect(files.realpathSync("/project/./q/../z")).toBe("/project/z");
  });

  it("fill up", async () => {
    const { files } = createMemoryPorts({ files: { "/project/a": "12345" } });
    files.capacity = 8;
    await files.writeText("/project/b", "123");
    await expect(files.append("/project/b", "4")).rejects.toMatchObject({ code: "ENOSPC" });
    expect(files.readTextSync("/project/b")).toBe("123");
    await files.writeText("/project/a", "");
    await files.append("/project/b", "4");
  });
});

describe("trouble on demand", () => {
  it("fails as often as told, where told, and holds until released", async () => {
    const { files, faults } = createMemoryPorts();
    faults.fail("files.write", new Error("first"), { subject: "/project/a" });
    await files.writeText("/project/b", "fine");
    await expect(files.writeText("/project/a", "")).rejects.toThrow("first");
    await files.writeText("/project/a", "now");
    const release = faults.hold("files.write");
    let done = false;
    const held = files.writeText("/project/a", "later").then(() => {
      done = true;
    });
    await new Promise((go) => setImmediate(go));
    expect(done).toBe(false);
    release();
    await held;
    expect(files.readTextSync("/project/a")).toBe("later");
    expect(faults.log.filter((line) => line === "files.write /project/a")).toHaveLength(3);
  });

  it("lets a commit fail whole, and the next one succeed", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-memory-"));
    const ports = createMemoryPorts({ database: createDatabasePort() });
    const store = await openSqliteStore(ports, { stateRoot: folder });
    const lease = await store.open({ host: "memory", builds: [] });
    ports.faults.fail("database.commit", new DatabaseFailure("harn.db", "full", "the disk is full"));
    await expect(store.commit(lease, [turn("u", { create })])).rejects.toThrow("the disk is full");
    expect(await store.unit("u")).toBeNull();
    expect(await store.commit(lease, [turn("u", { create })])).toBe("ok");
    ports.faults.fail("database.begin", new DatabaseFailure("harn.db", "busy", "locked"));
    await expect(store.commit(lease, [turn("u")])).rejects.toThrow("locked");
    expect(store.holds(lease)).toBe(true);
    await store.close();
    fs.rmSync(folder, { recursive: true });
  });
});

describe("the other doors in memory", () => {
  it("time stands still until it is moved", () => {
    const { clock } = createMemoryPorts({ nowMs: 100 });
    const fired: number[] = [];
    clock.setTimer(300, () => fired.push(clock.nowMs()));
    clock.setTimer(200, () => {
      fired.push(clock.nowMs());
      clock.setTimer(250, () => fired.push(clock.nowMs()));
    });
    clock.setTimer(250, () => fired.push(-1))();
    clock.advance(99);
    expect(fired).toEqual([]);
    clock.advance(300);
    expect(fired).toEqual([200, 250, 300]);
    expect([clock.nowMs(), clock.monotonicMs(), clock.pendingTimers]).toEqual([499, 399, 0]);
    clock.step(0);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([0, 399]);
  });

  it("ids and randomness repeat", () => {
    const [a, b] = [createMemoryPorts(), createMemoryPorts()];
    const ids = [a.ids.uuidv7(), a.ids.uuidv7()];
    expect(ids).toEqual([b.ids.uuidv7(), b.ids.uuidv7()]);
    expect(ids.toSorted()).toEqual(ids);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([...a.random.bytes(4)]).toEqual([...b.random.bytes(4)]);
  });

  it("hashes as the host does", () => {
    const { hash } = createMemoryPorts();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(hash.sha256(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
      }),
    );
  });

  it("processes run behind their gate, and are killed", async () => {
    const { processes } = createMemoryPorts();
    const request = {
      command: { kind: "argv" as const, argv: ["tool"] },
      cwd: "/project",
      env: {},
      maxOutputBytes: 10,
    };
    processes.program = () => ({ stdout: "hi" });
    const stop = new AbortController();
    const child = await processes.spawnGated(request, stop.signal);
    expect(processes.started).toEqual([]);
    child.open();
    expect(await child.done).toMatchObject({ status: 0, stdout: "hi" });
    const second = await processes.spawnGated(request, stop.signal);
    expect(processes.isAlive(second.identity)).toBe(true);
    expect(await processes.killRecorded(second.identity)).toBe(true);
    expect(await second.done).toMatchObject({ status: null, signal: "SIGTERM" });
    second.open();
    expect(processes.started).toHaveLength(1);
  });

  it("the network is what the test says", async () => {
    await expect(createMemoryPorts().network.fetch("http://x.invalid/")).rejects.toThrow("http://x.invalid/");
    const { network, faults } = createMemoryPorts({ fetch: async () => new Response("played") });
    expect(await (await network.fetch("http://x.invalid/")).text()).toBe("played");
    faults.fail("network.fetch", new TypeError("fetch failed"), { subject: "x.invalid" });
    await expect(network.fetch("http://x.invalid/")).rejects.toThrow("fetch failed");
  });

  it("the terminal keeps output and gives input", async () => {
    const { terminal } = createMemoryPorts({ input: ["one"] });
    terminal.writeOut("a");
    terminal.writeError("b");
    expect([terminal.out, terminal.error, await terminal.readLine(), await terminal.readLine()]).toEqual([
      "a",
      "b",
      "one",
      null,
    ]);
  });
});
