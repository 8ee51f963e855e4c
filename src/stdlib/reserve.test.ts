import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, type Runtime } from "../hosts/node/index.ts";

const MB = 1024 * 1024;
let runtime: Runtime;
beforeAll(() => {
  const held = process.memoryUsage().heapUsed + process.memoryUsage().external;
  runtime = createRuntime({ volatile: true, memoryLimit: held + 200 * MB });
});
afterAll(() => runtime.close());

async function run(code: string): Promise<unknown> {
  const outcome = await runtime.run({ code: `pipeline default() {\n${code}\n}` }).result;
  return outcome.kind === "value" ? outcome.value : outcome.kind === "failed" ? outcome.message : outcome.kind;
}

const TOO_MUCH: Readonly<Record<string, string>> = {
  repeat: '"x".repeat(400000000)',
  pad_left: '"x".pad_left(400000000, "-")',
  pad_right: '"x".pad_right(400000000)',
  "method join": '["a".repeat(100000)].flat_map({ t -> (0 to 4000).map({ _i -> t }).to_list() }).join("")',
  join: 'join((0 to 4000).map({ _i -> "a".repeat(100000) }).to_list(), "")',
  "method replace": '"x".repeat(40000).replace("x", "y".repeat(10000))',
  replace: 'replace("x".repeat(40000), "x", "y".repeat(10000))',
  format: 'format("{}".repeat(4000), ...(0 to 4000).map({ _i -> "a".repeat(100000) }).to_list())',
  "format with names": 'format("{a}".repeat(4000), {a: "a".repeat(100000)})',
  regex_replace: 'regex_replace("x", "y".repeat(10000), "x".repeat(40000))',
  json_stringify: 'json_stringify((0 to 4000).map({ _i -> "a".repeat(100000) }).to_list())',
  json_pretty: 'json_pretty({a: (0 to 4000).map({ _i -> "a".repeat(100000) }).to_list()})',
  "json_stringify of what the platform would write otherwise":
    'json_stringify({"1": (0 to 4000).map({ _i -> "a".repeat(100000) }).to_list()})',
  window: "(0 to 20000).to_list().window(10000)",
  chars: '"x".repeat(40000000).chars()',
  "split at every character": '"€".repeat(6000000).split("")',
  "method split": '"x,".repeat(8000000).split(",")',
  split: 'split("x ".repeat(8000000))',
  lines: '"x\\n".repeat(8000000).lines()',
  "replace that makes nothing longer": '"x".repeat(20000000).replace("x", "y")',
  flatten: "[(0 to 1000000).to_list()].flat_map({ part -> (0 to 60).map({ _i -> part }).to_list() }).flatten()",
  enumerate: "(0 to 3000000).to_list().enumerate()",
  zip: "(0 to 3000000).to_list().zip((0 to 3000000).to_list())",
  chunk: "(0 to 3000000).to_list().chunk(1)",
  regex_match: 'regex_match("x", "x".repeat(6000000))',
  json_parse: 'json_parse("[" + "[],".repeat(11000000) + "1]")',
  yaml_parse: 'yaml_parse("- a\\n".repeat(500000))',
  toml_parse: 'toml_parse("a = 1\\n".repeat(1000000))',
  "the arms of parallel": "parallel 1000000 { i -> i }",
};

describe("builtins that would make more than a program may hold", () => {
  it.each(Object.entries(TOO_MUCH))("%s", async (_name, code) => {
    const said = await run(`try { len(${code}) } catch (e) { return to_string(e) }`);
    expect(said).toMatch(/out of memory: this needs \d+ MB, the program holds \d+ MB, its limit is \d+ MB/);
  });

  it("make what is within the limit", async () => {
    expect(await run('return [len("ab".repeat(2000000)), len("x".pad_left(3000000, "-"))]')).toEqual([
      4_000_000, 3_000_000,
    ]);
    expect(await run('return len("x".repeat(200000).replace("x", "yyyyyyyyyyyyyyyyyyyy"))')).toBe(4_000_000);
    expect(await run("return [len([1, 2, 3].window(2)), len([1].window(5)), len([1, 2].window(0))]")).toEqual([
      2, 0, 2,
    ]);
  });

  it("say so of what is impossible", async () => {
    expect(await run('return "ab".repeat(600000000)')).toMatch(/too long/);
  });
});
