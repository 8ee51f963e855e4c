/** Every program in `docs/language` prints what its page says, and the index names every page. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { PageRunner, readBlocks } from "./pages.ts";

const folder = path.join(import.meta.dirname, "../../docs/language");
const pages = fs.readdirSync(folder).filter((name) => name.endsWith(".md"));
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "harn-pages-"));
const runner = new PageRunner();

afterAll(async () => {
  await runner.close();
  fs.rmSync(scratch, { recursive: true, force: true });
});

describe("docs/language", () => {
  it.each(pages)("%s", async (name) => {
    const text = fs.readFileSync(path.join(folder, name), "utf8");
    const own = path.join(scratch, name);
    fs.mkdirSync(own);
    for (const block of readBlocks(text)) {
      const place = `docs/language/${name}:${block.line}`;
      expect(`${place}\n${await runner.output(block, own)}`).toBe(`${place}\n${block.prints}`);
    }
  });

  it("has an index that links to every page", () => {
    const index = fs.readFileSync(path.join(folder, "README.md"), "utf8");
    const linked = new Set([...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, target]) => target));
    expect([...linked].sort()).toEqual(pages.filter((name) => name !== "README.md").sort());
  });
});
