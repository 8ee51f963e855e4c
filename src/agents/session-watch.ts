/**
 * What belongs to a session beside its conversation: who watches it, feedback for its next turn, and the skills that its last loop left active. A record
 * of the run's object table of its own, so that a conversation that nobody watches costs nothing.
 *
 * Invariant: a subscriber keeps the scope of whoever subscribed; it never gets that of the session it watches.
 */
import type { JsonObject } from "../base/json.ts";
import type { Scope } from "../builtin/scope.ts";
import type { Value } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";

export interface Subscriber {
  readonly closure: Value;
  readonly scope: Scope;
}

export interface SessionWatch {
  readonly session: string;
  readonly subscribers: Subscriber[];
  feedback: { readonly kind: string; readonly content: string }[];
  /** Events of the session from outside of its agent's loop that subscribers have not heard yet. */
  unheard: JsonObject[];
  /** Names, in the order of their activation. */
  skills: readonly string[];
}

const WATCH_TYPE = "agent_watch";

/** Id of the record. */
export function watchObject(session: string): string {
  return `watch:${session}`;
}

export function findWatch(call: VmCall, session: string): SessionWatch | null {
  const object = call.run.objects.get(watchObject(session));
  return object?.kind === "record" && object.type === WATCH_TYPE ? (object.state as SessionWatch) : null;
}

/** To change: the record is written with this turn, and made when there is none. */
export function changeWatch(call: VmCall, session: string): SessionWatch {
  const known = findWatch(call, session);
  if (known !== null) {
    call.run.dirty.objects.add(watchObject(session));
    return known;
  }
  const state: SessionWatch = { session, subscribers: [], feedback: [], unheard: [], skills: [] };
  call.run.putObject({ kind: "record", id: watchObject(session), type: WATCH_TYPE, state });
  return state;
}

export function dropWatch(call: VmCall, session: string): void {
  if (findWatch(call, session) !== null) call.run.dropObject(watchObject(session));
}

/** What was queued for the session's next turn, which is this one. */
export function takeFeedback(call: VmCall, session: string): SessionWatch["feedback"] {
  const watch = findWatch(call, session);
  if (watch === null || watch.feedback.length === 0) return [];
  const taken = watch.feedback;
  changeWatch(call, session).feedback = [];
  return taken;
}
