/** Events of a loop: each names its session and its worker (events.tsv). Subscribers of the session hear them before the loop goes on. */
import type { Json, JsonObject } from "../base/json.ts";
import { jsonToValue } from "../value/json.ts";
import type { Directive } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { ASIDE_MACHINE, asideState } from "./aside-machine.ts";
import type { LoopState } from "./loop-state.ts";
import { changeWatch, findWatch } from "./session-watch.ts";
import { appendEvent, requireSession } from "./sessions.ts";
import { transcriptEvent } from "./transcripts.ts";

export function emitAgentEvent(call: VmCall, state: LoopState, event: JsonObject & { readonly type: string }): void {
  const whole = { ...event, session_id: state.session, worker_id: call.scope.worker };
  call.emit(whole);
  if (isWatched(call, state)) state.heard = [...(state.heard ?? []), call.run.host.redact(whole)];
}

export function isWatched(call: VmCall, state: LoopState): boolean {
  const watch = findWatch(call, state.session);
  return watch !== null && watch.subscribers.length > 0;
}

/** An event of a session that no loop of it makes: whoever makes it lets `afterListeners` tell the subscribers. */
export function emitSessionEvent(call: VmCall, session: string, event: JsonObject & { readonly type: string }): void {
  const whole = { ...event, session_id: session, worker_id: call.scope.worker };
  call.emit(whole);
  if ((findWatch(call, session)?.subscribers.length ?? 0) > 0)
    changeWatch(call, session).unheard.push(call.run.host.redact(whole));
}

/** Calls the subscribers with these events and with what else they have not heard; null: there is nobody or nothing. */
function listeners(call: VmCall, session: string, heard: readonly JsonObject[]): Directive | null {
  const watch = findWatch(call, session);
  if (watch === null || watch.subscribers.length === 0) return null;
  const events = [...heard, ...watch.unheard];
  if (watch.unheard.length > 0) changeWatch(call, session).unheard = [];
  if (events.length === 0) return null;
  const calls = events.flatMap((event) =>
    watch.subscribers.map(({ closure, scope }) => ({ fn: closure, args: [jsonToValue(event as Json)], scope })),
  );
  return { kind: "push", machine: ASIDE_MACHINE, state: asideState(`a subscriber of ${session}`, calls) };
}

/** Is there something that subscribers have not heard? */
export function isUnheard(state: LoopState, call: VmCall): boolean {
  return state.heard !== undefined || (findWatch(call, state.session)?.unheard.length ?? 0) > 0;
}

/** What tells the subscribers of a session what they have not heard; null: there is nothing to tell. */
export function afterListeners(call: VmCall, session: string): Directive | null {
  return listeners(call, session, []);
}

/** Does `next` when subscribers have heard what was emitted so far: event by event, subscriber by subscriber. */
export function afterSubscribers(state: LoopState, call: VmCall, next: Directive): Directive {
  const events = state.heard ?? [];
  delete state.heard;
  const telling = listeners(call, state.session, events);
  if (telling === null) return next;
  state.held = next;
  return telling;
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
