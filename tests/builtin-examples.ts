/** The examples of declarations run as programs on a real runtime, and print what stands beside them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Builtin } from "../src/builtin/declaration.ts";
import { createRuntime } from "../src/hosts/node/index.ts";

export function testExamples(builtins: readonly Builtin[]): void {
  const folder = mkdtempSync(path.join(tmpdir(), "harn-examples-"));
  const runtime = createRuntime({ stateRoot: folder });
  afterAll(async () => {
    await runtime.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const cases = builtins.flatMap(({ name, examples }) => (examples ?? []).map((example) => ({ name, ...example })));

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
    expect(builtins.filter(({ doc }) => !/^[A-Z`][\s\S]*[.)?]$/.test(doc)).map(({ name }) => name)).toEqual([]);
  });
}
