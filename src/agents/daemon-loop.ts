/**
 * The loop of a daemon: it does not end with an answer but waits for something to do: a message, a change of a file, its timer. While it waits it is
 * nothing but its rows; where it stands is also written to a file, from which another program can go on.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import type { WaitSpec } from "../builtin/call.ts";
import { runtimeError } from "../builtin/raise.ts";
import { resolvePath } from "../stdlib/files.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue, valueToJson } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import { type HDict, HList } from "../value/value.ts";
import type { Directive } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { closeChannel } from "../vm/waits.ts";
import { checkDaemonPath, readDaemonFile, writeDaemonFile } from "./daemon-files.ts";
import { changeDaemon, requireDaemon } from "./daemon-registry.ts";
import { emitAgentEvent, noteEvent } from "./loop-events.ts";
import { milliseconds } from "./loop-options.ts";
import type { LoopState } from "./loop-state.ts";
import { lastSpoken, spokenText } from "./loop-text.ts";
import { requireSession, type SessionState } from "./sessions.ts";
import { addUserMessage } from "./steering.ts";

const FIRST_BACKOFF_MS = 100;
const MOST_BACKOFF_MS = 2_000;

export interface DaemonLoop {
  /** Where the snapshot goes; null: nowhere. */
  readonly path: string | null;
  /** Turns of the loops that this one goes on from. */
  readonly before: number;
  readonly wakeMs: number | null;
  readonly watched: readonly string[];
  readonly consolidates: boolean;
  /** Waits in vain in a row after which it gives up; null: never. */
  readonly watchdog: number | null;
  /** Others can send it messages. */
  readonly hasInbox: boolean;
  /** State of each watched file as text; "" when it is not there. */
  stamps: readonly string[];
  attempts: number;
  backoffMs: number;
  idleSinceMs: number;
  /** `active`, `idle`, or how it ended. */
  state: string;
}

/** Null: the loop is none of a daemon. */
export function readDaemon(call: VmCall, options: HDict): DaemonLoop | null {
  if (options.get("daemon") !== true) return null;
  const persist = path(options, "persist_path") ?? path(options, "resume_path");
  const target = persist === null ? null : resolvePath(call, persist);
  if (target !== null) checkDaemonPath(call, target, "write_file");
  const watched = paths(options, "watch_paths").map((name) => resolvePath(call, name));
  for (const name of watched) checkDaemonPath(call, name, "read_file");
  return {
    path: target,
    before: 0,
    wakeMs: milliseconds(options, "wake_interval_ms", 0) || null,
    watched,
    consolidates: options.get("consolidate_on_idle") === true,
    watchdog: whole(options, "idle_watchdog_attempts"),
    hasInbox: call.scope.worker !== null || options.get("_has_inbox") === true,
    stamps: stampsOf(call, watched),
    attempts: 0,
    backoffMs: FIRST_BACKOFF_MS,
    idleSinceMs: 0,
    state: "active",
  };
}

function path(options: HDict, key: string): string | null {
  const value = options.get(key) ?? null;
  if (value === null || typeof value === "string") return value || null;
  throw runtimeError(`option \`${key}\`: expected string, got ${typeName(value)}`);
}

function paths(options: HDict, key: string): readonly string[] {
  const value = options.get(key) ?? null;
  if (value === null) return [];
  const list = value instanceof HList ? value.items : [value];
  if (list.every((item) => typeof item === "string")) return list.filter((item) => item !== "") as string[];
  throw runtimeError(`option \`${key}\`: expected a list of paths`);
}

function whole(options: HDict, key: string): number | null {
  const value = options.get(key) ?? null;
  if (value === null) return null;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw runtimeError(`option \`${key}\`: expected a whole number, got ${displayValue(value)}`);
}

function stampsOf(call: VmCall, watched: readonly string[]): readonly string[] {
  return watched.map((name) => {
    const stat = call.ports.files.statSync(name);
    return stat === null ? "" : `${stat.kind} ${stat.size} ${stat.modifiedMs}`;
  });
}

export interface Resumed {
  readonly messages: readonly Json[];
  readonly iterations: number;
  readonly summary: string | null;
  readonly wasIdle: boolean;
}

/** What the snapshot of `resume_path` says; null: the loop starts anew. */
export function readResumed(call: VmCall, options: HDict): Resumed | null {
  const from = options.get("daemon") === true ? path(options, "resume_path") : null;
  if (from === null) return null;
  const target = resolvePath(call, from);
  checkDaemonPath(call, target, "read_file");
  const saved = readDaemonFile(call, target, "snapshot");
  const { recorded_messages: messages = [], total_iterations: iterations = 0, transcript_summary: summary } = saved;
  if (!Array.isArray(messages) || typeof iterations !== "number" || messages.some((item) => !isJsonObject(item)))
    throw runtimeError(`daemon snapshot parse error: ${target}: recorded_messages or total_iterations is malformed`);
  return {
    messages,
    iterations,
    summary: typeof summary === "string" ? summary : null,
    wasIdle: saved.daemon_state === "idle",
  };
}

/** Can anything wake it? */
export function canWake({ daemon }: LoopState): boolean {
  return daemon !== undefined && (daemon.hasInbox || daemon.wakeMs !== null || daemon.watched.length > 0);
}

/** Writes where the loop stands; null: it has no file. */
export function saveDaemon(state: LoopState, call: VmCall, standing: string): Directive | null {
  const daemon = state.daemon!;
  daemon.state = standing;
  if (state.reports !== undefined) report(state, call, state.reports);
  if (daemon.path === null) return null;
  const body = call.run.host.redact(daemonSnapshot(state, call, requireSession(call, state.session, "agent_loop")));
  return { kind: "wait", sources: [{ kind: "effect", effect: writeDaemonFile(daemon.path, body) }] };
}

/** Tells the daemon's record, without the conversation, which the session has. */
function report(state: LoopState, call: VmCall, id: string): void {
  const record = changeDaemon(call, id);
  record.standing = call.run.host.redact(standingOf(state, call, requireSession(call, state.session, "agent_loop")));
}

/** Who started it need not wait any longer: its file is there. */
function tellReady(call: VmCall, id: string): void {
  if (requireDaemon(call, id).ready === null) return;
  const record = changeDaemon(call, id);
  const channel = call.run.objects.get(record.ready!);
  if (channel?.kind === "channel") closeChannel(call.run, channel);
  record.ready = null;
}

function daemonSnapshot(state: LoopState, call: VmCall, session: SessionState): JsonObject {
  const messages = valueToJson(session.messages);
  return {
    ...standingOf(state, call, session),
    visible_messages: messages,
    recorded_messages: messages,
    transcript_events: valueToJson(session.events),
  };
}

function standingOf(state: LoopState, call: VmCall, session: SessionState): JsonObject {
  const daemon = state.daemon!;
  return {
    _type: "daemon_snapshot",
    saved_at: new Date(call.ports.clock.nowMs()).toISOString(),
    daemon_state: daemon.state,
    transcript_summary: session.summary,
    total_text: spokenText(state, session),
    last_iteration_text: lastSpoken(state, session),
    all_tools_used: [...state.used],
    rejected_tools: [...state.rejected],
    deferred_user_messages: [],
    total_iterations: daemon.before + state.iteration,
    idle_backoff_ms: daemon.backoffMs,
    last_run_exit_code: null,
    watch_state: Object.fromEntries(daemon.watched.map((name, i) => [name, daemon.stamps[i] ?? ""])),
  };
}

/** Waits for the next thing to do. */
export function awaitWake(state: LoopState, call: VmCall): Directive {
  const daemon = state.daemon!;
  if (state.reports !== undefined) tellReady(call, state.reports);
  const now = call.ports.clock.nowMs();
  const looks = daemon.watched.length > 0 || daemon.watchdog !== null;
  const wait = daemon.wakeMs ?? (looks ? daemon.backoffMs : null);
  emitAgentEvent(call, state, {
    type: "daemon_idle",
    iteration: daemon.before + state.iteration,
    backoff_ms: wait,
    watch_paths: daemon.watched,
  });
  const sources: WaitSpec[] = [{ kind: "inbox" }];
  if (wait !== null) sources.push({ kind: "timer", due: now + wait });
  return { kind: "wait", sources };
}

export type Wake = "awake" | "asleep" | "given_up";

/** The time is over: has something changed, or is it the daemon's own time? */
export function timeOver(state: LoopState, call: VmCall): Wake {
  const daemon = state.daemon!;
  const stamps = stampsOf(call, daemon.watched);
  const changed = daemon.watched.filter((_, i) => stamps[i] !== daemon.stamps[i]);
  daemon.stamps = stamps;
  if (changed.length > 0) {
    wake(
      state,
      call,
      "watch",
      `Files that this agent watches have changed: ${changed.join(", ")}. Look whether there is something to do.`,
    );
    return "awake";
  }
  if (daemon.wakeMs !== null) {
    wake(state, call, "timer", "It is time to look for new work. Act only if there is some.");
    return "awake";
  }
  daemon.attempts++;
  if (daemon.watchdog !== null && daemon.attempts >= daemon.watchdog) {
    const elapsed = Math.max(0, Math.round(call.ports.clock.nowMs() - daemon.idleSinceMs));
    emitAgentEvent(call, state, { type: "daemon_watchdog_tripped", attempts: daemon.attempts, elapsed_ms: elapsed });
    return "given_up";
  }
  daemon.backoffMs = Math.min(daemon.backoffMs === FIRST_BACKOFF_MS ? 500 : daemon.backoffMs * 2, MOST_BACKOFF_MS);
  return "asleep";
}

/** `text`: what the model is told; null: it gets a message. */
export function wake(state: LoopState, call: VmCall, reason: "message" | "watch" | "timer", text: string | null): void {
  const daemon = state.daemon!;
  if (text !== null)
    addUserMessage(
      state,
      call,
      `daemon_${reason}`,
      `<runtime_feedback kind="${reason}">\n${text}\n</runtime_feedback>`,
    );
  noteEvent(state, call, "daemon_wake", "system", { reason, watch_paths: daemon.watched }, reason);
  daemon.state = "active";
  daemon.attempts = 0;
  daemon.backoffMs = FIRST_BACKOFF_MS;
  state.textOnly = 0;
}

/** Messages of a snapshot as the session has them. */
export function resumedMessages({ messages }: Resumed): readonly HDict[] {
  return messages.map((message) => jsonToValue(message) as HDict);
}
