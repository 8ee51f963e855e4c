import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isTemporaryName } from "../../ports/files.ts";
import { createFilesPort } from "./files.ts";
import { createTemporaryFiles } from "./temporary-files.ts";

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-temporary-"));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** The number of a process that is no more. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

test("a write removes what a dead process left, once, and nothing else", async () => {
  const left = await createTemporaryFiles(deadPid()).nameIn(folder);
  const living = await createTemporaryFiles(process.ppid).nameIn(folder);
  const elsewhere = path.join(folder, path.basename(left).replace(/^\.harn-[0-9a-f]{8}/, ".harn-00000000"));
  const users = path.join(folder, ".harn-notes.tmp");
  for (const file of [left, living, elsewhere, users]) fs.writeFileSync(file, "half");
  const port = createFilesPort();
  await port.writeText(path.join(folder, "a"), "whole");
  const kept = [living, elsewhere, users].map((file) => path.basename(file));
  expect(fs.readdirSync(folder).sort()).toEqual([...kept, "a"].sort());
  fs.writeFileSync(left, "again");
  await port.writeText(path.join(folder, "b"), "whole");
  expect(fs.existsSync(left)).toBe(true);
});

test("names in one folder differ, and are known as temporary", async () => {
  const temporaries = createTemporaryFiles();
  const names = await Promise.all(Array.from({ length: 50 }, () => temporaries.nameIn(folder)));
  expect(new Set(names).size).toBe(50);
  expect(names.every((name) => isTemporaryName(path.basename(name)))).toBe(true);
  expect(isTemporaryName(".harn-notes.tmp")).toBe(false);
});
