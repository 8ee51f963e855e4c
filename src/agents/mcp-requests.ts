/**
 * Requests of MCP clients to a program, read: either answered at once, or by a function of the program. Plain functions over what it offers.
 *
 * Codes of errors are the protocol's: −32601 no such method, −32602 wrong arguments, −32603 a handler failed, −32002 no such resource.
 */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue, stringifyJson, valueToJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList } from "../value/value.ts";
import type { Offer } from "./mcp-server-builtins.ts";
import { argumentSchema } from "./model-request.ts";
import { checkArguments } from "./tool-arguments.ts";
import { findTool, registryEntries } from "./tool-registry.ts";

export interface McpError {
  readonly code: number;
  readonly message: string;
}

/** How a function's answer becomes a result. */
export type Shape =
  | { readonly kind: "tool"; readonly structured: boolean }
  | { readonly kind: "resource"; readonly uri: string; readonly mimeType: string | null }
  | { readonly kind: "prompt"; readonly description: string | null };

export type Answer =
  | { readonly kind: "result"; readonly result: JsonObject }
  | { readonly kind: "error"; readonly error: McpError }
  | { readonly kind: "call"; readonly fn: Value; readonly args: Value; readonly shape: Shape };

const result = (body: JsonObject): Answer => ({ kind: "result", result: body });
const error = (code: number, message: string): Answer => ({ kind: "error", error: { code, message } });
const text = (entry: HDict, key: string): string => displayValue(entry.get(key) ?? "");
const optional = (entry: HDict, from: string, to = from): JsonObject => {
  const value = entry.get(from) ?? null;
  return value === null ? {} : { [to]: valueToJson(value) };
};

export function readRequest(offer: Offer, method: string, params: JsonObject): Answer {
  switch (method) {
    case "tools/list":
      return result({ tools: toolsOf(offer).map(describeTool) });
    case "tools/call":
      return callTool(offer, params);
    case "resources/list":
      return result({ resources: offer.resources.map(describeResource) });
    case "resources/templates/list":
      return result({
        resourceTemplates: offer.templates.map((entry) => ({
          uriTemplate: text(entry, "uri_template"),
          name: text(entry, "name"),
          ...optional(entry, "title"),
          ...optional(entry, "description"),
          ...optional(entry, "mime_type", "mimeType"),
        })),
      });
    case "resources/read":
      return readResource(offer, String(params.uri ?? ""));
    case "prompts/list":
      return result({
        prompts: offer.prompts.map((entry) => ({
          name: text(entry, "name"),
          ...optional(entry, "title"),
          ...optional(entry, "description"),
          ...optional(entry, "arguments"),
        })),
      });
    case "prompts/get":
      return getPrompt(offer, params);
    default:
      return error(-32601, `there is no method ${method}`);
  }
}

function toolsOf({ tools }: Offer): readonly HDict[] {
  return tools === null ? [] : registryEntries(tools, "mcp_tools");
}

function describeTool(entry: HDict): JsonObject {
  return {
    name: text(entry, "name"),
    ...optional(entry, "title"),
    description: text(entry, "description"),
    inputSchema: argumentSchema(entry),
    ...optional(entry, "outputSchema"),
    ...optional(entry, "annotations"),
  };
}

function describeResource(entry: HDict): JsonObject {
  return {
    uri: text(entry, "uri"),
    name: text(entry, "name"),
    ...optional(entry, "title"),
    ...optional(entry, "description"),
    ...optional(entry, "mime_type", "mimeType"),
  };
}

function callTool(offer: Offer, params: JsonObject): Answer {
  const name = String(params.name ?? "");
  const entry = findTool(toolsOf(offer), name);
  if (entry === null) return error(-32602, `unknown tool: ${name}`);
  const given = isJsonObject(params.arguments) ? params.arguments : {};
  const read = checkArguments(entry, jsonToValue(given as Json) as HDict);
  if (read.kind === "refused") return error(-32602, `${name}: ${read.message}`);
  const fn = entry.get("handler") ?? null;
  if (fn === null) return error(-32603, `the tool ${name} has no handler`);
  return { kind: "call", fn, args: read.args, shape: { kind: "tool", structured: entry.has("outputSchema") } };
}

function readResource({ resources, templates }: Offer, uri: string): Answer {
  const found = resources.find((entry) => text(entry, "uri") === uri);
  if (found !== undefined) {
    return result({ contents: [{ uri, ...optional(found, "mime_type", "mimeType"), text: text(found, "text") }] });
  }
  for (const entry of templates) {
    const parts = matchTemplate(text(entry, "uri_template"), uri);
    if (parts === null) continue;
    const mime = entry.get("mime_type") ?? null;
    const shape: Shape = { kind: "resource", uri, mimeType: mime === null ? null : displayValue(mime) };
    return { kind: "call", fn: entry.get("handler") ?? null, args: HDict.of(parts), shape };
  }
  return error(-32002, `resource not found: ${uri}`);
}

/** What stands in the places of the braces, decoded; null: the URI is none of these. A part takes no slash unless it is the last. */
function matchTemplate(template: string, uri: string): Readonly<Record<string, string>> | null {
  const pieces = template.split(/\{(\w+)\}/);
  const names = pieces.filter((_, i) => i % 2 === 1);
  const fixed = pieces.filter((_, i) => i % 2 === 0);
  if (!uri.startsWith(fixed[0]!)) return null;
  let at = fixed[0]!.length;
  const parts: Record<string, string> = {};
  for (const [i, name] of names.entries()) {
    const next = fixed[i + 1]!;
    const isLast = i === names.length - 1;
    const end =
      next === "" && isLast ? uri.length : next === "" ? -1 : isLast ? uri.length - next.length : uri.indexOf(next, at);
    if (end < at || !uri.startsWith(next, end)) return null;
    const part = uri.slice(at, end);
    if (part === "" || (!isLast && part.includes("/"))) return null;
    parts[name] = decoded(part);
    at = end + next.length;
  }
  return at === uri.length ? parts : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function getPrompt({ prompts }: Offer, params: JsonObject): Answer {
  const name = String(params.name ?? "");
  const entry = prompts.find((prompt) => text(prompt, "name") === name);
  if (entry === undefined) return error(-32602, `unknown prompt: ${name}`);
  const given = jsonToValue((isJsonObject(params.arguments) ? params.arguments : {}) as Json) as HDict;
  const declared = entry.get("arguments");
  for (const argument of declared instanceof HList ? declared.items : []) {
    if (!(argument instanceof HDict) || argument.get("required") !== true || given.has(text(argument, "name")))
      continue;
    return error(-32602, `${name}: the argument ${text(argument, "name")} is required`);
  }
  const description = entry.get("description") ?? null;
  const shape: Shape = { kind: "prompt", description: description === null ? null : displayValue(description) };
  return { kind: "call", fn: entry.get("handler") ?? null, args: given, shape };
}

export function shapeAnswer(shape: Shape, value: Value): JsonObject {
  const said = value === null ? "" : typeof value === "string" ? value : stringifyJson(value);
  switch (shape.kind) {
    case "tool":
      return {
        content: value === null ? [] : [{ type: "text", text: said }],
        ...(shape.structured && value instanceof HDict ? { structuredContent: valueToJson(value) } : {}),
      };
    case "resource":
      return {
        contents: [{ uri: shape.uri, ...(shape.mimeType === null ? {} : { mimeType: shape.mimeType }), text: said }],
      };
    case "prompt": {
      const messages = value instanceof HList ? value.items.map(promptMessage) : [promptMessage(said)];
      return { ...(shape.description === null ? {} : { description: shape.description }), messages };
    }
  }
}

function promptMessage(message: Value): JsonObject {
  const role = message instanceof HDict && message.get("role") === "assistant" ? "assistant" : "user";
  const content = message instanceof HDict ? (message.get("content") ?? "") : message;
  if (content instanceof HDict) return { role, content: valueToJson(content) };
  return { role, content: { type: "text", text: displayValue(content) } };
}
