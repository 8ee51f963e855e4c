/** What an agent loop answers (worker-runtime.md 12.2). */

import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { traceAgent } from "./agent-trace.ts";
import type { LoopState, LoopStatus } from "./loop-state.ts";
import { lastSpoken, spokenText } from "./loop-text.ts";
import { dropWatch } from "./session-watch.ts";
import { changeSession, closeSession, requireSession, sessionTranscript } from "./sessions.ts";
import { undelivered } from "./steering.ts";
import { visibleText } from "./visible-text.ts";

export function finishLoop(state: LoopState, call: VmCall, ended: LoopStatus): HDict {
  const required = state.limits.requireSuccess;
  const status = required !== null && !required.some((name) => state.successful.includes(name)) ? "failed" : ended;
  const session = requireSession(call, state.session, "agent_loop");
  changeSession(call, session).state = status === "done" ? "active" : "paused";
  const transcript = sessionTranscript(session);
  if (state.anonymous) {
    closeSession(call, state.session);
    dropWatch(call, state.session);
  }
  const duration = Math.max(0, Math.round(call.ports.clock.nowMs() - state.startedMs));
  traceAgent(call, () =>
    HDict.of({
      type: "loop_complete",
      status,
      iterations: state.iteration,
      total_duration_ms: duration,
      tools_used: names(state.used),
      successful_tools: names(state.successful),
    }),
  );
  return HDict.of({
    status,
    text: spokenText(state, session),
    visible_text: visibleText(lastSpoken(state, session), state.limits.sentinel),
    iterations: state.iteration,
    duration_ms: duration,
    tools_used: names(state.used),
    successful_tools: names(state.successful),
    rejected_tools: names(state.rejected),
    tool_calling_mode: state.limits.toolFormat,
    deferred_user_messages: names(undelivered(call)),
    task_ledger: state.ledger === undefined ? HDict.empty() : jsonToValue(state.ledger),
    ledger_done_rejections: state.ledgerRefusals ?? 0,
    daemon_state: state.daemon === undefined ? "" : status,
    daemon_snapshot_path: state.daemon?.path ?? null,
    trace: HDict.of({
      status,
      iterations: state.iteration,
      total_duration_ms: duration,
      llm_calls: state.usage.calls,
      total_input_tokens: state.usage.input,
      total_output_tokens: state.usage.output,
      tools_used: names(state.used),
      successful_tools: names(state.successful),
    }),
    usage: HDict.of({
      input_tokens: state.usage.input,
      output_tokens: state.usage.output,
      calls: state.usage.calls,
      cost_usd: state.usage.cost,
    }),
    transcript: share(transcript as Value),
  });
}

function names(list: readonly string[]): HList {
  return new HList([...list]);
}
