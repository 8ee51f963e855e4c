/** What a program can take: memory, depth and time are bounded, in both tiers, with errors of the language. */
import { spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanEnv, command, harn, scratch, startHarn, until } from "./harn-process.ts";

let work: ReturnType<typeof scratch>;
beforeEach(() => {
  work = scratch();
});
afterEach(() => work.remove());

describe.each(["0", "1"])("tier %s", (tier) => {
  const options = (more: Readonly<Record<string, string>> = {}) => ({
    cwd: work.folder,
    env: { HARN_TIER: tier, ...more },
  });

  it("a program that holds ever more gets an error, and goes on when it lets go", async () => {
    work.write(
      "main.harn",
      `
fn fill() {
  var xs = []
  while true { xs = xs.push({a: 1, b: [1, 2, 3]}) }
}
try { fill() } catch (e) { println(e) }
var kept = 0
for i in 0 to 300000 { kept = kept + len([i, i, i]) }
println(kept)
`,
    );
    const result = await harn(["run", "--memory-limit", "120", "main.harn"], options());
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).toMatch(/^.*out of memory: the program holds \d+ MB, its limit is 120 MB\n900003\n$/);
    expect((await harn(["run", "--memory-limit", "lots", "main.harn"], options())).code).toBe(2);
  });

  it("a program that starts ever more tasks gets an error", async () => {
    work.write("main.harn", "var all = []\nwhile true { all = all.push(spawn { sleep(100s) }) }\n");
    const result = await harn(["run", "--memory-limit", "120", "main.harn"], options());
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/out of memory: the program holds \d+ MB, its limit is 120 MB/);
  });

  it("a program that starts ever more tasks, and waits for them, gets an error", async () => {
    work.write(
      "main.harn",
      "let first = spawn { while true { spawn { sleep(100s) } } }\ntry { await(first) } catch e { println(e) }\n",
    );
    const result = await harn(["run", "--memory-limit", "120", "main.harn"], options());
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).toMatch(/out of memory: the program holds \d+ MB, its limit is 120 MB/);
  });

  it("builtins say that there is no room before they make a long text, and the program goes on", async () => {
    work.write("long.harn.prompt", "{{ for part in parts }}{{ part }}{{ end }}");
    const makers = [
      'format("{}{}".repeat(500), ...parts)',
      'regex_replace("x", "y".repeat(1000), "x".repeat(100000))',
      "json_stringify(parts)",
      "json_pretty({parts: parts})",
      'render("long.harn.prompt", {parts: parts})',
      'parts.join("")',
      'join(parts, "-")',
      '"x".repeat(90000000)',
      '"x".repeat(90000).replace("x", "y".repeat(1000))',
    ];
    const tries = makers.map((code) => `try { println(len(${code})) } catch (e) { println(e) }\n`);
    // One text, held many times.
    work.write(
      "main.harn",
      `let part = "a".repeat(100000)\nlet parts = (0 to 600).map({ _i -> part }).to_list()\n${tries.join("")}println("on")\n`,
    );
    const result = await harn(["run", "--memory-limit", "60", "main.harn"], options());
    expect(result.code, result.stderr).toBe(0);
    const lines = result.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(makers.length + 1);
    for (const [i, maker] of makers.entries()) {
      expect(lines[i], maker).toMatch(/out of memory: this needs \d+ MB, the program holds \d+ MB, its limit is 60 MB/);
    }
    expect(lines.at(-1)).toBe("on");
  });

  it("texts have a longest length", async () => {
    work.write("main.harn", 'var s = "ab"\nfor i in 0 to 40 { s = s + s }\nprintln(len(s))\n');
    const result = await harn(["run", "main.harn"], options());
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("text is too long: at most 536,870,888 characters are possible");
    expect(result.stderr).toContain("main.harn:2:");
  });

  it("output goes out as it comes, however much there is", async () => {
    work.write("main.harn", 'let line = "x".repeat(9999)\nfor i in 0 to 60000 exclusive { println(line) }\n');
    const started = spawn(process.execPath, ["--max-old-space-size=100", command, "run", "main.harn"], {
      cwd: work.folder,
      env: cleanEnv({ HARN_TIER: tier }),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let length = 0;
    for await (const piece of started.stdout) length += piece.length;
    expect(length).toBe(600_000_000);
  });

  it("recursion without end is an error of the language", async () => {
    work.write("main.harn", "fn down(n) { return 1 + down(n + 1) }\nprintln(down(0))\n");
    const result = await harn(["run", "main.harn"], options());
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining("Stack overflow: too many nested calls") });
  });

  it("a loop without end ends with its deadline, a cancel and an interrupt", async () => {
    work.write(
      "main.harn",
      `
fn spin() { while true { } }
try { deadline 50ms { spin() } } catch (e) { println("deadline") }
let task = spawn { spin() }
sleep(20ms)
cancel(task)
println("cancelled")
spin()
`,
    );
    const started = startHarn(["run", "main.harn"], options());
    await until(() => started.stdout().includes("cancelled") || started.child.exitCode !== null);
    started.child.kill("SIGINT");
    expect(await started.done).toMatchObject({ code: 124, stdout: "deadline\ncancelled\n" });
  });
});
