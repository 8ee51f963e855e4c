/** The result dict of a model call: the reference's keys, and `cost_usd`. */
import type { Json } from "../base/json.ts";
import type { ModelResponse } from "../llm/contract.ts";
import { parseArguments, responseBlocks } from "../llm/contract.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { messageEvent, transcriptDict, transcriptEvent } from "./transcripts.ts";
import { visibleText } from "./visible-text.ts";

const SENTINEL = "##DONE##";

/** `asked`: the messages of the question; null leaves the transcript out. */
export function responseDict(call: VmCall, response: ModelResponse, asked: readonly Value[] | null): HDict {
  const visible = visibleText(response.text, SENTINEL);
  const result = HDict.of({
    text: response.text,
    visible_text: visible,
    prose: visible,
    model: response.model,
    provider: response.provider,
    input_tokens: response.usage.inputTokens ?? 0,
    output_tokens: response.usage.outputTokens ?? 0,
    cache_read_tokens: response.usage.cacheReadTokens,
    cache_write_tokens: response.usage.cacheWriteTokens,
    cost_usd: response.costUsd,
    blocks: new HList(responseBlocks(response).map((block) => jsonToValue(block as Json))),
  });
  if (asked !== null) result.set("transcript", transcriptOf(call, response, asked));
  if (response.stopReason !== null) result.set("stop_reason", response.stopReason);
  if (response.thinking) {
    result.set("thinking", response.thinking);
    result.set("private_reasoning", response.thinking);
  }
  if (response.toolCalls.length > 0) {
    const calls = response.toolCalls.map(({ id, name, arguments: text }) =>
      HDict.of({ id, name, arguments: jsonToValue(parseArguments(text)), type: "tool_call" }),
    );
    result.set("tool_calls", new HList(calls));
  }
  return result;
}

function transcriptOf(call: VmCall, response: ModelResponse, asked: readonly Value[]): HDict {
  const messages = [...asked, HDict.of({ role: "assistant", content: response.text })];
  const metadata = HDict.of({
    model: response.model,
    input_tokens: response.usage.inputTokens ?? 0,
    output_tokens: response.usage.outputTokens ?? 0,
  });
  const payload = { kind: "provider_payload", role: "assistant", visibility: "internal", text: "", metadata } as const;
  const events = [...messages.map((message) => messageEvent(call, message)), transcriptEvent(call, payload)];
  if (response.thinking) {
    const reasoning = {
      kind: "private_reasoning",
      role: "assistant",
      text: response.thinking,
      metadata: null,
    } as const;
    events.push(transcriptEvent(call, { ...reasoning, visibility: "private" }));
  }
  return transcriptDict({
    id: call.ports.ids.uuidv7(),
    messages: new HList(messages),
    events: new HList(events),
    summary: null,
    state: "active",
    metadata: null,
  });
}
