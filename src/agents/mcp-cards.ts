/** Server cards: small JSON documents that say what an MCP server offers, without a connection. */

import { Failure } from "../base/failure.ts";
import { isJsonObject, type Json } from "../base/json.ts";
import type { Call } from "../builtin/call.ts";
import { awaitEffect } from "../builtin/call.ts";
import type { Builtin, Need } from "../builtin/declaration.ts";
import { suspending } from "../builtin/declaration.ts";
import { Raise, thrownError } from "../builtin/raise.ts";
import { resolvePath } from "../stdlib/files.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { mcpRegistry } from "./mcp-clients.ts";

/** How long a card is taken as it was, in milliseconds. */
const FRESH_MS = 300_000;
const GET = {
  method: "GET",
  headers: [["accept", "application/json"]],
  body: null,
  timeout_ms: 30_000,
  redirects: 5,
  max_bytes: 1024 * 1024,
  repeatable: true,
} as const;
const isUrl = (text: string): boolean => /^https?:\/\//.test(text);

/** Where the card of a server, or the card itself, is. */
function sourceOf(call: Call, target: string): string {
  const server = call.read(mcpRegistry).servers.find(({ name }) => name === target);
  if (server === undefined) return target;
  if (server.card === null) throw thrownError(`mcp_server_card: the server '${target}' declares no card in harn.toml`);
  return server.card;
}

function need(call: Call, args: readonly Value[]): Need {
  const source = sourceOf(call, displayValue(args[0] ?? ""));
  if (isUrl(source)) return { effect: "network", over: "network" };
  return {
    grant: "workspace.read_text",
    over: "workspace.read_text",
    paths: [{ path: resolvePath(call, source), write: false }],
  };
}

function bodyOf(url: string, result: Json): string {
  const { response, error } = isJsonObject(result) ? result : {};
  if (isJsonObject(error)) throw thrownError(`mcp_server_card: ${url}: ${String(error.message)}`);
  const { status, body } = isJsonObject(response) ? response : {};
  if (status !== 200) throw thrownError(`mcp_server_card: ${url} answered with status ${String(status)}`);
  return String(body);
}

function keep(call: Call, source: string, text: string): Value {
  let card: Json;
  try {
    card = JSON.parse(text) as Json;
  } catch {
    throw thrownError(`mcp_server_card: ${source} is no JSON`);
  }
  if (!isJsonObject(card)) throw thrownError(`mcp_server_card: ${source} is no object`);
  const registry = call.change(mcpRegistry);
  registry.cards = { ...registry.cards, [source]: { atMs: call.ports.clock.nowMs(), card } };
  return jsonToValue(card);
}

export const mcpCardBuiltins: readonly Builtin[] = [
  suspending("mcp_server_card", {
    sig: "(target: any) -> dict",
    doc: "The card of a server that harn.toml declares, or the one at a URL or in a file. It is kept for five minutes.",
    needs: need,
    examples: [
      {
        code: 'write_file("card.json", json_stringify({name: "files", tools: []}))\nprintln(mcp_server_card("card.json").name)',
        prints: "files",
      },
    ],
    run(call, args) {
      const target = displayValue(args.raw("target") ?? "");
      if (target === "") throw thrownError("mcp_server_card: a server name, URL, or path is required");
      const source = sourceOf(call, target);
      const known = call.read(mcpRegistry).cards[source];
      if (known !== undefined && call.ports.clock.nowMs() - known.atMs < FRESH_MS) return jsonToValue(known.card);
      if (isUrl(source))
        return awaitEffect(
          { kind: "http.request", version: 1, args: { ...GET, url: source }, repeat: "safe", place: "any" },
          source,
        );
      try {
        return keep(call, source, call.ports.files.readTextSync(resolvePath(call, source)));
      } catch (error) {
        if (error instanceof Raise || !(error instanceof Failure)) throw error;
        throw thrownError(`mcp_server_card: ${error.message}`);
      }
    },
    finish(call, outcome, data) {
      if (outcome.kind === "failed") throw thrownError(`mcp_server_card: ${outcome.message}`);
      return outcome.kind === "result" ? keep(call, String(data), bodyOf(String(data), outcome.result)) : null;
    },
  }),
];
