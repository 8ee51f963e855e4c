/** The body of an answer: a chat completion as one object or as server-sent events, with the faults that the rule asks for. Pure. */
import type { RequestView } from "./match.ts";
import type { Rule, RuleAnswer, RuleDelivery } from "./script.ts";

export interface AnswerFrame {
  readonly id: string;
  readonly model: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly ruleName: string;
  readonly view: RequestView;
}

interface WireCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export function plainBody(rule: Rule, frame: AnswerFrame, delivery: RuleDelivery): string {
  const answer = rule.answer ?? {};
  const calls = wireCalls(answer, frame);
  const message = {
    role: "assistant",
    content: fill(answer.text ?? "", frame) || null,
    ...(answer.thinking ? { reasoning_content: answer.thinking } : {}),
    ...(calls.length > 0 ? { tool_calls: calls.map((call) => wireCall(call)) } : {}),
  };
  const body = JSON.stringify({
    id: frame.id,
    object: "chat.completion",
    created: frame.created,
    model: frame.model,
    choices: [{ index: 0, message, finish_reason: finishReason(answer) }],
    ...(delivery.withoutUsage || answer.usage === null ? {} : { usage: usageOf(answer, frame) }),
  });
  return delivery.badJson ? `${body.slice(0, -10)}<oops>` : body;
}

export function streamBody(rule: Rule, frame: AnswerFrame, delivery: RuleDelivery): string {
  const answer = rule.answer ?? {};
  const chunk = (delta: object, finish: string | null = null) => ({
    id: frame.id,
    object: "chat.completion.chunk",
    created: frame.created,
    model: frame.model,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const events: string[] = [JSON.stringify(chunk({ role: "assistant", content: "" }))];
  for (const piece of pieces(answer.thinking ?? "", delivery.textChars ?? 8))
    events.push(JSON.stringify(chunk({ reasoning_content: piece })));
  for (const piece of pieces(fill(answer.text ?? "", frame), delivery.textChars ?? 8))
    events.push(JSON.stringify(chunk({ content: piece })));
  wireCalls(answer, frame).forEach((call, index) => {
    events.push(JSON.stringify(chunk({ tool_calls: [{ index, ...wireCall({ ...call, arguments: "" }) }] })));
    for (const piece of pieces(call.arguments, delivery.argumentChars ?? 12)) {
      events.push(JSON.stringify(chunk({ tool_calls: [{ index, function: { arguments: piece } }] })));
    }
  });
  if (delivery.errorInStream) return toEvents([...events, JSON.stringify({ error: delivery.errorInStream })]);
  if (delivery.badJson) events.push('{"id": <oops>}');
  if (!delivery.withoutFinish) events.push(JSON.stringify(chunk({}, finishReason(answer))));
  if (!delivery.withoutUsage && answer.usage !== null) {
    events.push(JSON.stringify({ ...chunk({}), choices: [], usage: usageOf(answer, frame) }));
  }
  if (!delivery.withoutDone) events.push("[DONE]");
  return toEvents(events);
}

function toEvents(events: readonly string[]): string {
  return events.map((data) => `data: ${data}\n\n`).join("");
}

function wireCalls(answer: RuleAnswer, frame: AnswerFrame): readonly WireCall[] {
  return (answer.toolCalls ?? []).map((call, index) => ({
    id: call.id ?? `call_${frame.ruleName.replace(/[^A-Za-z0-9]+/g, "_")}_${index + 1}`,
    name: call.name,
    arguments: fill(typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments ?? {}), frame),
  }));
}

function wireCall(call: WireCall): object {
  return { id: call.id, type: "function", function: { name: call.name, arguments: call.arguments } };
}

function finishReason(answer: RuleAnswer): string {
  return answer.finishReason ?? ((answer.toolCalls ?? []).length > 0 ? "tool_calls" : "stop");
}

/** Counts are made up but stable: four characters a token. */
function usageOf(answer: RuleAnswer, frame: AnswerFrame): object {
  const prompt = answer.usage?.prompt ?? Math.ceil(frame.view.last.length / 4);
  const completion = answer.usage?.completion ?? Math.ceil((answer.text ?? "").length / 4);
  const cached = answer.usage?.cached;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(cached === undefined ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
  };
}

function fill(text: string, frame: AnswerFrame): string {
  const values: Record<string, string> = {
    last: frame.view.last,
    user: frame.view.user,
    turn: String(frame.view.turn),
    model: frame.model,
  };
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

/** By code points, so that a delta is text; splitting characters is what `chunkBytes` is for. */
function pieces(text: string, size: number): readonly string[] {
  const points = Array.from(text);
  const out: string[] = [];
  for (let at = 0; at < points.length; at += size) out.push(points.slice(at, at + size).join(""));
  return out;
}
