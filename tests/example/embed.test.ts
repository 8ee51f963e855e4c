/** The embedding example, as its readers run it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { main } from "../../examples/embed/main.ts";

it("gives Harn a tool written in TypeScript and reads its events and its outcome", async () => {
  const folder = mkdtempSync(join(tmpdir(), "harn-embed-"));
  const lines: string[] = [];
  try {
    expect(await main(folder, (line) => lines.push(line))).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  expect(lines.filter((line) => line === "[WorkerSpawned]")).toHaveLength(2);
  expect(lines.filter((line) => line === "[WorkerCompleted]")).toHaveLength(2);
  expect(lines.join("\n")).toContain("alice: completed, Issue 7 is still open: the token must not be logged.\n");
  expect(JSON.parse(lines.at(-1)!)).toEqual({
    kind: "value",
    value: [
      { name: "alice", status: "completed" },
      { name: "bob", status: "completed" },
    ],
  });
});
