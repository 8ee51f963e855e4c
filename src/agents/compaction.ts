/**
 * Making a conversation shorter: which messages are archived, and the text that stands for them (worker-runtime.md 12.5).
 *
 * Invariants
 * 1. What is kept begins with a message of the user where there is one, and a turn with tools is not cut in two.
 * 2. Nothing here removes anything: whoever has the summary puts it in the place of what it stands for.
 */
import { runtimeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { stringifyJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList } from "../value/value.ts";

export type CompactStrategy = "llm" | "truncate" | "custom" | "observation_mask";

const STRATEGIES: readonly string[] = ["llm", "truncate", "custom", "observation_mask"];
/** Longest text of one message in a summary by truncation, in characters. */
const MESSAGE_CHARS = 500;
const MOST_MESSAGES = 15;
/** Shorter observations are kept whole. */
const SHORT_BYTES = 500;
const PREVIEW_CHARS = 120;

export function parseStrategy(value: Value): CompactStrategy {
  const text = displayValue(value);
  if (STRATEGIES.includes(text)) return text as CompactStrategy;
  throw runtimeError(
    `unknown compact_strategy '${text}' (expected 'llm', 'truncate', 'custom', or 'observation_mask')`,
  );
}

const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text).length;

/** What a message says as text: parts of structured content and tool calls as JSON. */
export function messageText(message: Value): string {
  const content = message instanceof HDict ? (message.get("content") ?? null) : null;
  if (content === null) return "";
  return typeof content === "string" ? content : stringifyJson(content);
}

/** A quarter of the bytes of everything a model reads: structured content and tool calls, too (W-65). */
export function conversationTokens(messages: readonly Value[]): number {
  const size = (message: Value) => {
    const calls = message instanceof HDict ? (message.get("tool_calls") ?? null) : null;
    return bytes(messageText(message)) + (calls === null ? 0 : bytes(stringifyJson(calls)));
  };
  return Math.floor(messages.reduce<number>((sum, message) => sum + size(message), 0) / 4);
}

const roleOf = (message: Value): string =>
  message instanceof HDict ? displayValue(message.get("role") ?? "user") : "user";

function isToolTurn(message: Value): boolean {
  if (!(message instanceof HDict)) return false;
  const role = roleOf(message);
  return (
    role === "tool" ||
    role === "tool_result" ||
    message.has("tool_calls") ||
    (message.get("reasoning") ?? null) !== null
  );
}

function userBefore(messages: readonly Value[], from: number): number | null {
  for (let i = from; i >= 0; i--) if (roleOf(messages[i]!) === "user") return i;
  return null;
}

/** How many messages from the start are to be archived; 0: none. */
export function splitPoint(messages: readonly Value[], keepLast: number): number {
  if (messages.length <= keepLast) return 0;
  const wanted = messages.length - keepLast;
  let split = wanted;
  if (wanted < messages.length) {
    const user = userBefore(messages, wanted);
    if (user !== null && user > 0) split = user;
  }
  const tools = messages.findIndex((message, i) => i >= split && isToolTurn(message));
  if (tools < 0) return split;
  const before = userBefore(messages, tools);
  return before !== null && before > 0 && before < split ? before : split;
}

/** `fallback`: a model was asked and said nothing. */
export function truncationSummary(archived: readonly Value[], fallback = false): string {
  const count = archived.length;
  const head = fallback
    ? `[auto-compact fallback: the summary of ${count} older messages was empty; each is cut to ${MESSAGE_CHARS} characters]`
    : `[auto-compacted ${count} older messages via truncate strategy]`;
  const lines = archived
    .map((message) => [roleOf(message), messageText(message)] as const)
    .filter(([, text]) => text !== "")
    .slice(0, MOST_MESSAGES)
    .map(([role, text]) => `[${role}] ${cut(text)}`);
  const more = count > MOST_MESSAGES ? [`... and ${count - MOST_MESSAGES} more`] : [];
  return [head, ...lines, ...more].join("\n");
}

function cut(text: string): string {
  const characters = [...text];
  if (characters.length <= MESSAGE_CHARS) return text;
  return `${characters.slice(0, MESSAGE_CHARS).join("")}... [truncated from ${characters.length} chars]`;
}

/** `masks`: what a callback says for each message; nil: nothing of its own. */
export function maskingSummary(archived: readonly Value[], masks: Value): string {
  const own = masks instanceof HList ? masks.items : [];
  const lines = archived.flatMap((message, i) => {
    const text = messageText(message);
    if (text === "") return [];
    const role = roleOf(message);
    if (role === "assistant") return [`[assistant] ${text}`];
    const mask = own[i];
    if (typeof mask === "string") return [mask];
    return [masked(role, text)];
  });
  return [`[auto-compacted ${archived.length} older messages via observation masking]`, ...lines].join("\n");
}

function masked(role: string, text: string): string {
  const lines = text.replace(/\n$/, "").split("\n");
  if (bytes(text) < SHORT_BYTES || lines.length <= 3) return `[${role}] ${text}`;
  const preview = [...lines[0]!].slice(0, PREVIEW_CHARS).join("");
  return `[${role}] ${preview}... [${lines.length} lines, ${text.length} chars masked]`;
}

/** The archived messages as a model reads them. */
export function formatMessages(archived: readonly Value[]): string {
  return archived.map((message) => `${roleOf(message).toUpperCase()}: ${messageText(message)}`).join("\n");
}

const QUESTION =
  "Summarize the messages below for an agent that goes on with the work and will not see them. Keep the goals, constraints and decisions, what the tools " +
  "did, what is still open, and what comes next. Answer with the summary alone.";

export function summaryQuestion(archived: readonly Value[], question = QUESTION): string {
  return `${question}\n\nConversation (${archived.length} messages):\n${formatMessages(archived)}`;
}

/** With the header that says what it stands for; an empty one is replaced by what was said, cut short. */
export function summaryOf(archived: readonly Value[], text: string): string {
  const summary = text.trim();
  return summary === ""
    ? truncationSummary(archived, true)
    : `[auto-compacted ${archived.length} older messages]\n${summary}`;
}

/** What a custom compactor answered: `{summary}`, `{text}`, a text, or any other value as JSON. */
export function customText(answer: Value): string {
  if (answer === null) return "";
  if (typeof answer === "string") return answer;
  const own = answer instanceof HDict ? (answer.get("summary") ?? answer.get("text") ?? null) : null;
  return own === null ? stringifyJson(answer) : displayValue(own);
}
