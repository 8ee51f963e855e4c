/** `harn doc` and `harn builtins`. */
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.folder });

describe("harn builtins", () => {
  it("lists all with signatures, by topic", async () => {
    const { code, stdout } = await run("builtins");
    expect(code).toBe(0);
    expect(stdout).toContain("\nRegular expressions (regex)\n  regex_match(");
    expect(stdout).toContain("\n  list.map(");
    expect(stdout).not.toContain("__");
  });

  it("tells all of one, of a method's name, of a topic, of a module", async () => {
    expect(
      (await run("builtins", "assert_eq")).stdout,
    ).toBe(`assert_eq(actual: any, expected: any, message?: any) -> nil

Throws unless both values are equal.

example:
  try {
    assert_eq(1 + 1, 3)
  } catch e {
    println(e)
  }
prints:
  Assertion failed: expected 3, got 2
`);
    const methods = (await run("builtins", "take")).stdout;
    expect(methods).toContain("iter.take(");
    expect(methods).toContain("range.take(");
    expect((await run("builtins", "regex")).stdout.split("\n")[0]).toMatch(/^ {2}regex_match\(/);
    expect((await run("builtins", "std/math")).stdout).toContain("  mean(items)\n");
    expect((await run("builtins", "weighted_mean")).stdout).toContain('import { weighted_mean } from "std/math"');
    expect((await run("builtins", "write_file")).stdout).toContain("\nneeds: workspace.write_text, workspace_write\n");
  });

  it("prints JSON: a list of name, signature, doc and needs", async () => {
    const all = JSON.parse((await run("builtins", "--json")).stdout);
    expect(all.length).toBeGreaterThan(500);
    for (const entry of all) {
      expect(entry).toMatchObject({ name: expect.any(String), signature: expect.stringMatching(/^[\w.]+\??\(/) });
      expect(entry.doc).not.toBe("");
      expect(Array.isArray(entry.needs)).toBe(true);
    }
    expect(JSON.parse((await run("builtins", "len", "--json")).stdout)).toMatchObject([{ name: "len", needs: [] }]);
  });

  it("suggests the nearest name, and ends with 2", async () => {
    expect(await run("builtins", "json_prase")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "error: there is no builtin json_prase: did you mean json_parse?\n",
    });
  });
});

describe("harn doc", () => {
  beforeEach(() => {
    work.write("lib/a.harn", "/** Adds. */\npub fn add(a, b) {\n  return a + b\n}\n");
    work.write("main.harn", "println(1)\n");
  });

  it("prints the page of a module, or its entries as JSON", async () => {
    expect(await run("doc", "lib/a.harn")).toMatchObject({
      code: 0,
      stdout: "# lib/a\n\n## Functions\n\n### add\n\n```harn\npub fn add(a, b)\n```\n\nAdds.\n",
    });
    expect(JSON.parse((await run("doc", "--json")).stdout)).toEqual([
      {
        module: "lib/a",
        file: "lib/a.harn",
        name: "add",
        kind: "fn",
        signature: "pub fn add(a, b)",
        doc: "Adds.",
        line: 2,
      },
    ]);
  });

  it("writes pages with an index, and tells when they are out of date", async () => {
    expect(await run("doc", "--out", "api")).toMatchObject({ code: 0, stdout: "2 pages in api\n" });
    expect(fs.readFileSync(work.at("api/README.md"), "utf8")).toContain("[lib/a](lib/a.md)");
    expect(await run("doc", "--out", "api", "--check")).toMatchObject({ code: 0, stderr: "" });
    work.write("lib/a.harn", "/** Sums. */\npub fn add(a, b) {\n  return a + b\n}\n");
    expect(await run("doc", "--out", "api", "--check")).toMatchObject({
      code: 1,
      stderr: "api/lib/a.md: is not what the modules say\n",
    });
    expect(await run("doc", "--check")).toMatchObject({ code: 2 });
  });
});
