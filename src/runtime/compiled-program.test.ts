import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCodeCache } from "../hosts/node/code-cache.ts";
import { createRuntime } from "../hosts/node/index.ts";
import { createNodePorts } from "../hosts/node/ports.ts";
import type { CodeCachePort } from "../ports/code-cache.ts";

let folder: string;
let cacheFolder: string;
/** What the cache was asked and told. */
let log: string[];

function watched(build = "one"): CodeCachePort {
  const inner = createCodeCache(cacheFolder, build);
  return {
    build,
    read(name) {
      const text = inner.read(name);
      log.push(text === null ? "miss" : "found");
      return text;
    },
    write(name, text) {
      log.push("written");
      inner.write(name, text);
    },
  };
}

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-code-"));
  cacheFolder = path.join(folder, "deep", "cache");
  log = [];
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function put(name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), text);
}

async function run(cache = watched()): Promise<unknown> {
  const runtime = createRuntime({ ports: createNodePorts(), volatile: true, codeCache: cache });
  const outcome = await runtime.run({ file: "main.harn", cwd: folder }).result;
  await runtime.close();
  return outcome.kind === "value" ? outcome.value : outcome.kind === "failed" ? outcome.message : outcome.kind;
}

/** One answer and one exchange with the cache for each run. */
async function exchange(cache?: CodeCachePort): Promise<readonly unknown[]> {
  log = [];
  return [await run(cache), ...log];
}

const PROGRAM = 'import { twice } from "lib/numbers"\npipeline default() { return twice(21) }';
const TWICE = "pub fn twice(n) { return n * 2 }";

describe("a program whose code is kept", () => {
  beforeEach(() => {
    put("main.harn", PROGRAM);
    put("lib/numbers.harn", TWICE);
  });

  it("is compiled once", async () => {
    expect(await exchange()).toEqual([42, "miss", "written"]);
    expect(await exchange()).toEqual([42, "found"]);
    expect(fs.readdirSync(cacheFolder).filter((name) => !name.endsWith(".json"))).toEqual([]);
  });

  it("is compiled again when it, or what it imports, has changed", async () => {
    await run();
    put("lib/numbers.harn", "pub fn twice(n) { return n * 3 }");
    expect(await exchange()).toEqual([63, "found", "written"]);
    put("main.harn", PROGRAM.replace("21", "2"));
    expect(await exchange()).toEqual([6, "miss", "written"]);
  });

  it("is compiled again when an import is found elsewhere or not at all", async () => {
    await run();
    put("lib/numbers", "pub fn twice(n) { return 0 - n }");
    expect(await exchange()).toEqual([-21, "found", "written"]);
    fs.rmSync(path.join(folder, "lib"), { recursive: true });
    const [message, ...rest] = await exchange();
    expect(message).toMatch(/cannot find module lib\/numbers/);
    expect(rest).toEqual(["found"]);
  });

  it("is not taken from another build", async () => {
    await run();
    expect(await exchange(watched("two"))).toEqual([42, "miss", "written"]);
    const [name] = fs.readdirSync(cacheFolder);
    const text = fs.readFileSync(path.join(cacheFolder, name!), "utf8");
    for (const other of fs.readdirSync(cacheFolder)) fs.writeFileSync(path.join(cacheFolder, other), text);
    expect((await exchange(watched("one")))[0]).toBe(42);
    expect((await exchange(watched("two")))[0]).toBe(42);
  });

  it("is compiled again when the file is damaged, wherever", async () => {
    await run();
    const [name] = fs.readdirSync(cacheFolder);
    const file = path.join(cacheFolder, name!);
    const text = fs.readFileSync(file, "utf8");
    const { chunks } = JSON.parse(text) as { chunks: string[] };
    const broken = [
      "",
      "null",
      "[]",
      text.slice(0, text.length / 2),
      text.replace('"chunks":[', '"chunks":["x",'),
      JSON.stringify({ ...JSON.parse(text), chunks: chunks.map((chunk) => chunk.replace(/\d+(?=\D*$)/, "99999")) }),
    ];
    for (const damage of broken) {
      fs.writeFileSync(file, damage);
      expect((await exchange())[0]).toBe(42);
    }
  });

  it("runs where nothing can be kept", async () => {
    put("deep", "a file where the folder should be");
    expect(await exchange()).toEqual([42, "miss", "written"]);
    expect(await exchange()).toEqual([42, "miss", "written"]);
  });

  it("is not kept when it is wrong", async () => {
    put("main.harn", "pipeline default() { return 1 +");
    expect((await exchange()).slice(1)).toEqual(["miss"]);
  });
});

describe("the files of the cache", () => {
  it("are whole while two write and one reads", async () => {
    const [a, b] = [createCodeCache(cacheFolder, "x"), createCodeCache(cacheFolder, "x")];
    const texts = ["a".repeat(200_000), "b".repeat(300_000)];
    for (let i = 0; i < 20; i++) {
      a.write("same", texts[0]!);
      expect(texts).toContain(b.read("same"));
      b.write("same", texts[1]!);
      expect(texts).toContain(a.read("same"));
    }
  });

  it("do not grow without end", () => {
    const cache = createCodeCache(cacheFolder, "x");
    for (let i = 0; i < 600; i++) cache.write(`name${i}`, "text");
    expect(fs.readdirSync(cacheFolder).length).toBeLessThanOrEqual(512);
    expect(cache.read("name599")).toBe("text");
  });
});
