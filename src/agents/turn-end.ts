/** The end of a turn: what observers learn of it, and the program's own say (`post_turn_callback`). */
import type { Json, JsonObject } from "../base/json.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict } from "../value/value.ts";
import type { Directive } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { ASIDE_MACHINE } from "./aside-machine.ts";
import { observingHooks } from "./hooks.ts";
import { emitAgentEvent } from "./loop-events.ts";
import { type LoopState, turnIndex } from "./loop-state.ts";
import { addUserMessage } from "./steering.ts";

/** Emits `turn_end`; answers what hears of it before the loop goes on, or null. */
export function endTurn(state: LoopState, call: VmCall): Directive | null {
  const info = turnInfo(state);
  emitAgentEvent(call, state, { type: "turn_end", iteration: turnIndex(state), turn_info: info });
  const hooks = observingHooks(call, "PostAgentTurn", () => ({ session: { id: state.session }, turn: info }));
  if (hooks === null) return null;
  state.phase = "turn_over";
  return { kind: "push", machine: ASIDE_MACHINE, state: hooks };
}

/** The call to make of `post_turn_callback`, after turns in which tools ran; else null. */
export function askCallback(state: LoopState): Directive | null {
  const info = turnInfo(state);
  state.calls = [];
  const callback = state.options.get("post_turn_callback") ?? null;
  if (callback === null || state.turn.length === 0) return null;
  state.phase = "post_turn";
  return { kind: "call", fn: callback, args: [jsonToValue(info as Json)] };
}

function turnInfo(state: LoopState): JsonObject {
  const iteration = turnIndex(state);
  // Most turns of a talk have no tools: what is empty need not be said at length.
  if (state.calls.length === 0) return { iteration, tool_count: 0, failed: turnFailed(state) };
  return {
    iteration,
    tool_names: state.calls.map(({ name }) => name),
    tool_count: state.calls.length,
    tool_results: state.turn.map((result) => ({ ...result })),
    successful_tool_names: successfulTools(state),
    failed: turnFailed(state),
    session_tools_used: [...state.used],
    session_successful_tools: [...state.successful],
  };
}

export function successfulTools(state: LoopState): string[] {
  return [...new Set(state.turn.filter(({ status }) => status === "ok").map((result) => result.tool_name))];
}

export function turnFailed(state: LoopState): boolean {
  return state.unreadable || state.turn.some(({ status }) => status !== "ok");
}

/** What the callback answered: a text or `{message}` goes to the model, true or `{stop: true}` ends the loop. Answers whether it is to end. */
export function afterCallback(state: LoopState, call: VmCall, answer: Value): boolean {
  const message = answer instanceof HDict ? answer.get("message") : answer;
  if (typeof message === "string" && message.trim() !== "") addUserMessage(state, call, "post_turn_callback", message);
  return answer === true || (answer instanceof HDict && answer.get("stop") === true);
}
