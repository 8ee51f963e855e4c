/** An answer of the model: recorded in the conversation, counted, and read for tool calls. */
import type { ModelResponse, ToolCall } from "../llm/contract.ts";
import { messageToRecord } from "../llm/message-record.ts";
import { jsonToValue } from "../value/json.ts";
import { HDict } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { traceAgent } from "./agent-trace.ts";
import { keptProse } from "./ending-rules.ts";
import { emitAgentEvent } from "./loop-events.ts";
import { type LoopState, turnIndex } from "./loop-state.ts";
import { noteHostedSearches } from "./own-tools.ts";
import { appendEvent, appendMessage, requireSession } from "./sessions.ts";
import { countAnswer } from "./spending.ts";
import { addUserMessage } from "./steering.ts";
import type { TextAnswer } from "./text-calls.ts";
import { readTextCalls } from "./text-calls.ts";
import { callableNames } from "./tool-surface.ts";
import { transcriptEvent } from "./transcripts.ts";
import { saysDone, visibleText } from "./visible-text.ts";

/** Afterwards `state.calls` holds what is to be done. */
export function takeAnswer(state: LoopState, response: ModelResponse, call: VmCall): void {
  count(state, response);
  traceAgent(call, () => traced(state, response, call));
  const saidDone = saysDone(response.text, state.limits.sentinel);
  const { toolCalls } = response;
  const ends = toolCalls.length === 0 && (saidDone || !state.limits.persistent);
  const { text, wordy } = keptProse(state, response.text, ends);
  if (wordy) state.wordy = true;
  else delete state.wordy;
  record(state, wordy ? { ...response, text } : response, call);
  noteHostedSearches(state, call, response.blocks ?? []);
  countAnswer(call, response, state.askedMs);
  state.saidDone = saidDone;
  state.at = 0;
  state.turn = [];
  const inText = response.toolCalls.length === 0 ? callsInText(state, response.text) : null;
  state.callsInText = inText !== null && inText.calls.length > 0;
  state.unreadable = inText !== null && inText.errors.length > 0;
  state.calls = inText === null ? response.toolCalls : numbered(state, inText);
  if (inText !== null && state.unreadable) addUserMessage(state, call, "parse_error", complaint(inText));
}

/** Models that have calls of their own forget so at times: text is read for calls whichever the format is. */
function callsInText(state: LoopState, text: string): TextAnswer | null {
  if (text === "") return null;
  const names = callableNames(state);
  if (names.size === 0) return null;
  const answer = readTextCalls(text, names);
  return answer.calls.length > 0 || answer.errors.length > 0 ? answer : null;
}

function numbered(state: LoopState, answer: TextAnswer): readonly ToolCall[] {
  return answer.calls.map((made, i) => ({ id: `call_${state.iteration}_${i + 1}`, ...made }));
}

function complaint(answer: TextAnswer): string {
  const others = answer.calls.length === 0 ? "" : ` The other ${answer.calls.length} were read and are carried out.`;
  return `A tool call could not be read: ${answer.errors.join("; ")}.${others} Write it again as <tool_call>name({ key: value })</tool_call>.`;
}

function traced(state: LoopState, { model, usage }: ModelResponse, call: VmCall): HDict {
  return HDict.of({
    type: "llm_call",
    call_id: `${state.session}:${state.usage.calls}`,
    model,
    input_tokens: usage.inputTokens ?? 0,
    output_tokens: usage.outputTokens ?? 0,
    cache_tokens: usage.cacheReadTokens ?? 0,
    duration_ms: Math.max(0, Math.round(call.ports.clock.nowMs() - state.askedMs)),
    iteration: turnIndex(state),
  });
}

function count(state: LoopState, response: ModelResponse): void {
  const { usage } = state;
  usage.input += response.usage.inputTokens ?? 0;
  usage.output += response.usage.outputTokens ?? 0;
  usage.calls++;
  usage.cost = usage.cost === null || response.costUsd === null ? null : usage.cost + response.costUsd;
}

function record(state: LoopState, response: ModelResponse, call: VmCall): void {
  const { text, toolCalls, thinking, model } = response;
  const input = response.usage.inputTokens ?? 0;
  const output = response.usage.outputTokens ?? 0;
  const session = requireSession(call, state.session, "agent_loop");
  const message = messageToRecord({
    role: "assistant",
    content: text,
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  });
  appendMessage(call, session, jsonToValue(message) as HDict);
  const visible = visibleText(text, state.limits.sentinel);
  const metadata = HDict.of({ input_tokens: input, output_tokens: output, model });
  if (thinking) {
    const reasoning = { kind: "private_reasoning", role: "assistant", text: thinking, metadata: null } as const;
    appendEvent(call, session, transcriptEvent(call, { ...reasoning, visibility: "private" }));
    emitAgentEvent(call, state, { type: "agent_thought_chunk", content: thinking });
  }
  appendEvent(
    call,
    session,
    transcriptEvent(call, { kind: "message", role: "assistant", visibility: "public", text: visible, metadata }),
  );
  if (text !== "") {
    emitAgentEvent(call, state, { type: "agent_message_chunk", content: visible });
  }
  emitAgentEvent(call, state, {
    type: "llm_usage",
    iteration: turnIndex(state),
    model,
    provider: response.provider,
    input_tokens: input,
    output_tokens: output,
    cost_usd: response.costUsd,
    total_input_tokens: state.usage.input,
    total_output_tokens: state.usage.output,
  });
}
