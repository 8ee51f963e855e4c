/** Generated programs give the same output and the same outcome in every tier, also when the run is rebuilt from text at every wait. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { terminatingProgram } from "../../../tests/programs/terminating-program.ts";
import { createNodePerformers } from "../../hosts/node/effects/performers.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";

type Mode = { readonly tiering: "off" | "hot" | "forced"; readonly snapshotMode: boolean };

const reference: Mode = { tiering: "off", snapshotMode: false };
const modes: readonly Mode[] = [
  { tiering: "forced", snapshotMode: false },
  { tiering: "hot", snapshotMode: false },
  { tiering: "off", snapshotMode: true },
  { tiering: "forced", snapshotMode: true },
];

function open(mode: Mode): Runtime {
  return createRuntime({ ports: createNodePorts(), performers: createNodePerformers(), volatile: true, ...mode });
}

async function run(runtime: Runtime, code: string): Promise<string> {
  const handle = runtime.run({ code });
  const output: string[] = [];
  handle.onEvent((event) => {
    if (event.type === "output") output.push(String(event.text));
  });
  const outcome = await handle.result;
  const text = output.join("");
  return outcome.kind === "failed" ? `${text}\nfailed: ${outcome.message}` : `${text}\n${outcome.kind}`;
}

describe("tiers", () => {
  it("agree on generated programs", { timeout: 60_000 }, async () => {
    const expected = open(reference);
    const others = modes.map((mode) => ({ name: JSON.stringify(mode), runtime: open(mode) }));
    const property = fc.asyncProperty(terminatingProgram, async (code) => {
      const wanted = await run(expected, code);
      for (const { name, runtime } of others) expect(`${name}\n${await run(runtime, code)}`).toBe(`${name}\n${wanted}`);
    });
    await fc.assert(property, { numRuns: 10_000, interruptAfterTimeLimit: 4_000 });
  });
});
