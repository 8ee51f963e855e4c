/**
 * The effects of MCP clients. The package that speaks the protocol is loaded with the first of them.
 *
 * `mcp.request`: {connection, server, method, params?, timeoutMs, repeatable}. The server: {transport: "stdio", command, args, cwd, overlay} or
 * {transport: "http", url, manifest?, name?}; a token that stands in a manifest is read there, so that it is in no effect. Lists are read to their end.
 * `mcp.close`: {connection, afterMs}.
 */
import { parse as parseToml } from "smol-toml";
import { Failure } from "../../../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../base/json.ts";
import { resolveOverlay } from "../../../policy/secrets.ts";
import type { PerformContext, Performer } from "../../../ports/effects.ts";
import type { Ports } from "../../../ports/ports.ts";
import type { McpConnections, ServerPlace } from "./connections.ts";

/** Pages of one list. */
const MOST_PAGES = 1_000;

export function createMcpPerformers(): readonly Performer[] {
  let connections: Promise<McpConnections> | null = null;
  const opened = () => (connections ??= import("./connections.ts").then((module) => new module.McpConnections()));
  return [
    {
      kind: "mcp.request",
      version: 1,
      repeat: "safe",
      place: "host",
      perform: async (args, context) => request(await opened(), args, context),
      release: async (unit) => (await connections)?.release(unit),
    },
    {
      kind: "mcp.close",
      version: 1,
      repeat: "safe",
      place: "host",
      async perform(args, context) {
        if (connections === null) return null;
        await (await connections).close(keyOf(args, context), Number(args.afterMs));
        return null;
      },
    },
  ];
}

function keyOf(args: JsonObject, { effectId }: PerformContext): string {
  return `${effectId.slice(0, effectId.lastIndexOf(":"))}:${String(args.connection)}`;
}

async function request(connections: McpConnections, args: JsonObject, context: PerformContext): Promise<Json> {
  const method = String(args.method);
  if (context.again && method === "tools/call" && args.repeatable !== true) {
    throw new Failure(
      "the process died while a tool of an MCP server ran; whether it was carried out is not known",
      "effect_unknown",
    );
  }
  const limits = { signal: context.signal, timeoutMs: Number(args.timeoutMs) };
  const place = placeOf(args.server as JsonObject, context.ports);
  const params = (args.params ?? {}) as Readonly<Record<string, unknown>>;
  return connections.use(keyOf(args, context), place, context.ports, limits, async (client, options) => {
    switch (method) {
      case "connect":
        return {
          server: (client.getServerVersion() ?? null) as Json,
          capabilities: (client.getServerCapabilities() ?? {}) as Json,
          instructions: client.getInstructions() ?? null,
        };
      case "tools/list":
        return whole("tools", (cursor) => client.listTools(cursor, options));
      case "resources/list":
        return whole("resources", (cursor) => client.listResources(cursor, options));
      case "resources/templates/list":
        return whole("resourceTemplates", (cursor) => client.listResourceTemplates(cursor, options));
      case "prompts/list":
        return whole("prompts", (cursor) => client.listPrompts(cursor, options));
      case "resources/read":
        return (await client.readResource(params as { uri: string }, options)) as Json;
      case "prompts/get":
        return (await client.getPrompt(params as { name: string }, options)) as Json;
      case "tools/call":
        return (await client.callTool(params as { name: string }, undefined, options)) as Json;
      default:
        throw new Error(`unknown method ${method}`);
    }
  });
}

/** All pages of a list. */
async function whole(
  key: string,
  page: (params: { cursor?: string }) => Promise<{ readonly nextCursor?: string | undefined }>,
): Promise<Json> {
  const items: Json[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < MOST_PAGES; i++) {
    const answer = await page(cursor === undefined ? {} : { cursor });
    items.push(...((answer as unknown as Readonly<Record<string, readonly Json[]>>)[key] ?? []));
    cursor = answer.nextCursor;
    if (cursor === undefined) return items;
  }
  throw new Failure(`the server's list of ${key} has more than ${MOST_PAGES} pages`, "server_error");
}

function placeOf(server: JsonObject, ports: Ports): ServerPlace {
  if (server.transport === "http") {
    const token = typeof server.manifest === "string" ? readToken(server.manifest, String(server.name), ports) : null;
    return {
      kind: "http",
      url: String(server.url),
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    };
  }
  const overlay = isJsonObject(server.overlay) ? server.overlay : {};
  return {
    kind: "stdio",
    command: String(server.command),
    args: (server.args as readonly Json[]).map(String),
    cwd: String(server.cwd),
    env: { ...ports.environment.all(), ...resolveOverlay(overlay, ports.environment) },
  };
}

/** `auth_token` of the server of that name; `$NAME` stands for a variable. */
function readToken(manifest: string, name: string, ports: Ports): string | null {
  const list = (parseToml(ports.files.readTextSync(manifest)) as { readonly mcp?: unknown }).mcp;
  const found = Array.isArray(list) ? list.find((entry: unknown) => isJsonObject(entry) && entry.name === name) : null;
  const token = (found as { readonly auth_token?: unknown } | null | undefined)?.auth_token;
  if (typeof token !== "string" || token === "") return null;
  if (!token.startsWith("$")) return token;
  const value = ports.environment.get(token.slice(1));
  if (value === undefined) throw new Failure(`${manifest}: [[mcp]] ${name}: auth_token: ${token} is not set`, "auth");
  return value;
}
