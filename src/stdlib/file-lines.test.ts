import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRuntime, type Runtime } from "../hosts/node/index.ts";

let folder: string;
let runtime: Runtime;
beforeAll(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "harn-lines-")));
  runtime = createRuntime({ volatile: true, snapshotMode: true });
});
afterAll(async () => {
  await runtime.close();
  fs.rmSync(folder, { recursive: true });
});

async function run(code: string): Promise<unknown> {
  const outcome = await runtime.run({ code: `pipeline default() {\n${code}\n}`, cwd: folder }).result;
  return outcome.kind === "value" ? outcome.value : outcome.kind === "failed" ? outcome.message : outcome.kind;
}

function write(content: string | Uint8Array): void {
  fs.writeFileSync(path.join(folder, "log"), content);
}

it("gives the same lines as the text of the file, wherever the pieces end", async () => {
  const near = 65_536;
  const contents = ["", "\n", "a", "a\n", "a\r\nb\n\nc", "é\n".repeat(30_000), "\n".repeat(70_000)];
  for (const length of [near - 2, near - 1, near, near + 1, 3 * near]) contents.push(`${"x".repeat(length)}\nend`);
  for (const content of contents) {
    write(content);
    const same = await run(
      'let lines = read_lines("log").to_list()\nreturn lines == read_file("log").lines() && len(lines) >= 0',
    );
    expect(same, JSON.stringify(content.slice(0, 20))).toBe(true);
  }
});

it("goes on where it was after a wait", async () => {
  write("1\n2\n3\n4\n");
  const code = `
let lines = read_lines("log")
let first = lines.take(2).to_list()
sleep(1ms)
return [first, lines.to_list()]`;
  expect(await run(code)).toEqual([
    ["1", "2"],
    ["3", "4"],
  ]);
});

it("says what is wrong with a file", async () => {
  expect(await run('return read_lines("none")')).toMatch(/Failed to read file .*none: No such file or directory/);
  expect(await run('return read_lines(".")')).toMatch(/Failed to read file .*: Is a directory/);
  write(Uint8Array.of(0x61, 0x0a, 0xff, 0x0a));
  expect(await run('return read_lines("log").to_list()')).toMatch(/Failed to read file .*log: .*valid UTF-8/);
});
