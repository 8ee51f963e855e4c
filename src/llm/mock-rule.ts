/**
 * One scripted answer of the `mock` provider, as `llm_mock({...})` and as a line of a `--llm-mock` file give it. Both have the same keys and are
 * read strictly: an unknown or mistyped key is an error, since a mock that is not what it looks like hides a failing test.
 */
import { ERROR_CATEGORIES, type ErrorCategory, Failure } from "../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { kindOf } from "./message-record.ts";

export interface MockToolCall {
  readonly name: string;
  readonly arguments: Json;
  /** Absent: `mock_call_1`, `mock_call_2`, … */
  readonly id?: string;
}

export interface MockRule {
  readonly text: string;
  readonly toolCalls: readonly MockToolCall[];
  /** Null: answers the next call, once. Else a pattern with `*`, tried in the order of the rules, kept after use. */
  readonly match: string | null;
  /** With `match`: used once. */
  readonly consume: boolean;
  /** Null: counted by the mock's own rule. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cacheWriteTokens: number | null;
  readonly thinking: string | null;
  readonly stopReason: string | null;
  readonly model: string;
  readonly provider: string | null;
  readonly blocks: readonly JsonObject[] | null;
  /** Set: the call fails with it, and the rest of the rule does not matter. */
  readonly error: { readonly category: ErrorCategory; readonly message: string } | null;
}

const KEYS = [
  "text",
  "tool_calls",
  "match",
  "consume_match",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "thinking",
  "stop_reason",
  "model",
  "provider",
  "blocks",
  "error",
] as const;
type Key = (typeof KEYS)[number];

/** Throws a `Failure` without a place; who calls puts `llm_mock: ` or the file and line before it. */
export function readMockRule(value: Json): MockRule {
  if (!isJsonObject(value)) throw new Failure(`expected an object, got ${kindOf(value)}`);
  for (const key of Object.keys(value)) {
    if (!(KEYS as readonly string[]).includes(key))
      throw new Failure(`unknown key \`${key}\`, expected one of ${KEYS.join(", ")}`);
  }
  return {
    text: textAt(value, "text") ?? "",
    toolCalls: toolCallsOf(value.tool_calls),
    match: textAt(value, "match"),
    consume: flagAt(value, "consume_match"),
    inputTokens: countAt(value, "input_tokens"),
    outputTokens: countAt(value, "output_tokens"),
    cacheReadTokens: countAt(value, "cache_read_tokens"),
    cacheWriteTokens: countAt(value, "cache_write_tokens"),
    thinking: textAt(value, "thinking"),
    stopReason: textAt(value, "stop_reason"),
    model: textAt(value, "model") ?? "mock",
    provider: textAt(value, "provider"),
    blocks: blocksOf(value.blocks),
    error: errorOf(value.error),
  };
}

function textAt(object: JsonObject, key: Key): string | null {
  const value = object[key];
  if (value === undefined || value === null) return null;
  if (typeof value !== "string") throw new Failure(`\`${key}\` must be a string, got ${kindOf(value)}`);
  return value;
}

function flagAt(object: JsonObject, key: Key): boolean {
  const value = object[key];
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw new Failure(`\`${key}\` must be true or false, got ${kindOf(value)}`);
  return value;
}

function countAt(object: JsonObject, key: Key): number | null {
  const value = object[key];
  if (value === undefined || value === null) return null;
  if (!Number.isSafeInteger(value)) throw new Failure(`\`${key}\` must be an integer, got ${JSON.stringify(value)}`);
  return value as number;
}

function toolCallsOf(value: Json | undefined): readonly MockToolCall[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Failure(`\`tool_calls\` must be an array, got ${kindOf(value)}`);
  return value.map((call: Json, index: number) => {
    const place = `tool_calls[${index}]`;
    if (!isJsonObject(call)) throw new Failure(`${place} must be an object, got ${kindOf(call)}`);
    if (typeof call.name !== "string") throw new Failure(`${place} is missing string field \`name\``);
    const id = typeof call.id === "string" && call.id !== "" ? { id: call.id } : {};
    return { name: call.name, arguments: call.arguments ?? call.args ?? {}, ...id };
  });
}

function blocksOf(value: Json | undefined): readonly JsonObject[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) throw new Failure(`\`blocks\` must be an array, got ${kindOf(value)}`);
  return value.map((block: Json, index: number) => {
    if (!isJsonObject(block)) throw new Failure(`blocks[${index}] must be an object, got ${kindOf(block)}`);
    return block;
  });
}

function errorOf(value: Json | undefined): MockRule["error"] {
  if (value === undefined || value === null) return null;
  if (!isJsonObject(value)) throw new Failure("error must be a dict {category, message}");
  const { category, message } = value;
  if (typeof category !== "string" || category === "") throw new Failure("error.category is required");
  const known = ERROR_CATEGORIES.find((name) => name === category);
  if (!known)
    throw new Failure(`unknown error category \`${category}\`, expected one of ${ERROR_CATEGORIES.join(", ")}`);
  return { category: known, message: typeof message === "string" ? message : "" };
}

/** As a line of a fixture file: keys sorted, those without a value left out. */
export function writeMockRule(rule: MockRule): JsonObject {
  const all: { readonly [K in Key]: Json | undefined } = {
    blocks: rule.blocks ?? undefined,
    cache_read_tokens: rule.cacheReadTokens ?? undefined,
    cache_write_tokens: rule.cacheWriteTokens ?? undefined,
    consume_match: rule.consume ? true : undefined,
    error: rule.error ?? undefined,
    input_tokens: rule.inputTokens ?? undefined,
    match: rule.match ?? undefined,
    model: rule.model,
    output_tokens: rule.outputTokens ?? undefined,
    provider: rule.provider ?? undefined,
    stop_reason: rule.stopReason ?? undefined,
    text: rule.text === "" ? undefined : rule.text,
    thinking: rule.thinking ?? undefined,
    tool_calls: rule.toolCalls.length === 0 ? undefined : rule.toolCalls.map(writeToolCall),
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

function writeToolCall(call: MockToolCall): JsonObject {
  return { args: call.arguments, name: call.name, ...(call.id === undefined ? {} : { id: call.id }) };
}
