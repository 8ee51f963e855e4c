/** `harn init` and `harn new`: what they make is in order by Harn's own tools, and nothing that is there is touched. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MANIFEST_SCHEMA } from "../../src/tools/project/manifest-schema.ts";
import { TEMPLATES } from "../../src/tools/project/templates.ts";
import { harn, root, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.folder });

describe.each(TEMPLATES.map(({ name }) => name))("template %s", (template) => {
  it("passes its own check, lint, fmt and test", async () => {
    expect(await run("new", "made", "--template", template)).toMatchObject({ code: 0, stderr: "" });
    const inside = (...args: readonly string[]) => harn(args, { cwd: work.at("made") });
    expect(await inside("check", ".")).toMatchObject({ code: 0, stderr: "" });
    expect(await inside("lint")).toMatchObject({ code: 0, stderr: "" });
    expect(await inside("fmt", "--check")).toMatchObject({ code: 0, stderr: "" });
    const tested = await inside("test");
    expect(tested).toMatchObject({ code: 0, stderr: "" });
    expect(tested.stdout).toMatch(/\n2 passed, 0 failed, 2 in all/);
    expect(fs.existsSync(work.at("made/.harn"))).toBe(false);
  });
});

describe("harn init", () => {
  it("makes what is missing in this folder and keeps what is there", async () => {
    work.write("main.harn", "println(1)\n");
    const result = await run("init", "--json");
    const report = JSON.parse(result.stdout);
    expect(report).toMatchObject({ folder: work.folder, name: path.basename(work.folder), template: "basic" });
    expect(report.files).toContainEqual({ path: "main.harn", status: "kept" });
    expect(report.files).toContainEqual({ path: "harn.toml", status: "created" });
    expect(fs.readFileSync(work.at("main.harn"), "utf8")).toBe("println(1)\n");
    expect((await run("init")).stdout).toContain("kept     harn.toml (it was there)");
  });

  it("refuses a folder that is there, and a template that is not", async () => {
    work.write("made/x", "");
    expect(await run("new", "made")).toMatchObject({
      code: 1,
      stderr: "error: made is there already: `harn init` inside of it makes what is missing\n",
    });
    expect(await run("init", "--template", "agnet")).toMatchObject({
      code: 2,
      stderr: "error: there is no template agnet: did you mean agent?\n",
    });
    expect(fs.readdirSync(work.folder)).toEqual(["made"]);
  });

  it("says which file cannot be written", async () => {
    work.write("lib", "a file where a folder is wanted");
    const result = await run("init");
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(work.at("lib"));
    expect(result.stderr).not.toContain("internal error");
  });

  it("writes the schema of the manifest, to which the manifest refers", async () => {
    await run("new", "made", "--schema");
    expect(fs.readFileSync(work.at("made/harn.toml"), "utf8")).toMatch(/^#:schema \.\/harn\.schema\.json\n/);
    expect(JSON.parse(fs.readFileSync(work.at("made/harn.schema.json"), "utf8"))).toEqual(MANIFEST_SCHEMA);
  });
});

describe("docs/harn.schema.json", () => {
  it("is what `npm run docs:stdlib` writes", () => {
    const written = JSON.parse(fs.readFileSync(path.join(root, "docs/harn.schema.json"), "utf8"));
    expect(written).toEqual(MANIFEST_SCHEMA);
  });
});
