import { expect, it } from "vitest";
import type { Json } from "../base/json.ts";
import { createMemoryPorts } from "../ports/memory/ports.ts";
import { type Change, createKeptPerformers, KEPT_CHANGE, KEPT_SWAP } from "./kept-change.ts";

const path = "/project/state/store.json";

function makeStore(text?: string) {
  const ports = createMemoryPorts({ files: text === undefined ? {} : { [path]: text } });
  const performers = createKeptPerformers();
  const notes: Json[] = [];
  return {
    ports,
    notes,
    text: () => ports.files.readTextSync(path),
    change: (change: Change, again = false, note: Json | null = null) =>
      performers
        .find(({ kind }) => kind === (change.kind === "swap" ? KEPT_SWAP : KEPT_CHANGE))!
        .perform(
          { path, lock: "/project/state/kept.lock", change },
          {
            effectId: "run:1",
            again,
            note,
            signal: new AbortController().signal,
            note_: async (body) => void notes.push(body),
            emit: () => {},
            ports,
          },
        ),
  };
}

const swap = { kind: "swap", key: "n", old: "1", value: "2" } as const;

it("keeps what others have put there, numbers with their kind", async () => {
  const store = makeStore('{"theirs": 1.0}');
  await store.change({ kind: "set", key: "ours", value: "[2.0, 2]" });
  expect(store.text()).toBe('{\n  "ours": [\n    2.0,\n    2\n  ],\n  "theirs": 1.0\n}');
  await store.change({ kind: "delete", key: "theirs" });
  await store.change({ kind: "delete", key: "ours" });
  await store.change({ kind: "save" });
  expect(store.text()).toBe("{}");
});

it("notes a swap before it is made, and only then", async () => {
  const store = makeStore('{"n": 1}');
  expect([await store.change({ ...swap, old: "3" }), store.notes]).toEqual([false, []]);
  expect([await store.change(swap), store.notes]).toEqual([true, [{ begun: true }]]);
  expect(JSON.parse(store.text())).toEqual({ n: 2 });
});

it("makes a swap after a crash if none was begun, else says that it does not know", async () => {
  const store = makeStore('{"n": 1}');
  await expect(store.change(swap, true, { begun: true })).rejects.toMatchObject({
    category: "effect_unknown",
    message: expect.stringContaining("`n`"),
  });
  expect(JSON.parse(store.text())).toEqual({ n: 1 });
  expect(await store.change(swap, true)).toBe(true);
});

it("changes nothing when the file is broken or the disk is full, and lets go of the lock", async () => {
  const broken = makeStore("{");
  await expect(broken.change({ kind: "clear" })).rejects.toThrow(/store\.json is no JSON: .*repair or remove it/);
  await expect(broken.change(swap)).rejects.toThrow(/is no JSON/);
  expect(broken.text()).toBe("{");

  const full = makeStore('{"n": 1}');
  full.ports.files.capacity = 10;
  await expect(full.change({ kind: "set", key: "m", value: '"long enough"' })).rejects.toThrow(
    `cannot write ${path}: No space left on device`,
  );
  full.ports.files.capacity = 1_000;
  await full.change({ kind: "set", key: "m", value: "2" });
  expect(JSON.parse(full.text())).toEqual({ n: 1, m: 2 });
});
