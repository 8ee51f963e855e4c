/** What the benchmark compares does the same on both sides. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRuntime, type Runtime } from "../../src/hosts/node/index.ts";
import { cases, programOf } from "./cases.ts";

let folder: string;
let runtime: Runtime;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "harn-cases-"));
  runtime = createRuntime({ volatile: true });
});
afterAll(async () => {
  await runtime.close();
  fs.rmSync(folder, { recursive: true });
});

it.each(cases.map((one) => [one.name, one.against, one] as const))("%s, %s", async (_name, _against, one) => {
  const sides = one.make(folder);
  const outcome = await runtime.run({ code: programOf(sides, 1), cwd: folder }).result;
  expect(outcome).toMatchObject({ kind: "value", value: sides.twin(1) });
});
