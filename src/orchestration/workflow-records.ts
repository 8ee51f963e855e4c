/** The records that a workflow graph consists of: their keys, types and defaults (worker-runtime.md 3.5, 3.6). */

import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { runtimeError } from "../builtin/raise.ts";
import { readApproval, writeApproval, writeApprovalRecord } from "../policy/approval.ts";
import type { CapabilityPolicy } from "../policy/capability.ts";
import { readPolicy, writePolicy, writePolicyRecord } from "../policy/capability.ts";
import { jsonToValue, valueToJson } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HRecord } from "../value/value.ts";
import { CONTEXT_POLICY } from "./artifact-selection.ts";
import * as field from "./record-fields.ts";

const POLICY_RECORD = [
  "tools",
  "capabilities",
  "workspace_roots",
  "side_effect_level",
  "recursion_limit",
  "tool_arg_constraints",
  "tool_annotations",
];
const APPROVAL_RECORD = ["auto_approve", "auto_deny", "require_approval", "write_path_allowlist"];

/**
 * A policy in a record. One that has every key was written by a runtime: there an empty list means all. One that a program wrote has the keys that it
 * needs, and an empty list allows nothing. What comes out is the record form, so a graph can be read again and again.
 */
const policyField =
  (keys: readonly string[], read: (json: JsonObject, where: string, empty: "all" | "none") => JsonObject) =>
  (value: Value, where: string): Value => {
    if (value !== null && !(value instanceof HRecord))
      throw runtimeError(`${where}: expected dict, got ${typeName(value)}`);
    const given = value ?? HDict.empty();
    const recorded = keys.every((key) => given.has(key));
    const entries = given.entries().filter(([, item]) => item !== null);
    try {
      return jsonToValue(read(valueToJson(HDict.from(entries)) as JsonObject, where, recorded ? "all" : "none"));
    } catch (error) {
      throw error instanceof Failure ? runtimeError(error.message) : error;
    }
  };

export const capabilityPolicy = policyField(POLICY_RECORD, (json, where, empty) =>
  writePolicyRecord(readPolicy(json, where, empty)),
);
const approvalPolicy = policyField(APPROVAL_RECORD, (json, where, empty) =>
  writeApprovalRecord(readApproval(json, where, empty)),
);

/** The policy of a normalised record, which it was read from without complaint. */
export function recordedPolicy(record: HDict): CapabilityPolicy {
  return readPolicy(valueToJson(field.dictAt(record, "capability_policy")), "capability_policy", "all");
}

/** The same as a scope takes it. Null: it allows all that there is. */
export function scopePolicy(record: HDict): JsonObject | null {
  const policy = writePolicy(recordedPolicy(record));
  return Object.keys(policy).length === 0 ? null : policy;
}

export function scopeApproval(record: HDict): JsonObject | null {
  const recorded = valueToJson(field.dictAt(record, "approval_policy"));
  const policy = writeApproval(readApproval(recorded, "approval_policy", "all"));
  return Object.keys(policy).length === 0 ? null : policy;
}

export const MODEL_POLICY: field.Fields = {
  provider: field.optionalText,
  model: field.optionalText,
  model_tier: field.optionalText,
  temperature: field.optionalNumber,
  max_tokens: field.optionalInt,
  max_iterations: field.optionalInt,
  max_nudges: field.optionalInt,
  nudge: field.optionalText,
  tool_examples: field.optionalText,
  stop_after_successful_tools: field.optionalTexts,
  require_successful_tools: field.optionalTexts,
  turn_policy: field.anything,
  tool_format: field.optionalText,
};

export const AUTO_COMPACT: field.Fields = {
  enabled: field.boolOr(false),
  token_threshold: field.optionalInt,
  tool_output_max_chars: field.optionalInt,
  compact_strategy: field.optionalText,
  hard_limit_tokens: field.optionalInt,
  hard_limit_strategy: field.optionalText,
};

const CONTRACT: field.Fields = {
  input_kinds: field.texts,
  output_kinds: field.texts,
  min_inputs: field.optionalInt,
  max_inputs: field.optionalInt,
  require_transcript: field.boolOr(false),
  schema: field.anything,
};

const branches = [
  "success",
  "failure",
  "verify_pass",
  "verify_fail",
  "condition_true",
  "condition_false",
  "loop_continue",
  "loop_exit",
  "escalation",
];

export const NODE: field.Fields = {
  id: field.optionalText,
  kind: field.textOr(""),
  mode: field.optionalText,
  prompt: field.optionalText,
  system: field.optionalText,
  task_label: field.optionalText,
  done_sentinel: field.optionalText,
  tools: field.anything,
  model_policy: field.recordOf(MODEL_POLICY),
  auto_compact: field.recordOf(AUTO_COMPACT),
  output_visibility: field.optionalText,
  context_policy: field.recordOf(CONTEXT_POLICY),
  retry_policy: field.recordOf({
    max_attempts: field.intOr(1),
    verify: field.boolOr(false),
    repair: field.boolOr(false),
    backoff_ms: field.optionalInt,
    backoff_multiplier: field.optionalNumber,
  }),
  capability_policy: capabilityPolicy,
  approval_policy: approvalPolicy,
  input_contract: field.recordOf(CONTRACT),
  output_contract: field.recordOf(CONTRACT),
  branch_semantics: field.recordOf(Object.fromEntries(branches.map((key) => [key, field.optionalText]))),
  map_policy: field.recordOf({
    items: field.anyList,
    item_artifact_kind: field.optionalText,
    output_kind: field.optionalText,
    max_items: field.optionalInt,
    max_concurrent: field.optionalInt,
  }),
  join_policy: field.recordOf({
    strategy: field.textOr("all"),
    require_all_inputs: field.boolOr(false),
    min_completed: field.optionalInt,
  }),
  reduce_policy: field.recordOf({
    strategy: field.textOr("concat"),
    separator: field.optionalText,
    output_kind: field.optionalText,
  }),
  escalation_policy: field.recordOf({
    level: field.optionalText,
    queue: field.optionalText,
    reason: field.optionalText,
  }),
  verify: field.anything,
  exit_when_verified: field.boolOr(false),
  metadata: field.dict,
};

export const EDGE: field.Fields = {
  from: field.textOr(""),
  to: field.textOr(""),
  branch: field.optionalText,
  label: field.optionalText,
};

const AUDIT_ENTRY: field.Fields = {
  id: field.textOr(""),
  op: field.textOr(""),
  node_id: field.optionalText,
  timestamp: field.textOr(""),
  reason: field.optionalText,
  metadata: field.dict,
};

export const GRAPH: field.Fields = {
  _type: field.textOr("workflow_graph"),
  id: field.textOr(""),
  name: field.optionalText,
  version: field.intOr(1),
  entry: field.textOr(""),
  nodes: field.dict,
  edges: field.listOf(EDGE),
  capability_policy: capabilityPolicy,
  approval_policy: approvalPolicy,
  metadata: field.dict,
  audit_log: field.listOf(AUDIT_ENTRY),
};
