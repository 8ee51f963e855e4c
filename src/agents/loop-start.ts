/** Begins an agent loop: its session, its first messages, its state. */
import { runtimeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { readDaemon, readResumed, resumedMessages } from "./daemon-loop.ts";
import { readAutoCompact } from "./loop-compaction.ts";
import { checkOptionNames, readLimits } from "./loop-options.ts";
import type { LoopState } from "./loop-state.ts";
import { findWatch } from "./session-watch.ts";
import { appendEvent, appendMessage, changeSession, openSession } from "./sessions.ts";
import { readSkills } from "./skill-state.ts";
import { readLedger } from "./task-ledger.ts";
import { registryEntries } from "./tool-registry.ts";
import { readToolSearch } from "./tool-search.ts";
import { transcriptEvent } from "./transcripts.ts";

export interface LoopStart {
  readonly prompt: string;
  readonly system: string | null;
  readonly options: HDict;
  /** Null or blank: a conversation that ends with the loop. */
  readonly session: string | null;
}

/** The state that the machine `agent_loop` starts with. Raises for malformed options. */
export function startLoop(call: VmCall, start: LoopStart): LoopState {
  const { options } = start;
  checkOptionNames(call, options, "agent_loop");
  const limits = readLimits(call, options);
  const tools: Value = options.get("tools") ?? call.scope.tools;
  const entries = tools === null ? [] : registryEntries(tools, "agent_loop: tools");
  const search = readToolSearch(call, options, entries);
  const named = start.session !== null && start.session.trim() !== "";
  const id = named ? start.session! : `agent_session_${call.ports.ids.uuidv7()}`;
  const session = openSession(call, id);
  changeSession(call, session).state = "active";
  const daemon = readDaemon(call, options);
  const resumed = readResumed(call, options);
  if (resumed !== null && session.messages.items.length === 0) {
    for (const message of resumedMessages(resumed)) appendMessage(call, session, message);
    session.summary = resumed.summary;
  }
  const given = options.get("messages");
  if (given instanceof HList) for (const message of given.items) appendMessage(call, session, messageDict(message));
  // A daemon that goes on has heard its task already.
  if (start.prompt !== "" && resumed === null) {
    appendMessage(call, session, HDict.of({ role: "user", content: start.prompt }));
    appendEvent(
      call,
      session,
      transcriptEvent(call, {
        kind: "message",
        role: "user",
        visibility: "public",
        text: start.prompt,
        metadata: null,
      }),
    );
  }
  const skills = readSkills(
    skillOptions(options, call.scope.skills ?? null),
    named ? (findWatch(call, id)?.skills ?? []) : [],
  );
  const compact = readAutoCompact(options);
  const ledger = readLedger(options);
  return {
    session: id,
    anonymous: !named,
    system: start.system,
    options: share(options),
    tools: share(tools),
    ...(search === null ? {} : { search }),
    ...(ledger === null ? {} : { ledger }),
    ...(skills === null ? {} : { skills }),
    limits,
    ...(compact === null ? {} : { compact }),
    ...(daemon === null ? {} : { daemon: { ...daemon, before: resumed?.iterations ?? 0 } }),
    startedMs: call.ports.clock.nowMs(),
    phase: resumed?.wasIdle ? "daemon_save" : "turn",
    iteration: 0,
    textOnly: 0,
    failures: 0,
    calls: [],
    at: 0,
    callsInText: false,
    current: null,
    turn: [],
    unreadable: false,
    saidDone: false,
    from: session.messages.items.length,
    used: [],
    successful: [],
    rejected: [],
    askedMs: 0,
    usage: { input: 0, output: 0, calls: 0, cost: 0 },
  };
}

/** With the skills of the scope, where the loop says nothing of its own. */
function skillOptions(options: HDict, inherited: Value): HDict {
  if (!(inherited instanceof HDict) || options.has("skills")) return options;
  return HDict.from([...options.entries(), ...inherited.entries()].map(([key, value]) => [key, share(value)] as const));
}

function messageDict(message: Value): HDict {
  if (message instanceof HDict) return share(message);
  throw runtimeError(`agent_loop: messages must be dicts, got ${displayValue(message)}`);
}
