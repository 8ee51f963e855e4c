/**
 * Reads what `spawn_agent` and `sub_agent_run` are given (worker-runtime.md 3.12–3.14, 5.2, 5.6). Malformed input is an error that names the key.
 */
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { runtimeError } from "../builtin/raise.ts";
import { narrowPolicy, readPolicy, writePolicy } from "../policy/capability.ts";
import { approvalFromValue, policyFromValue } from "../policy/policy-values.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue, valueToJson } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin, HClosure, HDict, HList, share } from "../value/value.ts";
import type { CarryPolicy } from "./worker-state.ts";

export interface WorktreeProfile {
  readonly repo: string;
  readonly path: string | null;
  readonly branch: string | null;
  readonly base_ref: string | null;
  /** `remove` takes the worktree away when the worker ends; anything else keeps it. */
  readonly cleanup: string | null;
  /** Commit what the worker changed on its branch when it ends. */
  readonly commit: boolean;
}

export interface ExecutionProfile {
  readonly cwd: string | null;
  readonly env: JsonObject;
  readonly worktree: WorktreeProfile | null;
}

const AUDIT_ERROR = "worker audit parse error: audit";
const PROFILE_KEYS = ["cwd", "env", "worktree"];
const WORKTREE_KEYS = ["repo", "path", "branch", "base_ref", "cleanup", "commit"];

function textOrNull(dict: HDict, key: string, where: string): string | null {
  const value = dict.get(key) ?? null;
  if (value === null || typeof value === "string") return value;
  throw runtimeError(`worker execution parse error: ${where}.${key} must be a string, got ${typeName(value)}`);
}

function refuseUnknown(dict: HDict, known: readonly string[], where: string): void {
  for (const key of dict.keys()) {
    if (!known.includes(key)) {
      throw runtimeError(
        `worker execution parse error: unknown key ${where}.${key} (expected one of: ${known.join(", ")})`,
      );
    }
  }
}

export function readExecution(value: Value): ExecutionProfile {
  if (value === null) return { cwd: null, env: {}, worktree: null };
  if (!(value instanceof HDict))
    throw runtimeError(`worker execution parse error: execution must be a dict, got ${typeName(value)}`);
  refuseUnknown(value, PROFILE_KEYS, "execution");
  const env = value.get("env") ?? null;
  const overlay: Record<string, string> = {};
  if (env instanceof HDict) {
    for (const [name, item] of env.entries()) {
      if (typeof item !== "string") {
        throw runtimeError(
          `worker execution parse error: execution.env.${name} must be a string, got ${typeName(item)}`,
        );
      }
      overlay[name] = item;
    }
  } else if (env !== null)
    throw runtimeError(`worker execution parse error: execution.env must be a dict, got ${typeName(env)}`);
  return {
    cwd: textOrNull(value, "cwd", "execution"),
    env: overlay,
    worktree: readWorktree(value.get("worktree") ?? null),
  };
}

function readWorktree(value: Value): WorktreeProfile | null {
  if (value === null) return null;
  if (!(value instanceof HDict)) {
    throw runtimeError(`worker execution parse error: execution.worktree must be a dict, got ${typeName(value)}`);
  }
  const where = "execution.worktree";
  refuseUnknown(value, WORKTREE_KEYS, where);
  const repo = textOrNull(value, "repo", where);
  if (repo === null || repo.trim() === "") throw runtimeError("worker execution.worktree.repo must not be empty");
  for (const key of ["repo", "path", "branch", "base_ref"]) {
    const text = textOrNull(value, key, where);
    if (text?.startsWith("-"))
      throw runtimeError(`worker execution parse error: ${where}.${key} must not start with "-"`);
  }
  return {
    repo,
    path: textOrNull(value, "path", where),
    branch: textOrNull(value, "branch", where),
    base_ref: textOrNull(value, "base_ref", where),
    cleanup: textOrNull(value, "cleanup", where),
    commit: value.get("commit") === true,
  };
}

export function executionJson(profile: ExecutionProfile): JsonObject {
  return { cwd: profile.cwd, env: profile.env, worktree: profile.worktree === null ? null : { ...profile.worktree } };
}

export function readCarry(value: Value, builtin: string): CarryPolicy {
  if (value !== null && !(value instanceof HDict)) {
    throw runtimeError(`${builtin}: carry must be a dict, got ${typeName(value)}`);
  }
  const carry = value ?? HDict.empty();
  const artifacts = carry.get("artifacts") ?? null;
  const context = carry.get("context_policy") ?? (artifacts instanceof HDict ? artifacts : null);
  const mode = carry.get("artifact_mode") ?? (artifacts instanceof HDict ? null : artifacts);
  return {
    artifact_mode: mode === null ? "inherit" : displayValue(mode),
    context_policy: context === null ? {} : jsonObject(context, `${builtin}: carry.context_policy`),
    resume_workflow: carry.get("resume_workflow") !== false,
    persist_state: carry.get("persist_state") !== false,
    policy: policyOf(carry.get("policy") ?? null, `${builtin}: policy parse error: carry.policy`),
  };
}

/** A capability policy that a program gives; nil: none. */
export function policyOf(value: Value, where: string): JsonObject | null {
  return policyFromValue(value, where);
}

/** Two requests at once: what both allow. Raises when the second lists what the first does not. */
export function bothPolicies(first: JsonObject | null, second: JsonObject | null, where: string): JsonObject | null {
  if (first === null || second === null) return first ?? second;
  try {
    return writePolicy(narrowPolicy(readPolicy(first, where), readPolicy(second, where)));
  } catch (error) {
    throw error instanceof Failure ? runtimeError(`${where}: ${error.message}`) : error;
  }
}

/** The mutation session that a worker is asked to have (3.13); an approval policy in it is checked, but is `approvalOf`'s. */
export function auditOf(dict: HDict): JsonObject {
  const audit = dict.get("audit") ?? null;
  if (audit === null) return {};
  if (audit instanceof HDict) approvalFromValue(audit.get("approval_policy") ?? null, `${AUDIT_ERROR}.approval_policy`);
  return jsonObject(audit, AUDIT_ERROR);
}

/** The approval policy of a worker: `approval_policy`, or the one of its mutation session. */
export function approvalOf(dict: HDict, builtin: string): JsonObject | null {
  const own = approvalFromValue(dict.get("approval_policy") ?? null, `${builtin}: approval_policy`);
  const audit = dict.get("audit") ?? null;
  if (!(audit instanceof HDict)) return own;
  const session = approvalFromValue(audit.get("approval_policy") ?? null, `${AUDIT_ERROR}.approval_policy`);
  if (own !== null && session !== null) {
    throw runtimeError(`${builtin}: give approval_policy or audit.approval_policy, not both`);
  }
  return own ?? session;
}

function jsonObject(value: Value, where: string): JsonObject {
  const json = valueToJson(value);
  if (!isJsonObject(json)) throw runtimeError(`${where} must be a dict, got ${typeName(value)}`);
  return json;
}

/** A list of non-blank texts, trimmed and without repeats. */
export function textList(value: Value, complaint: string): string[] {
  if (!(value instanceof HList)) throw runtimeError(complaint);
  const texts: string[] = [];
  for (const item of value.items) {
    if (typeof item !== "string") throw runtimeError(complaint);
    const text = item.trim();
    if (text !== "" && !texts.includes(text)) texts.push(text);
  }
  return texts;
}

/** The shorthand `tools: ["a", "b"]` of spawn_agent, as a policy. */
export function toolsShorthand(value: Value): JsonObject | null {
  if (value === null) return null;
  const tools = textList(value, "spawn_agent: tools shorthand must be a list of strings");
  if (tools.length === 0) throw runtimeError("spawn_agent: tools shorthand must include at least one tool name");
  return { tools };
}

const LISTS = [
  ["research_questions", "questions"],
  ["action_items", "actions"],
  ["workflow_stages", "stages"],
  ["verification_steps", "verification"],
] as const;

/** The request of 3.14: what the worker was asked, from the first; `source` holds the lists. */
export function workerRequest(task: string, system: string | null, source: HDict): HDict {
  const lists = LISTS.map(([name, alias]) => {
    for (const key of [name, alias]) {
      const value = source.get(key) ?? null;
      const items = value === null ? [] : value instanceof HList ? value.items : [value];
      if (items.length > 0) return [name, new HList(items.map((item) => share(item)))] as const;
    }
    return [name, new HList([])] as const;
  });
  const given = source.get("request");
  const filled = lists.filter(([, list]) => list.items.length > 0);
  const payload = given ?? (filled.length > 0 ? HDict.from(filled.map(([name, list]) => [name, share(list)])) : null);
  return HDict.from([["task", task], ["system", system], ["payload", share(payload)], ...lists]);
}

export function closureOf(value: Value, where: string): Value {
  if (value === null || value instanceof HClosure || value instanceof HBuiltin) return share(value);
  throw runtimeError(`${where} must be a closure, got ${typeName(value)}`);
}

export { jsonToValue };
