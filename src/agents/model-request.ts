import type { JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import type { Call, PendingEffect } from "../builtin/call.ts";
import { runtimeError } from "../builtin/raise.ts";
import { BUILT_IN_CATALOG } from "../llm/catalog.ts";
import type { ModelRequest, ToolSchema } from "../llm/contract.ts";
import { selectModel } from "../llm/model-selection.ts";
import { LLM_CALL } from "../llm/performer.ts";
import { asDouble } from "../stdlib/number-reading.ts";
import { displayValue } from "../value/display.ts";
import { valueToJson } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HDuration, type HList } from "../value/value.ts";
import { type ConversationRef, readMessages } from "./conversation.ts";
import { mockEffect } from "./mock-cell.ts";

export type Request = Omit<ModelRequest, "idempotencyKey">;

type Kind = "string" | "int" | "number" | "bool" | "dict" | "list" | "any";

/** Options that go into the request, their kind and the request's key. */
const REQUEST_OPTIONS: Readonly<Record<string, readonly [Kind, keyof Request | null]>> = {
  provider: ["string", null],
  model: ["string", null],
  model_tier: ["string", null],
  base_url: ["string", "baseUrl"],
  max_tokens: ["int", "maxTokens"],
  temperature: ["number", "temperature"],
  top_p: ["number", "topP"],
  top_k: ["int", "topK"],
  stop: ["list", "stop"],
  seed: ["int", "seed"],
  frequency_penalty: ["number", "frequencyPenalty"],
  presence_penalty: ["number", "presencePenalty"],
  response_format: ["string", "responseFormat"],
  stream: ["bool", "stream"],
};

/** Of a provider's options, about tool search: it does not go into the request. */
export const FORCE_NATIVE = "force_native_tool_search";

export interface RequestParts {
  readonly messages: HList;
  readonly system: string | null;
  readonly options: HDict;
  readonly tools: readonly ToolSchema[];
}

function optionOf(options: HDict, name: string, kind: Kind): Value | undefined {
  const value = options.get(name);
  if (value === undefined || value === null) return undefined;
  const actual = typeName(value);
  const fits = kind === "any" || actual === kind || (kind === "number" && (actual === "int" || actual === "float"));
  if (!fits) throw runtimeError(`option \`${name}\`: expected ${kind}, got ${actual}`);
  return value;
}

/** Seconds, or a duration. */
function timeoutOf(options: HDict): number | null {
  const value = options.get("timeout") ?? null;
  if (value === null) return null;
  const ms = value instanceof HDuration ? value.ms : (asDouble(value) ?? Number.NaN) * 1000;
  if (ms >= 0 && Number.isFinite(ms)) return Math.round(ms);
  throw runtimeError(`option \`timeout\`: expected seconds or a duration, at least 0, got ${displayValue(value)}`);
}

export function modelRequest(call: Call, parts: RequestParts): Request {
  const { options } = parts;
  const request: Record<string, unknown> = {};
  for (const [name, [kind, key]] of Object.entries(REQUEST_OPTIONS)) {
    const value = optionOf(options, name, kind);
    if (value !== undefined && key !== null) request[key] = valueToJson(value);
  }
  const text = (name: string) => options.get(name) as string | undefined | null;
  const wish = {
    ...(text("provider") ? { provider: text("provider")! } : {}),
    ...(text("model") ? { model: text("model")! } : {}),
    ...(text("model_tier") ? { modelTier: text("model_tier")! } : {}),
  };
  const { environment } = call.ports;
  const choice = selectModel(BUILT_IN_CATALOG, wish, (name) => environment.get(name));
  const timeoutMs = timeoutOf(options);
  if (timeoutMs !== null) request.timeoutMs = timeoutMs;
  const schema = options.get("json_schema") ?? options.get("output_schema");
  if (schema instanceof HDict) {
    request.responseFormat = "json";
    request.jsonSchema = valueToJson(schema);
  }
  const choiceOfTool = options.get("tool_choice");
  if (typeof choiceOfTool === "string") {
    const known = ["auto", "none", "required"].includes(choiceOfTool);
    request.toolChoice = known ? choiceOfTool : { tool: choiceOfTool };
  }
  const overrides = options.get(choice.provider);
  if (overrides instanceof HDict) {
    const { [FORCE_NATIVE]: _, ...sent } = valueToJson(overrides) as JsonObject;
    request.overrides = sent;
  }
  return {
    ...request,
    ...choice,
    messages: readMessages(parts.messages),
    ...(parts.system === null || parts.system === "" ? {} : { system: parts.system }),
    ...(parts.tools.length === 0 ? {} : { tools: parts.tools }),
    // Waiting between attempts is the loop's, where it can be interrupted and is on disk.
    retry: { maxAttempts: 1 },
  } as Request;
}

/**
 * The effect that asks the model, whichever answers. `protocol` is added to the system prompt for models, not for the mock. With `conversation` the
 * messages are filled in when the effect is performed (`withMessages`).
 */
export function modelEffect(
  call: Call,
  request: Request,
  protocol = "",
  conversation: ConversationRef | null = null,
): PendingEffect {
  const mocked = mockEffect(call, request);
  if (mocked !== null) return mocked;
  const system = [request.system, protocol].filter((part) => part != null && part !== "").join("\n\n");
  const { messages, ...rest } = request;
  const asked = conversation === null ? { ...rest, messages } : { ...rest, conversation };
  const args = JSON.parse(JSON.stringify(system === "" ? asked : { ...asked, system })) as JsonObject;
  return { kind: LLM_CALL, version: 1, args, repeat: "safe", place: "any" };
}

/** Tools of a registry as the request describes them. */
export function toolSchemas(entries: readonly HDict[]): readonly ToolSchema[] {
  return entries.map((entry) => {
    const description = entry.get("description");
    return {
      kind: "function",
      name: String(entry.get("name")),
      ...(typeof description === "string" ? { description } : {}),
      parameters: argumentSchema(entry),
    };
  });
}

/** `parameters` is a dict of schemas by name, whose `required: false` makes one optional, or a whole JSON Schema of type object. */
export function argumentSchema(entry: HDict): JsonObject {
  const given = valueToJson(entry.get("parameters") ?? null);
  if (!isJsonObject(given)) return { type: "object", properties: {} };
  if (given.type === "object" && isJsonObject(given.properties)) return given;
  const properties: Record<string, JsonObject> = {};
  const required: string[] = [];
  for (const [name, schema] of Object.entries(given)) {
    if (!isJsonObject(schema)) {
      properties[name] = typeof schema === "string" ? { type: jsonType(schema) } : {};
      required.push(name);
      continue;
    }
    const { required: isRequired, type, ...rest } = schema;
    const typed: JsonObject =
      type === undefined || type === "any" ? {} : { type: typeof type === "string" ? jsonType(type) : type };
    properties[name] = { ...rest, ...typed };
    if (isRequired !== false && rest.default === undefined) required.push(name);
  }
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

function jsonType(type: string): string {
  switch (type) {
    case "int":
      return "integer";
    case "float":
      return "number";
    case "bool":
      return "boolean";
    case "list":
      return "array";
    case "dict":
      return "object";
    case "nil":
      return "null";
    default:
      return type;
  }
}
