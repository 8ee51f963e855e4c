/** A loop that makes its own conversation shorter when it grows too long (`auto_compact`): after turns with tools, and when a daemon is idle. */
import { runtimeError } from "../builtin/raise.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { headline } from "../vm/errors.ts";
import type { MachineInput } from "../vm/fiber.ts";
import type { Directive } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { traceAgent } from "./agent-trace.ts";
import { conversationTokens, splitPoint } from "./compaction.ts";
import { noteCompaction, readCompaction } from "./compaction-builtins.ts";
import { COMPACTION, type CompactionConfig, type CompactionState, startCompaction } from "./compaction-machine.ts";
import { type LoopState, turnIndex } from "./loop-state.ts";
import { changeSession, requireSession } from "./sessions.ts";

/** Tokens, of the conversation and the system prompt. */
const THRESHOLD = 48_000;

export interface AutoCompact {
  readonly threshold: number;
  readonly config: CompactionConfig;
}

/** Null: the conversation is left as it is. */
export function readAutoCompact(options: HDict): AutoCompact | null {
  const given = options.get("auto_compact") ?? null;
  if (given === null || given === false) return null;
  if (given !== true) throw runtimeError(`option \`auto_compact\`: expected bool, got ${typeName(given)}`);
  const threshold = options.get("compact_threshold") ?? THRESHOLD;
  if (typeof threshold !== "number" || !Number.isInteger(threshold) || threshold < 0)
    throw runtimeError(`option \`compact_threshold\`: expected a whole number, got ${typeName(threshold)}`);
  const own: Record<string, Value> = {};
  for (const [option, key] of [
    ["compact_keep_last", "keep_last"],
    ["compact_strategy", "compact_strategy"],
    ["compact_callback", "compact_callback"],
    ["mask_callback", "mask_callback"],
    ["hard_limit_tokens", "hard_limit_tokens"],
    ["hard_limit_strategy", "hard_limit_strategy"],
    ...["provider", "model", "model_tier", "base_url"].map((name) => [name, name] as const),
  ] as const) {
    const value = options.get(option) ?? null;
    if (value !== null) own[key] = share(value);
  }
  const config = readCompaction(HDict.of(own), "agent_loop");
  if (config.strategy === "custom" && config.customCompactor === null)
    throw runtimeError("compact_callback is required when compact_strategy is 'custom'");
  return { threshold, config };
}

/** Null: it is short enough. */
export function compactLoop(state: LoopState, call: VmCall): Directive | null {
  const { compact } = state;
  if (compact === undefined) return null;
  const { messages } = requireSession(call, state.session, "agent_loop");
  const system = Math.floor((state.system ?? "").length / 4);
  if (conversationTokens(messages.items) + system <= compact.threshold) return null;
  const inner = startCompaction(messages, {
    ...compact.config,
    keepLast: wholeTurns(messages, compact.config.keepLast),
  });
  if (inner === null) return null;
  state.compacting = inner;
  return { kind: "push", machine: COMPACTION, state: inner };
}

/** Results of tools are never kept without the calls that they answer: providers refuse them. */
function wholeTurns(messages: HList, keepLast: number): number {
  for (let keep = keepLast; keep > 0; keep--) {
    const first = messages.items[splitPoint(messages.items, keep)];
    if (!(first instanceof HDict) || first.get("role") !== "tool") return keep;
  }
  return 0;
}

/** Takes the shorter conversation in the place of the one that was; after a failure that one stays. */
export function compacted(state: LoopState, input: MachineInput, call: VmCall): void {
  const inner = state.compacting as CompactionState;
  delete state.compacting;
  if (input.kind === "raised") {
    const message = `auto_compact failed: ${headline(input.error)}`;
    call.emit({ type: "warning", message, session_id: state.session, worker_id: call.scope.worker });
    return;
  }
  if (input.kind !== "returned" || !(input.value instanceof HDict)) return;
  const done = input.value;
  const session = changeSession(call, requireSession(call, state.session, "agent_loop"));
  const shorter = (done.get("messages") as HList).items;
  const since = session.messages.items.slice(inner.messages.items.length);
  state.from = Math.max(0, state.from - (inner.messages.items.length - shorter.length));
  session.messages = new HList([...shorter, ...since].map((message) => share(message)));
  session.summary = String(done.get("summary"));
  noteCompaction(call, state.session, inner, done, null, "auto");
  traceAgent(call, () =>
    HDict.of({
      type: "context_compaction",
      archived_messages: done.get("archived") ?? 0,
      new_summary_len: session.summary!.length,
      iteration: turnIndex(state),
    }),
  );
}
