/** Daemons: agents that stay, wait for something to do, and can go on in another program (worker-runtime.md 5.9). */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { joinPath } from "../base/path.ts";
import type { Suspension } from "../builtin/call.ts";
import { awaitAny, runMachine } from "../builtin/call.ts";
import type { Builtin, Example, Need } from "../builtin/declaration.ts";
import { suspending, withExamples } from "../builtin/declaration.ts";
import { raiseFailure, runtimeError } from "../builtin/raise.ts";
import { resolvePath } from "../stdlib/files.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue, stringifyJson, valueToJson } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { copyDict, HDict, share } from "../value/value.ts";
import { cancelFiber, spawnMachine } from "../vm/fiber-life.ts";
import { afterLoading } from "../vm/load-machine.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import { newChannel } from "../vm/objects.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { postMessage } from "../vm/waits.ts";
import { checkDaemonPath, readDaemonFile, writeDaemonFile } from "./daemon-files.ts";
import {
  changeDaemon,
  DAEMON_MACHINE,
  DAEMON_TYPE,
  type DaemonRecord,
  daemonAt,
  daemonHandle,
  daemonId,
  daemonScope,
  META_FILE,
  requireDaemon,
  SNAPSHOT_FILE,
  taskOf,
} from "./daemon-registry.ts";
import { NEEDS_MODEL } from "./llm-builtins.ts";
import { findSession, sessionObject } from "./sessions.ts";

/** How long starting one waits until it first comes to rest, in milliseconds. */
const FIRST_REST_MS = 500;
const OWN_KEYS = ["name", "prompt", "task", "system", "options", "persist_path", "session_id"];

interface StartState {
  readonly daemon: string;
  readonly start: number;
  readonly meta: JsonObject | null;
  phase: "meta" | "rest";
}

/** Writes what the daemon was started with, starts it, and waits until it first comes to rest. */
export const daemonStartMachine: Machine = machine<StartState>({
  kind: "daemon_start",
  version: 1,
  objects: (state) => [state.daemon],
  step(state, input, call): Directive {
    if (input.kind === "cancelled") return { kind: "done", value: null };
    const record = changeDaemon(call, state.daemon);
    if (input.kind === "start" && state.meta !== null) {
      const effect = writeDaemonFile(joinPath(record.root, META_FILE), state.meta);
      return { kind: "wait", sources: [{ kind: "effect", effect }] };
    }
    if (state.phase === "rest") return { kind: "done", value: daemonHandle(record) };
    if (input.kind === "outcome" && input.outcome.kind === "failed") {
      record.status = "failed";
      record.error = `daemon meta write error: ${input.outcome.message}`;
      return { kind: "raise", error: raiseFailure({ message: record.error, category: null }).error };
    }
    state.phase = "rest";
    return launch(record, call);
  },
});

function launch(record: DaemonRecord, call: VmCall): Directive {
  const { run } = call;
  const id = taskOf(record);
  const scope = daemonScope(call, record.session);
  const ready = run.newHandle("channel", (channel) => newChannel(channel, "daemon", 1)).id;
  record.ready = ready;
  const body = { daemon: record.id, start: record.start };
  record.fiber = spawnMachine(run, call.fiber, DAEMON_MACHINE, body, { scope, id, hold: false }).id;
  run.wantsDurable = true;
  return {
    kind: "wait",
    sources: [
      { kind: "receive", channel: ready },
      { kind: "task", id },
      { kind: "timer", due: call.ports.clock.nowMs() + FIRST_REST_MS },
    ],
  };
}

function text(config: HDict, key: string): string | null {
  const value = config.get(key) ?? null;
  if (value === null) return null;
  return displayValue(value).trim() || null;
}

interface Identity {
  readonly id: string;
  readonly name: string;
  readonly prompt: string;
  readonly system: string | null;
  readonly session: string;
  readonly given: string;
  readonly root: string;
}

function recordOf({ id, name, prompt, system, session, given, root }: Identity, options: HDict): DaemonRecord {
  const own = copyDict(options);
  own.set("daemon", true);
  own.set("persistent", false);
  own.set("session_id", session);
  own.set("persist_path", joinPath(root, SNAPSHOT_FILE));
  own.set("_has_inbox", true);
  return {
    id,
    name,
    prompt,
    system,
    session,
    root,
    given,
    options: share(own),
    status: "running",
    error: null,
    result: null,
    start: 1,
    fiber: null,
    standing: null,
    ready: null,
  };
}

function spawn(call: VmCall, config: HDict): Suspension {
  const given = config.get("options");
  const options = copyDict(given instanceof HDict ? given : config);
  for (const key of OWN_KEYS) options.delete(key);
  options.delete("resume_path");
  const prompt = text(config, "task") ?? text(config, "prompt");
  if (prompt === null) throw runtimeError("daemon_spawn: config must include `task` or `prompt`");
  const persist = text(config, "persist_path");
  if (persist === null) throw runtimeError("daemon_spawn: config must include `persist_path`");
  const root = resolvePath(call, persist);
  checkDaemonPath(call, joinPath(root, SNAPSHOT_FILE), "write_file");
  if (daemonAt(call, root)?.status === "running")
    throw runtimeError(`daemon_spawn: a daemon is already running for '${persist}'`);
  const { ids } = call.ports;
  const id = `daemon_${ids.uuidv7()}`;
  const record = recordOf(
    {
      id,
      name: text(config, "name") ?? id,
      prompt,
      system: text(config, "system"),
      session: text(config, "session_id") ?? `daemon_session_${ids.uuidv7()}`,
      given: persist,
      root,
    },
    options,
  );
  call.run.putObject({ kind: "record", id, type: DAEMON_TYPE, state: record });
  return runMachine("daemon_start", {
    daemon: id,
    start: 1,
    meta: metaOf(call, record),
    phase: "meta",
  } satisfies StartState);
}

function metaOf(call: VmCall, { id, name, prompt, system, session, options }: DaemonRecord): JsonObject {
  const kept = copyDict(options);
  kept.delete("_has_inbox");
  const meta = { _type: "daemon_meta", id, name, prompt, system, session_id: session, options: valueToJson(kept) };
  return call.run.host.redact(meta as JsonObject);
}

function resume(call: VmCall, given: string): Suspension {
  const root = resolvePath(call, given);
  const snapshot = joinPath(root, SNAPSHOT_FILE);
  checkDaemonPath(call, snapshot, "write_file");
  checkDaemonPath(call, snapshot, "read_file");
  readDaemonFile(call, snapshot, "snapshot");
  const known = daemonAt(call, root);
  if (known?.status === "running") throw runtimeError(`daemon_resume: daemon '${given}' is already running`);
  const record = known ?? readMeta(call, root, given);
  const options = copyDict(record.options);
  options.set("resume_path", snapshot);
  const state: DaemonRecord = {
    ...record,
    options: share(options),
    status: "running",
    error: null,
    result: null,
    start: record.start + 1,
    ready: null,
    fiber: null,
  };
  call.run.putObject({ kind: "record", id: record.id, type: DAEMON_TYPE, state });
  const start: StartState = { daemon: record.id, start: state.start, meta: null, phase: "meta" };
  return runMachine("daemon_start", start);
}

/** A daemon of another program. Functions (handlers of tools) are not in its files: tools come from the scope. */
function readMeta(call: VmCall, root: string, given: string): DaemonRecord {
  const path = joinPath(root, META_FILE);
  const { id, name, prompt, system, session_id: session, options } = readDaemonFile(call, path, "meta");
  for (const [key, value] of Object.entries({ id, name, prompt, session_id: session }))
    if (typeof value !== "string") throw runtimeError(`daemon meta parse error: ${path}: ${key} must be a text`);
  if (!isJsonObject(options)) throw runtimeError(`daemon_resume: metadata at '${path}' is not a dict`);
  const kept = Object.fromEntries(Object.entries(options).filter(([key]) => key !== "tools"));
  const identity = { id, name, prompt, session, system: typeof system === "string" ? system : null, given, root };
  return recordOf(identity as Identity, jsonToValue(kept as Json) as HDict);
}

/** What its loop last told, with the conversation as it is now. */
function snapshotOf(call: VmCall, record: DaemonRecord): Value {
  const session = findSession(call, record.session);
  const standing = record.standing ?? { _type: "daemon_snapshot", daemon_state: "active", total_iterations: 0 };
  const dict = jsonToValue(standing as Json) as HDict;
  dict.set("visible_messages", session === null ? null : share(session.messages));
  dict.set("recorded_messages", session === null ? null : share(session.messages));
  dict.set("transcript_events", session === null ? null : share(session.events));
  return dict;
}

/** Brings in the daemon and its session, when they are only in the store. */
function onDaemon(call: VmCall, value: Value, name: string, args: readonly Value[]): DaemonRecord | Suspension {
  const id = daemonId(value);
  if (call.run.mayBeUnloaded(id)) return afterLoading([id], name, args);
  const record = requireDaemon(call, id);
  const needed = [sessionObject(record.session), taskOf(record)].filter((object) => call.run.mayBeUnloaded(object));
  return needed.length > 0 ? afterLoading(needed, name, args) : record;
}

const isRecord = (found: DaemonRecord | Suspension): found is DaemonRecord => "root" in found;
const NEEDS_DAEMON: Need = { effect: "workspace_write", over: "workspace write" };

const DAEMON = (rest: string): string =>
  `llm_mock({text: "ready"})\nlet daemon = daemon_spawn({task: "Wait", provider: "mock", persist_path: temp_dir() + "/harn-daemon-" + uuid()})\n${rest}\ndaemon_stop(daemon)\ndelete_file(daemon.persist_path)`;

const EXAMPLES: Readonly<Record<string, Example>> = {
  daemon_spawn: { code: DAEMON("println(daemon.status)"), prints: "running" },
  daemon_trigger: { code: DAEMON('println(daemon_trigger(daemon, {file: "a.txt"}).status)'), prints: "running" },
  daemon_snapshot: { code: DAEMON("println(daemon_snapshot(daemon).daemon_state)"), prints: "idle" },
  daemon_stop: { code: DAEMON("println(daemon_stop(daemon).status)"), prints: "stopped" },
  daemon_resume: {
    code: DAEMON("daemon_stop(daemon)\nprintln(daemon_resume(daemon.persist_path).status)"),
    prints: "running",
  },
};

export const daemonBuiltins: readonly Builtin[] = withExamples(
  [
    suspending("daemon_spawn", {
      sig: "(config: dict) -> dict",
      doc: "Starts an agent that stays: {task | prompt, persist_path, name, system, session_id, options of agent_loop}. Gives its handle when it first rests.",
      needs: NEEDS_MODEL,
      run(call, args) {
        const config = args.raw("config");
        if (!(config instanceof HDict)) throw runtimeError("daemon_spawn: expected a config dict");
        const vm = vmCall(call);
        return vm.run.allObjectsLoaded ? spawn(vm, config) : afterLoading("all", "daemon_spawn", [config]);
      },
    }),
    suspending("daemon_trigger", {
      sig: "(daemon: dict | string, payload: any) -> dict",
      doc: "Gives a running daemon something to do: a text, or a value as JSON. It wakes up, or hears it with its next turn.",
      needs: NEEDS_MODEL,
      run(call, args) {
        const vm = vmCall(call);
        const [target, payload] = [args.raw("daemon"), args.raw("payload")];
        const found = onDaemon(vm, target, "daemon_trigger", [target, payload]);
        if (!isRecord(found)) return found;
        if (found.status !== "running" || found.fiber === null)
          throw runtimeError(`daemon_trigger: daemon ${found.id} is not running`);
        const content = typeof payload === "string" ? payload : stringifyJson(payload);
        postMessage(vm.run, found.fiber, HDict.of({ content, mode: "finish_step" }));
        return daemonHandle(found);
      },
    }),
    suspending("daemon_snapshot", {
      sig: "(daemon: dict | string) -> dict",
      doc: "Where a daemon stands: {daemon_state, total_iterations, recorded_messages, saved_at, …}, as in its file.",
      needs: "nothing",
      run(call, args) {
        const vm = vmCall(call);
        const target = args.raw("daemon");
        const found = onDaemon(vm, target, "daemon_snapshot", [target]);
        return isRecord(found) ? snapshotOf(vm, found) : found;
      },
    }),
    suspending("daemon_stop", {
      sig: "(daemon: dict | string) -> dict",
      doc: "Ends a daemon, whatever it is doing. Its files stay, so that it can be resumed.",
      needs: NEEDS_DAEMON,
      run(call, args) {
        const vm = vmCall(call);
        const target = args.raw("daemon");
        const found = onDaemon(vm, target, "daemon_stop", [target]);
        if (!isRecord(found)) return found;
        if (found.status !== "running") return daemonHandle(found);
        const record = changeDaemon(vm, found.id);
        record.status = "stopped";
        record.error = null;
        const task = vm.run.objects.get(taskOf(record));
        if (record.fiber === null || task?.kind !== "task" || task.result !== null) return daemonHandle(record);
        cancelFiber(vm.run, record.fiber, "daemon stopped");
        return awaitAny([{ kind: "task", id: taskOf(record), objects: [record.id] }], record.id);
      },
      finish: (call, _outcome, data) => daemonHandle(requireDaemon(vmCall(call), String(data))),
    }),
    suspending("daemon_resume", {
      sig: "(path: string) -> dict",
      doc: "Starts a daemon again from its folder, where it stood. One of another program has the tools of the scope.",
      needs: NEEDS_MODEL,
      run(call, args) {
        const vm = vmCall(call);
        const path = args.raw("path");
        if (typeof path !== "string" || path.trim() === "")
          throw runtimeError(`daemon_resume: \`path\` must be a text that is not empty, got ${typeName(path)}`);
        return vm.run.allObjectsLoaded ? resume(vm, path) : afterLoading("all", "daemon_resume", [path]);
      },
    }),
  ],
  EXAMPLES,
);
