/** `harn lint` and `harn explain` as a person has them. */
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.folder });
const read = (name: string) => fs.readFileSync(work.at(name), "utf8");

const ODD = "pipeline main(task) {\n  let x = 1\n  var y = 2\n  println(y)\n}\n";

describe("harn lint", () => {
  it("shows findings with their place; warnings alone are no failure", async () => {
    work.write("a.harn", ODD);
    const { code, stdout, stderr } = await run("lint", "a.harn");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1 program: 2 warnings\n" });
    expect(stderr).toContain("--> a.harn:2:3");
    expect(stderr).toContain("[unused-variable]");
  });

  it("fails for an error, and for a warning where harn.toml is strict", async () => {
    work.write("a.harn", "fn _f() {\n  break\n}\n");
    expect(await run("lint")).toMatchObject({ code: 1, stdout: "1 program: 1 error\n" });
    work.write("a.harn", ODD);
    work.write("harn.toml", "[check]\nstrict = true\n");
    expect(await run("lint")).toMatchObject({ code: 1, stdout: "1 program: 2 warnings\n" });
    work.write("harn.toml", '[lint]\ndisabled = ["unused-variable", "mutable-never-reassigned"]\n');
    expect(await run("lint")).toMatchObject({ code: 0, stdout: "1 program: nothing found\n", stderr: "" });
  });

  it("lists findings as JSON and as SARIF", async () => {
    work.write("src/a.harn", ODD);
    const json = await run("lint", "--json", "src");
    expect(JSON.parse(json.stdout)).toEqual([
      {
        file: "src/a.harn",
        line: 2,
        column: 3,
        severity: "warning",
        rule: "unused-variable",
        message: "variable `x` is never used",
      },
      {
        file: "src/a.harn",
        line: 3,
        column: 3,
        severity: "warning",
        rule: "mutable-never-reassigned",
        message: "`y` never changes",
      },
    ]);
    const sarif = JSON.parse((await run("lint", "--sarif", "src")).stdout);
    expect(sarif).toMatchObject({
      version: "2.1.0",
      runs: [
        {
          tool: { driver: { name: "harn lint" } },
          results: [
            {
              ruleId: "unused-variable",
              level: "warning",
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: "src/a.harn" },
                    region: { startLine: 2, startColumn: 3 },
                  },
                },
              ],
            },
            { ruleId: "mutable-never-reassigned" },
          ],
        },
      ],
    });
    const { rules } = sarif.runs[0].tool.driver;
    for (const { ruleId, ruleIndex } of sarif.runs[0].results) expect(rules[ruleIndex].id).toBe(ruleId);
    expect(await run("lint", "--json", "--sarif")).toMatchObject({ code: 2 });
  });

  it("mends what it safely can, and only programs without errors", async () => {
    work.write("a.harn", ODD);
    work.write("wrong.harn", ODD.replace("println(y)", "println(missing_name)"));
    const { code, stdout, stderr } = await run("lint", "--fix");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "2 programs: 3 warnings, 2 fixed\n" });
    expect(stderr).toContain("wrong.harn has errors (see harn check): nothing in it was fixed");
    expect(read("a.harn")).toBe("pipeline main(task) {\n  let _x = 1\n  let y = 2\n  println(y)\n}\n");
    expect(read("wrong.harn")).toContain("let x = 1");
  });

  it("knows what other files import", async () => {
    work.write("lib.harn", "fn helper() {\n  return 1\n}\n");
    work.write("main.harn", 'import { helper } from "./lib"\n\nprintln(helper())\n');
    expect(await run("lint")).toMatchObject({ stdout: "2 programs: nothing found\n" });
    expect((await run("lint", "lib.harn")).stderr).toContain("function `helper` is never used");
  });

  it("keeps an import for what its module does when it is loaded", async () => {
    work.write("loud.harn", 'println("loaded")\n\nfn helper() {\n  return 1\n}\n');
    work.write("quiet.harn", "fn other() {\n  return 1\n}\n");
    work.write("main.harn", 'import { helper } from "./loud"\nimport { other } from "./quiet"\n\nprintln("main")\n');
    const before = await run("run", "main.harn");
    await run("lint", "--fix", "main.harn");
    expect(read("main.harn")).toBe('import { helper } from "./loud"\n\nprintln("main")\n');
    expect(await run("run", "main.harn")).toEqual(before);
    await run("lint", "--unsafe-fixes", "main.harn");
    expect(read("main.harn")).toBe('\nprintln("main")\n');
  });

  it("asks for headers when it is told to", async () => {
    work.write("agent-loop.harn", "println(1)\n");
    expect((await run("lint", "--require-file-header")).stderr).toContain("[require-file-header]");
    await run("lint", "--require-file-header", "--fix");
    expect(read("agent-loop.harn")).toBe("/**\n * Agent loop.\n */\n\nprintln(1)\n");
  });

  it("explains rules", async () => {
    const { code, stdout } = await run("explain", "unused-variable");
    expect(code).toBe(0);
    expect(stdout).toContain("A variable that is never read");
    const own = await run("lint", "--explain", "unused-variable");
    expect(stdout).toBe(
      `${own.stdout}\nA rule of \`harn lint\`, as \`harn lint --explain unused-variable\` shows it.\n`,
    );
    expect(await run("lint", "--explain", "unused-varible")).toMatchObject({
      code: 2,
      stderr: "error: there is no lint rule unused-varible: did you mean unused-variable?\n",
    });
  });

  it("reports syntax errors beside the findings, and fails", async () => {
    work.write("bad.harn", "let = 1\n");
    work.write("good.harn", ODD);
    const { code, stdout, stderr } = await run("lint", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toHaveLength(2);
    expect(stderr).toContain("--> bad.harn:1:5");
  });
});
