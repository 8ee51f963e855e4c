/** Builtins that make conversations shorter: a list of messages, a transcript, a session (worker-runtime.md 12.1, 12.3, 12.5). */
import { unreachable } from "../base/unreachable.ts";
import { runMachine } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { suspending } from "../builtin/declaration.ts";
import { runtimeError, thrownError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin, HClosure, HDict, HList, share } from "../value/value.ts";
import { afterLoading } from "../vm/load-machine.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { conversationTokens, parseStrategy } from "./compaction.ts";
import type { CompactionConfig, CompactionState } from "./compaction-machine.ts";
import { COMPACTION, startCompaction } from "./compaction-machine.ts";
import { NEEDS_MODEL } from "./llm-builtins.ts";
import { afterListeners, emitSessionEvent } from "./loop-events.ts";
import { appendEvent, changeSession, findSession, requireSession, unloadedSession } from "./sessions.ts";
import { rebuiltTranscript, requireTranscript, transcriptList } from "./transcript-builtins.ts";
import { transcriptEvent } from "./transcripts.ts";

/** What is made shorter, and what else is to be known at the end. */
type Target =
  | { readonly kind: "messages" }
  | { readonly kind: "transcript"; readonly transcript: HDict; readonly target: number | null }
  /** `transcript_summarize`: the summary stands beside the messages, not in front of them. */
  | { readonly kind: "summary"; readonly transcript: HDict }
  | { readonly kind: "session"; readonly session: string };

interface CompactState {
  readonly target: Target;
  readonly inner: CompactionState;
  /** What it answers, while subscribers of the session hear of it. */
  answer?: { readonly value: Value };
}

export const compactCallMachine: Machine = machine<CompactState>({
  kind: "compact_call",
  version: 1,
  step(state, input, call): Directive {
    if (input.kind === "start") return { kind: "push", machine: COMPACTION, state: state.inner };
    if (state.answer !== undefined) return { kind: "done", value: state.answer.value };
    if (input.kind === "raised") return { kind: "raise", error: input.error };
    if (input.kind !== "returned" || !(input.value instanceof HDict)) return { kind: "done", value: null };
    const value = share(finish(call, state, input.value));
    const session = sessionOf(state.target);
    const telling = session === null ? null : afterListeners(call, session);
    if (telling === null) return { kind: "done", value };
    state.answer = { value };
    return telling;
  },
});

/** Whose subscribers are told; null: nobody's. */
function sessionOf(target: Target): string | null {
  switch (target.kind) {
    case "session":
      return target.session;
    case "transcript":
      return displayValue(target.transcript.get("id") ?? "");
    case "messages":
    case "summary":
      return null;
    default:
      return unreachable(target);
  }
}

function finish(call: VmCall, { target, inner }: CompactState, done: HDict): Value {
  const messages = done.get("messages") as HList;
  switch (target.kind) {
    case "messages":
      return share(messages);
    case "transcript":
      return compactedTranscript(call, target.transcript, target.target, inner, done);
    case "summary": {
      const kept = messages.items.slice(1).map((message) => share(message));
      const summary = String(done.get("summary")).replace(/^\[auto-compacted \d+ older messages\]\n/, "");
      const rebuilt = rebuiltTranscript(call, target.transcript, { messages: kept, summary });
      rebuilt.set("archived_messages", done.get("archived")!);
      return rebuilt;
    }
    case "session": {
      const session = changeSession(call, requireSession(call, target.session, "agent_session_compact"));
      // What was said since the summary was begun stays.
      const since = session.messages.items.slice(inner.messages.items.length).map((message) => share(message));
      session.messages = new HList([...messages.items.map((message) => share(message)), ...since]);
      noteCompaction(call, target.session, inner, done, null, "manual");
      return session.messages.items.length;
    }
    default:
      return unreachable(target);
  }
}

/** The event of a compaction, in the conversation and for observers. */
export function noteCompaction(
  call: VmCall,
  id: string,
  inner: CompactionState,
  done: HDict,
  asset: string | null,
  mode: "manual" | "auto",
): HDict {
  const metadata = eventMetadata(inner, done, asset, mode);
  const session = findSession(call, id);
  const event = compactionEvent(call, inner, metadata);
  if (session !== null && asset === null) appendEvent(call, session, event);
  emitCompacted(call, id, inner, done, asset, mode);
  return event;
}

function eventMetadata(inner: CompactionState, done: HDict, asset: string | null, mode: string): HDict {
  return HDict.of({
    mode,
    strategy: inner.config.strategy,
    keep_last: inner.config.keepLast,
    archived_messages: done.get("archived") ?? 0,
    estimated_tokens_before: done.get("before") ?? 0,
    estimated_tokens_after: done.get("after") ?? 0,
    snapshot_asset_id: asset,
  });
}

function compactionEvent(call: VmCall, inner: CompactionState, metadata: HDict): HDict {
  const text = `Transcript compacted via ${inner.config.strategy}`;
  return transcriptEvent(call, { kind: "compaction", role: "system", visibility: "internal", text, metadata });
}

function emitCompacted(
  call: VmCall,
  id: string,
  inner: CompactionState,
  done: HDict,
  asset: string | null,
  mode: string,
): void {
  emitSessionEvent(call, id, {
    type: "transcript_compacted",
    mode,
    strategy: inner.config.strategy,
    archived_messages: Number(done.get("archived")),
    estimated_tokens_before: Number(done.get("before")),
    estimated_tokens_after: Number(done.get("after")),
    snapshot_asset_id: asset,
  });
}

/** The transcript as it was becomes an asset; its other events and assets stay. */
function compactedTranscript(
  call: VmCall,
  transcript: HDict,
  target: number | null,
  inner: CompactionState,
  done: HDict,
): HDict {
  const id = `compaction-source-${call.ports.ids.uuidv7()}`;
  const counts = {
    archived_messages: done.get("archived") ?? 0,
    estimated_tokens_before: done.get("before") ?? 0,
    estimated_tokens_after: done.get("after") ?? 0,
  };
  const asset = HDict.of({
    _type: "transcript_asset",
    id,
    kind: "compaction_source_transcript",
    title: "The transcript before it was compacted",
    visibility: "internal",
    data: share(transcript),
    metadata: HDict.of({ strategy: inner.config.strategy, ...counts }),
  });
  const metadata = eventMetadata(inner, done, id, "manual");
  if (target !== null) metadata.set("target_tokens", target);
  emitCompacted(call, String(transcript.get("id") ?? ""), inner, done, id, "manual");
  return rebuiltTranscript(call, transcript, {
    messages: (done.get("messages") as HList).items,
    summary: mergedSummary(transcript.get("summary") ?? null, String(done.get("summary"))),
    assets: [...transcriptList(transcript, "assets").items, asset],
    added: [compactionEvent(call, inner, metadata)],
  });
}

/** The new summary stands for the old one, too, when that is still among the messages that it was made of. */
function mergedSummary(before: Value, next: string): string {
  const old = typeof before === "string" ? before.trim() : "";
  const said = next.trim();
  if (said === "") return old;
  return old === "" || said.includes(old) ? next : `${before}\n\n${next}`;
}

function whole(options: HDict, key: string, who: string): number | null {
  const value = options.get(key) ?? null;
  if (value === null) return null;
  if (typeof value !== "number" || !Number.isInteger(value)) throw thrownError(`${who}: \`${key}\` must be an int`);
  if (value < 0) throw thrownError(`${who}: \`${key}\` must be >= 0`);
  return value;
}

function callback(options: HDict, key: string, who: string): Value {
  const value = options.get(key) ?? null;
  if (value === null || value instanceof HClosure || value instanceof HBuiltin) return share(value);
  throw thrownError(`${who}: \`${key}\` must be a closure`);
}

const text = (options: HDict, key: string): string | null => {
  const value = options.get(key);
  return typeof value === "string" && value.trim() !== "" ? value : null;
};

const KEEP_LAST = 12;
const OWN_KEYS = [
  "keep_last",
  "strategy",
  "compact_strategy",
  "target_tokens",
  "summarize_prompt",
  "summary",
  "compact_threshold",
  "token_threshold",
  "tool_output_max_chars",
  "hard_limit_tokens",
  "hard_limit_strategy",
  "custom_compactor",
  "compact_callback",
  "mask_callback",
  "compress_callback",
  "prompt",
];

/** All keys of all of them; `strategy` where none is given. */
export function readCompaction(options: HDict, who: string, keepLast = KEEP_LAST): CompactionConfig {
  const custom = callback(options, "compact_callback", who) ?? callback(options, "custom_compactor", who);
  const named = options.get("strategy") ?? options.get("compact_strategy") ?? null;
  const strategy = named === null ? (custom === null ? "observation_mask" : "custom") : parseStrategy(named);
  const hard = options.get("hard_limit_strategy") ?? null;
  const others = options.entries().filter(([key]) => !OWN_KEYS.includes(key));
  return {
    keepLast: whole(options, "keep_last", who) ?? keepLast,
    strategy,
    hardLimit: whole(options, "hard_limit_tokens", who),
    hardStrategy: hard === null ? "llm" : parseStrategy(hard),
    customCompactor: custom,
    maskCallback: callback(options, "mask_callback", who),
    summarizePrompt: text(options, "summarize_prompt"),
    summary: text(options, "summary"),
    options: HDict.from(others.map(([key, value]) => [key, share(value)] as const)),
  };
}

function optionsOf(value: Value, who: string): HDict {
  if (value === null) return HDict.empty();
  if (value instanceof HDict) return value;
  throw thrownError(`${who}: \`opts\` must be a dict or nil`);
}

const run = (target: Target, inner: CompactionState) => runMachine("compact_call", { target, inner });

const FOUR =
  'let talk = transcript_from_messages([{role: "user", content: "One"}, {role: "assistant", content: "Two"}, {role: "user", content: "Three"}, {role: "assistant", content: "Four"}])\n';
const SESSION_KEYS = [
  "keep_last",
  "token_threshold",
  "tool_output_max_chars",
  "compact_strategy",
  "hard_limit_tokens",
  "hard_limit_strategy",
  "custom_compactor",
  "mask_callback",
  "compress_callback",
];
/** Options of the model call, for strategy `llm`, which the reference could never use here. */
const MODEL_KEYS = ["provider", "model", "model_tier", "max_tokens", "temperature", "timeout"];

/** Only a model makes it a model call. */
const needs = (_call: unknown, args: readonly Value[]) => {
  const options = args[1];
  const named =
    options instanceof HDict
      ? (options.get("strategy") ?? options.get("compact_strategy") ?? options.get("hard_limit_tokens"))
      : null;
  return named === null ||
    named === undefined ||
    named === "truncate" ||
    named === "observation_mask" ||
    named === "custom"
    ? ("nothing" as const)
    : NEEDS_MODEL;
};

export const compactionBuiltins: readonly Builtin[] = [
  suspending("transcript_compact", {
    sig: "(transcript: dict, options?: dict | nil) -> dict",
    doc: "The transcript with its older messages summed up, by `strategy` llm, truncate or observation_mask; what it was is an asset of it.",
    needs,
    examples: [
      {
        code: `${FOUR}let short = transcript_compact(talk, {strategy: "truncate", keep_last: 1})\nprintln([len(transcript_messages(short)), len(transcript_assets(short))])`,
        prints: "[3, 1]",
      },
    ],
    run(call, args) {
      const who = "transcript_compact";
      const given = args.raw("transcript");
      if (!(given instanceof HDict) || given.get("_type") !== "transcript")
        throw runtimeError(`${who}: first argument must be a transcript`);
      const options = optionsOf(args.raw("options"), who);
      const config = readCompaction(options, who);
      if (config.strategy === "custom")
        throw runtimeError(`${who}: strategy 'custom' is not supported; use 'llm', 'truncate', or 'observation_mask'`);
      if (config.summarizePrompt !== null && config.strategy !== "llm")
        throw runtimeError(`${who}: summarize_prompt is only supported with strategy 'llm'`);
      const target = whole(options, "target_tokens", who);
      const messages = transcriptList(given, "messages");
      if (target !== null && conversationTokens(messages.items) <= target) return share(given);
      const inner = startCompaction(messages, config);
      if (inner === null) return share(given);
      vmCall(call);
      return run({ kind: "transcript", transcript: share(given), target }, inner);
    },
  }),
  suspending("transcript_auto_compact", {
    sig: "(messages: list, options?: dict | nil) -> list",
    doc: "A list of messages with the older ones summed up; `compact_callback` gets them and answers the summary.",
    needs,
    examples: [
      {
        code: `${FOUR}println(transcript_auto_compact(transcript_messages(talk), {keep_last: 1, compact_callback: { old -> "\${len(old)} before" }})[0].content)`,
        prints: "[auto-compacted 2 older messages]\n2 before",
      },
    ],
    run(_call, args) {
      const who = "transcript_auto_compact";
      const messages = args.list("messages");
      if (messages === null) throw runtimeError(`${who}: first argument must be a message list`);
      const inner = startCompaction(messages, readCompaction(optionsOf(args.raw("options"), who), who));
      return inner === null ? share(messages) : run({ kind: "messages" }, inner);
    },
  }),
  suspending("transcript_summarize", {
    sig: "(transcript: dict, options?: dict | nil) -> dict",
    doc: "The transcript with its last messages (6, or `keep_last`) and a model's summary of all that it was asked to sum up.",
    needs: NEEDS_MODEL,
    examples: [
      {
        code: `${FOUR}llm_mock({text: "Four numbers."})\nlet short = transcript_summarize(talk, {provider: "mock", keep_last: 1})\nprintln([short.summary, short.archived_messages])`,
        prints: "[Four numbers., 3]",
      },
    ],
    run(call, args) {
      const who = "transcript_summarize";
      const transcript = requireTranscript(args.raw("transcript"), who);
      const options = optionsOf(args.raw("options"), who);
      const config = { ...readCompaction(options, who, 6), strategy: "llm" as const, hardLimit: null };
      const messages = transcriptList(transcript, "messages");
      const archived = Math.max(0, messages.items.length - config.keepLast);
      const prompt = text(options, "prompt");
      vmCall(call);
      const inner: CompactionState = {
        messages: share(messages),
        config: prompt === null ? config : { ...config, question: prompt },
        split: archived,
        phase: "begin",
        hard: false,
        askedMs: 0,
        // All of it: the last messages help to say what matters.
        archived: messages.items.map((message) => share(message)),
      };
      return run({ kind: "summary", transcript: share(transcript) }, inner);
    },
  }),
  suspending("agent_session_compact", {
    sig: "(id: string, options?: dict | nil) -> int",
    doc: "Sums up the older messages of a session, and gives how many messages it has then.",
    needs,
    examples: [
      {
        code: 'let id = agent_session_open()\nfor n in range(0, 4) {\n  agent_session_inject(id, {role: "user", content: "message ${n}"})\n}\nprintln(agent_session_compact(id, {keep_last: 1, compact_strategy: "truncate"}))',
        prints: "2",
      },
    ],
    run(call, args) {
      const vm = vmCall(call);
      const who = "agent_session_compact";
      const given = args.raw("id");
      if (typeof given !== "string") throw thrownError(`${who}: \`id\` must be a string`);
      const unloaded = unloadedSession(vm, given);
      if (unloaded !== null) return afterLoading([unloaded], who, [given, args.raw("options")]);
      const session = findSession(vm, given);
      if (session === null) throw thrownError(`${who}: unknown session id '${given}'`);
      const options = optionsOf(args.raw("options"), who);
      for (const key of options.keys()) {
        if (SESSION_KEYS.includes(key) || MODEL_KEYS.includes(key)) continue;
        throw thrownError(
          `${who}: unknown option key '${displayValue(key)}' (expected one of: ${SESSION_KEYS.join(", ")})`,
        );
      }
      const inner = startCompaction(session.messages, readCompaction(options, who));
      return inner === null ? session.messages.items.length : run({ kind: "session", session: given }, inner);
    },
  }),
];
