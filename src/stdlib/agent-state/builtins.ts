/** Builtins under `std/agent_state`: texts by key in a folder of a session, for agents that hand work on. */
import { isJsonObject, type JsonObject } from "../../base/json.ts";
import { joinPath } from "../../base/path.ts";
import type { Call, Outcome, Suspension } from "../../builtin/call.ts";
import { awaitEffect } from "../../builtin/call.ts";
import type { Builtin, Need } from "../../builtin/declaration.ts";
import { builtin, suspending } from "../../builtin/declaration.ts";
import { raiseFailure, runtimeError } from "../../builtin/raise.ts";
import { type FileEntry, FileFailure, isTemporaryName } from "../../ports/files.ts";
import { displayValue } from "../../value/display.ts";
import { valueToJson } from "../../value/json.ts";
import { compareUtf8 } from "../../value/key-order.ts";
import { HDict, HList, share, type Value } from "../../value/value.ts";
import type { StateFolder } from "./handle.ts";
import {
  defaultSession,
  HANDOFF_KEY,
  META_FOLDER,
  makeHandle,
  normalizeKey,
  readHandle,
  sessionFolder,
} from "./handle.ts";
import { conflictText } from "./performers.ts";

/** Of a handle or a root: what the policy is asked about. */
function stateNeed(write: boolean): (call: Call, args: readonly Value[]) => Need {
  return (call, args) => {
    const first = args[0] ?? null;
    const root = first instanceof HDict ? displayValue(first.get("root") ?? "") : displayValue(first);
    const paths = [{ path: joinPath(call.scope.cwd, root), write }];
    return write
      ? { grant: "workspace.write_text", effect: "workspace_write", over: "workspace write", paths }
      : { grant: "workspace.read_text", over: "workspace.read_text", paths };
  };
}

function requiredText(value: Value, who: string, name: string): string {
  const text = value === null ? "" : displayValue(value);
  if (text === "" && typeof value !== "string") throw runtimeError(`${who}: \`${name}\` must be a non-empty string`);
  return text;
}

function finish(_call: Call, outcome: Outcome, data: Value): Value | Suspension {
  if (outcome.kind === "failed") throw raiseFailure(outcome);
  return share(data);
}

function writeKey(state: StateFolder, key: string, content: string): Suspension {
  const { folder, policy, writer } = state;
  const args: JsonObject = { folder, key: normalizeKey(key), content, policy, writer };
  return awaitEffect(
    { kind: "agent_state.write", version: 1, args, repeat: "safe", place: "any" },
    new HList([policy, key]),
  );
}

function finishWrite(call: Call, outcome: Outcome, data: Value): Value {
  if (outcome.kind === "failed") throw raiseFailure(outcome);
  const conflict = outcome.kind === "result" && isJsonObject(outcome.result) ? outcome.result.conflict : null;
  const [policy, key] = data instanceof HList ? data.items : [];
  if (policy === "warn" && isJsonObject(conflict)) {
    const message = conflictText(String(key), conflict.previous as JsonObject, conflict.current as JsonObject);
    call.emit({ type: "warning", message, worker_id: call.scope.worker });
  }
  return null;
}

/** Others may write and delete meanwhile. */
function keysBelow(call: Call, folder: string, prefix: string, keys: string[]): void {
  for (const { name, kind } of entriesIn(call, folder)) {
    if ((prefix === "" && name === META_FOLDER) || isTemporaryName(name)) continue;
    if (kind === "directory") keysBelow(call, joinPath(folder, name), `${prefix}${name}/`, keys);
    else keys.push(prefix + name);
  }
}

function entriesIn(call: Call, folder: string): readonly FileEntry[] {
  try {
    return call.ports.files.listSync(folder);
  } catch (error) {
    if (error instanceof FileFailure && error.code === "ENOENT") return [];
    throw error;
  }
}

function sessionArguments(first: Value, second: Value, third: Value): readonly [string | null, string, HDict | null] {
  const options = (value: Value) => (value instanceof HDict ? value : null);
  if (typeof first === "string" && typeof second === "string") return [first, second, options(third)];
  if (typeof first === "string" && (second === null || second instanceof HDict)) return [null, first, options(second)];
  throw runtimeError("__agent_state_init: expected `(root, options?)` or `(session_id, root, options?)`");
}

export const agentStateBuiltins: readonly Builtin[] = [
  suspending("__agent_state_init", {
    sig: "(root: any, options?: any, more?: any) -> dict",
    doc: "Makes the folder of a session below `root`, and gives its handle. With a session id first: `(session_id, root, options?)`.",
    needs: (call, args) => stateNeed(true)(call, typeof args[1] === "string" ? args.slice(1) : args),
    run(call, args) {
      const [named, root, options] = sessionArguments(args.raw("root"), args.raw("options"), args.raw("more"));
      const wanted = options?.get("session_id") ?? null;
      const session =
        named ?? (wanted === null || displayValue(wanted) === "" ? defaultSession(call) : displayValue(wanted));
      const handle = makeHandle(call, root, session, options);
      const path = sessionFolder(displayValue(handle.get("root")!), session);
      return awaitEffect({ kind: "file.mkdir", version: 1, args: { path }, repeat: "safe", place: "any" }, handle);
    },
    finish,
  }),
  builtin("__agent_state_resume", {
    sig: "(root: any, session_id: any, options?: any) -> dict",
    doc: "The handle of a session's folder that is there already.",
    needs: stateNeed(false),
    run(call, args) {
      const root = requiredText(args.raw("root"), "__agent_state_resume", "root");
      const session = requiredText(args.raw("session_id"), "__agent_state_resume", "session_id");
      const handle = makeHandle(call, root, session, args.dict("options"));
      const place = displayValue(handle.get("root")!);
      if (call.ports.files.statSync(sessionFolder(place, session))?.kind !== "directory")
        throw runtimeError(`agent_state.resume: session '${session}' not found under ${place}`);
      return handle;
    },
  }),
  suspending("__agent_state_write", {
    sig: "(handle: any, key: any, content: any) -> nil",
    doc: "Writes a text under a key, whole or not at all. What happens when another writer wrote it before, the handle's policy says.",
    needs: stateNeed(true),
    borrows: true,
    run(_call, args) {
      const who = "__agent_state_write";
      const key = requiredText(args.raw("key"), who, "key");
      return writeKey(readHandle(args.raw("handle"), who), key, requiredText(args.raw("content"), who, "content"));
    },
    finish: finishWrite,
  }),
  builtin("__agent_state_read", {
    sig: "(handle: any, key: any) -> string | nil",
    doc: "The text under a key; nil: none.",
    needs: stateNeed(false),
    borrows: true,
    run(call, args) {
      const { folder } = readHandle(args.raw("handle"), "__agent_state_read");
      const path = joinPath(folder, normalizeKey(requiredText(args.raw("key"), "__agent_state_read", "key")));
      try {
        return call.ports.files.readTextSync(path);
      } catch (error) {
        if (!(error instanceof FileFailure)) throw error;
        if (error.code === "ENOENT") return null;
        throw runtimeError(`agent_state.read: failed to read ${path}: ${error.reason}`);
      }
    },
  }),
  builtin("__agent_state_list", {
    sig: "(handle: any) -> list",
    doc: "The keys, in order.",
    needs: stateNeed(false),
    borrows: true,
    run(call, args) {
      const { folder } = readHandle(args.raw("handle"), "__agent_state_list");
      const keys: string[] = [];
      keysBelow(call, folder, "", keys);
      return new HList(keys.sort(compareUtf8));
    },
  }),
  suspending("__agent_state_delete", {
    sig: "(handle: any, key: any) -> nil",
    doc: "Removes a key; one that is not there is fine.",
    needs: stateNeed(true),
    borrows: true,
    run(_call, args) {
      const { folder } = readHandle(args.raw("handle"), "__agent_state_delete");
      const key = normalizeKey(requiredText(args.raw("key"), "__agent_state_delete", "key"));
      return awaitEffect({
        kind: "agent_state.delete",
        version: 1,
        args: { folder, key },
        repeat: "safe",
        place: "any",
      });
    },
    finish,
  }),
  suspending("__agent_state_handoff", {
    sig: "(handle: any, summary: any) -> nil",
    doc: "Leaves a summary for whoever goes on, under the handoff key.",
    needs: stateNeed(true),
    borrows: true,
    run(call, args) {
      const who = "__agent_state_handoff";
      const state = readHandle(args.raw("handle"), who);
      const summary = args.raw("summary");
      if (!(summary instanceof HDict)) throw runtimeError(`${who}: \`summary\` must be a JSON object`);
      const envelope = {
        _type: "agent_state_handoff",
        version: 1,
        session_id: state.session,
        root: state.root,
        key: HANDOFF_KEY,
        summary: valueToJson(summary),
        writer: state.writer,
        written_at: Math.floor(call.ports.clock.nowMs() / 1000),
      };
      return writeKey(state, HANDOFF_KEY, JSON.stringify(envelope, null, 2));
    },
    finish: finishWrite,
  }),
];
