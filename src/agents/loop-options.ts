/** The options of an agent loop that steer the loop itself; all others belong to the model request (`model-request.ts`). */
import type { JsonObject } from "../base/json.ts";
import type { Call } from "../builtin/call.ts";
import { runtimeError } from "../builtin/raise.ts";
import { closestName } from "../check/suggestion.ts";
import { approvalFromValue, policyFromValue } from "../policy/policy-values.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin, HClosure, HDict, HList } from "../value/value.ts";

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
  /** The loop ends after a turn in which only these tools ran, all with success. */
  readonly stopAfter: readonly string[] | null;
  /** Without one of these having succeeded the loop has failed. */
  readonly requireSuccess: readonly string[] | null;
  /** Longest tool result in characters; longer ones lose their middle. */
  readonly maxToolOutput: number;
}

export interface LoopGrants {
  readonly policy: JsonObject | null;
  readonly approval: JsonObject | null;
  readonly onApproval: Value;
}

const NUDGE = "Go on with the task. Call a tool, or say that you are finished.";
const DONE = "##DONE##";

/** Options of the loop and of the model request, and those of the reference that this build reads elsewhere or ignores on purpose. */
const KNOWN = new Set(
  `provider model model_tier base_url max_tokens temperature top_p top_k stop seed frequency_penalty presence_penalty response_format stream
  timeout json_schema output_schema tool_choice tools max_iterations max_nudges nudge persistent done_sentinel token_budget llm_retries
  llm_backoff_ms stop_after_successful_tools require_successful_tools max_tool_output policy approval_policy on_approval session_id tool_format
  tool_retries tool_backoff_ms messages transcript native_tools loop_detect_warn loop_detect_block loop_detect_skip thinking daemon
  auto_compact context_callback post_turn_callback turn_policy task_ledger native_tool_fallback context_window skills skill_match
  working_files tool_search schema_retries execution audit cache reasoning_effort system`.split(/\s+/),
);

export function checkOptionNames(call: Call, options: HDict, who: string): void {
  for (const key of options.keys()) {
    if (KNOWN.has(key) || options.get(key) instanceof HDict) continue;
    const near = closestName(key, KNOWN);
    call.emit({
      type: "warning",
      message: `${who}: unknown option \`${key}\`${near === null ? "" : `; did you mean \`${near}\`?`}`,
      worker_id: call.scope.worker,
    });
  }
}

export function readLimits(options: HDict): LoopLimits {
  const persistent = options.get("persistent") === true;
  return {
    maxIterations: whole(options, "max_iterations", 50, 1),
    maxNudges: whole(options, "max_nudges", 8, 0),
    nudge: text(options, "nudge") ?? NUDGE,
    persistent,
    sentinel: text(options, "done_sentinel") ?? DONE,
    tokenBudget:
      options.has("token_budget") && options.get("token_budget") !== null ? whole(options, "token_budget", 0, 0) : null,
    llmRetries: whole(options, "llm_retries", 4, 0),
    llmBackoffMs: whole(options, "llm_backoff_ms", 2_000, 0),
    stopAfter: names(options, "stop_after_successful_tools"),
    requireSuccess: names(options, "require_successful_tools"),
    maxToolOutput: whole(options, "max_tool_output", 200_000, 200),
  };
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

function whole(options: HDict, key: string, otherwise: number, least: number): number {
  const value = options.get(key) ?? null;
  if (value === null) return otherwise;
  if (typeof value !== "number" || !Number.isInteger(value) || value < least) {
    throw runtimeError(`option \`${key}\`: expected a whole number of at least ${least}, got ${typeName(value)}`);
  }
  return value;
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
