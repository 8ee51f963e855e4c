/** The options of an agent loop that steer the loop itself; all others belong to the model request (`model-request.ts`). */
import type { JsonObject } from "../base/json.ts";
import type { Call } from "../builtin/call.ts";
import { runtimeError } from "../builtin/raise.ts";
import { closestName } from "../check/suggestion.ts";
import { BUILT_IN_CATALOG } from "../llm/catalog.ts";
import { approvalFromValue, policyFromValue } from "../policy/policy-values.ts";
import { asMilliseconds } from "../stdlib/number-reading.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin, HClosure, HDict, HList } from "../value/value.ts";

import { readTurnPolicy, type TurnPolicy } from "./ending-rules.ts";

export type ToolFormat = "native" | "text";

/** Plain data: part of the loop's state. */
export interface LoopLimits {
  readonly maxIterations: number;
  readonly maxNudges: number;
  readonly nudge: string;
  readonly persistent: boolean;
  readonly sentinel: string;
  /** Of the whole loop, input and output; null: none. */
  readonly tokenBudget: number | null;
  readonly llmRetries: number;
  readonly llmBackoffMs: number;
  readonly toolRetries: number;
  readonly toolBackoffMs: number;
  /** How the model calls tools: with calls of its protocol, or in its text. */
  readonly toolFormat: ToolFormat;
  /** The loop ends after a turn in which one of these tools succeeded. */
  readonly stopAfter: readonly string[] | null;
  /** Without one of these having succeeded the loop has failed. */
  readonly requireSuccess: readonly string[] | null;
  /** Longest tool result in characters; longer ones lose their middle. */
  readonly maxToolOutput: number;
  // Left out where they are not asked for.
  /** It ends only when the tool `run` has succeeded last. */
  readonly exitWhenVerified?: true;
  readonly turnPolicy?: TurnPolicy;
}

export interface LoopGrants {
  readonly policy: JsonObject | null;
  readonly approval: JsonObject | null;
  readonly onApproval: Value;
}

const NUDGE = "Go on with the task. Call a tool, or say that you are finished.";
const DONE = "##DONE##";

const words = (text: string) => new Set(text.split(/\s+/).filter((word) => word !== ""));

/** Options that are read, here or where the loop is started. */
const READ = words(`
  provider model model_tier base_url max_tokens temperature top_p top_k stop seed frequency_penalty presence_penalty response_format stream
  timeout json_schema output_schema tool_choice tools max_iterations max_nudges nudge persistent done_sentinel token_budget llm_retries
  llm_backoff_ms stop_after_successful_tools require_successful_tools max_tool_output policy approval_policy on_approval session_id tool_format
  tool_retries tool_backoff_ms messages post_turn_callback execution audit system tool_search skills
  skill_match working_files auto_compact compact_threshold compact_strategy compact_keep_last compact_callback mask_callback hard_limit_tokens
  hard_limit_strategy turn_policy task_ledger exit_when_verified daemon wake_interval_ms watch_paths persist_path resume_path idle_watchdog_attempts consolidate_on_idle _has_inbox`);

/** Options of the reference that have no effect in this build yet. */
const WITHOUT_EFFECT = words(`
  transcript native_tools loop_detect_warn loop_detect_block loop_detect_skip thinking
  context_callback context_filter context_window
  schema_retries output_validation cache reasoning_effort tool_examples break_unless_phase`);

/** Tells observers of options that are misspelt or without effect; the loop runs all the same, as in the reference. */
export function checkOptionNames(call: Call, options: HDict, who: string): void {
  const warn = (message: string): void =>
    call.emit({ type: "warning", message: `${who}: ${message}`, worker_id: call.scope.worker });
  for (const key of options.keys()) {
    const value = options.get(key);
    if (READ.has(key) || value === null || value === false) continue;
    if (WITHOUT_EFFECT.has(key)) {
      warn(`option \`${key}\` has no effect in this build`);
      continue;
    }
    // Settings of one provider.
    if (value instanceof HDict && Object.hasOwn(BUILT_IN_CATALOG.providers, key)) continue;
    const near = closestName(key, READ);
    warn(`unknown option \`${key}\`${near === null ? "" : `; did you mean \`${near}\`?`}`);
  }
}

export function readLimits(call: Call, options: HDict): LoopLimits {
  const persistent = options.get("persistent") === true;
  checkCallback(options, "post_turn_callback");
  const turnPolicy = readTurnPolicy(options);
  // Frozen: workers with the same limits keep them once.
  return Object.freeze({
    maxIterations: whole(options, "max_iterations", 50, 1),
    maxNudges: whole(options, "max_nudges", 8, 0),
    nudge: text(options, "nudge") ?? NUDGE,
    persistent,
    sentinel: text(options, "done_sentinel") || DONE,
    tokenBudget:
      options.has("token_budget") && options.get("token_budget") !== null ? whole(options, "token_budget", 0, 0) : null,
    llmRetries: whole(options, "llm_retries", 4, 0),
    llmBackoffMs: milliseconds(options, "llm_backoff_ms", 2_000),
    toolRetries: whole(options, "tool_retries", 0, 0),
    toolBackoffMs: milliseconds(options, "tool_backoff_ms", 1_000),
    toolFormat: toolFormat(call, options),
    stopAfter: names(options, "stop_after_successful_tools"),
    requireSuccess: names(options, "require_successful_tools"),
    maxToolOutput: whole(options, "max_tool_output", 200_000, 200),
    ...(options.get("exit_when_verified") === true ? { exitWhenVerified: true as const } : {}),
    ...(turnPolicy === null ? {} : { turnPolicy }),
  });
}

/** The option, then `HARN_AGENT_TOOL_FORMAT`, then native: text is read for calls in any case. */
function toolFormat(call: Call, options: HDict): ToolFormat {
  const given = text(options, "tool_format") || call.ports.environment.get("HARN_AGENT_TOOL_FORMAT") || "native";
  if (given === "native" || given === "text") return given;
  throw runtimeError(`option \`tool_format\`: expected native or text, got ${given}`);
}

export function readGrants(options: HDict, who: string): LoopGrants {
  const onApproval = options.get("on_approval") ?? null;
  if (onApproval !== null && !(onApproval instanceof HClosure) && !(onApproval instanceof HBuiltin)) {
    throw runtimeError(`${who}: on_approval must be a function, got ${typeName(onApproval)}`);
  }
  return {
    policy: policyFromValue(options.get("policy") ?? null, `${who}: policy`),
    approval: approvalFromValue(options.get("approval_policy") ?? null, `${who}: approval_policy`),
    onApproval,
  };
}

function checkCallback(options: HDict, key: string): void {
  const value = options.get(key) ?? null;
  if (value === null || value instanceof HClosure || value instanceof HBuiltin) return;
  throw runtimeError(`option \`${key}\`: expected a function, got ${typeName(value)}`);
}

function whole(options: HDict, key: string, otherwise: number, least: number): number {
  const value = options.get(key) ?? null;
  if (value === null) return otherwise;
  if (typeof value !== "number" || !Number.isInteger(value) || value < least) {
    throw runtimeError(`option \`${key}\`: expected a whole number of at least ${least}, got ${typeName(value)}`);
  }
  return value;
}

/** An int, or a duration. */
export function milliseconds(options: HDict, key: string, otherwise: number): number {
  const value = options.get(key) ?? null;
  if (value === null) return otherwise;
  const ms = asMilliseconds(value);
  if (ms !== null && ms >= 0) return ms;
  throw runtimeError(
    `option \`${key}\`: expected milliseconds or a duration, at least 0, got ${ms ?? typeName(value)}`,
  );
}

function text(options: HDict, key: string): string | null {
  const value = options.get(key) ?? null;
  if (value === null || typeof value === "string") return value;
  throw runtimeError(`option \`${key}\`: expected string, got ${typeName(value)}`);
}

function names(options: HDict, key: string): readonly string[] | null {
  const value = options.get(key) ?? null;
  if (value === null) return null;
  if (!(value instanceof HList) || value.items.some((item) => typeof item !== "string")) {
    throw runtimeError(`option \`${key}\`: expected a list of tool names`);
  }
  return value.items as readonly string[];
}
