/** `harn explain`, and how a person who meets a code gets there. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DIAGNOSTIC_CODES } from "../../src/base/diagnostic-code.ts";
import { RULE_NAMES } from "../../src/tools/lint/rule-table.ts";
import { harn, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.folder });

describe("harn explain", () => {
  it("shows a mistake and how it is mended", async () => {
    const { code, stdout } = await run("explain", "declared-type");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^declared-type: .*\n\n[\s\S]*\nReported:\n\n {4}let port: int = "80"\n[\s\S]*\nMended:\n\n {4}let/,
    );
    expect((await run("explain", "[declared-type]")).stdout).toBe(stdout);
    expect(JSON.parse((await run("explain", "declared-type", "--json")).stdout)).toMatchObject({
      code: "declared-type",
    });
  });

  it("lists all codes, and the rules of harn lint", async () => {
    const listed = JSON.parse((await run("explain", "--json")).stdout) as { code: string; of: string }[];
    expect(listed.map(({ of, code }) => `${of} ${code}`)).toEqual([
      ...DIAGNOSTIC_CODES.map((code) => `check ${code}`),
      ...Array.from(RULE_NAMES, (name) => `lint ${name}`),
    ]);
    expect((await run("explain")).stdout).toMatch(/^ {2}import-cycle +modules that import each other in a circle$/m);
  });

  it("says what was meant by a wrong code, and where a lint rule has the name as well", async () => {
    expect(await run("explain", "declared-typ")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "error: there is no code declared-typ: did you mean declared-type?\n",
    });
    expect((await run("explain", "unreachable-code")).stdout).toContain("`harn lint --explain unreachable-code`");
  });

  it("is what reports point to", async () => {
    work.write("one.harn", 'let n: int = "x"\n');
    work.write("two.harn", 'let n: int = "x"\nlet m: int = y\n');
    const first = await run("run", "one.harn");
    expect(first.stderr).toMatch(/^error: 'n' declared as int, but assigned string \[declared-type\]\n/);
    expect(first.stderr).toMatch(/\n`harn explain declared-type` tells more\n$/);
    const both = await run("check", "one.harn", "two.harn");
    expect(both.stderr).toMatch(/\n`harn explain CODE` tells more about a code in brackets\n$/);
    expect(both.stdout).toBe("2 programs: 3 errors, 0 warnings\n");
  });
});
