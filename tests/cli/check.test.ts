/** `harn check` as a person has it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/exit-codes.ts";
import { harn, root, scratch, startHarn, until } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.folder });

describe("several programs", () => {
  const LIB = "pub fn half(n: int) -> int {\n  return n / 2\n}\n";

  it("show what is wrong in a module once, by its way from here", async () => {
    work.write("lib/a.harn", LIB.replace("/ 2", '/ "2"'));
    work.write("one.harn", 'import "lib/a"\n\nprintln(half(2))\n');
    work.write("two.harn", 'import "lib/a"\n\nprintln(half("2"))\n');
    const { code, stdout, stderr } = await run("check", "one.harn", "two.harn");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "2 programs: 2 errors, 0 warnings\n" });
    expect(stderr).toContain("--> lib/a.harn:2:");
    expect(stderr).toContain("--> two.harn:3:");
    const json = await run("check", "--json", "two.harn");
    expect(
      json.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).path),
    ).toEqual(["lib/a.harn", "two.harn"]);
  });

  it("are checked again at each change with --watch", async () => {
    work.write("lib/a.harn", LIB);
    work.write("one.harn", 'import "lib/a"\n\nprintln(half(2))\n');
    const started = startHarn(["check", "--watch", "one.harn"], { cwd: work.folder });
    const waits = () => started.stderr().split("waiting for a change").length - 1;
    await until(() => waits() === 1);
    expect(started.stdout()).toBe("1 program: nothing found\n");
    work.write("lib/a.harn", LIB.replace("n: int", "n: string"));
    await until(() => waits() === 2);
    expect(started.stderr()).toContain("argument 1 ('n') of `half`: expected string, got int");
    work.write("lib/a.harn", LIB);
    await until(() => waits() === 3);
    expect(started.stdout()).toContain("errors, 0 warnings\n1 program: nothing found\n");
    started.child.kill("SIGINT");
    expect((await started.done).code).toBe(EXIT.interrupted);
  });

  it("are checked again when the project's manifest changes, comes or goes", async () => {
    work.write("one.harn", "println(lookup_issue({id: 7}))\n");
    const started = startHarn(["check", "--watch", "one.harn"], { cwd: work.folder });
    const waits = () => started.stderr().split("waiting for a change").length - 1;
    await until(() => waits() === 1);
    expect(started.stdout()).toMatch(/^1 program: [1-9]/);
    work.write("harn.toml", '[check]\nhost_functions = ["lookup_issue"]\n');
    await until(() => waits() === 2);
    expect(started.stdout()).toMatch(/\n1 program: nothing found\n$/);
    work.write("harn.toml", "[check\n");
    await until(() => waits() === 3);
    expect(started.stderr()).toMatch(/error: .*harn\.toml:1:/);
    work.write("harn.toml", '[check]\nhost_functions = ["other"]\n');
    await until(() => waits() === 4);
    expect(started.stdout().split("\n").at(-2)).toMatch(/^1 program: [1-9]/);
    started.child.kill("SIGINT");
    expect((await started.done).code).toBe(EXIT.interrupted);
  });

  it("end with a message where one cannot be read", async () => {
    const { code, stderr } = await run("check", "nothing.harn");
    expect(code).not.toBe(0);
    expect(stderr).toContain("cannot read nothing.harn: No such file or directory");
  });
});

describe("a name that a module does not have", () => {
  it("gets the nearest that it has", async () => {
    work.write("shapes.harn", "pub fn circle(radius) {\n  return radius * 3\n}\n");
    work.write("a.harn", 'import { cirlce } from "shapes"\n\nprintln(cirlce(1))\n');
    const { code, stderr } = await run("check", "a.harn");
    expect(code).toBe(EXIT.failed);
    expect(stderr).toContain("'cirlce' is not defined in shapes");
    expect(stderr).toContain("did you mean `circle`?");
    work.write("a.harn", 'import { truncate_head_tial } from "std/text"\n\nprintln(truncate_head_tial("a", 1, 1))\n');
    expect((await run("check", "a.harn")).stderr).toContain("did you mean `truncate_head_tail`?");
  });
});

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
