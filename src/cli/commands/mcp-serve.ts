/** `harn mcp-serve`: a program as an MCP server. Its output goes to standard error, since standard output is the protocol's. */
import fs from "node:fs";
import path from "node:path";
import { Failure } from "../../base/failure.ts";
import { isJsonObject, type JsonObject } from "../../base/json.ts";
import { systemReason } from "../../hosts/node/errno.ts";
import { ProgramFailure } from "../../runtime/index.ts";
import type { McpServeFlags } from "../command-line.ts";
import { openRuntime } from "../command-runtime.ts";
import { renderProgramError } from "../display/program-error.ts";
import { EXIT } from "../exit-codes.ts";
import { projectExtensions, warnOf } from "../run-extensions.ts";

export async function serveMcpProgram(file: string, args: readonly string[], flags: McpServeFlags): Promise<number> {
  const card = flags.card === undefined ? null : readCard(flags.card);
  const extensions = await projectExtensions(file, flags.skillDir);
  const say = (text: string) => void process.stderr.write(text);
  warnOf(extensions, say);
  const runtime = openRuntime(undefined);
  try {
    const handle = runtime.run({ file, args, servesMcp: true, ...(extensions === undefined ? {} : { extensions }) });
    const ready = Promise.withResolvers<boolean>();
    handle.onEvent((event) => {
      if (event.type === "output") say(String(event.text));
      else if (event.type === "warning") say(`warning: ${String(event.message)}\n`);
      else if (event.type === "mcp_ready") ready.resolve(event.offers === true);
    });
    const offers = await Promise.race([ready.promise, handle.result.then(() => null)]);
    if (offers !== null) {
      if (!offers) say(`warning: ${file} offers nothing: it calls none of mcp_tools, mcp_resource, mcp_prompt\n`);
      const { serveMcp } = await import("../../hosts/node/mcp/server.ts");
      await serveMcp({ handle, name: nameOf(file), version: "1.0.0", card });
      handle.cancel();
    }
    const outcome = await handle.result;
    if (offers !== null || outcome.kind !== "failed") return EXIT.ok;
    const { problems } = outcome;
    const text =
      problems.length > 0 ? new ProgramFailure(problems).render(false) : renderProgramError(outcome, undefined, false);
    say(`${text}\n`);
    return EXIT.failed;
  } finally {
    await runtime.close();
  }
}

function nameOf(file: string): string {
  return path.basename(file).replace(/\.harn$/, "");
}

function readCard(given: string): JsonObject {
  const isInline = given.trimStart().startsWith("{");
  try {
    const card: unknown = JSON.parse(isInline ? given : fs.readFileSync(given, "utf8"));
    if (isJsonObject(card)) return card;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw new Failure(`cannot read the card ${given}: ${systemReason(error)}`);
  }
  throw new Failure(`the card ${isInline ? "" : `${given} `}is no JSON object`);
}
