/** `harn add` and `harn install`, with folders and real git repositories. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.at("project") });
const read = (name: string) => fs.readFileSync(work.at(name), "utf8");

function git(folder: string, ...args: readonly string[]): string {
  const who = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...who, ...args], { cwd: work.at(folder), encoding: "utf8" }).trim();
}

/** A repository with one commit and a tag. */
function repository(name: string, lib: string): string {
  work.write(`${name}/lib.harn`, lib);
  git(name, "init", "--quiet");
  git(name, "add", ".");
  git(name, "commit", "--quiet", "-m", "first");
  git(name, "tag", "v1");
  return git(name, "rev-parse", "HEAD");
}

describe("packages", () => {
  it("of folders are copied, with what they depend on", async () => {
    work.write("libs/shapes/lib.harn", 'import "colors"\n\npub fn describe(name) {\n  return paint(name)\n}\n');
    work.write("libs/shapes/harn.toml", '[dependencies]\ncolors = "../colors"\n');
    work.write("libs/shapes/node_modules/x.harn", "broken(\n");
    work.write("libs/colors.harn", 'pub fn paint(name) {\n  return "red " + name\n}\n');
    work.write("project/harn.toml", '[package]\nname = "p" # its name\n');
    work.write("project/main.harn", 'import "shapes"\n\nprintln(describe("box"))\n');
    expect((await run("add", "shapes", "--path", "../libs/shapes")).code).toBe(0);
    expect(read("project/harn.toml")).toBe(
      '[package]\nname = "p" # its name\n\n[dependencies]\nshapes = { path = "../libs/shapes" }\n',
    );
    const { code, stdout, stderr } = await run("install");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe("installed  shapes  ../libs/shapes\ninstalled  colors  ../libs/colors\n");
    expect(read("project/harn.lock")).toBe(
      '# Written by `harn install`.\n\n[[package]]\nname = "colors"\npath = "../libs/colors"\n\n[[package]]\nname = "shapes"\npath = "../libs/shapes"\n',
    );
    expect(fs.readdirSync(work.at("project/.harn/packages")).sort()).toEqual(["colors.harn", "shapes"]);
    expect(fs.readdirSync(work.at("project/.harn/packages/shapes")).sort()).toEqual(["harn.toml", "lib.harn"]);
    expect(await run("run", "main.harn")).toMatchObject({ code: 0, stdout: "red box\n", stderr: "" });
  });

  it("of repositories come as the lock file says, until harn.toml says otherwise", async () => {
    const first = repository("far", 'pub fn version() {\n  return "first"\n}\n');
    work.write("project/main.harn", 'import "far"\n\nprintln(version())\n');
    work.write("project/harn.toml", '[dependencies]\nfar = { git = "../far" }\n');
    expect((await run("install")).stdout).toBe("installed  far  ../far\n");
    expect(read("project/harn.lock")).toContain(`commit = "${first}"`);
    expect(fs.existsSync(work.at("project/.harn/packages/far/.git"))).toBe(false);

    work.write("far/lib.harn", 'pub fn version() {\n  return "second"\n}\n');
    git("far", "commit", "--quiet", "-am", "second");
    expect((await run("install")).stdout).toBe("kept       far  ../far\n");
    fs.rmSync(work.at("project/.harn"), { recursive: true });
    expect((await run("install")).stdout).toBe("installed  far  ../far\n");
    expect((await run("run", "main.harn")).stdout).toBe("first\n");

    expect((await run("add", "far", "--git", "../far", "--tag", "main")).code).toBe(0);
    expect(read("project/harn.toml")).toBe('[dependencies]\nfar = { git = "../far", tag = "main" }\n');
    expect((await run("install", "--json")).stdout).toContain('"did": "installed"');
    expect((await run("run", "main.harn")).stdout).toBe("second\n");

    work.write("project/harn.toml", "[dependencies]\n");
    expect((await run("install")).stdout).toBe("removed    far  ../far at main\n");
    expect(fs.readdirSync(work.at("project/.harn/packages"))).toEqual([]);
  });

  it("that cannot be had leave the old ones, and say why", async () => {
    const failure = async (toml: string): Promise<string> => {
      work.write("project/harn.toml", toml);
      const { code, stderr } = await run("install");
      expect(code).toBe(1);
      return stderr;
    };
    work.write("project/.harn/packages/far/lib.harn", "pub fn f() {\n  return 1\n}\n");
    expect(await failure('[dependencies]\nfar = { git = "../nowhere" }\n')).toMatch(/git clone: .*nowhere/);
    expect(read("project/.harn/packages/far/lib.harn")).toContain("pub fn f");
    expect(fs.readdirSync(work.at("project/.harn/packages"))).toEqual(["far"]);
    expect(await failure('[dependencies]\nfar = "../gone"\n')).toMatch(
      /package far: .*harn\.toml says that it lies in /,
    );
    expect(await failure("[dependencies]\nfar = 3\n")).toContain("[dependencies] far must be a folder as text");
    expect(await failure('[dependencies]\nfar = { git = "x", path = "y" }\n')).toContain("must be a folder as text");
    expect(await failure('[dependencies]\n"../far" = "y"\n')).toContain("a package's name is letters, digits, _ and -");
    expect(await failure('[dependencies]\nfar = { git = "--upload-pack=x" }\n')).toContain(
      "neither a repository nor a tag",
    );
  });

  it("of one name from two places are refused", async () => {
    work.write("one/lib.harn", "");
    work.write("two/lib.harn", "");
    work.write("two/harn.toml", '[dependencies]\none = "../three"\n');
    work.write("three/lib.harn", "");
    work.write("project/harn.toml", '[dependencies]\none = "../one"\ntwo = "../two"\n');
    const { code, stderr } = await run("install");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /package one: .*project\/harn\.toml wants it from \.\.\/one, .*two\/harn\.toml from \.\.\/three/,
    );
  });
});
