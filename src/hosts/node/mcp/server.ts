/** A run as an MCP server on standard input and output: requests go to the program as messages, its answers come as events. */
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { isJsonObject, type Json, type JsonObject } from "../../../base/json.ts";
import type { RunHandle } from "../../../runtime/run-handle.ts";

export interface McpServerOptions {
  readonly handle: RunHandle;
  readonly name: string;
  readonly version: string;
  /** A card that clients get with the greeting and as a resource. */
  readonly card: JsonObject | null;
}

/** The fiber of a program's root. */
const ROOT = 1;
const CARD_URI = "well-known://mcp-card";

/** Serves until the client is gone or the run has ended. */
export async function serveMcp({ handle, name, version, card }: McpServerOptions): Promise<void> {
  const waiting = new Map<number, PromiseWithResolvers<JsonObject>>();
  let next = 1;
  handle.onEvent((event) => {
    if (event.type !== "mcp_reply") return;
    const { id, result, error } = event as unknown as JsonObject;
    const asked = waiting.get(Number(id));
    waiting.delete(Number(id));
    if (isJsonObject(error)) asked?.reject(protocolError(Number(error.code), String(error.message)));
    else asked?.resolve(isJsonObject(result) ? result : {});
  });
  const ask = async (method: string, params: Json, signal: AbortSignal): Promise<JsonObject> => {
    const id = next++;
    const asked = Promise.withResolvers<JsonObject>();
    waiting.set(id, asked);
    const giveUp = () => {
      waiting.delete(id);
      handle.send(ROOT, { cancel: id });
      asked.reject(protocolError(-32603, "the request was given up"));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    handle.send(ROOT, { id, method, params });
    try {
      return await asked.promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  };

  const server = new Server(
    { name, version, ...(card === null ? {} : { card }) },
    { capabilities: { tools: {}, resources: {}, prompts: {} } },
  );
  server.fallbackRequestHandler = async ({ method, params }, { signal }) => {
    const given = (params ?? {}) as JsonObject;
    if (card !== null && method === "resources/read" && given.uri === CARD_URI)
      return { contents: [{ uri: CARD_URI, mimeType: "application/json", text: JSON.stringify(card) }] };
    const result = await ask(method, given, signal);
    if (card === null || method !== "resources/list" || !Array.isArray(result.resources)) return result;
    return {
      resources: [...result.resources, { uri: CARD_URI, name: "MCP server card", mimeType: "application/json" }],
    };
  };
  const gone = Promise.withResolvers<void>();
  server.onclose = () => gone.resolve();
  process.stdin.once("end", () => void server.close());
  await server.connect(new StdioServerTransport());
  await Promise.race([gone.promise, handle.result]);
  await server.close();
}

/** As the protocol sends it. */
function protocolError(code: number, message: string): Error {
  return Object.assign(new Error(message), { code });
}
