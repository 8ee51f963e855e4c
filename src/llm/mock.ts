/**
 * The language's own `mock` provider: a pure function over a plain-data state, which is a cell of the run's state.
 *
 * Rules, in this order
 * 1. Fixtures of `--llm-mock`, then what `llm_mock` queued. In each list a rule without a pattern goes first, once; then the first whose pattern fits.
 * 2. With fixtures and nothing that fits: an error that quotes the prompt. Fixtures answer for every provider, not only for `mock`.
 * 3. Tools offered: a call of the first, its required arguments filled with placeholders.
 * 4. Else an echo of the prompt in the response protocol, with the done marker when the system prompt speaks of it.
 *
 * A pattern fits when it matches the last prompt, or all texts of the conversation joined by line breaks; so exact patterns and `*suffix` work.
 * Token counts are bytes: see `promptBytes` and `conversationBytes`.
 */
import type { ErrorCategory } from "../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { type ModelRequest, type ModelResponse, parseArguments, responseBlocks, type ToolSchema } from "./contract.ts";
import { callCost } from "./cost.ts";
import { matchesGlob } from "./glob.ts";
import { contentText, messageToRecord, toolToRecord } from "./message-record.ts";
import type { MockRule, MockToolCall } from "./mock-rule.ts";

/** What `llm_mock_calls()` shows of a call. */
export interface MockCall {
  readonly messages: readonly JsonObject[];
  readonly system: string | null;
  readonly tools: readonly JsonObject[] | null;
}

export interface MockState {
  readonly queue: readonly MockRule[];
  /** Of `--llm-mock`; null: not replaying. */
  readonly fixtures: readonly MockRule[] | null;
  /** Of `--llm-mock-record`, in the order of the calls; null: not recording. */
  readonly recorded: readonly MockRule[] | null;
  readonly calls: readonly MockCall[];
}

export const NO_MOCKS: MockState = { queue: [], fixtures: null, recorded: null, calls: [] };

export type MockOutcome =
  | { readonly kind: "response"; readonly source: "fixture" | "queue" | "default"; readonly response: ModelResponse }
  /** `category` null: a plain runtime error. */
  | {
      readonly kind: "error";
      readonly source: "fixture" | "queue" | "unmatched";
      readonly category: ErrorCategory | null;
      readonly message: string;
    };

export interface MockAnswer {
  readonly state: MockState;
  readonly outcome: MockOutcome;
}

type MockRequest = Pick<ModelRequest, "messages" | "system" | "tools">;

/** Whether the mock answers for this provider. */
export function mockAnswersFor(state: MockState, provider: string): boolean {
  return provider === "mock" || state.fixtures !== null;
}

export function addMock(state: MockState, rule: MockRule): MockState {
  return { ...state, queue: [...state.queue, rule] };
}

/** `llm_mock_clear()`: queued answers and recorded calls. Fixtures of the command line stay, or the next call would go to a real provider. */
export function clearMocks(state: MockState): MockState {
  return { ...state, queue: [], calls: [] };
}

export function answerMock(state: MockState, request: MockRequest): MockAnswer {
  const seen: MockState = { ...state, calls: [...state.calls, callOf(request)] };
  const fixture = state.fixtures === null ? null : takeRule(state.fixtures, request);
  if (fixture)
    return { state: { ...seen, fixtures: fixture.rest }, outcome: outcomeOf("fixture", fixture.rule, request) };
  const queued = takeRule(state.queue, request);
  if (queued) return { state: { ...seen, queue: queued.rest }, outcome: outcomeOf("queue", queued.rule, request) };
  if (state.fixtures !== null) return { state: seen, outcome: unmatched(request) };
  return { state: seen, outcome: { kind: "response", source: "default", response: defaultAnswer(request) } };
}

/** Notes an answer of whichever provider while recording. */
export function recordAnswer(state: MockState, response: ModelResponse): MockState {
  if (state.recorded === null) return state;
  const rule: MockRule = {
    text: response.text,
    toolCalls: response.toolCalls.map((call) => ({
      id: call.id,
      name: call.name,
      arguments: parseArguments(call.arguments),
    })),
    match: null,
    consume: false,
    inputTokens: response.usage.inputTokens,
    outputTokens: response.usage.outputTokens,
    cacheReadTokens: response.usage.cacheReadTokens,
    cacheWriteTokens: response.usage.cacheWriteTokens,
    thinking: response.thinking ?? null,
    stopReason: response.stopReason,
    model: response.model,
    provider: response.provider,
    blocks: responseBlocks(response),
    error: null,
  };
  return { ...state, recorded: [...state.recorded, rule] };
}

/** `llm_completion` of the mock provider: as `answerMock`, the prefix being the prompt; only the default answer differs. */
export function answerMockCompletion(state: MockState, prefix: string, suffix: string): MockAnswer {
  const answer = answerMock(state, { messages: [{ role: "user", content: prefix }] });
  if (answer.outcome.kind !== "response" || answer.outcome.source !== "default") return answer;
  return { ...answer, outcome: { ...answer.outcome, response: mockCompletion(prefix, suffix) } };
}

function mockCompletion(prefix: string, suffix: string): ModelResponse {
  const before = suffix === "" ? "" : ` before ${Array.from(suffix).length} chars`;
  const text = `Mock completion after ${Array.from(prefix).length} chars${before}`;
  return { ...mockResponse(text, [], utf8Length(prefix) + utf8Length(suffix), 16), stopReason: "stop" };
}

/** What `llm_stream` of the mock provider sends: the words of the last message. */
export function mockStreamWords(request: MockRequest): readonly string[] {
  const last = request.messages.at(-1);
  return last ? wordsOf(contentText(last.content)) : [];
}

function callOf(request: MockRequest): MockCall {
  return {
    messages: request.messages.map(messageToRecord),
    system: request.system ?? null,
    tools: request.tools ? request.tools.map(toolToRecord) : null,
  };
}

function fittingRule(rules: readonly MockRule[], request: MockRequest): number {
  const prompt = lastPrompt(request);
  const conversation = conversationText(request);
  return rules.findIndex(
    ({ match }) => match !== null && (matchesGlob(match, prompt) || matchesGlob(match, conversation)),
  );
}

function takeRule(
  rules: readonly MockRule[],
  request: MockRequest,
): { readonly rule: MockRule; readonly rest: readonly MockRule[] } | null {
  const next = rules.findIndex((rule) => rule.match === null);
  const index = next >= 0 || rules.length === 0 ? next : fittingRule(rules, request);
  const rule = rules[index];
  if (!rule) return null;
  const used = rule.match === null || rule.consume;
  return { rule, rest: used ? rules.toSpliced(index, 1) : rules };
}

function outcomeOf(source: "fixture" | "queue", rule: MockRule, request: MockRequest): MockOutcome {
  if (rule.error !== null) return { kind: "error", source, ...rule.error };
  const ids = (rule.blocks ?? []).filter((block) => block.type === "tool_call").map((block) => block.id);
  const calls = rule.toolCalls.map((call, index) => {
    const id = call.id ?? ids[index];
    return { ...call, id: typeof id === "string" && id !== "" ? id : `mock_call_${index + 1}` };
  });
  const base = mockResponse(rule.text, calls, rule.inputTokens ?? conversationBytes(request), rule.outputTokens ?? 30);
  const response: ModelResponse = {
    ...base,
    costUsd: rule.model === "mock" ? 0 : callCost(rule.model, base.usage),
    ...(rule.thinking === null ? {} : { thinking: rule.thinking }),
    usage: { ...base.usage, cacheReadTokens: rule.cacheReadTokens ?? 0, cacheWriteTokens: rule.cacheWriteTokens ?? 0 },
    stopReason: rule.stopReason,
    model: rule.model,
    provider: rule.provider ?? "mock",
    blocks: rule.blocks ?? responseBlocks(base),
  };
  return { kind: "response", source, response };
}

/** The model `mock` costs nothing, known to be so. Its blocks, derived from this, never hold the thinking of a rule. */
function mockResponse(
  text: string,
  calls: readonly MockToolCall[],
  inputTokens: number,
  outputTokens: number,
): ModelResponse {
  return {
    text,
    toolCalls: calls.map((call) => ({ id: call.id ?? "", name: call.name, arguments: JSON.stringify(call.arguments) })),
    usage: { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 },
    stopReason: null,
    model: "mock",
    provider: "mock",
    costUsd: 0,
  };
}

function unmatched(request: MockRequest): MockOutcome {
  const points = Array.from(lastPrompt(request).slice(0, 402));
  const snippet = points.slice(0, 200).join("") + (points.length > 200 ? "..." : "");
  const message = `No --llm-mock fixture matched prompt: ${JSON.stringify(snippet)}`;
  return { kind: "error", source: "unmatched", category: null, message };
}

function defaultAnswer(request: MockRequest): ModelResponse {
  const prompt = lastPrompt(request);
  const tool = request.tools?.[0];
  if (tool) {
    const call = { id: "mock_call_1", name: toolName(tool), arguments: {} };
    const filled = requiredArguments(tool);
    const response = mockResponse("", [call], utf8Length(prompt), 20);
    const toolCalls = response.toolCalls.map((made) => ({ ...made, arguments: filled }));
    return { ...response, toolCalls };
  }
  const echo =
    prompt === ""
      ? "Mock LLM response"
      : `Mock response to ${wordsOf(prompt).length}-word prompt: ${Array.from(prompt.slice(0, 200)).slice(0, 100).join("")}`;
  const done = request.system?.includes("##DONE##") ? "\n<done>##DONE##</done>" : "";
  return mockResponse(`<assistant_prose>${echo}</assistant_prose>${done}`, [], utf8Length(prompt), 30);
}

function toolName(tool: ToolSchema): string {
  if (tool.kind === "function") return tool.name;
  const { name, function: body } = tool.definition;
  const inner = isJsonObject(body) ? body.name : undefined;
  return typeof name === "string" ? name : typeof inner === "string" ? inner : "unknown";
}

/** JSON text: `number` is `0.0`, which a JSON value could not say. */
function requiredArguments(tool: ToolSchema): string {
  const schema = tool.kind === "function" ? tool.parameters : schemaOf(tool.definition);
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const names = Object.keys(properties).filter((name) => required.includes(name));
  const pairs = names.sort().map((name) => {
    const property = properties[name];
    const type = isJsonObject(property) ? property.type : undefined;
    return `${JSON.stringify(name)}:${placeholder(type)}`;
  });
  return `{${pairs.join(",")}}`;
}

function schemaOf(definition: JsonObject): JsonObject {
  const inner = isJsonObject(definition.function) ? definition.function.parameters : undefined;
  const found = [definition.input_schema, definition.inputSchema, inner, definition.parameters].find(isJsonObject);
  return found ?? {};
}

function placeholder(type: Json | undefined): string {
  switch (type) {
    case "integer":
      return "0";
    case "number":
      return "0.0";
    case "boolean":
      return "false";
    case "array":
      return "[]";
    case "object":
      return "{}";
    default:
      return '""';
  }
}

/** The text of the last message that has any. */
export function lastPrompt(request: Pick<ModelRequest, "messages">): string {
  for (const message of request.messages.toReversed()) {
    const text = contentText(message.content);
    if (/\P{White_Space}/u.test(text)) return text;
  }
  return "";
}

/** All texts, with the names, ids and arguments of tool calls, without roles and kinds of parts. */
function conversationText(request: MockRequest): string {
  const texts = request.messages.flatMap((message) => {
    const calls =
      message.role === "assistant"
        ? (message.toolCalls ?? []).flatMap((call) => [call.name, call.arguments, call.id])
        : [];
    const reasoning = message.role === "assistant" ? (message.reasoning ?? "") : "";
    const id = message.role === "tool" ? message.toolCallId : "";
    return [contentText(message.content), reasoning, ...calls, id];
  });
  return texts.filter((text) => text !== "").join("\n");
}

/**
 * What a scripted answer counts as input unless it says: the bytes of every string in the messages as records, roles and kinds included, joined by
 * line breaks. Run records of the reference hold these numbers, hence the odd rule.
 */
function conversationBytes(request: MockRequest): number {
  const strings = request.messages.flatMap((message) => stringsOf(messageToRecord(message)));
  return strings.reduce((sum, text) => sum + utf8Length(text), 0) + Math.max(0, strings.length - 1);
}

function stringsOf(value: Json): readonly string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(stringsOf);
  return isJsonObject(value) ? Object.values(value).flatMap(stringsOf) : [];
}

function utf8Length(text: string): number {
  return /^[\x00-\x7f]*$/.test(text) ? text.length : new TextEncoder().encode(text).byteLength;
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\p{White_Space}+/u).filter((word) => word !== "");
}
