/**
 * Messages and tools in the form in which transcripts, run records and `llm_mock_calls()` hold them: the chat-completions shape, with
 * `tool_calls` and `tool_call_id`. Reading and writing are inverse: keys that we do not know survive in `extra`.
 */
import { Failure } from "../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { Content, ContentPart, ModelMessage, ToolCall, ToolSchema } from "./contract.ts";

/** A message as a record. An assistant's `reasoning` keeps its key. */
export function messageToRecord(message: ModelMessage): JsonObject {
  const base: { [key: string]: Json } = { role: message.role, content: message.content as Json };
  if (message.role === "tool") base.tool_call_id = message.toolCallId;
  if (message.role === "assistant") {
    if (message.toolCalls && message.toolCalls.length > 0) base.tool_calls = message.toolCalls.map(callToRecord);
    if (message.reasoning) base.reasoning = message.reasoning;
  }
  return { ...message.extra, ...base };
}

function callToRecord(call: ToolCall): JsonObject {
  return { id: call.id, type: "function", function: { name: call.name, arguments: call.arguments } };
}

/**
 * A record as a message. A missing role reads as `user`, missing content as "", role `tool_result` (with `tool_use_id`) as `tool`.
 * `place` names the record in errors, as in `messages[3]`. Throws `Failure`.
 */
export function messageFromRecord(record: Json, place: string): ModelMessage {
  if (!isJsonObject(record)) throw new Failure(`${place}: expected a message object, got ${kindOf(record)}`);
  const { role = "user", content, ...rest } = record;
  const shared = { content: contentFromRecord(content ?? "", place) };
  switch (role) {
    case "system":
    case "user":
      return { role, ...shared, ...extraOf(rest) };
    case "assistant": {
      const { tool_calls, reasoning, ...extra } = rest;
      if (reasoning !== undefined && reasoning !== null && typeof reasoning !== "string") {
        throw new Failure(`${place}.reasoning: expected text, got ${kindOf(reasoning)}`);
      }
      const calls = tool_calls === undefined || tool_calls === null ? [] : callsFromRecord(tool_calls, place);
      return {
        role,
        ...shared,
        ...(calls.length > 0 ? { toolCalls: calls } : {}),
        ...(reasoning ? { reasoning } : {}),
        ...extraOf(extra),
      };
    }
    case "tool":
    case "tool_result": {
      const { tool_call_id, tool_use_id, ...extra } = rest;
      const id = tool_call_id ?? tool_use_id ?? "";
      if (typeof id !== "string") throw new Failure(`${place}.tool_call_id: expected text, got ${kindOf(id)}`);
      return { role: "tool", toolCallId: id, ...shared, ...extraOf(extra) };
    }
    default:
      throw new Failure(`${place}.role: expected system, user, assistant or tool, got ${JSON.stringify(role)}`);
  }
}

function extraOf(rest: JsonObject): { readonly extra?: JsonObject } {
  return Object.keys(rest).length > 0 ? { extra: rest } : {};
}

function contentFromRecord(content: Json, place: string): Content {
  if (typeof content === "string") return content;
  if (!Array.isArray(content))
    throw new Failure(`${place}.content: expected text or a list of parts, got ${kindOf(content)}`);
  return content.map((part: Json, index: number) => {
    if (typeof part === "string") return { type: "text", text: part };
    if (isJsonObject(part) && typeof part.type === "string") return part as ContentPart;
    throw new Failure(`${place}.content[${index}]: expected an object with a \`type\`, got ${kindOf(part)}`);
  });
}

function callsFromRecord(calls: Json, place: string): readonly ToolCall[] {
  if (!Array.isArray(calls)) throw new Failure(`${place}.tool_calls: expected a list, got ${kindOf(calls)}`);
  return calls.map((call: Json, index: number) => {
    const where = `${place}.tool_calls[${index}]`;
    if (!isJsonObject(call)) throw new Failure(`${where}: expected an object, got ${kindOf(call)}`);
    const body = isJsonObject(call.function) ? call.function : call;
    if (typeof body.name !== "string") throw new Failure(`${where}: expected a \`name\``);
    const given = body.arguments;
    const text = typeof given === "string" ? given : given === undefined ? "" : JSON.stringify(given);
    return { id: typeof call.id === "string" ? call.id : "", name: body.name, arguments: text };
  });
}

/** A tool as a record and as the chat-completions wire form alike. */
export function toolToRecord(tool: ToolSchema): JsonObject {
  if (tool.kind === "provider") return tool.definition;
  return {
    ...tool.extra,
    type: "function",
    function: {
      name: tool.name,
      description: tool.description ?? "",
      parameters: tool.parameters,
      ...(tool.outputSchema ? { "x-harn-output-schema": tool.outputSchema } : {}),
    },
  };
}

/** What a model would read of some content: text, tool results and reasoning, without the parts' kinds and ids. */
export function contentText(content: Content): string {
  if (typeof content === "string") return content;
  const texts: string[] = [];
  for (const part of content) {
    const text = part.text ?? part.content ?? part.thinking;
    if (typeof text === "string") texts.push(text);
    else if (Array.isArray(text))
      texts.push(contentText(text.filter(isJsonObject) as unknown as readonly ContentPart[]));
  }
  return texts.filter((text) => text !== "").join("\n");
}

/** For error texts: what kind of JSON a value is. */
export function kindOf(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
