import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createNodePorts } from "../hosts/node/ports.ts";
import type { Ports } from "../ports/ports.ts";
import type { Store } from "./contract.ts";
import { APPLICATION_ID, MIGRATIONS, migrate } from "./schema.ts";
import { openSqliteStore, STORE_FILE } from "./sqlite-store.ts";
import { create, type Peer, type StoreHarness, storeContractSuite, turn } from "./store-contract-suite.ts";

const url = (relative: string) => new URL(relative, import.meta.url).href;

/** Reads `{id, method, args}` lines, calls its store, answers `{id, result | error}` lines. */
const PEER = `
import { createInterface } from "node:readline";
import { createNodePorts } from ${JSON.stringify(url("../hosts/node/ports.ts"))};
import { openSqliteStore } from ${JSON.stringify(url("./sqlite-store.ts"))};
const [stateRoot, leaseMs] = process.argv.slice(1);
const store = await openSqliteStore(createNodePorts(), { stateRoot, leaseMs: Number(leaseMs) });
const say = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
const none = { effects: [], settled: [], events: [], blobs: [], records: [] };
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, args } = JSON.parse(line);
  try {
    if (method !== "commitForever") say({ id, result: await store[method](...args) });
    else for (let n = 1; ; n++) {
      const [lease, unit] = args;
      await store.commit(lease, [{ ...none, unit, head: JSON.stringify({ n }),
        rows: [{ table: "fiber", id: "f", part: 0, body: String(n) }],
        output: [{ offset: n, text: n + "\\n" }],
        inputs: [{ unit, id: "timer-" + n, target: "f", body: String(n), due: 1000000 + n }],
        consumed: ["timer-" + (n - 1)] }]);
      say({ id, acknowledged: n });
      if (n % 10 === 0) await new Promise((go) => setImmediate(go));
    }
  } catch (error) { say({ id, error: String(error) }); }
}
`;

interface Reply {
  readonly id?: number;
  readonly ready?: boolean;
  readonly result?: unknown;
  readonly error?: string;
  readonly acknowledged?: number;
}

async function startPeer(stateRoot: string, leaseMs: number, children: ChildProcess[]): Promise<Peer> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PEER, stateRoot, String(leaseMs)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const hearers = new Map<number, (reply: Reply) => void>();
  let calls = 0;
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const reply = JSON.parse(line) as Reply;
      if (reply.ready) resolve();
      else hearers.get(reply.id!)?.(reply);
    });
    child.once("exit", (status) => reject(new Error(`the peer ended with ${status}`)));
  });
  const send = (method: string, args: unknown[], hear: (reply: Reply) => void) => {
    const id = ++calls;
    hearers.set(id, hear);
    child.stdin!.write(`${JSON.stringify({ id, method, args })}\n`);
  };
  await ready;
  return {
    pid: child.pid!,
    call: (method, ...args) =>
      new Promise((resolve, reject) =>
        send(method, args, ({ result, error }) => (error === undefined ? resolve(result) : reject(new Error(error)))),
      ),
    commitForever: (lease, unit, hear) => send("commitForever", [lease, unit], (reply) => hear(reply.acknowledged!)),
    signal: (name) => void child.kill(name),
    gone: once(child, "exit").then(() => {}),
  };
}

async function makeHarness(): Promise<StoreHarness> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-store-"));
  const children: ChildProcess[] = [];
  const stores: Store[] = [];
  let offset = 0;
  const start = Date.now();
  const ports = createNodePorts();
  const clock = { ...ports.clock, nowMs: () => start + offset, monotonicMs: () => offset };
  return {
    leaseMs: 10_000,
    now: () => start + offset,
    advance: (ms) => {
      offset += ms;
    },
    async open() {
      const store = await openSqliteStore(
        { ...ports, clock, environment: { ...ports.environment, machine: "here" } },
        { stateRoot: folder, leaseMs: 10_000 },
      );
      stores.push(store);
      return store;
    },
    peer: (leaseMs) => startPeer(folder, leaseMs, children),
    async dispose() {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      for (const store of stores) await store.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

storeContractSuite("sqlite", makeHarness);

describe("the SQLite file", () => {
  let folder: string;
  let ports: Ports;
  const opened: Store[] = [];
  const root = () => path.join(folder, "state");
  const file = () => path.join(root(), STORE_FILE);
  const open = async (options: Partial<Parameters<typeof openSqliteStore>[1]> = {}) => {
    const store = await openSqliteStore(ports, { stateRoot: root(), ...options });
    opened.push(store);
    return store;
  };

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-file-"));
    ports = createNodePorts();
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    fs.rmSync(folder, { recursive: true });
  });

  it("is readable by its owner alone, with its folder and its journal", async () => {
    const store = await open();
    await store.open({ host: "here", builds: [] });
    const mode = (name: string) => fs.statSync(name).mode & 0o777;
    expect(mode(root())).toBe(0o700);
    expect(mode(file())).toBe(0o600);
    expect(mode(`${file()}-wal`)).toBe(0o600);
  });

  it("survives at both levels of durability", async () => {
    for (const level of ["process", "power"] as const) {
      const store = await open({ level });
      const lease = await store.open({ host: "here", builds: [] });
      await store.commit(lease, [turn(level, { create, head: "1" })]);
      await store.close();
      expect(await (await open()).unit(level)).toMatchObject({ head: "1" });
    }
  });

  it("refuses a file that is no database, and leaves it alone", async () => {
    fs.mkdirSync(root());
    const text = "this is somebody's diary, and no database\n".repeat(300);
    fs.writeFileSync(file(), text);
    await expect(open()).rejects.toThrow(new RegExp(`${file()}.*not a database.*move it away`));
    expect(fs.readFileSync(file(), "utf8")).toBe(text);
  });

  it("refuses a damaged file by name", async () => {
    const store = await open();
    const lease = await store.open({ host: "here", builds: [] });
    for (let i = 0; i < 50; i++)
      await store.commit(lease, [
        turn(`u${i}`, { create, rows: [{ table: "cell", id: "c", part: 0, body: "x".repeat(3_000) }] }),
      ]);
    await store.close();
    const bytes = fs.readFileSync(file());
    bytes.fill(0x5a, 8_192);
    fs.writeFileSync(file(), bytes);
    const damaged = async () => {
      const again = await open();
      await again.units();
    };
    await expect(damaged()).rejects.toThrow(new RegExp(`${file()}.*damaged.*Nothing was overwritten`));
    expect(fs.readFileSync(file()).equals(bytes)).toBe(true);
  });

  it("refuses the database of another program and one of a newer version", async () => {
    fs.mkdirSync(root());
    const database = ports.database.open(file(), { level: "process" });
    database.exec("CREATE TABLE songs(title)");
    await expect(open()).rejects.toThrow(/another program/);
    database.exec(
      `DROP TABLE songs; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length + 1}`,
    );
    await expect(open()).rejects.toThrow(/newer Harn/);
    expect(Number(database.prepare("PRAGMA user_version").get()!.user_version)).toBe(MIGRATIONS.length + 1);
    database.close();
  });

  it("names a state folder that cannot be made", async () => {
    fs.writeFileSync(root(), "a file stands here");
    await expect(open()).rejects.toThrow(root());
  });

  it("brings a file of layout 1 to a later one with its rows, or not at all", async () => {
    fs.mkdirSync(root());
    const database = ports.database.open(file(), { level: "process" });
    migrate(database, file(), MIGRATIONS.slice(0, 1));
    database.exec(
      "INSERT INTO units(unit, program, meta, status, head, created, updated) VALUES ('old', 'p', '{}', 'waiting', '{}', 1, 1)",
    );
    const next = "ALTER TABLE units ADD COLUMN title TEXT NOT NULL DEFAULT 'untitled'";
    expect(() => migrate(database, file(), [MIGRATIONS[0]!, next, "CREATE TABLE units(n)"])).toThrow();
    expect(database.prepare("SELECT * FROM units").get()).not.toHaveProperty("title");
    migrate(database, file(), [MIGRATIONS[0]!, next]);
    expect(database.prepare("SELECT unit, title FROM units").get()).toEqual({ unit: "old", title: "untitled" });
    database.close();
  });

  it("opens a file of layout 1 with the present code", async () => {
    fs.mkdirSync(root());
    const database = ports.database.open(file(), { level: "process" });
    migrate(database, file(), MIGRATIONS.slice(0, 1));
    database.exec(
      "INSERT INTO units(unit, program, meta, status, head, created, updated) VALUES ('old', 'p', '{}', 'waiting', '{}', 1, 1)",
    );
    database.close();
    expect(await (await open()).unit("old")).toMatchObject({ program: "p", status: "waiting", owner: null });
  });

  it("lets an observer read and never write", async () => {
    await expect(open({ readOnly: true })).rejects.toThrow(/no such file/);
    expect(fs.existsSync(root())).toBe(false);
    const store = await open();
    const lease = await store.open({ host: "here", builds: [] });
    await store.commit(lease, [turn("u", { create })]);
    const observer = await open({ readOnly: true });
    expect((await observer.units()).map((row) => row.unit)).toEqual(["u"]);
    await expect(observer.open({ host: "here", builds: [] })).rejects.toThrow(/cannot be written/);
  });

  it("is made once when many processes start together", async () => {
    const children: ChildProcess[] = [];
    const peers = await Promise.all(Array.from({ length: 6 }, () => startPeer(root(), 1_000, children)));
    const leases = await Promise.all(peers.map((peer) => peer.call("open", { host: "here", builds: [] })));
    expect(new Set(leases.map((lease) => (lease as { incarnation: number }).incarnation)).size).toBe(6);
    for (const peer of peers) {
      peer.signal("SIGKILL");
      await peer.gone;
    }
  });

  it("reads over an index everywhere", async () => {
    const plans: string[] = [];
    const real = ports.database;
    const database: Ports["database"] = {
      open(name, options) {
        const connection = real.open(name, options);
        return {
          ...connection,
          prepare(sql) {
            if (/^(SELECT|UPDATE|DELETE)/.test(sql) && !/sqlite_schema/.test(sql)) {
              const plan = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`);
              const holes =
                (sql.match(/\?(?!\d)/g) ?? []).length ||
                Math.max(0, ...[...sql.matchAll(/\?(\d)/g)].map((match) => Number(match[1])));
              plans.push(...plan.all(...Array(holes).fill(1)).map((row) => `${row.detail} <- ${sql}`));
            }
            return connection.prepare(sql);
          },
        };
      },
    };
    const store = await openSqliteStore({ ...ports, database }, { stateRoot: root() });
    const lease = await store.open({ host: "here", builds: [] });
    await store.commit(lease, [
      turn("u", { create, consumed: ["x"], settled: [1], rows: [{ table: "cell", id: "c", part: -1, body: null }] }),
    ]);
    await store.claim(lease, "u");
    await store.fiberRow("u", "f");
    for (const id of [undefined, "x"]) await store.rows("u", "cell", id);
    for (const fiber of [undefined, "f"]) await store.pendingEffects("u", fiber);
    await store.readyInputs("u", 0, 1);
    await store.inputsFor("u", "f", 0);
    for (const unit of [undefined, "u"]) await store.nextDue(unit);
    await store.dueUnits(0, 1);
    await store.arrivals(0, 1);
    await store.outputFrom("u", 0);
    await store.records("k", "u");
    await store.units({ parent: "u" });
    await store.close();
    expect(plans.length).toBeGreaterThan(15);
    expect(plans.filter((plan) => /SCAN (?!d\b)/.test(plan) && !/max\(id\)/.test(plan))).toEqual([]);
    expect(plans.filter((plan) => /TEMP B-TREE/.test(plan) && !/dueUnits|min\(due\)/.test(plan))).toEqual([]);
  });
});
