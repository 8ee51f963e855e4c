import { once } from "node:events";
import fs from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createClockPort } from "./clock.ts";
import { createLineReader } from "./line-reader.ts";
import { createNodePorts } from "./ports.ts";
import { wantsColor } from "./terminal.ts";

const ports = createNodePorts();

describe("clock", () => {
  it("calls back once at its time, or never when cancelled", async () => {
    const clock = createClockPort();
    const fired: string[] = [];
    const due = clock.nowMs() + 30;
    clock.setTimer(due, () => fired.push("cancelled"))();
    clock.setTimer(Number.MAX_SAFE_INTEGER, () => fired.push("far"))();
    let sameTick = true;
    await new Promise<void>((resolve) => {
      clock.setTimer(0, () => fired.push(sameTick ? "same tick" : "past"));
      clock.setTimer(due, () => {
        fired.push(clock.nowMs() >= due ? "due" : "early");
        resolve();
      });
      sameTick = false;
    });
    expect(fired).toEqual(["past", "due"]);
  });
});

describe("environment, ids, random, hash", () => {
  it("says who we are", () => {
    const { environment } = ports;
    expect(environment.get("PATH")).toBe(process.env.PATH);
    expect(environment.get("toString")).toBeUndefined();
    expect(environment.pid).toBe(process.pid);
    expect(ports.processes.isAlive(environment)).toBe(true);
    expect(environment.cwd()).toBe(process.cwd());
    expect(environment.machine).toBe(os.hostname());
  });

  it("makes ids in order of time, random bytes and hashes", () => {
    const ids = Array.from({ length: 50 }, () => ports.ids.uuidv7());
    expect(ids.toSorted()).toEqual(ids);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ports.ids.uuidv4()).toMatch(/-4[0-9a-f]{3}-/);
    expect(ports.random.bytes(16)).toHaveLength(16);
    expect(ports.hash.sha256("é")).toBe(ports.hash.sha256(new TextEncoder().encode("é")));
    expect(ports.hash.sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});

describe("network", () => {
  it("fetches and can be cancelled", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/slow") return;
      response.end(`${request.method} ${request.url}`);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await (await ports.network.fetch(`${url}/x`, { method: "POST", body: "b" })).text()).toBe("POST /x");
    const stop = new AbortController();
    const slow = ports.network.fetch(`${url}/slow`, { signal: stop.signal });
    await once(server, "request");
    stop.abort();
    await expect(slow).rejects.toThrow(/abort/i);
    server.closeAllConnections();
    server.close();
  });
});

describe("terminal", () => {
  it("chooses colours as NO_COLOR, FORCE_COLOR and TERM say", () => {
    expect([
      wantsColor({}, true),
      wantsColor({}, false),
      wantsColor({ NO_COLOR: "1" }, true),
      wantsColor({ NO_COLOR: "" }, true),
    ]).toEqual([true, false, false, true]);
    expect([
      wantsColor({ FORCE_COLOR: "1" }, false),
      wantsColor({ FORCE_COLOR: "0" }, true),
      wantsColor({ TERM: "dumb" }, true),
    ]).toEqual([true, false, false]);
  });

  it("reads lines one at a time, keeps early ones, ends with null", async () => {
    const input = new PassThrough();
    let opened = 0;
    const readLine = createLineReader(() => {
      opened++;
      return input;
    });
    expect(opened).toBe(0);
    const first = readLine();
    input.write("one\r\ntwo\nthr");
    expect(await first).toBe("one");
    expect(await readLine()).toBe("two");
    const stop = new AbortController();
    const aborted = readLine(stop.signal);
    stop.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    const third = readLine();
    input.end("ee");
    expect([await third, await readLine(), await readLine()]).toEqual(["three", null, null]);
    expect(opened).toBe(1);
  });
});

describe("database", () => {
  it("rolls back what throws and names what is wrong", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-db-"));
    const file = path.join(folder, "x.db");
    const database = ports.database.open(file, { level: "process" });
    database.exec("CREATE TABLE t(a UNIQUE)");
    const insert = database.prepare("INSERT INTO t VALUES (?)");
    expect(() =>
      database.transaction("write", () => {
        insert.run(1);
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(database.transaction("write", () => insert.run(1))).toBe(1);
    expect(() => insert.run(1)).toThrow(expect.objectContaining({ code: "constraint", path: file }));
    expect(database.prepare("SELECT * FROM t").all()).toEqual([{ a: 1 }]);

    const other = ports.database.open(file, { level: "power", busyMs: 1 });
    database.transaction("write", () => {
      expect(() => other.transaction("write", () => {})).toThrow(expect.objectContaining({ code: "busy" }));
      expect(other.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 1 });
    });
    other.close();
    database.close();
    database.close();
    expect(() => ports.database.open(path.join(folder, "no/x.db"), { level: "process" })).toThrow(
      /no\/x.db.*No such file/,
    );
    fs.rmSync(folder, { recursive: true });
  });
});
