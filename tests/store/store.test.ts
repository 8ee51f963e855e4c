/** The store under several processes and under kills; `npm run test:store-kill` does more of the same. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch } from "../cli/harn-process.ts";
import { countTogether } from "./increments.ts";
import { killWriters } from "./kill-writes.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (program: string, args: readonly string[] = [], more: Readonly<Record<string, string>> = {}) =>
  harn(["run", program, "--", ...args], {
    cwd: work.folder,
    env: { HARN_STATE_DIR: work.at("state"), ...more },
  });
const held = () => JSON.parse(fs.readFileSync(work.at("state/store.json"), "utf8")) as Record<string, unknown>;

describe("several processes on one store", () => {
  it("count without losing one increment", async () => {
    expect(await countTogether(8, 250)).toEqual({ n: 2_000, problems: [] });
  });

  it("set keys of their own without losing one", async () => {
    const program = path.join(import.meta.dirname, "set-own.harn");
    const runs = await Promise.all(["a", "b", "c"].map((name) => run(program, [name, "100"])));
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(Array(3).fill([0, ""]));
    const wanted = ["a", "b", "c"].flatMap((name) => Array.from({ length: 100 }, (_, i) => [`${name}-${i}`, i]));
    expect(held()).toEqual(Object.fromEntries(wanted));
    // A built command keeps compiled programs there too.
    const left = fs.readdirSync(work.at("state")).filter((name) => name !== "cache");
    expect(left.sort()).toEqual(["kept.lock", "store.json"]);
  });

  it("see at once what another has written", async () => {
    const main = work.write(
      "main.harn",
      `
store_set("from", "here")
let other = exec(${[process.execPath, path.join(import.meta.dirname, "../../bin/harn.js"), "run", "other.harn"].map((word) => JSON.stringify(word)).join(", ")})
println(other.stdout)
println([store_get("from"), store_get("more"), store_list()])
`,
    );
    work.write("other.harn", 'println(store_get("from"))\nstore_set("from", "there")\nstore_set("more", 1)\n');
    expect(await run(main)).toMatchObject({ stderr: "", stdout: "here\n\n[there, 1, [from, more]]\n" });
  });
});

it.each(["0", "1"])("fibers that count together in one process, tier %s", async (tier) => {
  const main = work.write(
    "main.harn",
    `
pipeline default() {
  parallel each (0 to 20).to_list() { _i ->
    var done = false
    while !done {
      let n = store_get("n")
      done = store_cas("n", n, (n ?? 0) + 1)
    }
  }
  println(store_get("n"))
}
`,
  );
  const result = await run(main, [], { HARN_TIER: tier });
  expect(result).toMatchObject({ code: 0, stderr: "", stdout: "21\n" });
});

it("compares whole values: kinds, order of keys, nothing and nil", async () => {
  const main = work.write(
    "main.harn",
    `
println(store_cas("k", "nil", 1))
println(store_cas("k", nil, {b: 1.5, a: [1, 2]}))
println(store_cas("k", {a: [2, 1], b: 1.5}, 0))
println(store_cas("k", {a: [1, 2], b: 1.5}, nil))
println(store_cas("k", nil, 7))
println(store_cas("k", "7", 8))
println([store_get("k"), store_list()])
`,
  );
  const result = await run(main);
  expect(result.stdout).toBe("false\ntrue\nfalse\ntrue\ntrue\nfalse\n[7, [k]]\n");
});

it("holds what it acknowledged, whenever the process is killed", async () => {
  const { written, problems } = await killWriters(10);
  expect(problems).toEqual([]);
  expect(written).toBeGreaterThanOrEqual(10);
});
