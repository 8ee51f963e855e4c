import { expect, it } from "vitest";
import type { Json } from "../../base/json.ts";
import { createTurns } from "../../base/turns.ts";
import { createMemoryPorts } from "../../ports/memory/ports.ts";
import { createMetadataSave } from "./performer.ts";

const root = "/project/state/metadata";
const lock = "/project/state/kept.lock";

function makeMetadata(files: Readonly<Record<string, unknown>> = {}) {
  const texts = Object.entries(files).map(([name, body]) => [
    `${root}/${name}`,
    typeof body === "string" ? body : JSON.stringify(body),
  ]);
  const ports = createMemoryPorts({ files: Object.fromEntries(texts) });
  const performer = createMetadataSave(createTurns());
  return {
    ports,
    text: (name: string) => ports.files.readTextSync(`${root}/${name}/entries.json`),
    entries: (name: string) => JSON.parse(ports.files.readTextSync(`${root}/${name}/entries.json`)).entries as unknown,
    save: (...changes: readonly (readonly [namespace: string, folder: string, fields: string])[]): Promise<Json> =>
      performer.perform(
        { root, lock, changes: changes.map(([namespace, folder, fields]) => ({ namespace, folder, fields })) },
        {
          effectId: "run:1",
          again: false,
          note: null,
          signal: new AbortController().signal,
          note_: async () => {},
          emit: () => {},
          ports,
        },
      ),
  };
}

it("writes the reference's form: keys in order, two blanks, whole seconds, numbers with their kind", async () => {
  const metadata = makeMetadata();
  await metadata.save(["my facts", ".", '{"lines": 1.0, "kind": "app"}']);
  expect(metadata.text("my_20facts")).toBe(`{
  "backend": "filesystem",
  "entries": {
    ".": {
      "kind": "app",
      "lines": 1.0
    }
  },
  "generatedAt": "2023-11-14T22:13:20Z",
  "namespace": "my facts",
  "version": 1
}`);
});

it("puts fields onto what is there and leaves files of other namespaces alone", async () => {
  const other = { namespace: "other", entries: { src: { x: 1 } } };
  const metadata = makeMetadata({
    "n/entries.json": { namespace: "n", entries: { src: { theirs: 1, both: 1 }, __proto__x: {}, lib: { y: 1 } } },
    "other/entries.json": other,
  });
  await metadata.save(["n", "src", '{"both": 2, "ours": null}'], ["n", "__proto__", '{"odd": true}']);
  expect(metadata.entries("n")).toEqual(
    JSON.parse(
      '{"__proto__": {"odd": true}, "__proto__x": {}, "lib": {"y": 1}, "src": {"both": 2, "ours": null, "theirs": 1}}',
    ),
  );
  expect(JSON.parse(metadata.text("other"))).toEqual(other);
});

it("takes over what the older form holds of a namespace, unless the namespace's file has the folder", async () => {
  const metadata = makeMetadata({
    "root.json": { entries: { src: { namespaces: { n: { old: 1 } } }, lib: { namespaces: { n: { old: 2 }, m: {} } } } },
    "n/entries.json": { namespace: "n", entries: { lib: { newer: 3 } } },
  });
  await metadata.save(["n", "src", '{"x": 1}'], ["n", "lib", '{"x": 2}']);
  expect(metadata.entries("n")).toEqual({ src: { old: 1, x: 1 }, lib: { newer: 3, x: 2 } });
});

it("saves nothing at all when two namespaces would have one file, or a file is broken", async () => {
  const clash = makeMetadata({ "a_20b/entries.json": { namespace: "a b", entries: { src: { x: 1 } } } });
  await expect(clash.save(["fine", "src", '{"y": 1}'], ["a_20b", "src", '{"y": 1}'])).rejects.toThrow(
    /namespaces `a b` and `a_20b` have the same file .*a_20b\/entries\.json/,
  );
  expect([clash.entries("a_20b"), clash.ports.files.existsSync(`${root}/fine`)]).toEqual([{ src: { x: 1 } }, false]);

  const broken = makeMetadata({ "n/entries.json": '{"names' });
  await expect(broken.save(["n", "src", '{"y": 1}'])).rejects.toThrow(
    /n\/entries\.json is no JSON: .*repair or remove/,
  );
  expect(broken.text("n")).toBe('{"names');
});

it("leaves the file as it was when the disk is full, and lets go of the lock", async () => {
  const metadata = makeMetadata();
  await metadata.save(["n", "src", '{"x": 1}']);
  const before = metadata.text("n");
  metadata.ports.files.capacity = before.length;
  await expect(metadata.save(["n", "src", '{"more": "and more"}'])).rejects.toThrow("No space left on device");
  expect(metadata.text("n")).toBe(before);
  metadata.ports.files.capacity = 10_000;
  await Promise.all([metadata.save(["n", "src", '{"a": 1}']), metadata.save(["n", "src", '{"b": 1}'])]);
  expect(metadata.entries("n")).toEqual({ src: { x: 1, a: 1, b: 1 } });
});
