/**
 * Compaction as a machine: it may ask a model or call a closure for the summary.
 *
 * Invariant: the conversation changes only once the summary is there; whoever fails on the way leaves it as it was (W-65).
 */
import { unreachable } from "../base/unreachable.ts";
import { raiseFailure, runtimeError } from "../builtin/raise.ts";
import type { ModelResponse } from "../llm/contract.ts";
import { renderFile } from "../stdlib/template/builtins.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { MachineInput } from "../vm/fiber.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import type { CompactStrategy } from "./compaction.ts";
import {
  conversationTokens,
  customText,
  formatMessages,
  maskingSummary,
  splitPoint,
  summaryOf,
  summaryQuestion,
  truncationSummary,
} from "./compaction.ts";
import { modelEffect, modelRequest } from "./model-request.ts";
import { reportAnswer } from "./spending.ts";

export const COMPACTION = "compaction";

export interface CompactionConfig {
  readonly keepLast: number;
  readonly strategy: CompactStrategy;
  /** When the shorter conversation is still longer than this, the summary is made anew by the hard strategy. */
  readonly hardLimit: number | null;
  readonly hardStrategy: CompactStrategy;
  readonly customCompactor: Value;
  readonly maskCallback: Value;
  /** Template for the question to the model. */
  readonly summarizePrompt: string | null;
  /** What the model is asked to do with the messages, in place of the usual. */
  readonly question?: string;
  /** Given by the program: no strategy is asked. */
  readonly summary: string | null;
  /** Of the model call. */
  readonly options: HDict;
}

export interface CompactionState {
  readonly messages: HList;
  readonly config: CompactionConfig;
  readonly split: number;
  phase: "begin" | "masks" | "custom" | "model";
  /** The strategy that is asked now; `hard` after the first was not enough. */
  hard: boolean;
  askedMs: number;
  /** What is summarised: the archived messages, then their summary. */
  archived: readonly Value[];
}

/** Null: there is nothing to archive. */
export function startCompaction(messages: HList, config: CompactionConfig): CompactionState | null {
  const split = splitPoint(messages.items, config.keepLast);
  if (split <= 0) return null;
  checkStrategy(config.strategy, config);
  return {
    messages: share(messages),
    config,
    split,
    phase: "begin",
    hard: false,
    askedMs: 0,
    archived: messages.items.slice(0, split).map((message) => share(message)),
  };
}

function checkStrategy(strategy: CompactStrategy, config: CompactionConfig): void {
  if (strategy === "custom" && config.customCompactor === null)
    throw runtimeError("compact_callback is required when compact_strategy is 'custom'");
}

/** Answers `{messages, summary, archived, before, after}`. */
export const compactionMachine: Machine = machine<CompactionState>({
  kind: COMPACTION,
  version: 1,
  step(state, input, call) {
    switch (input.kind) {
      case "cancelled":
        return { kind: "done", value: null };
      case "raised":
        return { kind: "raise", error: input.error };
      default:
        return advance(state, input, call);
    }
  },
});

function advance(state: CompactionState, input: MachineInput, call: VmCall): Directive {
  switch (state.phase) {
    case "begin":
      return summarize(state, call);
    case "masks":
      return summarized(state, call, maskingSummary(state.archived, input.kind === "returned" ? input.value : null));
    case "custom": {
      const text = input.kind === "returned" ? customText(input.value) : "";
      return summarized(
        state,
        call,
        text.trim() === "" ? truncationSummary(state.archived) : summaryOf(state.archived, text),
      );
    }
    case "model":
      return answered(state, input, call);
    default:
      return unreachable(state.phase);
  }
}

function summarize(state: CompactionState, call: VmCall): Directive {
  const { config, archived } = state;
  if (config.summary !== null) return summarized(state, call, config.summary);
  const strategy = state.hard ? config.hardStrategy : config.strategy;
  switch (strategy) {
    case "truncate":
      return summarized(state, call, truncationSummary(archived));
    case "observation_mask":
      if (config.maskCallback === null) return summarized(state, call, maskingSummary(archived, null));
      state.phase = "masks";
      return { kind: "call", fn: config.maskCallback, args: [listOf(archived)] };
    case "custom":
      state.phase = "custom";
      return { kind: "call", fn: config.customCompactor, args: [listOf(archived)] };
    case "llm":
      return ask(state, call);
    default:
      return unreachable(strategy);
  }
}

const listOf = (messages: readonly Value[]) => new HList(messages.map((message) => share(message)));

function ask(state: CompactionState, call: VmCall): Directive {
  const { config, archived } = state;
  const bindings = HDict.of({ formatted_messages: formatMessages(archived), archived_count: archived.length });
  const content =
    config.summarizePrompt === null
      ? summaryQuestion(archived, config.question)
      : renderFile(call, config.summarizePrompt, bindings, "failed to read compaction summarize_prompt").text;
  const request = modelRequest(call, {
    messages: new HList([HDict.of({ role: "user", content })]),
    system: null,
    options: config.options,
    tools: [],
  });
  state.phase = "model";
  state.askedMs = call.ports.clock.nowMs();
  return { kind: "wait", sources: [{ kind: "effect", effect: modelEffect(call, request) }] };
}

function answered(state: CompactionState, input: MachineInput, call: VmCall): Directive {
  if (input.kind !== "outcome" || input.outcome.kind === "ready") return { kind: "done", value: null };
  if (input.outcome.kind === "failed") return { kind: "raise", error: raiseFailure(input.outcome).error };
  const response = input.outcome.result as unknown as ModelResponse;
  reportAnswer(call, response, state.askedMs);
  return summarized(state, call, summaryOf(state.archived, response.text));
}

function summarized(state: CompactionState, call: VmCall, summary: string): Directive {
  const { config, messages, split } = state;
  const kept = messages.items.slice(split).map((message) => share(message));
  const shorter = [HDict.of({ role: "user", content: summary }), ...kept];
  const after = conversationTokens(shorter);
  const tooLong = config.hardLimit !== null && after > config.hardLimit && config.summary === null;
  if (tooLong && !state.hard && config.hardStrategy !== config.strategy) {
    state.hard = true;
    state.archived = [HDict.of({ role: "user", content: summary })];
    checkStrategy(config.hardStrategy, config);
    return summarize(state, call);
  }
  return {
    kind: "done",
    value: HDict.of({
      messages: new HList(shorter),
      summary,
      archived: split,
      before: conversationTokens(messages.items),
      after,
    }),
  };
}
