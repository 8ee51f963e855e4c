/** Sessions by id (worker-runtime.md 12.1). */
import type { Call, Suspension } from "../builtin/call.ts";
import type { Builtin, Example } from "../builtin/declaration.ts";
import { suspending, withExamples } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { afterLoading } from "../vm/load-machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { dropWatch } from "./session-watch.ts";
import {
  appendMessage,
  changeSession,
  closeSession,
  findSession,
  forkSession,
  openSession,
  requireSession,
  sessionTranscript,
  unloadedSession,
} from "./sessions.ts";

const ID = "(id: string) -> any";

function idOf(value: Value, who: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw runtimeError(`${who}: session id must be a string, got ${typeName(value)}`);
}

/** A builtin on one session: loads it first, when it is not in memory. */
function onSession<const S extends string>(
  name: string,
  spec: {
    readonly sig: S;
    readonly doc: string;
    run(call: VmCall, id: string, rest: readonly Value[]): Value;
  },
): Builtin {
  const declared = suspending(name, {
    sig: ID,
    doc: spec.doc,
    needs: "nothing",
    run: () => null,
  });
  const required = [...spec.sig.matchAll(/(\w+)(\??):/g)].filter(([, , optional]) => optional === "").length;
  const all = [...spec.sig.matchAll(/(\w+)\??:/g)].map(([, param]) => param!);
  return {
    ...declared,
    sig: spec.sig,
    params: all,
    min: required,
    max: all.length,
    run(call: Call, args: readonly Value[]): Value | Suspension {
      const vm = vmCall(call);
      const id = idOf(args[0] ?? null, name);
      const unloaded = unloadedSession(vm, id);
      if (unloaded !== null) return afterLoading([unloaded], name, args);
      return spec.run(vm, id, args.slice(1));
    },
  };
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  agent_session_exists: {
    code: 'agent_session_open("chat")\nprintln([agent_session_exists("chat"), agent_session_exists("other")])',
    prints: "[true, false]",
  },
  agent_session_length: {
    code: 'let id = agent_session_open()\nagent_session_inject(id, {role: "user", content: "Hi"})\nprintln(agent_session_length(id))',
    prints: "1",
  },
  agent_session_snapshot: {
    code: 'let id = agent_session_open()\nagent_session_inject(id, {role: "user", content: "Hi"})\nprintln(transcript_messages(agent_session_snapshot(id))[0].content)',
    prints: "Hi",
  },
  agent_session_reset: {
    code: 'let id = agent_session_open()\nagent_session_inject(id, {role: "user", content: "Hi"})\nagent_session_reset(id)\nprintln(agent_session_length(id))',
    prints: "0",
  },
  agent_session_fork: {
    code: 'let id = agent_session_open()\nagent_session_inject(id, {role: "user", content: "Hi"})\nlet copy = agent_session_fork(id, "copy")\nprintln("${copy}: ${agent_session_length(copy)}")',
    prints: "copy: 1",
  },
  agent_session_close: {
    code: "let id = agent_session_open()\nagent_session_close(id)\nprintln(agent_session_exists(id))",
    prints: "false",
  },
  agent_session_trim: {
    code: 'let id = agent_session_open()\nfor n in 1 to 5 {\n  agent_session_inject(id, {role: "user", content: "message ${n}"})\n}\nprintln(agent_session_trim(id, 2))',
    prints: "2",
  },
  agent_session_inject: {
    code: 'let id = agent_session_open()\nagent_session_inject(id, {role: "user", content: "Hi"})\nprintln(agent_session_length(id))',
    prints: "1",
  },
};

export const sessionBuiltins: readonly Builtin[] = withExamples(
  [
    suspending("agent_session_open", {
      sig: "(id?: string) -> string",
      doc: "Opens a session, created when there is none, and gives its id.",
      needs: "nothing",
      examples: [{ code: 'println(agent_session_open("chat"))', prints: "chat" }],
      run(call, args) {
        const vm = vmCall(call);
        const given = args.raw("id");
        const id = given === null ? `agent_session_${call.ports.ids.uuidv7()}` : idOf(given, "agent_session_open");
        const unloaded = unloadedSession(vm, id);
        if (unloaded !== null) return afterLoading([unloaded], "agent_session_open", [id]);
        openSession(vm, id);
        return id;
      },
    }),
    onSession("agent_session_exists", {
      sig: "(id: string) -> bool",
      doc: "Is there such a session?",
      run: (call, id) => findSession(call, id) !== null,
    }),
    onSession("agent_session_length", {
      sig: "(id: string) -> int",
      doc: "How many messages it has.",
      run: (call, id) => requireSession(call, id, "agent_session_length").messages.items.length,
    }),
    onSession("agent_session_snapshot", {
      sig: "(id: string) -> dict | nil",
      doc: "Its transcript, or nil when there is no such session.",
      run(call, id) {
        const session = findSession(call, id);
        return session === null ? null : sessionTranscript(session);
      },
    }),
    onSession("agent_session_reset", {
      sig: "(id: string) -> nil",
      doc: "Forgets its history; the id stays.",
      run(call, id) {
        const session = changeSession(call, requireSession(call, id, "agent_session_reset"));
        session.messages = new HList([]);
        session.events = new HList([]);
        session.summary = null;
        return null;
      },
    }),
    onSession("agent_session_fork", {
      sig: "(id: string, target?: string) -> string",
      doc: "Copies it to another id, which it gives.",
      run(call, id, [target]) {
        const from = requireSession(call, id, "agent_session_fork");
        const other = target == null ? `agent_session_${call.ports.ids.uuidv7()}` : idOf(target, "agent_session_fork");
        forkSession(call, from, other);
        return other;
      },
    }),
    onSession("agent_session_close", {
      sig: "(id: string) -> nil",
      doc: "Removes it.",
      run(call, id) {
        requireSession(call, id, "agent_session_close");
        closeSession(call, id);
        dropWatch(call, id);
        return null;
      },
    }),
    onSession("agent_session_trim", {
      sig: "(id: string, keep: int) -> int",
      doc: "Keeps the last messages and gives how many are left.",
      run(call, id, [keep]) {
        const session = changeSession(call, requireSession(call, id, "agent_session_trim"));
        if (typeof keep !== "number" || !Number.isInteger(keep) || keep < 0) {
          throw runtimeError("agent_session_trim: keep must be a whole number of at least 0");
        }
        const items = session.messages.items;
        session.messages = new HList(items.slice(Math.max(0, items.length - keep)).map((item) => share(item)));
        return session.messages.items.length;
      },
    }),
    onSession("agent_session_inject", {
      sig: "(id: string, message: dict) -> nil",
      doc: "Appends a message {role, content}.",
      run(call, id, [message]) {
        const session = requireSession(call, id, "agent_session_inject");
        if (!(message instanceof HDict)) throw runtimeError("agent_session_inject: message must be a dict");
        const role = message.get("role");
        if (typeof role !== "string") {
          throw runtimeError(`agent_session_inject: message needs a string role, got ${displayValue(role ?? null)}`);
        }
        appendMessage(call, session, share(message));
        return null;
      },
    }),
  ],
  EXAMPLES,
);
