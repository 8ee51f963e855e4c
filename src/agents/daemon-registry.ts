/** Daemons of a run: records of its object table, each with the fiber that its loop runs on. */
import type { JsonObject } from "../base/json.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Scope } from "../builtin/scope.ts";
import type { Value } from "../value/value.ts";
import { HDict, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";

export interface DaemonRecord {
  readonly id: string;
  readonly name: string;
  readonly prompt: string;
  readonly system: string | null;
  readonly session: string;
  /** Absolute path of its folder, and as the program gave it. */
  readonly root: string;
  readonly given: string;
  /** Of its loop. */
  readonly options: HDict;
  status: "running" | "stopped" | "failed";
  error: string | null;
  result: Value;
  /** Counts the starts, so that an end that comes late is known for what it is. */
  start: number;
  fiber: number | null;
  /** Its last standing, as told by its loop; null: it has not come to rest yet. */
  standing: JsonObject | null;
  /** Closed when it first comes to rest. */
  ready: number | null;
}

export const DAEMON_TYPE = "daemon";
export const DAEMON_MACHINE = "daemon";
export const SNAPSHOT_FILE = "daemon.json";
export const META_FILE = "daemon.meta.json";

export function taskOf({ id, start }: DaemonRecord): string {
  return `${id}#${start}`;
}

function findDaemon(call: VmCall, id: string): DaemonRecord | null {
  const object = call.run.objects.get(id);
  return object?.kind === "record" && object.type === DAEMON_TYPE ? (object.state as DaemonRecord) : null;
}

export function requireDaemon(call: VmCall, id: string): DaemonRecord {
  const found = findDaemon(call, id);
  if (found === null) throw runtimeError(`unknown daemon '${id}'`);
  return found;
}

export function changeDaemon(call: VmCall, id: string): DaemonRecord {
  call.run.dirty.objects.add(id);
  return requireDaemon(call, id);
}

export function daemonAt(call: VmCall, root: string): DaemonRecord | null {
  for (const id of call.run.recordIds.get(DAEMON_TYPE) ?? []) {
    const record = findDaemon(call, String(id));
    if (record?.root === root) return record;
  }
  return null;
}

export function daemonId(value: Value): string {
  const id = value instanceof HDict ? value.get("id") : value;
  if (typeof id === "string" && id !== "") return id;
  throw runtimeError("expected daemon handle or daemon id");
}

export function daemonHandle(record: DaemonRecord): HDict {
  return HDict.of({
    id: record.id,
    name: record.name,
    status: record.status,
    session_id: record.session,
    persist_path: record.given,
    snapshot_path: `${record.root}/${SNAPSHOT_FILE}`,
    ...(record.error === null ? {} : { error: record.error }),
    ...(record.result === null ? {} : { result: share(record.result) }),
    ...(record.standing === null
      ? {}
      : { daemon_state: String(record.standing.daemon_state), saved_at: String(record.standing.saved_at) }),
  });
}

/** Scope of a daemon: the one of whoever started it; it answers to its own session. */
export function daemonScope(call: VmCall, session: string): Scope {
  return { ...call.scope, session };
}
