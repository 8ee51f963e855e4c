/** `harn fmt` as a person has it. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanEnv, command, harn, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(["fmt", ...args], { cwd: work.folder });
const read = (name: string) => fs.readFileSync(work.at(name), "utf8");
const piped = (input: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, [command, "fmt", ...args], {
    cwd: work.folder,
    env: cleanEnv(),
    input,
    encoding: "utf8",
  });

describe("harn fmt", () => {
  it("formats what lies below the folder, but not what git ignores", async () => {
    work.write("a.harn", "let x=1\n");
    work.write("deep/b.harn", "let y = 2\n");
    work.write("made/c.harn", "let z=3\n");
    work.write(".gitignore", "made/\n");
    expect(await run()).toMatchObject({ code: 0, stdout: "formatted a.harn\n", stderr: "" });
    expect([read("a.harn"), read("made/c.harn")]).toEqual(["let x = 1\n", "let z=3\n"]);
    expect(await run()).toMatchObject({ code: 0, stdout: "" });
    expect(await run("made/c.harn")).toMatchObject({ code: 0, stdout: "formatted made/c.harn\n" });
  });

  it("only names what would change with --check, and ends with 1", async () => {
    work.write("a.harn", "let x = 1\nlet y=2\n");
    work.write("b.harn", "let y = 2\n");
    expect(await run("--check", ".")).toMatchObject({ code: 1, stdout: "", stderr: "a.harn: would be reformatted\n" });
    const { code, stdout } = await run("--check", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      { file: "a.harn", status: "would-change", line: 2, column: 1, message: "would be reformatted" },
    ]);
    expect(read("a.harn")).toBe("let x = 1\nlet y=2\n");
    expect(await run("--check", "b.harn")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  it("shows a syntax error with its place, leaves that file alone, and formats the others", async () => {
    work.write("bad.harn", "let = 1\n");
    work.write("good.harn", "let x=1\n");
    const { code, stdout, stderr } = await run("bad.harn", "good.harn");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "formatted good.harn\n" });
    expect(stderr).toContain("--> bad.harn:1:5");
    expect(read("bad.harn")).toBe("let = 1\n");
    expect(JSON.parse((await run("--check", "--json")).stdout)).toMatchObject([
      { file: "bad.harn", status: "error", line: 1, column: 5 },
    ]);
  });

  it("takes widths from harn.toml, and from the command line before it", async () => {
    work.write("harn.toml", "[fmt]\nline-width = 20\n");
    work.write("src/a.harn", "let x = call(one, two, three)\n");
    await run();
    const broken = "let x = call(\n  one,\n  two,\n  three,\n)\n";
    expect(read("src/a.harn")).toBe(broken);
    await run("--line-width", "80");
    expect(read("src/a.harn")).toBe("let x = call(one, two, three)\n");
  });

  it("says what is wrong with harn.toml", async () => {
    work.write("a.harn", "let x = 1\n");
    work.write("harn.toml", '[fmt]\nline_width = "wide"\n');
    const wrong = await run();
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('harn.toml: [fmt] line_width must be a whole number of at least 1, got "wide"');
    work.write("harn.toml", "[fmt]\nline_with = 3\n");
    expect((await run()).stderr).toContain("[fmt] has no key line_with; did you mean line_width?");
    work.write("harn.toml", "[fmt\n");
    expect((await run()).stderr).toMatch(/harn\.toml:1:\d+: /);
  });

  it("formats the standard input", () => {
    expect(piped("let x=1", "-")).toMatchObject({ status: 0, stdout: "let x = 1\n", stderr: "" });
    expect(piped("let x=1", "--check", "-")).toMatchObject({ status: 1, stdout: "" });
    const bad = piped("let =", "-");
    expect(bad).toMatchObject({ status: 1, stdout: "" });
    expect(bad.stderr).toContain("--> <stdin>:1:5");
    work.write("deep/harn.toml", "[fmt]\nline_width = 6\n");
    expect(piped("let x = f(1, 2)\n", "-", "--stdin-path", "deep/a.harn").stdout).toBe("let x = f(\n  1,\n  2,\n)\n");
    expect(piped("let =", "-", "--stdin-path", "deep/a.harn").stderr).toContain("--> deep/a.harn:1:5");
    expect(piped("", "--stdin-path", "deep/a.harn").status).toBe(2);
  });

  it("formats a range of lines", async () => {
    work.write("a.harn", "let x=1\nlet y=2\n");
    expect(await run("--range", "2:2", "a.harn")).toMatchObject({ code: 0, stdout: "formatted a.harn\n" });
    expect(read("a.harn")).toBe("let x=1\nlet y = 2\n");
    expect(piped("let x=1\nlet y=2\n", "--range", "1:1", "-")).toMatchObject({ stdout: "let x = 1\nlet y=2\n" });
    expect(await run("--range", "2", "a.harn")).toMatchObject({ code: 2 });
  });

  it("says what cannot be read", async () => {
    expect(await run("nowhere")).toMatchObject({
      code: 1,
      stderr: "error: cannot read nowhere: no such file or folder\n",
    });
    expect((await run()).stderr).toBe("error: there is no .harn file below .\n");
    fs.writeFileSync(work.at("latin.harn"), Buffer.from([0x6c, 0xe9, 0x0a]));
    const { code, stderr } = await run("latin.harn");
    expect(code).toBe(1);
    expect(stderr).toContain("latin.harn");
    expect(stderr).toContain("UTF-8");
  });
});
