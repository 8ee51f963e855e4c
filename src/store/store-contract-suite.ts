/**
 * The contract of durability.md section 5 as tests, one suite for every store. A store's own test file calls `storeContractSuite` with a harness.
 *
 * Test programs that need a second process drive it through a `Peer`: a real process with a store of its own on the same data.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Lease, Store, UnitTurn } from "./contract.ts";

export interface StoreHarness {
  /** Another handle on the same data, on the machine "here". `leaseMs` and a fake clock, shared by all handles of this process, come from the harness. */
  open(): Promise<Store>;
  /** Moves that clock. */
  advance(ms: number): void;
  now(): number;
  readonly leaseMs: number;
  /** A second process with an open store, a real clock and this lease. */
  peer(leaseMs: number): Promise<Peer>;
  dispose(): Promise<void>;
}

export interface Peer {
  readonly pid: number;
  /** Calls a method of the peer's store. */
  call<K extends keyof Store>(method: K, ...args: unknown[]): Promise<unknown>;
  /** Commits turns of `unit` one after the other until it is killed; `onAcknowledged` hears the number of each as soon as the peer has its answer. */
  commitForever(lease: Lease, unit: string, onAcknowledged: (n: number) => void): void;
  signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
}

/** A turn that changes nothing but what is given. */
export function turn(unit: string, change: Partial<UnitTurn> = {}): UnitTurn {
  return {
    unit,
    rows: [],
    effects: [],
    settled: [],
    inputs: [],
    consumed: [],
    output: [],
    events: [],
    blobs: [],
    records: [],
    ...change,
  };
}

/** The `n`th turn of `commitForever`: every table agrees on the number, so that a torn commit shows. */
export function countingTurn(unit: string, n: number): UnitTurn {
  return turn(unit, {
    head: JSON.stringify({ n }),
    rows: [{ table: "fiber", id: "f", part: 0, body: String(n) }],
    output: [{ offset: n, text: `${n}\n` }],
    inputs: [{ unit, id: `timer-${n}`, target: "f", body: String(n), due: 1_000_000 + n }],
    consumed: [`timer-${n - 1}`],
  });
}

export const create = { program: "demo.harn", meta: "{}" };

export function storeContractSuite(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(`${name}: store contract`, () => {
    let harness: StoreHarness;
    let store: Store;
    let lease: Lease;

    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
      lease = await store.open({ host: "here", builds: ["1"] });
    });
    afterEach(() => harness.dispose());

    const commit = async (...turns: UnitTurn[]) => expect(await store.commit(lease, turns)).toBe("ok");
    const begin = (unit: string, change: Partial<UnitTurn> = {}) => commit(turn(unit, { create, ...change }));

    describe("turns", () => {
      it("gives back what a turn wrote", async () => {
        await begin("u", {
          create: { program: "p.harn", meta: '{"a":1}' },
          status: "waiting",
          head: '{"root":"f"}',
          rows: [
            { table: "fiber", id: "f", part: 0, body: "frames" },
            { table: "piece", id: "list", part: 1, body: "second" },
            { table: "piece", id: "list", part: 0, body: "first" },
          ],
          blobs: [{ hash: "h", body: "chunk" }],
        });
        expect(await store.unit("u")).toEqual({
          unit: "u",
          program: "p.harn",
          meta: '{"a":1}',
          parent: null,
          status: "waiting",
          head: '{"root":"f"}',
          created: harness.now(),
          updated: harness.now(),
          owner: { host: "here", pid: lease.pid, incarnation: lease.incarnation, alive: true },
          boundTo: null,
        });
        expect(await store.fiberRow("u", "f")).toBe("frames");
        expect(await store.fiberRow("u", "g")).toBeNull();
        expect(await store.rows("u", "piece")).toEqual([
          { id: "list", part: 0, body: "first" },
          { id: "list", part: 1, body: "second" },
        ]);
        expect(await store.blob("h")).toBe("chunk");
        expect(await store.blob("other")).toBeNull();
      });

      it("replaces rows, deletes one part and deletes all parts", async () => {
        const piece = (part: number, body: string | null, id = "x") => ({ table: "piece" as const, id, part, body });
        await begin("u", { rows: [piece(0, "a"), piece(1, "b"), piece(2, "c"), piece(0, "kept", "y")] });
        await commit(turn("u", { rows: [piece(0, "A"), piece(1, null)] }));
        expect((await store.rows("u", "piece", "x")).map((row) => row.body)).toEqual(["A", "c"]);
        await commit(turn("u", { rows: [piece(-1, null), piece(7, "new")] }));
        expect(await store.rows("u", "piece", "x")).toEqual([{ id: "x", part: 7, body: "new" }]);
        expect(await store.rows("u", "piece", "y")).toHaveLength(1);
      });

      it("keeps status and head that a turn does not name", async () => {
        await begin("u", { status: "waiting", head: '{"n":1}' });
        harness.advance(5);
        await commit(turn("u"));
        expect(await store.unit("u")).toMatchObject({ status: "waiting", head: '{"n":1}', updated: harness.now() });
      });

      it("writes nothing at all when one part of a commit is refused", async () => {
        await begin("u", { head: "1" });
        await expect(store.commit(lease, [turn("u", { head: "2" }), turn("u", { create })])).rejects.toThrow(
          "u exists already",
        );
        await expect(
          store.commit(lease, [
            turn("u", { head: "3", inputs: [{ unit: "nobody", id: "i", target: "f", body: "", due: null }] }),
          ]),
        ).rejects.toThrow("no unit nobody");
        expect(await store.unit("u")).toMatchObject({ head: "1" });
      });

      it("keeps units apart", async () => {
        await begin("u", { rows: [{ table: "cell", id: "c", part: 0, body: "of u" }] });
        await begin("v", { rows: [{ table: "cell", id: "c", part: 0, body: "of v" }] });
        await commit(turn("u", { rows: [{ table: "cell", id: "c", part: -1, body: null }] }));
        expect(await store.rows("u", "cell")).toEqual([]);
        expect(await store.rows("v", "cell")).toEqual([{ id: "c", part: 0, body: "of v" }]);
      });

      it("lists units newest first, by status, program and page", async () => {
        for (const [i, status] of (["running", "waiting", "completed"] as const).entries()) {
          await begin(`u${i}`, { status, create: { program: i === 0 ? "a" : "b", meta: "{}" } });
        }
        const names = async (filter?: Parameters<Store["units"]>[0]) =>
          (await store.units(filter)).map((row) => row.unit);
        expect(await names()).toEqual(["u2", "u1", "u0"]);
        expect(await names({ status: ["running", "waiting"] })).toEqual(["u1", "u0"]);
        expect(await names({ program: "b" })).toEqual(["u2", "u1"]);
        expect(await names({ limit: 1 })).toEqual(["u2"]);
        expect(await names({ before: "u2" })).toEqual(["u1", "u0"]);
      });

      it("names a unit that does not exist", async () => {
        await expect(store.rows("ghost", "fiber")).rejects.toThrow("no unit ghost");
        await expect(store.claim(lease, "ghost")).rejects.toThrow("no unit ghost");
        expect(await store.unit("ghost")).toBeNull();
      });
    });

    describe("effects", () => {
      const effect = (id: number, fiber = "f") =>
        ({ id, fiber, kind: "file.write", version: 1, repeat: "safe", place: "any", args: '{"path":"x"}' }) as const;

      it("keeps what is pending until it is settled", async () => {
        await begin("u", { effects: [effect(2, "g"), effect(1)] });
        expect(await store.pendingEffects("u")).toEqual([
          { ...effect(1), note: null },
          { ...effect(2, "g"), note: null },
        ]);
        expect((await store.pendingEffects("u", "g")).map((row) => row.id)).toEqual([2]);
        await commit(turn("u", { settled: [1], effects: [effect(3)] }));
        expect((await store.pendingEffects("u")).map((row) => row.id)).toEqual([2, 3]);
      });

      it("notes what an effect must know after a crash", async () => {
        await begin("u", { effects: [{ ...effect(1), note: '"first"' }] });
        expect((await store.pendingEffects("u"))[0]!.note).toBe('"first"');
        expect(await store.noteEffect(lease, "u", 1, '{"pid":7}')).toBe("ok");
        const other = await harness.open();
        expect((await other.pendingEffects("u"))[0]!.note).toBe('{"pid":7}');
        await commit(turn("u", { settled: [1] }));
        expect(await store.noteEffect(lease, "u", 1, "{}")).toBe("gone");
      });

      it("refuses an effect number that is still pending", async () => {
        await begin("u", { effects: [effect(1)] });
        await expect(store.commit(lease, [turn("u", { effects: [effect(1)] })])).rejects.toThrow();
      });

      it("binds a unit to the host of its first local effect", async () => {
        await begin("u", { effects: [{ ...effect(1), place: "host" }] });
        expect(await store.unit("u")).toMatchObject({ boundTo: "here" });
        await store.release(lease, "u");
        const elsewhere = await store.open({ host: "there", builds: [] });
        const claim = await store.claim(elsewhere, "u");
        expect(claim).toMatchObject({ heldBy: expect.stringContaining("host here") });
        expect(await store.claim(lease, "u")).toBe("ok");
      });
    });

    describe("inputs", () => {
      const input = (id: string, due: number | null = null, target = "f", unit = "u") => ({
        unit,
        id,
        target,
        body: `body of ${id}`,
        due,
      });
      const ready = async (now = harness.now()) => (await store.readyInputs("u", now, 100)).map((row) => row.id);

      it("takes each delivery once, also one repeated after it was consumed", async () => {
        await begin("u");
        await store.deliver(input("m"));
        await store.deliver({ ...input("m"), body: "a second try" });
        expect(await store.readyInputs("u", 0, 10)).toMatchObject([
          { id: "m", body: "body of m", due: null, arrived: harness.now() },
        ]);
        await commit(turn("u", { consumed: ["m"] }));
        await store.deliver(input("m"));
        expect(await ready()).toEqual([]);
        expect(await store.hasInput("u", "m")).toBe(true);
        expect(await store.hasInput("u", "n")).toBe(false);
      });

      it("refuses a delivery to a unit that is not there", async () => {
        await expect(store.deliver(input("m", null, "f", "nobody"))).rejects.toMatchObject({ category: "not_found" });
      });

      it("orders messages by arrival, then timers by due time", async () => {
        const now = harness.now();
        await begin("u", { inputs: [input("t2", now - 1), input("t1", now - 5), input("later", now + 10)] });
        await store.deliver(input("m1"));
        await store.deliver(input("m2"));
        expect(await ready()).toEqual(["m1", "m2", "t1", "t2"]);
        expect(await ready(now + 10)).toEqual(["m1", "m2", "t1", "t2", "later"]);
        expect((await store.readyInputs("u", now, 2)).map((row) => row.id)).toEqual(["m1", "m2"]);
      });

      it("shows in its version that someone else wrote to a unit, and not what a unit does by itself", async () => {
        await begin("u");
        await begin("v");
        let before = await store.version();
        const changed = async () => {
          const after = await store.version();
          const answer = after !== before;
          before = after;
          return answer;
        };
        await commit(turn("u", { head: "2", inputs: [input("own", 7)] }));
        expect(await changed()).toBe(false);
        await store.deliver(input("m"));
        expect(await changed()).toBe(true);
        await commit(turn("v", { inputs: [input("from-v")] }));
        expect(await changed()).toBe(true);
        const other = await harness.open();
        await other.deliver(input("from-other"));
        expect(await changed()).toBe(true);
        expect(await changed()).toBe(false);
      });

      it("finds the inputs of one fiber", async () => {
        await begin("u", {
          inputs: [input("a", null, "f"), input("b", null, "g"), input("c", harness.now() + 1, "f")],
        });
        expect((await store.inputsFor("u", "f", harness.now())).map((row) => row.id)).toEqual(["a"]);
        expect((await store.inputsFor("u", "f", harness.now() + 1)).map((row) => row.id)).toEqual(["a", "c"]);
      });

      it("knows the next timer of a unit and of the store, and whose it is", async () => {
        expect(await store.nextDue()).toBeNull();
        await begin("u", { inputs: [input("t", 5_000)] });
        await begin("v", { inputs: [input("t", 3_000, "f", "v"), input("t2", 3_500, "f", "v")] });
        expect(await store.nextDue("u")).toBe(5_000);
        expect(await store.nextDue()).toBe(3_000);
        expect(await store.dueUnits(2_999, 10)).toEqual([]);
        expect(await store.dueUnits(5_000, 10)).toEqual(["v", "u"]);
        await commit(turn("v", { consumed: ["t", "t2"] }));
        expect(await store.nextDue()).toBe(5_000);
        expect(await store.nextDue("v")).toBeNull();
      });

      it("arms a timer anew when a turn consumes and writes it", async () => {
        await begin("u", { inputs: [input("t", 100)] });
        await commit(turn("u", { consumed: ["t"], inputs: [input("t", 200)] }));
        expect(await store.nextDue("u")).toBe(200);
      });

      it("tells a poll what arrived since", async () => {
        await begin("u");
        await begin("v", { inputs: [input("m1")] });
        await store.deliver(input("m2"));
        const first = await store.arrivals(0, 10);
        expect(first.map((row) => [row.unit, row.id])).toEqual([
          ["u", "m1"],
          ["u", "m2"],
        ]);
        const last = first.at(-1)!.seq;
        expect(await store.arrivals(last, 10)).toEqual([]);
        await commit(turn("u", { consumed: ["m1", "m2"] }));
        await store.deliver(input("m3"));
        expect((await store.arrivals(last, 10)).map((row) => row.id)).toEqual(["m3"]);
      });
    });

    describe("trees of units", () => {
      it("creates children with their first message, and hears their results, exactly once", async () => {
        const message = (unit: string, id: string) => ({ unit, id, target: "root", body: id, due: null });
        await commit(
          turn("parent", { create, inputs: [message("child", "task")] }),
          turn("child", { create: { ...create, parent: "parent" }, status: "waiting" }),
        );
        expect((await store.units({ parent: "parent" })).map((row) => row.unit)).toEqual(["child"]);
        expect((await store.readyInputs("child", harness.now(), 9)).map((row) => row.id)).toEqual(["task"]);
        const answer = turn("child", {
          consumed: ["task"],
          status: "completed",
          inputs: [message("parent", "child:result")],
        });
        await commit(answer);
        await commit(turn("parent", { consumed: ["child:result"] }));
        // A sender that wrote the same message in a later turn (it is told apart by its id) does not wake the parent again.
        await commit(turn("child", { inputs: answer.inputs }));
        expect(await store.readyInputs("parent", harness.now(), 9)).toEqual([]);
      });

      it("sends nothing from a turn that was fenced", async () => {
        await begin("parent");
        await begin("child");
        const other = await harness.open();
        const second = await other.open({ host: "here", builds: [] });
        await store.release(lease, "child");
        expect(await other.claim(second, "child")).toBe("ok");
        const inputs = [{ unit: "parent", id: "r", target: "root", body: "", due: null }];
        expect(await store.commit(lease, [turn("child", { inputs })])).toBe("fenced");
        expect(await store.hasInput("parent", "r")).toBe(false);
      });
    });

    describe("leases", () => {
      it("refuses a unit that another live process holds, naming it", async () => {
        await begin("u");
        const other = await harness.open();
        const second = await other.open({ host: "here", builds: [] });
        expect(second.incarnation).toBeGreaterThan(lease.incarnation);
        const claim = await other.claim(second, "u");
        expect(claim).toEqual({ heldBy: expect.stringMatching(new RegExp(`process ${lease.pid} on host here`)) });
        await store.release(lease, "u");
        expect(await other.claim(second, "u")).toBe("ok");
        expect(await other.claim(second, "u")).toBe("ok");
        expect(await store.claim(lease, "u")).not.toBe("ok");
      });

      it("hands everything over after a clean end", async () => {
        await begin("u");
        await store.end(lease);
        expect(await store.unit("u")).toMatchObject({ owner: null });
        expect(store.holds(lease)).toBe(false);
        expect(await store.heartbeat(lease)).toBe("fenced");
        expect(await store.commit(lease, [turn("u", { head: "late" })])).toBe("fenced");
        const second = await store.open({ host: "here", builds: [] });
        expect(await store.claim(second, "u")).toBe("ok");
      });

      it("knows before anyone else when its lease runs out, and counts commits as renewals", async () => {
        await begin("u");
        expect(store.holds(lease)).toBe(true);
        harness.advance(harness.leaseMs * 0.8);
        expect(store.holds(lease)).toBe(true);
        await commit(turn("u"));
        harness.advance(harness.leaseMs * 0.8);
        expect(store.holds(lease)).toBe(true);
        expect(await store.heartbeat(lease)).toBe("ok");
        harness.advance(harness.leaseMs * 0.95);
        expect(store.holds(lease)).toBe(false);
        const other = await harness.open();
        const second = await other.open({ host: "there", builds: [] });
        expect(await other.claim(second, "u")).not.toBe("ok");
      });

      it("lets another take over after the lease, and then writes nothing of the old one, for any unit", async () => {
        await begin("u", { head: "1" });
        await begin("v", {
          head: "1",
          effects: [{ id: 1, fiber: "f", kind: "k", version: 1, repeat: "never", place: "any", args: "{}" }],
        });
        harness.advance(harness.leaseMs + 1);
        expect(await store.unit("u")).toMatchObject({ owner: { alive: false } });
        const other = await harness.open();
        const second = await other.open({ host: "there", builds: [] });
        expect(await other.claim(second, "u")).toBe("ok");

        const late = turn("v", {
          head: "late",
          blobs: [{ hash: "late", body: "" }],
          output: [{ offset: 0, text: "late" }],
        });
        expect(await store.commit(lease, [late])).toBe("fenced");
        expect(await store.noteEffect(lease, "v", 1, "late")).toBe("fenced");
        expect(await store.heartbeat(lease)).toBe("fenced");
        expect(store.holds(lease)).toBe(false);
        expect(await store.unit("v")).toMatchObject({ head: "1" });
        expect(await store.blob("late")).toBeNull();
        expect(await store.outputFrom("v", 0)).toEqual([]);
        expect((await store.pendingEffects("v"))[0]!.note).toBeNull();
        await expect(store.claim(lease, "u")).rejects.toThrow("lost its lease");
        expect(await other.commit(second, [turn("u", { head: "2" })])).toBe("ok");
      });

      it("fences a whole commit when one unit of it is not its own", async () => {
        await begin("u", { head: "1" });
        await begin("v", { head: "1" });
        await store.release(lease, "v");
        const other = await harness.open();
        const second = await other.open({ host: "here", builds: [] });
        expect(await other.claim(second, "v")).toBe("ok");
        expect(await store.commit(lease, [turn("u", { head: "2" }), turn("v", { head: "2" })])).toBe("fenced");
        expect(await store.unit("u")).toMatchObject({ head: "1" });
        expect(await store.unit("v")).toMatchObject({ head: "1" });
      });
    });

    describe("streams and records", () => {
      it("reads output and events from any offset", async () => {
        await begin("u", {
          output: [
            { offset: 0, text: "one " },
            { offset: 4, text: "two " },
          ],
          events: [{ offset: 0, body: '{"kind":"started"}' }],
        });
        await commit(
          turn("u", { output: [{ offset: 8, text: "three" }], events: [{ offset: 1, body: '{"kind":"done"}' }] }),
        );
        const texts = async (offset: number, limit?: number) =>
          (await store.outputFrom("u", offset, limit)).map((row) => row.text);
        expect((await texts(0)).join("")).toBe("one two three");
        expect(await texts(5)).toEqual(["two ", "three"]);
        expect(await texts(8)).toEqual(["three"]);
        expect(await texts(0, 1)).toEqual(["one "]);
        expect(await store.eventsFrom("u", 1)).toEqual([{ offset: 1, body: '{"kind":"done"}' }]);
      });

      it("stores a blob once and a record under its latest body", async () => {
        await begin("u", { blobs: [{ hash: "h", body: "b" }], records: [{ kind: "worker", id: "w1", body: "1" }] });
        await begin("v", {
          blobs: [{ hash: "h", body: "b" }],
          records: [
            { kind: "worker", id: "w2", body: "1" },
            { kind: "run", id: "w1", body: "run" },
          ],
        });
        harness.advance(3);
        await commit(turn("u", { records: [{ kind: "worker", id: "w1", body: "2" }] }));
        expect((await store.records("worker")).map((row) => [row.id, row.unit, row.body])).toEqual([
          ["w1", "u", "2"],
          ["w2", "v", "1"],
        ]);
        expect((await store.records("worker", "v")).map((row) => row.id)).toEqual(["w2"]);
        expect(await store.record("worker", "w1")).toMatchObject({ body: "2", updated: harness.now() });
        expect(await store.record("worker", "w9")).toBeNull();
      });
    });

    describe("two processes", () => {
      it("shows one process's commits to another at once, and that something changed", async () => {
        const peer = await harness.peer(60_000);
        const before = await store.version();
        const theirs = (await peer.call("open", { host: "here", builds: [] })) as Lease;
        expect(theirs.pid).toBe(peer.pid);
        expect(await peer.call("commit", theirs, [turn("p", { create, output: [{ offset: 0, text: "hello" }] })])).toBe(
          "ok",
        );
        expect(await store.outputFrom("p", 0)).toEqual([{ offset: 0, text: "hello" }]);
        expect(await store.version()).not.toBe(before);
        await store.deliver({ unit: "p", id: "m", target: "f", body: "from outside", due: null });
        expect(await peer.call("readyInputs", "p", 0, 10)).toMatchObject([{ id: "m", body: "from outside" }]);
      });

      it("has every acknowledged commit, whole, after SIGKILL in the middle of committing, and the unit can be claimed at once", async () => {
        for (const enough of [1, 40, 150]) {
          const unit = `counted-${enough}`;
          const peer = await harness.peer(60_000);
          const theirs = (await peer.call("open", { host: "here", builds: [] })) as Lease;
          await peer.call("commit", theirs, [turn(unit, { create })]);
          let acknowledged = 0;
          peer.commitForever(theirs, unit, (n) => {
            acknowledged = n;
            if (n === enough) peer.signal("SIGKILL");
          });
          await peer.gone;
          const row = (await store.unit(unit))!;
          const { n } = JSON.parse(row.head) as { n: number };
          expect(n).toBeGreaterThanOrEqual(acknowledged);
          expect(row.owner?.alive).toBe(false);
          expect(await store.fiberRow(unit, "f")).toBe(String(n));
          expect(await store.outputFrom(unit, 0)).toHaveLength(n);
          expect(await store.nextDue(unit)).toBe(1_000_000 + n);
          expect(await store.claim(lease, unit)).toBe("ok");
          await commit(countingTurn(unit, n + 1));
        }
      });

      it("fences a process that was stopped past its lease and then continued", async () => {
        const peer = await harness.peer(300);
        const theirs = (await peer.call("open", { host: "here", builds: [] })) as Lease;
        await peer.call("commit", theirs, [turn("p", { create, head: "1" })]);
        peer.signal("SIGSTOP");
        const rescuer = await harness.peer(300);
        const mine = (await rescuer.call("open", { host: "here", builds: [] })) as Lease;
        while ((await rescuer.call("claim", mine, "p")) !== "ok") {
          await new Promise((go) => setTimeout(go, 20));
          await rescuer.call("heartbeat", mine);
        }
        await rescuer.call("commit", mine, [turn("p", { head: "2" })]);
        peer.signal("SIGCONT");
        expect(await peer.call("holds", theirs)).toBe(false);
        expect(await peer.call("commit", theirs, [turn("p", { head: "stale" })])).toBe("fenced");
        expect(await store.unit("p")).toMatchObject({ head: "2" });
      });

      it("loses and doubles nothing when two processes write to each other's units", async () => {
        const [a, b] = await Promise.all([harness.peer(60_000), harness.peer(60_000)]);
        const leases = (await Promise.all(
          [a, b].map((peer) => peer.call("open", { host: "here", builds: [] })),
        )) as Lease[];
        await Promise.all([
          a.call("commit", leases[0], [turn("ua", { create })]),
          b.call("commit", leases[1], [turn("ub", { create })]),
        ]);
        const send = async (peer: Peer, own: Lease, from: string, to: string) => {
          for (let i = 0; i < 50; i++) {
            const inputs = [{ unit: to, id: `${from}-${i}`, target: "f", body: String(i), due: null }];
            expect(await peer.call("commit", own, [turn(from, { inputs })])).toBe("ok");
            await peer.call("deliver", { unit: to, id: `${from}-${i}`, target: "f", body: "again", due: null });
          }
        };
        await Promise.all([send(a, leases[0]!, "ua", "ub"), send(b, leases[1]!, "ub", "ua")]);
        for (const [to, from] of [
          ["ua", "ub"],
          ["ub", "ua"],
        ] as const) {
          const bodies = (await store.readyInputs(to, 0, 1_000)).map((row) => [row.id, row.body]);
          expect(bodies).toEqual(Array.from({ length: 50 }, (_, i) => [`${from}-${i}`, String(i)]));
        }
      });

      it("keeps timers of a process that died", async () => {
        const peer = await harness.peer(60_000);
        const theirs = (await peer.call("open", { host: "here", builds: [] })) as Lease;
        const inputs = [{ unit: "p", id: "wake", target: "f", body: "", due: 12_345 }];
        await peer.call("commit", theirs, [turn("p", { create, status: "waiting", inputs })]);
        peer.signal("SIGKILL");
        await peer.gone;
        expect(await store.dueUnits(12_345, 10)).toEqual(["p"]);
        expect(await store.claim(lease, "p")).toBe("ok");
        expect((await store.readyInputs("p", 12_345, 10)).map((row) => row.id)).toEqual(["wake"]);
      });
    });
  });
}
