/** The handle of a state folder (`std/agent_state`): where it lies, who writes, what happens when two write one key. Plain data. */
import type { JsonObject } from "../../base/json.ts";
import { joinPath } from "../../base/path.ts";
import type { Call } from "../../builtin/call.ts";
import { runtimeError } from "../../builtin/raise.ts";
import { displayValue } from "../../value/display.ts";
import { HDict, type Value } from "../../value/value.ts";

export const HANDOFF_KEY = "__handoff.json";
/** Beside the keys: who wrote each. */
export const META_FOLDER = ".agent_state_meta";
const TEMPORARY = ".agent_state_tmp";
/** In the folder of the writers; no key can have this name. */
export const LOCK_NAME = `${TEMPORARY}.lock`;

export type ConflictPolicy = "ignore" | "warn" | "error";

const POLICIES: ReadonlyMap<string, ConflictPolicy> = new Map([
  ["", "ignore"],
  ["ignore", "ignore"],
  ["off", "ignore"],
  ["warn", "warn"],
  ["warning", "warn"],
  ["error", "error"],
  ["strict", "error"],
]);

const WRITER_KEYS = ["writer_id", "stage_id", "session_id", "worker_id"] as const;

export interface StateFolder {
  readonly root: string;
  readonly session: string;
  /** `root/session`. */
  readonly folder: string;
  readonly policy: ConflictPolicy;
  /** Entries that are known. */
  readonly writer: JsonObject;
}

function optionText(options: HDict | null, key: string): string | null {
  const value = options?.get(key) ?? null;
  const text = value === null ? "" : displayValue(value);
  return text.trim() === "" ? null : text;
}

function readPolicy(text: string): ConflictPolicy {
  const policy = POLICIES.get(text.trim().toLowerCase());
  if (policy !== undefined) return policy;
  throw runtimeError(`agent_state: unknown conflict policy '${text}' (expected ignore, warn or error)`);
}

const textIn = (json: JsonObject | null, key: string): string | null => {
  const value = json?.[key];
  return typeof value === "string" && value !== "" ? value : null;
};

export function defaultSession(call: Call): string {
  return call.scope.session ?? textIn(call.scope.audit, "session_id") ?? call.ports.ids.uuidv7();
}

/** The folder's handle as the program gets it. */
export function makeHandle(call: Call, root: string, session: string, options: HDict | null): HDict {
  const { audit } = call.scope;
  const worker = optionText(options, "worker_id") ?? textIn(audit, "worker_id");
  const stage = optionText(options, "stage_id") ?? worker ?? textIn(audit, "run_id") ?? textIn(audit, "execution_kind");
  const writer = optionText(options, "writer_id") ?? worker ?? stage ?? session;
  const policy = readPolicy(optionText(options, "conflict_policy") ?? optionText(options, "two_writer") ?? "ignore");
  return HDict.of({
    _type: "state_handle",
    backend: "filesystem",
    root: joinPath(call.scope.cwd, root),
    session_id: session,
    handoff_key: HANDOFF_KEY,
    conflict_policy: policy,
    writer: HDict.of({ writer_id: writer, stage_id: stage, session_id: session, worker_id: worker }),
  });
}

/** Checks: a session is one folder below the root. */
export function sessionFolder(root: string, session: string): string {
  if (session === "" || session === "." || session === ".." || /[/\\\0]/.test(session))
    throw runtimeError(`agent_state: session id '${session}' must be a plain folder name`);
  return joinPath(root, session);
}

export function readHandle(value: Value, who: string): StateFolder {
  if (!(value instanceof HDict) || value.get("_type") !== "state_handle")
    throw runtimeError(`${who}: \`handle\` must be a state_handle dict`);
  const root = optionText(value, "root");
  const session = optionText(value, "session_id");
  if (root === null) throw runtimeError("state_handle is missing `root`");
  if (session === null) throw runtimeError("state_handle is missing `session_id`");
  const writer = value.get("writer");
  const known = WRITER_KEYS.map((key) => [key, optionText(writer instanceof HDict ? writer : null, key)] as const);
  return {
    root,
    session,
    folder: sessionFolder(root, session),
    policy: readPolicy(optionText(value, "conflict_policy") ?? "ignore"),
    writer: Object.fromEntries(known.filter(([, text]) => text !== null)),
  };
}

/** A key is a relative path inside the folder. */
export function normalizeKey(key: string): string {
  const raw = key.trim();
  if (raw === "") throw runtimeError("agent_state: key must be a non-empty relative path");
  if (raw.startsWith("/")) throw runtimeError(`agent_state: key '${raw}' must be relative`);
  const parts = raw.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || raw.includes("\0"))
    throw runtimeError(`agent_state: key '${raw}' must not escape the session root`);
  if (parts.some((part) => part === META_FOLDER || part.includes(TEMPORARY)))
    throw runtimeError(`agent_state: key '${raw}' uses a reserved internal path`);
  if (parts.length === 0) throw runtimeError("agent_state: key must contain at least one path component");
  return parts.join("/");
}
