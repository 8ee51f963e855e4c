/** Programs that import packages, with every command that reads programs. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
  work.write(
    ".harn/packages/acme/lib.harn",
    'import "shared"\n\npub fn greet(name) {\n  return mark("Hello, " + name)\n}\n',
  );
  work.write(
    ".harn/packages/acme/src/loud.harn",
    "pub fn shout(text: string) -> string {\n  return uppercase(text)\n}\n",
  );
  work.write(".harn/packages/acme/harn.toml", '[exports]\nloud = "src/loud.harn"\n');
  work.write(".harn/packages/shared/lib.harn", 'pub fn mark(text) {\n  return text + "!"\n}\n');
  work.write("app/main.harn", 'import "acme"\nimport { shout } from "acme/loud"\n\nprintln(shout(greet("Ada")))\n');
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.folder });

describe("a program with packages", () => {
  it("runs, from the code cache too, and sees what changes in them", async () => {
    const expected = { code: 0, stdout: "HELLO, ADA!\n", stderr: "" };
    expect(await run("run", "app/main.harn")).toMatchObject(expected);
    expect(await run("run", "app/main.harn")).toMatchObject(expected);
    work.write(".harn/packages/acme/src/quiet.harn", "pub fn shout(text) {\n  return lowercase(text)\n}\n");
    work.write(".harn/packages/acme/harn.toml", '[exports]\nloud = "src/quiet.harn"\n');
    expect(await run("run", "app/main.harn")).toMatchObject({ code: 0, stdout: "hello, ada!\n" });
  });

  it("is checked across them", async () => {
    work.write("app/main.harn", 'import "acme/loud"\n\nprintln(shout(3))\nprintln(shut("a"))\n');
    const { code, stderr } = await run("check", "app/main.harn");
    expect(code).toBe(1);
    expect(stderr).toContain("argument 1 ('text') of `shout`: expected string, got int");
    expect(stderr).toContain("did you mean `shout`?");
  });

  it("is linted and tested with them", async () => {
    expect(await run("lint", "app")).toMatchObject({ code: 0, stdout: "1 program: nothing found\n" });
    work.write(
      "tests/loud.harn",
      'import { shout } from "acme/loud"\n\n@test\npipeline test_loud(task) {\n  assert_eq(shout("a"), "A")\n}\n',
    );
    const tested = await run("test", "tests", "--coverage");
    expect(tested.stdout + tested.stderr).toContain("1 passed");
    expect(tested.code).toBe(0);
  });

  it("does not start without one that is missing", async () => {
    work.write("harn.toml", '[dependencies]\nbeacon = { git = "https://example.com/beacon" }\n');
    work.write("app/main.harn", 'import "beacon"\n');
    const { code, stderr } = await run("run", "app/main.harn");
    expect(code).toBe(1);
    expect(stderr).toContain("package beacon is not installed; run `harn install` in ");
  });
});
