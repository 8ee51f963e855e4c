/**
 * Harn inside a Node program: a tool written in TypeScript, typed events, the outcome as JSON.
 * Run it with `npm run example:embed`.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRuntime, type HostTool } from "../../src/hosts/node/index.ts";

const folder = dirname(fileURLToPath(import.meta.url));

const ISSUES: Readonly<Record<number, string>> = { 7: "the token is logged in clear" };

const lookupIssue: HostTool = {
  name: "lookup_issue",
  description: "The title of an issue, by its number.",
  parameters: { type: "object", properties: { id: { type: "integer" } }, required: ["id"] },
  // Looking twice does no harm: after a crash the call is simply made again.
  repeat: "safe",
  run: ({ id }) => ISSUES[Number(id)] ?? "no such issue",
};

export async function main(stateRoot: string, log: (line: string) => void): Promise<number> {
  const runtime = createRuntime({ tools: [lookupIssue], stateRoot });
  try {
    const run = runtime.run({ file: "review.harn", cwd: folder });
    for await (const event of run.events) {
      if (event.type === "output") log(String(event.text).trimEnd());
      else if (event.type === "worker") log(`[${event.event}]`);
    }
    const outcome = await run.result;
    log(JSON.stringify(outcome));
    return outcome.kind === "value" ? 0 : 1;
  } finally {
    await runtime.close();
  }
}

if (import.meta.main) process.exitCode = await main(join(process.cwd(), ".harn"), console.log);
