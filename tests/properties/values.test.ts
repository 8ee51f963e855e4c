/** Laws of equality, order and keys: in the library, and as programs see them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNodePorts } from "../../src/hosts/node/index.ts";
import { RunDriver } from "../../src/runtime/driver.ts";
import { createVmHost } from "../../src/runtime/language.ts";
import { loadProgram } from "../../src/runtime/program.ts";
import { startRun } from "../../src/runtime/start-run.ts";
import { stdlibGlobals } from "../../src/stdlib/index.ts";
import { UNMETERED } from "../../src/value/cost.ts";
import { compareValues, hashKey, valuesEqual } from "../../src/value/equality.ts";
import { compareUtf8 } from "../../src/value/key-order.ts";
import { HDict, HList, type Value } from "../../src/value/value.ts";
import { arbitraryValue, equalVariant, exactText, holdsNaN, key, text } from "./arbitrary-value.ts";

const value = arbitraryValue({ most: 4 });
/** Often equal, or nearly so. */
const pair = fc.oneof(
  fc.tuple(value, value),
  value.map((a): [Value, Value] => [a, equalVariant(a)]),
  fc
    .tuple(value, value)
    .map(([a, b]): [Value, Value] => [new HList([a, b]), new HList([equalVariant(a), equalVariant(b)])]),
);

describe("equality and keys", () => {
  it("a value made in another way is equal and has the same key, unless it holds NaN", () => {
    const law = fc.property(value, (a) => {
      const b = equalVariant(a);
      expect(hashKey(b, UNMETERED)).toBe(hashKey(a, UNMETERED));
      if (!holdsNaN(a)) expect(valuesEqual(a, b, UNMETERED)).toBe(true);
    });
    fc.assert(law, { numRuns: 3_000 });
  });

  it("equal values have equal keys, others have others", () => {
    const law = fc.property(pair, ([a, b]) => {
      if (holdsNaN(a) || holdsNaN(b)) return;
      expect(valuesEqual(a, b, UNMETERED), `${exactText(a)} and ${exactText(b)}`).toBe(
        hashKey(a, UNMETERED) === hashKey(b, UNMETERED),
      );
      expect(valuesEqual(b, a, UNMETERED)).toBe(valuesEqual(a, b, UNMETERED));
    });
    fc.assert(law, { numRuns: 5_000 });
  });

  it("what compares unequal is unequal", () => {
    const law = fc.property(pair, ([a, b]) => {
      const order = compareValues(a, b, UNMETERED);
      expect(Math.sign(compareValues(b, a, UNMETERED)) + Math.sign(order)).toBe(0);
      if (order !== 0) expect(valuesEqual(a, b, UNMETERED)).toBe(false);
    });
    fc.assert(law, { numRuns: 3_000 });
  });
});

describe("keys of dicts", () => {
  const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

  it("compare as their UTF-8 bytes do", () => {
    const any = fc.oneof(key, fc.string({ unit: "binary", maxLength: 4 }));
    const law = fc.property(any, any, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(byBytes(a, b));
    });
    fc.assert(law, { numRuns: 3_000 });
  });

  it("come in that order, however the dict was made, small or large, and after changes", () => {
    const change = fc.tuple(key, fc.boolean());
    const law = fc.property(fc.array(key, { maxLength: 30 }), fc.array(change, { maxLength: 10 }), (keys, changes) => {
      const expected = new Map<string, Value>(keys.map((k, i) => [k, i]));
      const dicts = [HDict.from(expected), HDict.empty(), HDict.of(Object.fromEntries(expected))];
      for (const [k, v] of expected) dicts[1]!.set(k, v);
      for (const [k, stays] of changes) {
        if (stays) expected.set(k, "new");
        else expected.delete(k);
        for (const dict of dicts) {
          if (stays) dict.set(k, "new");
          else dict.delete(k);
        }
      }
      const order = [...expected.keys()].sort(byBytes);
      for (const dict of dicts) {
        expect([...dict.keys()]).toEqual(order);
        expect([...dict.entries()]).toEqual(order.map((k) => [k, expected.get(k)]));
      }
    });
    fc.assert(law, { numRuns: 2_000 });
  });
});

/** What a program says of each pair: see the names. All but the first must be the same as the first. */
const PROGRAM = `
pipeline main(task) {
  var found = []
  for [a, b] in pairs {
    found = found.push([
      a == b,
      b == a,
      !(a != b),
      [a] == [b],
      {k: a} == {k: b},
      set([a, b]).count() == 1,
      len([a, b].unique()) == 1,
      a in [b],
      b in set([a]),
      [0.25, b].index_of(a) == 1 || a == 0.25,
      !([a, b].index_of(b) == 1),
      [[a, 1]].contains([b, 1])
    ])
  }
  return found
}
`;

describe("programs", () => {
  it.each(["off", "forced"] as const)(
    "find the same things equal in every way, with generated code %s",
    async (tiering) => {
      const ports = createNodePorts();
      const host = createVmHost({ ports, tools: [], graceMs: 100, tiering });
      const names = new Set([...stdlibGlobals.keys(), "pairs"]);
      const program = await loadProgram(
        { entry: "/project/pairs.harn", name: "pairs.harn", code: PROGRAM },
        { files: ports.files, table: host.table, globals: names },
      );
      const law = fc.asyncProperty(fc.array(pair, { maxLength: 20 }), async (pairs) => {
        const plain = pairs.filter(([a, b]) => !holdsNaN(a) && !holdsNaN(b));
        const list = new HList(plain.map(([a, b]) => new HList([a, b])));
        list.shared = true;
        const globals = new Map<string, Value>([...stdlibGlobals, ["pairs", list]]);
        const run = startRun("pairs", host, program, globals, { cwd: "/project", env: {}, policies: [] });
        const driver = new RunDriver(run, {
          host,
          ports,
          performers: new Map(),
          openStore: null,
          program: "pairs",
          meta: {},
          durable: false,
          snapshotMode: false,
          onOutput: () => {},
          onEvent: () => {},
        });
        const finished = await driver.finish();
        if (finished.kind !== "value") throw new Error(JSON.stringify(finished));
        const rows = (finished.value.value as HList).items as readonly HList[];
        rows.forEach((row, i) => {
          const [a, b] = plain[i]!;
          const first = valuesEqual(a, b, UNMETERED);
          expect(row.items, `${exactText(a)} and ${exactText(b)}`).toEqual(row.items.map(() => first));
        });
        expect(rows.length).toBe(plain.length);
      });
      await fc.assert(law, { numRuns: 200, interruptAfterTimeLimit: 2_000 });
    },
  );
});

it("texts of any kind are in one order with themselves", () => {
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      const [x, y, z] = [a, b, c].sort(compareUtf8) as [string, string, string];
      expect(compareUtf8(x, z)).toBeLessThanOrEqual(0);
      expect(compareUtf8(x, y) + compareUtf8(y, z) === 0).toBe(x === z);
    }),
  );
});
