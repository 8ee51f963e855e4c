/** `[[mcp]]` of a manifest: servers that programs of the project may use. Tokens stay where they are: what a run keeps names the manifest. */
import type { DeclaredServer, McpServer } from "../agents/mcp-clients.ts";
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { joinPath, parentPath } from "../base/path.ts";
import type { Manifest } from "./manifest.ts";

type Table = Readonly<Record<string, unknown>>;

export function readServers(manifest: Manifest): readonly DeclaredServer[] {
  const list = manifest.tables.mcp ?? [];
  if (!Array.isArray(list)) throw new Failure(`${manifest.path}: mcp must be written as [[mcp]]`);
  const names = new Set<string>();
  return list.map((table: Table, i) => {
    const where = `${manifest.path}: [[mcp]] ${i + 1}`;
    const name = text(table, "name", where);
    if (name === null) throw new Failure(`${where}: name must be a text`);
    if (names.has(name)) throw new Failure(`${where}: there is a server ${name} already`);
    names.add(name);
    const folder = parentPath(manifest.path);
    const card = text(table, "card", where);
    return {
      name,
      server: readServer(table, where, folder, manifest.path, name),
      lazy: flag(table, "lazy", where),
      card: card === null || /^https?:/.test(card) ? card : joinPath(folder, card),
      keepAliveMs: count(table, "keep_alive_ms", where),
    };
  });
}

function readServer(table: Table, where: string, folder: string, manifest: string, name: string): McpServer {
  const transport = text(table, "transport", where) ?? (table.url === undefined ? "stdio" : "http");
  switch (transport) {
    case "stdio": {
      const command = text(table, "command", where);
      if (command === null) throw new Failure(`${where}: command must be a text`);
      return {
        transport,
        // A path is meant from the manifest; a name is looked for by the system.
        command: command.startsWith(".") ? joinPath(folder, command) : command,
        args: texts(table, "args", where),
        cwd: folder,
        overlay: overlay(table, where),
      };
    }
    case "http": {
      const url = text(table, "url", where);
      if (url === null || !/^https?:/.test(url)) throw new Failure(`${where}: url must be an http or https URL`);
      const hasToken = text(table, "auth_token", where) !== null;
      return { transport, url, manifest: hasToken ? manifest : null, name };
    }
    default:
      throw new Failure(`${where}: transport must be "stdio" or "http", got ${JSON.stringify(transport)}`);
  }
}

function text(table: Table, key: string, where: string): string | null {
  const value = table[key] ?? null;
  if (value === null || (typeof value === "string" && value !== "")) return value;
  throw new Failure(`${where}: ${key} must be a text that is not empty, got ${JSON.stringify(value)}`);
}

function texts(table: Table, key: string, where: string): readonly string[] {
  const value = table[key] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value as string[];
  throw new Failure(`${where}: ${key} must be a list of texts`);
}

function flag(table: Table, key: string, where: string): boolean {
  const value = table[key] ?? false;
  if (typeof value === "boolean") return value;
  throw new Failure(`${where}: ${key} must be true or false`);
}

function count(table: Table, key: string, where: string): number {
  const value = table[key] ?? 0;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Failure(`${where}: ${key} must be a whole number of at least 0`);
}

/** Variables for the server; `$NAME` is the value that NAME has when the server starts, and is in nothing that is kept. */
function overlay(table: Table, where: string): JsonObject {
  const value = table.env ?? {};
  if (typeof value !== "object" || value === null || Object.values(value).some((item) => typeof item !== "string"))
    throw new Failure(`${where}: env must be a table of texts`);
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, string>>).map(([key, item]) => [
      key,
      /^\$\w+$/.test(item) ? { $secret: { env: item.slice(1) } } : item,
    ]),
  );
}
