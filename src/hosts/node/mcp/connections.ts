/**
 * Connections to MCP servers. A client value of a program is an address; what it stands for is made here when it is first asked for, and again when
 * it has broken off or another process goes on with the run.
 *
 * Invariants
 * 1. A connection belongs to one run; when the run ends or leaves this process, its servers end.
 * 2. A server that hangs, breaks off or refuses gives a failure with a category; the next request connects anew.
 */

import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport, StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { type ErrorCategory, Failure } from "../../../base/failure.ts";
import type { Ports } from "../../../ports/ports.ts";
import { type StdioServer, StdioTransport } from "./stdio-transport.ts";

export type ServerPlace =
  | ({ readonly kind: "stdio" } & StdioServer)
  | { readonly kind: "http"; readonly url: string; readonly headers: Readonly<Record<string, string>> };

export interface RequestLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

interface Connection {
  readonly client: Client;
  readonly transport: Transport;
  idle: NodeJS.Timeout | null;
}

export class McpConnections {
  readonly #open = new Map<string, Promise<Connection>>();

  /** `key` names the run and the client. Throws a `Failure`. */
  async use<T>(
    key: string,
    place: ServerPlace,
    ports: Ports,
    limits: RequestLimits,
    work: (client: Client, options: { readonly signal: AbortSignal; readonly timeout: number }) => Promise<T>,
  ): Promise<T> {
    const connection = await this.#connection(key, place, ports, limits);
    try {
      return await work(connection.client, { signal: limits.signal, timeout: limits.timeoutMs });
    } catch (error) {
      throw failureOf(error, limits, connection.transport);
    }
  }

  #connection(key: string, place: ServerPlace, ports: Ports, limits: RequestLimits): Promise<Connection> {
    const known = this.#open.get(key);
    if (known !== undefined)
      return known.then((connection) => {
        if (connection.idle !== null) clearTimeout(connection.idle);
        connection.idle = null;
        return connection;
      });
    const made: Promise<Connection> = connect(place, ports, limits, () => this.#forget(key, made));
    this.#open.set(key, made);
    made.catch(() => this.#forget(key, made));
    return made;
  }

  #forget(key: string, made: Promise<Connection>): void {
    if (this.#open.get(key) === made) this.#open.delete(key);
  }

  /** Ends it, now or when nobody has used it for a while. */
  async close(key: string, afterMs: number): Promise<void> {
    const made = this.#open.get(key);
    if (made === undefined) return;
    const connection = await made.catch(() => null);
    if (connection === null) return;
    const end = async () => {
      this.#forget(key, made);
      await connection.client.close();
    };
    if (afterMs === 0) await end();
    else {
      connection.idle = setTimeout(() => void end(), afterMs);
      connection.idle.unref();
    }
  }

  /** Ends those of a run. */
  async release(unit: string): Promise<void> {
    const keys = [...this.#open.keys()].filter((key) => key.startsWith(`${unit}:`));
    await Promise.all(keys.map((key) => this.close(key, 0)));
  }
}

/** `ended`: the server or the way to it is gone. */
async function connect(
  place: ServerPlace,
  ports: Ports,
  limits: RequestLimits,
  ended: () => void,
): Promise<Connection> {
  const transport = transportTo(place, ports);
  const client = new Client({ name: "harn", version: "1" }, { capabilities: {} });
  client.onclose = ended;
  try {
    await client.connect(transport, { signal: limits.signal, timeout: limits.timeoutMs });
  } catch (error) {
    await transport.close();
    throw failureOf(error, limits, transport);
  }
  return { client, transport, idle: null };
}

function transportTo(place: ServerPlace, ports: Ports): Transport {
  if (place.kind === "stdio") return new StdioTransport(place);
  const transport = new StreamableHTTPClientTransport(new URL(place.url), {
    fetch: (url, init) => ports.network.fetch(url, init),
    requestInit: { headers: { ...place.headers } },
  });
  // Its session id may be missing, which `exactOptionalPropertyTypes` tells from undefined.
  return transport as Transport;
}

function failureOf(error: unknown, limits: RequestLimits, transport: Transport): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (limits.signal.aborted) return new Failure(message, "cancelled");
  const end = transport instanceof StdioTransport ? transport.end : null;
  if (isSystemError(error) && error.syscall?.startsWith("spawn"))
    return new Failure(`failed to spawn ${message.replace(/^spawn /, "")}`, "not_found");
  if (end !== null) return new Failure(end, "transient_network");
  return new Failure(message, categoryOf(error));
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

function categoryOf(error: unknown): ErrorCategory {
  if (error instanceof UnauthorizedError) return "auth";
  if (error instanceof StreamableHTTPError) return httpCategory(error.code ?? 0);
  if (error instanceof McpError) {
    switch (error.code) {
      case ErrorCode.RequestTimeout:
        return "timeout";
      case ErrorCode.ConnectionClosed:
        return "transient_network";
      default:
        return "tool_error";
    }
  }
  return error instanceof TypeError || isSystemError(error) ? "transient_network" : "tool_error";
}

function httpCategory(status: number): ErrorCategory {
  if (status === 401 || status === 403) return "auth";
  if (status === 404) return "not_found";
  if (status === 408) return "timeout";
  if (status === 429) return "rate_limit";
  return status >= 500 ? "server_error" : "transient_network";
}
