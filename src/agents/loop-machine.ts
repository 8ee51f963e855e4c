/**
 * The agent loop as a machine frame: ask the model, run the tools that it calls, go on until it is done. One step a wait; between waits there is
 * only the state.
 *
 * Invariants
 * 1. Tool calls of one answer run in their order; each is judged on its final arguments right before it runs.
 * 2. Whatever a tool does, the model gets a result for every call it made.
 * 3. A message that interrupts breaks the model call off; what the model had not said whole is not part of the conversation.
 * 4. The rows that a step stores do not grow with the conversation. The request does: the pending effect holds the messages until it is answered.
 */

import type { ErrorCategory } from "../base/failure.ts";
import { unreachable } from "../base/unreachable.ts";
import type { Outcome } from "../builtin/call.ts";
import { categoryError, raiseFailure, runtimeError } from "../builtin/raise.ts";
import type { ModelResponse } from "../llm/contract.ts";
import type { MachineInput } from "../vm/fiber.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { ASIDE_MACHINE } from "./aside-machine.ts";
import { awaitWake, canWake, saveDaemon, timeOver, wake } from "./daemon-loop.ts";
import { endingRefused, nudgeFor, type Refusal } from "./ending-rules.ts";
import { observingHooks } from "./hooks.ts";
import { takeAnswer } from "./loop-answer.ts";
import { compacted, compactLoop } from "./loop-compaction.ts";
import { afterSubscribers, emitAgentEvent, isUnheard } from "./loop-events.ts";
import { finishLoop } from "./loop-result.ts";
import type { LoopState, LoopStatus } from "./loop-state.ts";
import { RETRIABLE, turnIndex } from "./loop-state.ts";
import { lastSpoken } from "./loop-text.ts";
import { modelEffect, modelRequest } from "./model-request.ts";
import { takeFeedback, watchObject } from "./session-watch.ts";
import { requireSession, sessionObject } from "./sessions.ts";
import { matchTurn, scopeTurn, serversBound } from "./skill-turn.ts";
import { addUserMessage, INTERRUPT, steer, takeMessages } from "./steering.ts";
import { toolContract } from "./tool-contract.ts";
import { toolSurface } from "./tool-surface.ts";
import {
  approvalAnswered,
  handlerEnded,
  hooksAnswered,
  leaveHandler,
  nextTool,
  resultHooksAnswered,
  tryAgain,
} from "./tool-turn.ts";
import { afterCallback, askCallback, endTurn, successfulTools, turnFailed } from "./turn-end.ts";

export const LOOP_MACHINE = "agent_loop";
const MOST_BACKOFF_MS = 60_000;

export const loopMachine: Machine = machine<LoopState>({
  kind: LOOP_MACHINE,
  version: 4,
  objects: (state) => [
    sessionObject(state.session),
    watchObject(state.session),
    ...(state.reports === undefined ? [] : [state.reports]),
  ],
  step(state, input, call) {
    if (input.kind === "cancelled") {
      leaveHandler(state, call);
      // What is being written is written to its end: nothing of a daemon that was stopped comes later.
      const save = state.phase === "daemon_save" ? saveDaemon(state, call, state.daemon!.state) : null;
      state.phase = "cancelled";
      return save ?? { kind: "done", value: null };
    }
    const { held } = state;
    delete state.held;
    return afterSubscribers(state, call, held ?? advance(state, input, call));
  },
});

function advance(state: LoopState, input: MachineInput, call: VmCall): Directive {
  switch (state.phase) {
    case "cancelled":
      return { kind: "done", value: null };
    case "turn":
      return beginTurn(state, call);
    case "skill_hooks":
      serversBound(state, call, input);
      return announceTurn(state, call);
    case "compact":
      compacted(state, input, call);
      return state.daemon?.state === "idle" ? saveIdle(state, call) : nextTurn(state, call);
    case "daemon_save":
      return afterSave(state, input, call);
    case "daemon_idle":
      return afterIdle(state, input, call);
    case "pre_turn":
      return input.kind === "raised" ? { kind: "raise", error: input.error } : ask(state, call);
    case "model":
      return input.kind === "outcome" ? afterModel(state, input.outcome, call) : nextTurn(state, call);
    case "backoff":
      return afterBackoff(state, input, call);
    case "approval":
      return continueTools(state, call, approvalAnswered(state, input, call));
    case "pre_tool":
      return input.kind === "raised"
        ? { kind: "raise", error: input.error }
        : continueTools(state, call, hooksAnswered(state, input, call));
    case "tool":
      return continueTools(state, call, handlerEnded(state, input, call));
    case "tool_backoff":
      return continueTools(state, call, tryAgain(state, call));
    case "post_tool":
      return input.kind === "raised"
        ? { kind: "raise", error: input.error }
        : continueTools(state, call, resultHooksAnswered(state, input, call));
    case "turn_over":
      return afterHooks(state, call);
    case "post_turn":
      return afterPostTurn(state, input, call);
    default:
      return unreachable(state.phase);
  }
}

/** Subscribers hear of the last turn before the next one begins: what they want the model to know must not come a turn late. */
function nextTurn(state: LoopState, call: VmCall): Directive {
  if (!isUnheard(state, call)) return beginTurn(state, call);
  state.phase = "turn";
  return { kind: "again", input: { kind: "start" } };
}

/** Begins a turn, unless the loop is over. */
function beginTurn(state: LoopState, call: VmCall): Directive {
  const { limits, usage } = state;
  takeMessages(state, call, false);
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
  emitAgentEvent(call, state, { type: "turn_start", iteration: turnIndex(state) });
  for (const { kind, content } of takeFeedback(call, state.session)) {
    addUserMessage(state, call, kind, feedbackText(kind, content));
  }
  const skillHooks = matchTurn(state, call);
  if (skillHooks === null) return announceTurn(state, call);
  state.phase = "skill_hooks";
  return skillHooks;
}

/** Hooks hear of it, then the model is asked. */
function announceTurn(state: LoopState, call: VmCall): Directive {
  scopeTurn(state);
  const hooks = observingHooks(call, "PreAgentTurn", () => ({
    session: { id: state.session },
    turn: { iteration: turnIndex(state), total_iterations: state.iteration },
  }));
  if (hooks === null) return ask(state, call);
  state.phase = "pre_turn";
  return { kind: "push", machine: ASIDE_MACHINE, state: hooks };
}

/** The tags are part of the protocol: prompts of existing programs speak of them. */
function feedbackText(kind: string, content: string): string {
  const name = kind.replace(/[&<>"]/g, "_");
  return `<runtime_feedback kind="${name}">\n${content.trim()}\n</runtime_feedback>`;
}

function ask(state: LoopState, call: VmCall): Directive {
  const session = requireSession(call, state.session, "agent_loop");
  const { tools, system } = toolSurface(state);
  const inText = state.limits.toolFormat === "text" && tools.length > 0;
  const request = modelRequest(call, {
    messages: session.messages,
    system,
    options: state.options,
    tools: inText ? [] : tools,
  });
  const protocol = [inText ? toolContract(tools) : "", howToEnd(state)].filter((part) => part !== "").join("\n\n");
  state.phase = "model";
  state.askedMs = call.ports.clock.nowMs();
  const conversation = { object: sessionObject(state.session), length: session.messages.items.length };
  return {
    kind: "wait",
    sources: [
      { kind: "effect", effect: modelEffect(call, request, protocol, conversation) },
      { kind: "inbox", only: INTERRUPT },
    ],
  };
}

/** A loop that goes on until it is told must tell the model how. */
function howToEnd({ limits }: LoopState): string {
  const { exitWhenVerified, persistent, sentinel, turnPolicy } = limits;
  const when = exitWhenVerified === true ? "Only when the verification has passed" : "Then";
  if (!persistent) return exitWhenVerified === true ? `${when} are you finished.` : "";
  const until = "Keep working with the tools until the task is complete.";
  return turnPolicy?.tellsSentinel === false
    ? until
    : `${until} ${when} include ${sentinel} exactly once in your answer.`;
}

function afterModel(state: LoopState, outcome: Outcome, call: VmCall): Directive {
  switch (outcome.kind) {
    case "ready":
      steer(state, call, outcome.value);
      return ask(state, call);
    case "failed":
      return afterFailure(state, outcome, call);
    case "result":
      takeAnswer(state, outcome.result as unknown as ModelResponse, call);
      return state.calls.length === 0 ? afterText(state, call) : beginTools(state, call);
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
    iteration: turnIndex(state),
  });
  state.phase = "backoff";
  return {
    kind: "wait",
    sources: [
      { kind: "timer", due: call.ports.clock.nowMs() + delay },
      { kind: "inbox", only: INTERRUPT },
    ],
  };
}

function afterBackoff(state: LoopState, input: MachineInput, call: VmCall): Directive {
  if (input.kind === "outcome" && input.outcome.kind === "ready" && input.outcome.source === 1)
    steer(state, call, input.outcome.value);
  return ask(state, call);
}

/** An answer without tool calls. */
function afterText(state: LoopState, call: VmCall): Directive {
  const hooks = endTurn(state, call);
  if (hooks === null) return afterTextTurn(state, call);
  return hooks;
}

function afterTextTurn(state: LoopState, call: VmCall): Directive {
  const { limits } = state;
  const answers = !state.unreadable && (state.saidDone || !limits.persistent);
  const refused = answers ? endingRefused(state) : null;
  const finished = answers && refused === null;
  if (takeMessages(state, call, finished)) return nextTurn(state, call);
  if (state.daemon !== undefined && !limits.persistent && refused === null) return goIdle(state, call);
  if (finished) return done(state, call, "done");
  state.textOnly++;
  if (state.textOnly > limits.maxNudges) {
    const text = lastSpoken(state, requireSession(call, state.session, "agent_loop")).trim();
    const excerpt = text.length > 240 ? `${text.slice(0, 240)}…` : text;
    emitAgentEvent(call, state, {
      type: "loop_stuck",
      max_nudges: limits.maxNudges,
      last_iteration: turnIndex(state),
      tail_excerpt: excerpt,
    });
    return done(state, call, "stuck");
  }
  // Nobody reads a nudge behind the last turn, and a complaint about a call is nudge enough.
  if (refused !== null) refuse(state, call, refused);
  else if (state.iteration < limits.maxIterations && !state.unreadable)
    addUserMessage(state, call, "nudge", nudgeFor(state));
  return nextTurn(state, call);
}

/** Tells the model why it may not end yet. */
function refuse(state: LoopState, call: VmCall, { kind, text }: Refusal): void {
  if (kind === "ledger_not_satisfied") state.ledgerRefusals = (state.ledgerRefusals ?? 0) + 1;
  addUserMessage(state, call, kind, text);
}

function beginTools(state: LoopState, call: VmCall): Directive {
  state.textOnly = 0;
  return continueTools(state, call, null);
}

/** Runs tools as far as they go without waiting; `directive` is what the last one wants. */
function continueTools(state: LoopState, call: VmCall, directive: Directive | null): Directive {
  let wanted = directive;
  while (wanted === null && state.at < state.calls.length) wanted = nextTool(state, call);
  return wanted ?? endTurn(state, call) ?? afterToolTurn(state, call);
}

/** Hooks have heard that the turn is over. */
function afterHooks(state: LoopState, call: VmCall): Directive {
  return state.turn.length === 0 ? afterTextTurn(state, call) : afterToolTurn(state, call);
}

function afterToolTurn(state: LoopState, call: VmCall): Directive {
  return askCallback(state) ?? afterTools(state, call);
}

function afterPostTurn(state: LoopState, input: MachineInput, call: VmCall): Directive {
  if (input.kind === "raised") return { kind: "raise", error: input.error };
  if (input.kind === "returned" && afterCallback(state, call, input.value)) return done(state, call, "done");
  return afterTools(state, call);
}

function afterTools(state: LoopState, call: VmCall): Directive {
  const { limits } = state;
  const enough = limits.stopAfter;
  if (enough !== null && successfulTools(state).some((name) => enough.includes(name))) return done(state, call, "done");
  if (state.saidDone && !turnFailed(state)) {
    const refused = endingRefused(state);
    if (refused !== null) refuse(state, call, refused);
    else if (!takeMessages(state, call, true)) return done(state, call, "done");
  }
  const shorter = compactLoop(state, call);
  if (shorter === null) return nextTurn(state, call);
  state.phase = "compact";
  return shorter;
}

function done(state: LoopState, call: VmCall, status: LoopStatus): Directive {
  const save = state.daemon === undefined ? null : saveDaemon(state, call, status);
  if (save === null) return { kind: "done", value: finishLoop(state, call, status) };
  state.ending = status;
  state.phase = "daemon_save";
  return save;
}

/** A daemon has nothing to do. */
function goIdle(state: LoopState, call: VmCall): Directive {
  const daemon = state.daemon!;
  daemon.state = "idle";
  daemon.idleSinceMs = call.ports.clock.nowMs();
  const shorter = daemon.consolidates ? compactLoop(state, call) : null;
  if (shorter === null) return saveIdle(state, call);
  state.phase = "compact";
  return shorter;
}

function saveIdle(state: LoopState, call: VmCall): Directive {
  if (!canWake(state)) return done(state, call, "idle");
  state.phase = "daemon_save";
  return saveDaemon(state, call, "idle") ?? sleep(state, call);
}

function afterSave(state: LoopState, input: MachineInput, call: VmCall): Directive {
  // It goes on from a snapshot of an idle one.
  if (input.kind === "start") return goIdle(state, call);
  if (input.kind === "outcome" && input.outcome.kind === "failed")
    return { kind: "raise", error: runtimeError(`daemon snapshot write error: ${input.outcome.message}`).error };
  return state.ending === undefined
    ? sleep(state, call)
    : { kind: "done", value: finishLoop(state, call, state.ending) };
}

function sleep(state: LoopState, call: VmCall): Directive {
  state.phase = "daemon_idle";
  if (takeMessages(state, call, true)) {
    wake(state, call, "message", null);
    return nextTurn(state, call);
  }
  return awaitWake(state, call);
}

function afterIdle(state: LoopState, input: MachineInput, call: VmCall): Directive {
  if (input.kind !== "outcome" || input.outcome.kind !== "ready") return sleep(state, call);
  const { source, value } = input.outcome;
  if (source === 0) {
    steer(state, call, value);
    wake(state, call, "message", null);
    return nextTurn(state, call);
  }
  switch (timeOver(state, call)) {
    case "awake":
      return nextTurn(state, call);
    case "asleep":
      return sleep(state, call);
    case "given_up":
      return done(state, call, "watchdog");
  }
}
