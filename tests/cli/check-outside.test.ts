/** `harn check` of what lies outside of a program, the programs of a workspace, values nobody checked; and `harn contracts`. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { harn, scratch } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

const run = (...args: readonly string[]) => harn(args, { cwd: work.folder });

async function problems(...args: readonly string[]): Promise<readonly string[]> {
  const result = await run("check", "--json", ...args);
  expect(result.stderr).toBe("");
  const lines = result.stdout.split("\n").filter((line) => line !== "");
  const found = lines.map((line) => JSON.parse(line) as { line: number; severity: string; message: string });
  expect(result.code).toBe(found.some(({ severity }) => severity === "error") ? 1 : 0);
  return found.map(({ line, severity, message }) => `${line} ${severity} ${message.replaceAll(work.folder, "")}`);
}

const CALLS = `pipeline default(task) {
  let a = render("here.prompt", {})
  let b = render_prompt("gone.prompt")
  let c = render("broken.prompt")
  let d = render(task, {})
  host_call("project.scan", {})
  host_call("robot.move", {})
  host_call("template.render", {path: "gone.txt"})
  host_call(task, {})
  exec_at("none", "ls")
  return [a, b, c, d]
}
`;

describe("preflight", () => {
  beforeEach(() => {
    work.write("here.prompt", "Hi {{ name }}");
    work.write("broken.prompt", "\n{{ if x }}");
    work.write("main.harn", CALLS);
  });

  it("tells what will be missing when a program runs", async () => {
    expect(await problems("main.harn")).toEqual([
      "3 error preflight: render target 'gone.prompt' does not exist at /gone.prompt",
      "4 error preflight: template 'broken.prompt' has a syntax error: at 2:1: `{{ if }}` missing matching `{{ end }}`",
      "7 error preflight: unknown host capability/operation 'robot.move'",
      "8 error preflight: host template render target 'gone.txt' does not exist at /gone.txt",
      '9 error preflight: host_call(...) requires a literal "capability.operation" name for static validation',
      "10 error preflight: execution directory 'none' does not exist at /none",
    ]);
  });

  it("is a warning or nothing when that is wished, by flag or manifest", async () => {
    const warned = await problems("--preflight", "warning", "main.harn");
    expect(warned).toHaveLength(6);
    expect(warned.every((line) => line.includes(" warning "))).toBe(true);
    work.write("harn.toml", '[check]\npreflight_severity = "off"\n');
    expect(await problems("main.harn")).toEqual([]);
    expect(await problems("--preflight", "error", "main.harn")).toHaveLength(6);
    expect(await run("check", "--preflight", "loud", "main.harn")).toMatchObject({
      code: 2,
      stderr: "error: --preflight is loud: expected error, warning, off\n",
    });
    work.write("harn.toml", '[check]\npreflight_severity = "loud"\n');
    expect((await run("check", "main.harn")).stderr).toContain(
      'preflight_severity must be "error" or "warning" or "off"',
    );
  });

  it("knows operations that the manifest, a file or a mock adds, and what is allowed", async () => {
    const call = 'pipeline default() {\n  host_call("robot.move", {})\n}\n';
    work.write("main.harn", call);
    expect(await problems("main.harn")).toHaveLength(1);
    for (const line of [
      "host_capabilities = { robot = ['move'] }",
      'preflight_allow = ["robot.*"]',
      'preflight_allow = ["robot"]',
      'host_capabilities_path = "host.json"',
    ]) {
      work.write("harn.toml", `[check]\n${line}\n`);
      work.write("host.json", '{"capabilities": {"robot": {"operations": ["move"]}}}');
      expect(await problems("main.harn"), line).toEqual([]);
    }
    work.write("harn.toml", "[check]\n");
    work.write("host.toml", "[robot]\nmove = true\nfly = false\n");
    expect(await problems("--host-capabilities", "host.toml", "main.harn")).toEqual([]);
    work.write("host.toml", "robot = 1\n");
    expect((await run("check", "--host-capabilities", "host.toml", "main.harn")).stderr).toMatch(
      /host\.toml: robot must be a list of operations, or a table of them/,
    );
    work.write("mocks.harn", 'pub fn mock_robot() {\n  host_mock("robot", "move", nil)\n}\n');
    work.write("main.harn", `import { mock_robot } from "./mocks"\n\n${call.replace("{\n", "{\n  mock_robot()\n")}`);
    expect(await problems("main.harn")).toEqual([]);
  });

  it("looks for templates in the bundle too, and leaves a function of the program alone", async () => {
    work.write("bundle/gone.prompt", "x");
    work.write("main.harn", 'pipeline default() {\n  return render("gone.prompt", {})\n}\n');
    expect(await problems("main.harn")).toHaveLength(1);
    expect(await problems("--bundle-root", "bundle", "main.harn")).toEqual([]);
    work.write("main.harn", 'fn render(x) {\n  return x\n}\n\npipeline default() {\n  return render("no file")\n}\n');
    expect(await problems("main.harn")).toEqual([]);
  });
});

describe("harn check --workspace", () => {
  it("looks at what the manifest lists, and at what is named", async () => {
    const wrong = "pipeline default() {\n  nobody_knows()\n}\n";
    work.write("harn.toml", '[workspace]\npipelines = ["apps", "extra/*.harn"]\n');
    for (const file of ["apps/a.harn", "apps/deep/b.harn", "extra/c.harn", "other.harn"]) work.write(file, wrong);
    expect(await problems("--workspace")).toHaveLength(3);
    expect(await problems("--workspace", "other.harn")).toHaveLength(4);
    work.write("harn.toml", '[workspace]\npipelines = ["none"]\n');
    expect(await run("check", "--workspace")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("[workspace] pipelines: there is no none"),
    });
    work.write("harn.toml", "");
    expect(await run("check", "--workspace")).toMatchObject({ code: 2 });
    expect(await run("check")).toMatchObject({
      code: 2,
      stderr: "error: expected programs or folders to check, or --workspace\n",
    });
  });
});

it("harn check --strict-types warns of values nobody checked", async () => {
  work.write("main.harn", 'pipeline default() {\n  let data = json_parse("{}")\n  return data.name\n}\n');
  expect(await problems("main.harn")).toEqual([]);
  const wanted = ["3 warning Accessing property on unvalidated value 'data' from `json_parse`"];
  expect(await problems("--strict-types", "main.harn")).toEqual(wanted);
  work.write("harn.toml", "[check]\nstrict_types = true\n");
  expect(await problems("main.harn")).toEqual(wanted);
});

describe("harn contracts", () => {
  const json = async (...args: readonly string[]) => JSON.parse((await run("contracts", ...args)).stdout) as never;

  it("lists builtins and capabilities", async () => {
    const { builtins } = (await json("builtins")) as { builtins: { name: string; return_types: string[] }[] };
    expect(builtins.find(({ name }) => name === "read_file")).toEqual({
      name: "read_file",
      parser_known: true,
      runtime_registered: true,
      return_types: ["string"],
      alignment_status: "matched",
    });
    work.write("host.json", '{"robot": ["move", "fly"]}');
    const result = await run("contracts", "host-capabilities", "--host-capabilities", "host.json", "--pretty", "false");
    expect(result.stdout.split("\n")).toHaveLength(2);
    expect(JSON.parse(result.stdout)).toMatchObject({
      version: 1,
      capabilities: { robot: ["fly", "move"], process: ["exec"] },
    });
  });

  it("tells what belongs to a program", async () => {
    work.write("lib/more.harn", 'pub fn more() {\n  return host_call("git.get_diff", {})\n}\n');
    work.write("note.prompt", "Hi");
    work.write(
      "main.harn",
      'import { more } from "lib/more"\n\npipeline default() {\n  exec_at("lib", "ls")\n  return [more(), render("note.prompt", {}), render("gone.txt", {})]\n}\n',
    );
    const bundle = (await json("bundle", "main.harn")) as Record<string, unknown>;
    const at = (name: string) => work.at(name);
    expect(bundle).toMatchObject({
      version: 1,
      targets: ["main.harn"],
      bundle_root: null,
      entry_modules: [at("main.harn")],
      import_modules: [at("lib/more.harn")],
      module_dependencies: [{ from: at("main.harn"), to: at("lib/more.harn") }],
      prompt_assets: [at("note.prompt")],
      template_assets: [at("gone.txt")],
      required_host_capabilities: { git: ["get_diff"] },
      execution_dirs: [at("lib")],
      summary: { entry_module_count: 1, import_module_count: 1, prompt_asset_count: 1, host_capability_count: 1 },
    });
    expect(bundle.assets).toContainEqual({
      declared_in: at("main.harn"),
      via: "render",
      kind: "template_asset",
      target: "gone.txt",
      resolved: at("gone.txt"),
      candidates: [at("gone.txt")],
      exists: false,
    });
  });

  it("verifies a bundle, and helps with wrong words", async () => {
    work.write("main.harn", 'pipeline default() {\n  return render("gone.txt", {})\n}\n');
    const result = await run("contracts", "bundle", "--verify", "main.harn");
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject({ targets: ["main.harn"] });
    expect(result.stderr).toContain("preflight: render target 'gone.txt' does not exist");
    expect(await run("contracts", "bundel")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean bundle?"),
    });
    expect(await run("contracts", "bundle")).toMatchObject({ code: 2 });
  });
});
