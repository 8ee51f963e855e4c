import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const module = fileURLToPath(new URL("./standard-stream.ts", import.meta.url));

/** Runs a script that writes `count` numbered lines, and reads them as `read` says. */
function written(count: number, stall: number): Promise<{ text: string; code: number | null }> {
  const script = `import { createStandardWriter } from ${JSON.stringify(module)};
const write = createStandardWriter(1);
for (let i = 0; i < ${count}; i++) write("line " + i + " " + "é".repeat(500) + "\\n");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    setTimeout(() => child.stdout.on("data", (part: Buffer) => parts.push(part)), stall);
    child.on("close", (code) => resolve({ text: Buffer.concat(parts).toString("utf8"), code }));
  });
}

describe("text to a standard stream", () => {
  it("arrives whole and in order, also when nobody reads for a while", async () => {
    const { text, code } = await written(2_000, 100);
    const lines = text.split("\n");
    expect(code).toBe(0);
    expect(lines.length).toBe(2_001);
    expect(lines.every((line, i) => i === 2_000 || line === `line ${i} ${"é".repeat(500)}`)).toBe(true);
  });

  it("to a reader that went away is dropped", async () => {
    const script = `import { createStandardWriter } from ${JSON.stringify(module)};
const write = createStandardWriter(1);
for (let i = 0; i < 5_000; i++) write("x".repeat(1_000));
process.stderr.write("done");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let errors = "";
    child.stderr.on("data", (part: Buffer) => {
      errors += part.toString();
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect([errors, code]).toEqual(["done", 0]);
  });
});
