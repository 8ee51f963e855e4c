/**
 * The agent loop as a machine frame: ask the model, run the tools that it calls, go on until it is done. One step a wait; between waits there is
 * only the state.
 *
 * Invariants
 * 1. Tool calls of one answer run in their order; each is judged on its final arguments right before it runs.
 * 2. Whatever a tool does, the model gets a result for every call it made.
 * 3. A message that interrupts breaks the model call off; what the model had not said whole is not part of the conversation.
 */

import type { ErrorCategory } from "../base/failure.ts";
import { unreachable } from "../base/unreachable.ts";
import type { Outcome } from "../builtin/call.ts";
import { categoryError, raiseFailure } from "../builtin/raise.ts";
import type { ModelResponse } from "../llm/contract.ts";
import { messageToRecord } from "../llm/message-record.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict } from "../value/value.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { emitAgentEvent } from "./loop-events.ts";
import { finishLoop, visibleText } from "./loop-result.ts";
import type { LoopState } from "./loop-state.ts";
import { RETRIABLE } from "./loop-state.ts";
import { modelEffect, modelRequest, toolSchemas } from "./model-request.ts";
import { appendEvent, appendMessage, requireSession, sessionObject } from "./sessions.ts";
import { registryEntries } from "./tool-registry.ts";
import { approvalAnswered, handlerEnded, nextTool, restoreScope } from "./tool-turn.ts";
import { transcriptEvent } from "./transcripts.ts";

export const LOOP_MACHINE = "agent_loop";
/** Messages with this mode end a model call that is under way. */
const INTERRUPT = "interrupt_immediate";
const MOST_BACKOFF_MS = 60_000;

export const loopMachine: Machine = machine<LoopState>({
  kind: LOOP_MACHINE,
  version: 1,
  objects: (state) => [sessionObject(state.session)],
  step(state, input, call) {
    if (input.kind === "cancelled") {
      restoreScope(state, call);
      return { kind: "done", value: null };
    }
    switch (state.phase) {
      case "model":
        return input.kind === "outcome" ? afterModel(state, input.outcome, call) : nextTurn(state, call);
      case "backoff":
        return ask(state, call);
      case "approval":
        return continueTools(state, call, approvalAnswered(state, input, call));
      case "tool":
        return continueTools(state, call, handlerEnded(state, input, call));
      default:
        return unreachable(state.phase);
    }
  },
});

/** Begins a turn, unless the loop is over. */
function nextTurn(state: LoopState, call: VmCall): Directive {
  const { limits, usage } = state;
  takeMessages(state, call);
  if (state.iteration >= limits.maxIterations) {
    emitAgentEvent(call, state, { type: "budget_exhausted", max_iterations: limits.maxIterations });
    return done(state, call, "budget_exhausted");
  }
  if (limits.tokenBudget !== null && state.iteration > 0 && usage.input + usage.output >= limits.tokenBudget) {
    emitAgentEvent(call, state, { type: "budget_exhausted", token_budget: limits.tokenBudget });
    return done(state, call, "budget_exhausted");
  }
  state.iteration++;
  state.failures = 0;
  emitAgentEvent(call, state, { type: "turn_start", iteration: state.iteration });
  return ask(state, call);
}

function ask(state: LoopState, call: VmCall): Directive {
  const session = requireSession(call, state.session, "agent_loop");
  const entries = state.tools === null ? [] : registryEntries(state.tools, "agent_loop: tools");
  const request = modelRequest(call, {
    messages: session.messages,
    system: state.system,
    options: state.options,
    tools: toolSchemas(entries),
  });
  state.phase = "model";
  return {
    kind: "wait",
    sources: [
      { kind: "effect", effect: modelEffect(call, request, state.protocol) },
      { kind: "inbox", only: INTERRUPT },
    ],
  };
}

function afterModel(state: LoopState, outcome: Outcome, call: VmCall): Directive {
  switch (outcome.kind) {
    case "ready":
      addUserMessage(state, call, outcome.value);
      return ask(state, call);
    case "failed":
      return afterFailure(state, outcome, call);
    case "result":
      return afterAnswer(state, outcome.result as unknown as ModelResponse, call);
  }
}

/** Waits longer after each failure; the last one is the loop's. */
function afterFailure(state: LoopState, failure: Outcome & { kind: "failed" }, call: VmCall): Directive {
  const { category, message } = failure;
  if (category === null || !RETRIABLE.includes(category) || state.failures >= state.limits.llmRetries) {
    const raised = category === null ? raiseFailure(failure) : categoryError(category as ErrorCategory, message);
    return { kind: "raise", error: raised.error };
  }
  const delay = Math.min(state.limits.llmBackoffMs * 2 ** state.failures, MOST_BACKOFF_MS);
  state.failures++;
  emitAgentEvent(call, state, {
    type: "llm_retry",
    attempt: state.failures,
    category,
    message,
    delay_ms: delay,
    iteration: state.iteration,
  });
  state.phase = "backoff";
  return { kind: "wait", sources: [{ kind: "timer", due: call.ports.clock.nowMs() + delay }] };
}

function afterAnswer(state: LoopState, response: ModelResponse, call: VmCall): Directive {
  record(state, response, call);
  if (response.toolCalls.length === 0) return afterText(state, response.text, call);
  state.textOnly = 0;
  state.calls = response.toolCalls;
  state.at = 0;
  state.turnOk = [];
  state.turnFailed = false;
  return continueTools(state, call, null);
}

/** The answer becomes part of the conversation. */
function record(state: LoopState, response: ModelResponse, call: VmCall): void {
  const { usage } = state;
  const input = response.usage.inputTokens ?? 0;
  const output = response.usage.outputTokens ?? 0;
  usage.input += input;
  usage.output += output;
  usage.calls++;
  usage.cost = usage.cost === null || response.costUsd === null ? null : usage.cost + response.costUsd;
  const session = requireSession(call, state.session, "agent_loop");
  const message = messageToRecord({
    role: "assistant",
    content: response.text,
    ...(response.toolCalls.length === 0 ? {} : { toolCalls: response.toolCalls }),
  });
  appendMessage(call, session, jsonToValue(message) as HDict);
  const visible = visibleText(response.text, state.limits.sentinel);
  const metadata = HDict.of({ input_tokens: input, output_tokens: output, model: response.model });
  appendEvent(
    call,
    session,
    transcriptEvent(call, { kind: "message", role: "assistant", visibility: "public", text: visible, metadata }),
  );
  if (response.text !== "") {
    state.text = state.text === "" ? response.text : `${state.text}\n${response.text}`;
    state.lastText = response.text;
    emitAgentEvent(call, state, { type: "agent_message_chunk", content: visible });
  }
  emitAgentEvent(call, state, {
    type: "llm_usage",
    iteration: state.iteration,
    model: response.model,
    provider: response.provider,
    input_tokens: input,
    output_tokens: output,
    cost_usd: response.costUsd,
    total_input_tokens: usage.input,
    total_output_tokens: usage.output,
  });
}

function afterText(state: LoopState, text: string, call: VmCall): Directive {
  const { limits } = state;
  endTurn(state, call, []);
  if (saysDone(text, limits.sentinel)) return done(state, call, "done");
  if (takeMessages(state, call)) return nextTurn(state, call);
  if (!limits.persistent) return done(state, call, "done");
  state.textOnly++;
  if (state.textOnly > limits.maxNudges) {
    const excerpt = text.length > 240 ? `${text.slice(0, 240)}…` : text;
    emitAgentEvent(call, state, {
      type: "loop_stuck",
      max_nudges: limits.maxNudges,
      last_iteration: state.iteration,
      tail_excerpt: excerpt,
    });
    return done(state, call, "stuck");
  }
  // Nobody reads a nudge behind the last turn.
  if (state.iteration < limits.maxIterations) addUserMessage(state, call, limits.nudge);
  return nextTurn(state, call);
}

function saysDone(text: string, sentinel: string): boolean {
  return text.includes(sentinel) || (text.includes("<user_response>") && text.includes("</user_response>"));
}

/** Runs tools as far as they go without waiting; `directive` is what the last one wants. */
function continueTools(state: LoopState, call: VmCall, directive: Directive | null): Directive {
  let wanted = directive;
  while (wanted === null && state.at < state.calls.length) wanted = nextTool(state, call);
  return wanted ?? afterTools(state, call);
}

function afterTools(state: LoopState, call: VmCall): Directive {
  const { limits, turnOk } = state;
  const names = state.calls.map(({ name }) => name);
  endTurn(state, call, names);
  const enough = limits.stopAfter;
  if (enough !== null && !state.turnFailed && turnOk.length > 0 && turnOk.every((name) => enough.includes(name))) {
    return done(state, call, "done");
  }
  if (saysDone(state.lastText, limits.sentinel) && state.lastText !== "" && !state.turnFailed)
    return done(state, call, "done");
  state.phase = "model";
  return nextTurn(state, call);
}

function endTurn(state: LoopState, call: VmCall, toolNames: readonly string[]): void {
  emitAgentEvent(call, state, {
    type: "turn_end",
    iteration: state.iteration,
    turn_info: {
      tool_names: toolNames,
      tool_count: toolNames.length,
      successful_tool_names: [...new Set(state.turnOk)],
      failed: state.turnFailed,
      iteration: state.iteration,
    },
  });
  state.calls = [];
}

function done(state: LoopState, call: VmCall, status: "done" | "stuck" | "budget_exhausted"): Directive {
  return { kind: "done", value: finishLoop(state, call, status) };
}

/** What lies in the inbox goes to the model with the next turn. Answers whether there was anything. */
function takeMessages(state: LoopState, call: VmCall): boolean {
  const messages = call.fiber.inbox.splice(0);
  if (messages.length === 0) return false;
  call.run.dirty.fibers.add(call.fiber.id);
  for (const message of messages) addUserMessage(state, call, message);
  state.textOnly = 0;
  return true;
}

function addUserMessage(state: LoopState, call: VmCall, message: Value): void {
  const content = message instanceof HDict ? message.get("content") : message;
  const text = typeof content === "string" ? content : "";
  const session = requireSession(call, state.session, "agent_loop");
  appendMessage(call, session, HDict.of({ role: "user", content: text }));
  const steered = message instanceof HDict;
  appendEvent(
    call,
    session,
    transcriptEvent(call, {
      kind: steered ? "host_input" : "message",
      role: "user",
      visibility: steered ? "public" : "internal",
      text,
      metadata: null,
    }),
  );
  emitAgentEvent(call, state, { type: "feedback_injected", kind: steered ? "steering" : "nudge", content: text });
}
