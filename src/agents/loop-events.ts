/** Events of a loop: each names its session and its worker (events.tsv). Subscribers of the session hear them before the loop goes on. */
import type { Json, JsonObject } from "../base/json.ts";
import { jsonToValue } from "../value/json.ts";
import type { Directive } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { ASIDE_MACHINE, asideState } from "./aside-machine.ts";
import type { LoopState } from "./loop-state.ts";
import { findWatch } from "./session-watch.ts";
import { appendEvent, requireSession } from "./sessions.ts";
import { transcriptEvent } from "./transcripts.ts";

export function emitAgentEvent(call: VmCall, state: LoopState, event: JsonObject & { readonly type: string }): void {
  const whole = { ...event, session_id: state.session, worker_id: call.scope.worker };
  call.emit(whole);
  if (isWatched(call, state)) state.heard.push(call.run.host.redact(whole));
}

export function isWatched(call: VmCall, state: LoopState): boolean {
  const watch = findWatch(call, state.session);
  return watch !== null && watch.subscribers.length > 0;
}

/** Does `next` when subscribers have heard what was emitted so far: event by event, subscriber by subscriber. */
export function afterSubscribers(state: LoopState, call: VmCall, next: Directive): Directive {
  if (state.heard.length === 0) return next;
  const events = state.heard;
  state.heard = [];
  const subscribers = findWatch(call, state.session)?.subscribers ?? [];
  const calls = events.flatMap((event) =>
    subscribers.map(({ closure, scope }) => ({ fn: closure, args: [jsonToValue(event as Json)], scope })),
  );
  if (calls.length === 0) return next;
  state.held = next;
  return { kind: "push", machine: ASIDE_MACHINE, state: asideState(`a subscriber of ${state.session}`, calls) };
}

/** An event of the transcript, for people who look at what the loop itself did. */
export function noteEvent(
  state: LoopState,
  call: VmCall,
  kind: string,
  role: string,
  metadata: JsonObject,
  text = "",
): void {
  const session = requireSession(call, state.session, "agent_loop");
  const event = { kind, role, visibility: "internal", text, metadata: jsonToValue(metadata as Json) } as const;
  appendEvent(call, session, transcriptEvent(call, event));
}
