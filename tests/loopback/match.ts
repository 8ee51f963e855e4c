/** Which rule a request gets. Pure. */
import type { Pattern, RuleMatch } from "./script.ts";

/** A chat completion request, as far as rules look at it. */
export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly { readonly role: string; readonly text: string }[];
  readonly tools: readonly string[];
}

export function readChatRequest(body: unknown): ChatRequest {
  const { model = "", stream = false, messages = [], tools = [] } = body as Record<string, unknown>;
  if (!Array.isArray(messages)) throw new Error("expected `messages` to be a list");
  return {
    model: String(model),
    stream: stream === true,
    messages: messages.map((message) => ({ role: String(message?.role ?? ""), text: textOf(message?.content) })),
    tools: Array.isArray(tools) ? tools.map((tool) => String(tool?.function?.name ?? tool?.name ?? "")) : [],
  };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => String(part?.text ?? part?.content ?? "")).join("\n");
}

/** What rules and answers speak of. */
export interface RequestView {
  readonly last: string;
  readonly lastRole: string;
  readonly firstUser: string;
  readonly user: string;
  readonly tool: string;
  readonly system: string;
  readonly turn: number;
  readonly messages: number;
  readonly toolResults: number;
}

export function viewRequest(request: ChatRequest): RequestView {
  const spoken = request.messages.filter(({ role }) => role !== "system");
  const of = (role: string) => request.messages.filter((message) => message.role === role);
  const last = spoken.at(-1);
  return {
    last: last?.text ?? "",
    lastRole: last?.role ?? "",
    firstUser: of("user")[0]?.text ?? "",
    user: of("user").at(-1)?.text ?? "",
    tool: of("tool").at(-1)?.text ?? "",
    system: of("system")
      .map(({ text }) => text)
      .join("\n"),
    turn: of("assistant").length,
    messages: spoken.length,
    toolResults: of("tool").length,
  };
}

export function ruleFits(match: RuleMatch, request: ChatRequest): boolean {
  const view = viewRequest(request);
  const text = (pattern: Pattern | undefined, value: string) => pattern === undefined || patternFits(pattern, value);
  const equal = <T>(wanted: T | undefined, value: T) => wanted === undefined || wanted === value;
  return (
    text(match.last, view.last) &&
    equal(match.lastRole as string | undefined, view.lastRole) &&
    text(match.firstUser, view.firstUser) &&
    text(match.user, view.user) &&
    text(match.tool, view.tool) &&
    text(match.system, view.system) &&
    (match.any === undefined || request.messages.some((message) => patternFits(match.any!, message.text))) &&
    text(match.model, request.model) &&
    equal(match.turn, view.turn) &&
    equal(match.messages, view.messages) &&
    view.messages >= (match.minMessages ?? 0) &&
    equal(match.toolResults, view.toolResults) &&
    (match.offers === undefined || request.tools.includes(match.offers))
  );
}

export function patternFits(pattern: Pattern, text: string): boolean {
  if (!pattern.includes("*")) return text.includes(pattern);
  const escaped = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("[\\s\\S]*")}$`).test(text);
}
