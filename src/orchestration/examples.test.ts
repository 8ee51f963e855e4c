/** The examples of the declarations of this layer print what they say. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { createNodePerformers } from "../hosts/node/effects/performers.ts";
import { createNodePorts } from "../hosts/node/ports.ts";
import { createRuntime } from "../runtime/index.ts";
import { workerBuiltins } from "./worker-builtins.ts";

const folder = mkdtempSync(path.join(tmpdir(), "harn-worker-examples-"));
const runtime = createRuntime({ ports: createNodePorts(), performers: createNodePerformers(), stateRoot: folder });
afterAll(async () => {
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

const cases = workerBuiltins.flatMap(({ name, examples }) => (examples ?? []).map((example) => ({ name, ...example })));

test.each(cases)("$name: $code", async ({ code, prints }) => {
  const run = runtime.run({ code, cwd: folder });
  const printed: string[] = [];
  run.onEvent((event) => {
    if (event.type === "output") printed.push(String(event.text));
  });
  expect(await run.result).toMatchObject({ kind: "value" });
  expect(printed.join("").trimEnd()).toBe(prints);
});

test("every declaration has a doc that is a sentence", () => {
  expect(workerBuiltins.filter(({ doc }) => !/^[A-Z`][\s\S]*[.)?]$/.test(doc)).map(({ name }) => name)).toEqual([]);
});
