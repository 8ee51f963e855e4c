/** `harn check` as a person has it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, root, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.folder });

describe("functions of the embedding program", () => {
  const PROGRAM = "let _tools = host_tools()\n\nprintln(lookup_issue({id: 7}))\n";

  it("are known where harn.toml names them", async () => {
    work.write("a.harn", PROGRAM);
    expect((await run("check", "a.harn")).stderr).toContain("call target `host_tools` is not defined or imported");
    work.write("harn.toml", '[check]\nhost_functions = ["host_tools", "lookup_issue"]\n');
    expect(await run("check", "a.harn")).toMatchObject({ code: 0, stdout: "1 program: nothing found\n", stderr: "" });
    expect(await run("lint", "a.harn")).toMatchObject({ code: 0, stdout: "1 program: nothing found\n", stderr: "" });
    work.write("a.harn", PROGRAM.replace("lookup_issue", "lookup_isue"));
    expect((await run("check", "a.harn")).stderr).toContain("did you mean `lookup_issue`?");
  });

  it("must be names", async () => {
    work.write("a.harn", PROGRAM);
    work.write("harn.toml", '[check]\nhost_functions = ["host tools"]\n');
    const { code, stderr } = await run("check", "a.harn");
    expect(code).not.toBe(0);
    expect(stderr).toContain(
      'harn.toml: [check] host_functions must be a list of names of functions, got "host tools"',
    );
  });

  it("are named for the example", async () => {
    const { code, stdout, stderr } = await harn(["check", "examples/embed/review.harn"], { cwd: root });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "1 program: nothing found\n", stderr: "" });
  });
});
