/**
 * Sessions: conversations of the run, by id, kept between agent loops. A record of the run's object table, so it is committed with everything else.
 *
 * Invariants
 * 1. Messages and events only grow, except by reset and trim; what a turn appends costs the same however long the conversation is.
 * 2. A transcript that was handed out does not change: lists are shared and copied when the session grows on.
 */
import { runtimeError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { own, pushItem } from "../vm/places.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { SESSION_TYPE } from "./conversation.ts";
import type { SessionEvent } from "./transcripts.ts";
import { transcriptDict, transcriptEvent } from "./transcripts.ts";

export interface SessionState {
  readonly id: string;
  messages: HList;
  events: HList;
  summary: string | null;
  /** `active`, `paused`, …; null: nothing has run in it yet. */
  state: string | null;
  readonly parent: string | null;
  readonly children: string[];
}

/** Id of a session's record. */
export function sessionObject(session: string): string {
  return `session:${session}`;
}

export function findSession(call: VmCall, id: string): SessionState | null {
  const object = call.run.objects.get(sessionObject(id));
  return object?.kind === "record" && object.type === SESSION_TYPE ? (object.state as SessionState) : null;
}

/** May the session be in the store, not in memory? Its object id, for `afterLoading`. */
export function unloadedSession(call: VmCall, id: string): string | null {
  return call.run.mayBeUnloaded(sessionObject(id)) ? sessionObject(id) : null;
}

export function requireSession(call: VmCall, id: string, who: string): SessionState {
  const session = findSession(call, id);
  if (session === null) throw runtimeError(`${who}: unknown agent session '${id}'`);
  return session;
}

/** To change: the record is written with this turn. */
export function changeSession(call: VmCall, session: SessionState): SessionState {
  call.run.dirty.objects.add(sessionObject(session.id));
  return session;
}

/** The session, created when there is none. */
export function openSession(call: VmCall, id: string, parent: string | null = null): SessionState {
  const known = findSession(call, id);
  if (known !== null) return known;
  const state: SessionState = {
    id,
    messages: new HList([]),
    events: new HList([]),
    summary: null,
    state: null,
    parent,
    children: [],
  };
  call.run.putObject({ kind: "record", id: sessionObject(id), type: SESSION_TYPE, state });
  return state;
}

/** A child begins with what its parent knows, and the two know each other. */
export function openChildSession(call: VmCall, parent: string, child: string): SessionState {
  const from = findSession(call, parent);
  const state = openSession(call, child, from === null ? null : parent);
  if (from === null) return state;
  changeSession(call, from).children.push(child);
  state.messages = share(from.messages);
  state.events = share(from.events);
  state.summary = from.summary;
  return state;
}

export function forkSession(call: VmCall, from: SessionState, id: string): SessionState {
  const state = changeSession(call, openSession(call, id));
  state.messages = share(from.messages);
  state.events = share(from.events);
  state.summary = from.summary;
  return state;
}

export function closeSession(call: VmCall, id: string): void {
  call.run.objects.delete(sessionObject(id));
  call.run.dirty.objects.delete(sessionObject(id));
  call.run.dirty.goneObjects.add(sessionObject(id));
}

export function appendMessage(call: VmCall, session: SessionState, message: HDict): void {
  changeSession(call, session);
  session.messages = append(session.messages, message, call);
}

/** Does nothing when there is no such session: its agent ran without one. */
export function appendSessionEvent(call: VmCall, session: string, event: SessionEvent): void {
  const state = findSession(call, session);
  if (state !== null) appendEvent(call, state, transcriptEvent(call, event));
}

export function appendEvent(call: VmCall, session: SessionState, event: HDict): void {
  changeSession(call, session);
  session.events = append(session.events, event, call);
}

function append(list: HList, item: Value, call: VmCall): HList {
  const owned = own(list, call) as HList;
  pushItem(owned, item);
  return owned;
}

export function sessionTranscript(session: SessionState): HDict {
  return transcriptDict({
    id: session.id,
    messages: session.messages,
    events: session.events,
    summary: session.summary,
    state: session.state,
    metadata: session.parent === null ? null : HDict.of({ parent_session_id: session.parent }),
  });
}
