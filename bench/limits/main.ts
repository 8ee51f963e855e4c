/**
 * `npm run bench:limits`: how long an endless loop goes on after a deadline, a cancel or Ctrl-C, in milliseconds: the longest of some tries, with
 * generated code off, by heat and forced. A deadline and a cancel are measured in this process, Ctrl-C in a process of `harn run`.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createNodePerformers } from "../../src/hosts/node/effects/performers.ts";
import { createNodePorts } from "../../src/hosts/node/ports.ts";
import { createRuntime } from "../../src/runtime/index.ts";
import type { Tiering } from "../../src/vm/host.ts";

const TRIES = 7;
/** Must show 5. */
const MOST_MS = 50;
/** How long the loop runs before, so that its code is as fast as it gets. */
const WARM_MS = 300;

const LOOPS: Readonly<Record<string, string>> = {
  "while true {}": "while true {\n  }",
  "nested ranges":
    "while true {\n    for i in 0 to 1000 exclusive {\n      for j in 0 to 1000 exclusive {\n      }\n    }\n  }",
  calls: "while true {\n    turn(1)\n  }",
};
const FUNCTIONS = "fn turn(n) {\n  return n + 1\n}\n";
const MODES: readonly { readonly tiering: Tiering; readonly variable: string }[] = [
  { tiering: "off", variable: "0" },
  { tiering: "hot", variable: "" },
  { tiering: "forced", variable: "1" },
];

const runtimeOf = (tiering: Tiering) =>
  createRuntime({ ports: createNodePorts(), performers: createNodePerformers(), volatile: true, tiering });

async function deadline(loop: string, tiering: Tiering): Promise<number> {
  const code = `${FUNCTIONS}pipeline default() {\n  try {\n    deadline ${WARM_MS}ms {\n  ${loop}\n    }\n  } catch e {\n    println("over")\n  }\n}\n`;
  const started = performance.now();
  const outcome = await runtimeOf(tiering).run({ code }).result;
  if (outcome.kind === "failed") throw new Error(outcome.message);
  return performance.now() - started - WARM_MS;
}

async function cancel(loop: string, tiering: Tiering): Promise<number> {
  const handle = runtimeOf(tiering).run({ code: `${FUNCTIONS}pipeline default() {\n  ${loop}\n}\n` });
  await new Promise((done) => setTimeout(done, WARM_MS));
  const asked = performance.now();
  handle.cancel();
  await handle.result;
  return performance.now() - asked;
}

const folder = mkdtempSync(join(tmpdir(), "harn-limits-"));
const command = fileURLToPath(new URL("../../bin/harn.js", import.meta.url));

async function interrupt(loop: string, variable: string): Promise<number> {
  const program = join(folder, "endless.harn");
  writeFileSync(program, `${FUNCTIONS}pipeline default() {\n  println("begun")\n  ${loop}\n}\n`);
  const env = { ...process.env, HARN_TIER: variable };
  const child = spawn(process.execPath, [command, "run", program], { env, stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((done) => child.stdout.once("data", done));
  await new Promise((done) => setTimeout(done, WARM_MS));
  const asked = performance.now();
  child.kill("SIGINT");
  await new Promise((done) => child.once("exit", done));
  return performance.now() - asked;
}

async function longest(measure: () => Promise<number>): Promise<number> {
  let most = 0;
  for (let i = 0; i < TRIES; i++) most = Math.max(most, await measure());
  return most;
}

try {
  console.log(`${"".padEnd(24)}${"deadline".padStart(10)}${"cancel".padStart(10)}${"Ctrl-C".padStart(10)}`);
  for (const [name, loop] of Object.entries(LOOPS)) {
    for (const { tiering, variable } of MODES) {
      const found = [
        await longest(() => deadline(loop, tiering)),
        await longest(() => cancel(loop, tiering)),
        await longest(() => interrupt(loop, variable)),
      ];
      console.log(`${`${name}, ${tiering}`.padEnd(24)}${found.map((ms) => ms.toFixed(0).padStart(10)).join("")}`);
      if (found.some((ms) => ms > MOST_MS)) process.exitCode = 1;
    }
  }
  console.log(process.exitCode === 1 ? `more than ${MOST_MS} ms` : `all within ${MOST_MS} ms`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
