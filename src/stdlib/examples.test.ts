/** The examples of every declaration print what they say. Each runs as a program of its own, in an empty folder. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Builtin } from "../builtin/declaration.ts";
import { createNodePerformers } from "../hosts/node/effects/performers.ts";
import { createNodePorts } from "../hosts/node/ports.ts";
import { createRuntime, type Runtime } from "../runtime/index.ts";
import { stdlibBuiltins } from "./index.ts";

let folder = "";
let runtime: Runtime;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "harn-examples-"));
  runtime = createRuntime({ ports: createNodePorts(), performers: createNodePerformers() });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function output(code: string): Promise<string> {
  const run = runtime.run({ code, cwd: mkdtempSync(path.join(folder, "run-")) });
  const printed: string[] = [];
  run.onEvent((event) => {
    if (event.type === "output") printed.push(String(event.text));
  });
  const outcome = await run.result;
  if (outcome.kind === "failed") throw new Error(`${outcome.message}\n${printed.join("")}`);
  return printed.join("");
}

/** `…` stands for what differs from run to run. */
function asPattern(prints: string): RegExp {
  const parts = prints.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

const nameOf = ({ receiver, name }: Builtin) => (receiver === null ? name : `${receiver}.${name}`);
const cases = stdlibBuiltins.flatMap((builtin) =>
  (builtin.examples ?? []).map((example) => ({ name: nameOf(builtin), ...example })),
);

describe("examples", () => {
  it.each(cases)("$name: $code", async ({ code, prints }) => {
    expect((await output(code)).trimEnd()).toMatch(asPattern(prints.trimEnd()));
  });
});

describe("declarations", () => {
  it("have a doc that ends like a sentence", () => {
    const odd = stdlibBuiltins.filter(({ doc }) => !/[.?)~`"”…]$/.test(doc.trim())).map(nameOf);
    expect(odd).toEqual([]);
  });
});
