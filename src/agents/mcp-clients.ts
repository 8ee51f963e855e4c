/**
 * MCP clients of a run: addresses of servers, as records of the object table. The connection itself belongs to the process and is made when it is first
 * needed (hosts/node/mcp), so a client survives a crash.
 */
import type { Json, JsonObject } from "../base/json.ts";
import type { PendingEffect } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { HHandle } from "../value/value.ts";
import type { Run } from "../vm/run.ts";
import type { VmCall } from "../vm/vm-call.ts";

/** A server as effects name it; no secret stands in it. */
export type McpServer =
  | {
      readonly transport: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      /** Absolute. */
      readonly cwd: string;
      readonly overlay: JsonObject;
    }
  /** `manifest`: where a token for it may stand, under its name. */
  | { readonly transport: "http"; readonly url: string; readonly manifest: string | null; readonly name: string };

/** One of `[[mcp]]`. */
export interface DeclaredServer {
  readonly name: string;
  readonly server: McpServer;
  readonly lazy: boolean;
  /** A file or URL that describes it; null: none. */
  readonly card: string | null;
  readonly keepAliveMs: number;
}

export interface McpClient {
  readonly id: number;
  readonly name: string;
  readonly server: McpServer;
  /** The program has not disconnected it. */
  open: boolean;
}

interface Registry {
  readonly servers: readonly (DeclaredServer & { readonly client: number })[];
  /** How many hold a server, by name. */
  refs: Readonly<Record<string, number>>;
  cards: Readonly<Record<string, { readonly atMs: number; readonly card: Json }>>;
}

export const mcpRegistry = declareCell<Registry>("mcp.registry", () => ({ servers: [], refs: {}, cards: {} }));

const CLIENT_TYPE = "mcp_client";
/** For one request. */
const TIMEOUT_MS = 60_000;

export function newClient(run: Run, name: string, server: McpServer, open: boolean): HHandle {
  const id = run.nextObject++;
  const state: McpClient = { id, name, server, open };
  run.putObject({ kind: "record", id, type: CLIENT_TYPE, state });
  return new HHandle("mcp_client", id);
}

/** Enters the servers of a project into a new run; answers the global `mcp`. */
export function declareServers(run: Run, servers: readonly DeclaredServer[]): ReadonlyMap<string, Value> {
  const handles = servers.map((declared) => newClient(run, declared.name, declared.server, !declared.lazy));
  run.cells.set(mcpRegistry.name, {
    value: {
      servers: servers.map((declared, i) => ({ ...declared, client: handles[i]!.id })),
      refs: {},
      cards: {},
    } satisfies Registry,
  });
  run.dirty.cells.add(mcpRegistry.name);
  return new Map(servers.map(({ name }, i) => [name, handles[i]!]));
}

/** Raises `WHO: expected an MCP client`. */
export function requireClient(value: Value, who: string): HHandle {
  if (value instanceof HHandle && value.kind === "mcp_client") return value;
  throw runtimeError(`${who}: argument must be an MCP client`);
}

export function clientOf(call: VmCall, handle: HHandle): McpClient {
  return call.run.object("record", handle.id).state as McpClient;
}

export function changeClient(call: VmCall, handle: HHandle): McpClient {
  call.run.dirty.objects.add(handle.id);
  return clientOf(call, handle);
}

export function requestEffect(
  call: VmCall,
  client: McpClient,
  method: string,
  params: JsonObject | null,
): PendingEffect {
  const isCall = method === "tools/call";
  const { repeatable } = call.scope;
  const args: JsonObject = {
    connection: String(client.id),
    server: client.server as unknown as JsonObject,
    method,
    ...(params === null ? {} : { params }),
    timeoutMs: TIMEOUT_MS,
    ...(isCall ? { repeatable } : {}),
  };
  return {
    kind: "mcp.request",
    version: 1,
    args,
    repeat: isCall && !repeatable ? "never" : "safe",
    place: "host",
  };
}

export function closeEffect(client: McpClient, afterMs: number): PendingEffect {
  const args = { connection: String(client.id), afterMs };
  return { kind: "mcp.close", version: 1, args, repeat: "safe", place: "host" };
}
