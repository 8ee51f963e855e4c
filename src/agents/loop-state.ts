/** The state of an agent loop: plain data and Harn values, part of every snapshot. */
import type { ErrorCategory } from "../base/failure.ts";
import type { ToolCall } from "../llm/contract.ts";
import type { HDict, Value } from "../value/value.ts";
import type { LoopLimits } from "./loop-options.ts";

export type LoopPhase =
  /** The model is being asked. */
  | "model"
  /** Before the model is asked again after a failure. */
  | "backoff"
  /** An approval is being asked for. */
  | "approval"
  /** A tool's handler runs. */
  | "tool";

export interface LoopState {
  readonly session: string;
  /** The session ends with the loop. */
  readonly anonymous: boolean;
  readonly system: string | null;
  /** What the loop adds to it. */
  readonly protocol: string | null;
  /** Of the model request. */
  readonly options: HDict;
  /** The registry; nil: no tools. */
  readonly tools: Value;
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
  /** The call that waits for an approval or its handler. */
  current: { readonly args: HDict; readonly startedMs: number } | null;
  /** Of this turn. */
  turnOk: string[];
  turnFailed: boolean;
  /** All text of the assistant; the last answer's text. */
  text: string;
  lastText: string;
  readonly used: string[];
  readonly successful: string[];
  readonly rejected: string[];
  readonly usage: { input: number; output: number; calls: number; cost: number | null };
}

export type LoopStatus = "done" | "stuck" | "budget_exhausted" | "failed";

/** Failures of a model call that another attempt may cure. */
export const RETRIABLE: readonly (ErrorCategory | string)[] = [
  "timeout",
  "rate_limit",
  "overloaded",
  "server_error",
  "transient_network",
];
