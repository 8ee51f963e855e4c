/** The state of an agent loop: plain data and Harn values, part of every snapshot. */
import type { ErrorCategory } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import type { ToolCall } from "../llm/contract.ts";
import type { HDict, Value } from "../value/value.ts";
import type { Directive } from "../vm/machine.ts";
import type { CompactionState } from "./compaction-machine.ts";
import type { DaemonLoop } from "./daemon-loop.ts";
import type { AutoCompact } from "./loop-compaction.ts";
import type { LoopLimits } from "./loop-options.ts";
import type { SkillState } from "./skill-state.ts";
import type { TaskLedger } from "./task-ledger.ts";
import type { ToolSearch } from "./tool-search.ts";

export type LoopPhase =
  /** It was told to end, and tidies up. */
  | "cancelled"
  /** The conversation is being made shorter. */
  | "compact"
  /** Where a daemon stands is being written. */
  | "daemon_save"
  /** A daemon waits for something to do. */
  | "daemon_idle"
  /** A turn begins. */
  | "turn"
  /** Hooks of skills run. */
  | "skill_hooks"
  /** Hooks hear that it begins. */
  | "pre_turn"
  /** The model is being asked. */
  | "model"
  /** Before the model is asked again after a failure. */
  | "backoff"
  /** An approval is being asked for. */
  | "approval"
  /** Hooks before a tool run. */
  | "pre_tool"
  /** A tool's handler runs. */
  | "tool"
  /** Before a tool's handler runs again after a failure. */
  | "tool_backoff"
  /** Hooks after a tool run. */
  | "post_tool"
  /** Hooks hear that the turn is over. */
  | "turn_over"
  /** `post_turn_callback` runs. */
  | "post_turn";

export type ToolStatus = "ok" | "error" | "rejected";

/** A tool call that has its result, as `turn_info` shows it. */
export interface ToolResult {
  readonly tool_name: string;
  readonly status: ToolStatus;
  readonly rejected: boolean;
}

/** How a call of a tool ended, before the model is told. */
export type ToolEnding =
  | { readonly kind: "ok"; readonly text: string }
  | { readonly kind: "error"; readonly message: string; readonly category: string }
  | { readonly kind: "denied"; readonly reason: string };

export interface LoopState {
  readonly session: string;
  /** The session ends with the loop. */
  readonly anonymous: boolean;
  readonly system: string | null;
  /** Of the model request. */
  readonly options: HDict;
  /** The registry; nil: no tools. */
  readonly tools: Value;
  // What few loops have is left out of the others: a row is written at every step.
  /** Tools that the model must look for. */
  search?: ToolSearch;
  readonly skills?: SkillState;
  /** When the conversation is made shorter, and how. */
  readonly compact?: AutoCompact;
  compacting?: CompactionState;
  /** The loop does not end with its answer. */
  readonly daemon?: DaemonLoop;
  /** The daemon that is told where the loop stands. */
  readonly reports?: string;
  /** What is to be delivered, and how often an answer was refused because it was not. */
  ledger?: TaskLedger;
  ledgerRefusals?: number;
  /** Whether the verifying tool succeeded when it ran last; left out: it has not run, or nobody asks. */
  verified?: boolean;
  /** The last answer was longer than the turn policy wants. */
  wordy?: boolean;
  /** How a daemon ends, once where it stands is written. */
  ending?: LoopStatus;
  readonly limits: LoopLimits;
  readonly startedMs: number;
  phase: LoopPhase;
  iteration: number;
  /** Answers without a tool call in a row. */
  textOnly: number;
  /** Failed attempts at the current question. */
  failures: number;
  /** Calls of this turn, and which is next. */
  calls: readonly ToolCall[];
  at: number;
  /** The calls stood in the text of the answer: so do their results, in messages of the user. */
  callsInText: boolean;
  /** The call that waits for an approval or its handler; `outer`: whether its caller's scope was repeatable; `attempts` that failed. */
  current: {
    readonly args: HDict;
    readonly startedMs: number;
    readonly outer: boolean;
    readonly attempts: number;
    /** Hooks have seen the arguments: they are asked once. Left out until then, as few loops have hooks and every byte of a waiting one counts. */
    readonly hooked?: true;
    /** How the handler ended, while hooks look at its result. */
    readonly ending?: ToolEnding;
  } | null;
  /** Calls of this turn that have their results. */
  turn: ToolResult[];
  /** A call of this turn could not be read. */
  unreadable: boolean;
  /** The answer of this turn says that the task is finished. */
  saidDone: boolean;
  /** Messages that the session had before this loop said anything. */
  from: number;
  readonly used: string[];
  readonly successful: string[];
  readonly rejected: string[];
  /** When the model was asked last, epoch milliseconds. */
  askedMs: number;
  /** Events that subscribers of the session have not heard yet. */
  heard?: JsonObject[];
  /** What comes next when they have; left out: nobody is listening. */
  held?: Directive;
  readonly usage: { input: number; output: number; calls: number; cost: number | null };
}

export type LoopStatus = "done" | "stuck" | "budget_exhausted" | "failed" | "idle" | "watchdog";

/** Failures of a model call that another attempt may cure. */
export const RETRIABLE: readonly (ErrorCategory | string)[] = [
  "timeout",
  "rate_limit",
  "overloaded",
  "server_error",
  "transient_network",
];

/** Turns as observers count them: from 0. */
export function turnIndex(state: LoopState): number {
  return state.iteration - 1;
}
