/** Every declaration is on exactly one page, and the pages of the tree are those that the declarations make. */
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { allBuiltins } from "../../runtime/language.ts";
import { libraryCatalog, nameOf } from "./catalog.ts";
import { libraryModules } from "./modules.ts";
import { renderLibraryPages } from "./pages.ts";

const pages = path.join(import.meta.dirname, "../../../docs/stdlib");

describe("the catalog", () => {
  it("has every declaration once", () => {
    const wanted = allBuiltins()
      .filter(({ name }) => !name.startsWith("__"))
      .map(nameOf);
    expect(
      libraryCatalog()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(wanted.sort());
  });

  it("says what a call needs, also where that depends on its arguments", () => {
    const needs = Object.fromEntries(libraryCatalog().map((entry) => [entry.name, entry.needs]));
    expect(needs).toMatchObject({
      len: [],
      read_file: ["workspace.read_text"],
      write_file: ["workspace.write_text", "workspace_write"],
      exec: ["process.exec", "process_exec"],
      host_call: ["what the operation needs"],
    });
  });
});

describe("the modules of the library", () => {
  it("have a doc for everything that they export", () => {
    const bare = libraryModules().flatMap(({ module, entries }) =>
      entries.filter(({ doc }) => doc === "").map(({ name }) => `${module}.${name}`),
    );
    expect(bare).toEqual([]);
  });
});

describe("docs/stdlib", () => {
  it("is what `npm run docs:stdlib` writes", () => {
    const made = renderLibraryPages();
    expect(fs.readdirSync(pages).sort()).toEqual([...made.keys()].sort());
    for (const [name, text] of made) expect(fs.readFileSync(path.join(pages, name), "utf8"), name).toBe(text);
  });
});
