/**
 * The tool gate: whether an agent loop may make a tool call, decided on the final arguments right before the tool runs (worker-runtime.md 7.3, 7.4).
 *
 * Invariants
 * 1. No policy and no approval policy in scope: every call is allowed.
 * 2. Capability policies come before approvals: nobody is asked about what is forbidden anyway.
 * 3. What cannot be checked (malformed annotations, a constraint without an argument, a writer that does not say where) is denied.
 * 4. Who changes the arguments after this (an approver, a hook) asks again.
 */
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { Call } from "../builtin/call.ts";
import { valueToJson } from "../value/json.ts";
import { HDict } from "../value/value.ts";
import { decideApproval, readApproval, type ToolUse } from "./approval.ts";
import { type ArgConstraint, allowsEffect, allowsGrant, type CapabilityPolicy, readScopePolicy } from "./capability.ts";
import { matchesGlob, matchesText } from "./globs.ts";
import { matchesPath } from "./path-patterns.ts";
import { describeSet, namesOf, permits } from "./permitted-set.ts";
import { isReadOnlyKind, mergeAnnotations, readAnnotations, type ToolAnnotations } from "./tool-annotations.ts";
import { insideRoots } from "./workspace-roots.ts";

export interface ToolRequest {
  readonly name: string;
  readonly args: HDict;
  /** The registry's entry for the tool; null when there is none. */
  readonly entry: HDict | null;
}

export type ToolVerdict =
  | { readonly kind: "allow" }
  | { readonly kind: "deny"; readonly reason: string }
  /** Someone is to be asked; `request` is what an approver gets (`approvalRequest`). */
  | { readonly kind: "require"; readonly reason: string; readonly request: JsonObject };

const ALLOW: ToolVerdict = { kind: "allow" };

export function checkToolCall(call: Call, request: ToolRequest): ToolVerdict {
  const { policies, approvals } = call.scope;
  if (policies.length === 0 && approvals.length === 0) return ALLOW;
  try {
    return judge(call, request, policies.map(readScopePolicy));
  } catch (error) {
    if (error instanceof Failure) return { kind: "deny", reason: error.message };
    throw error;
  }
}

function judge(call: Call, request: ToolRequest, policies: readonly CapabilityPolicy[]): ToolVerdict {
  const { name } = request;
  const annotations = annotationsOf(request, policies);
  const paths = declaredPaths(request, annotations);
  for (const policy of policies) {
    const refusal =
      refuseTool(policy, name, annotations) ??
      refusePaths(call, policy, name, paths) ??
      refuseArguments(call, policy, request, annotations);
    if (refusal !== null) return { kind: "deny", reason: refusal };
  }
  const use: ToolUse = {
    name,
    writes: writesOf(annotations, paths),
    matchesPath: (path, patterns) => matchesPath(call.ports.files, call.scope.cwd, path, patterns),
  };
  const chain = call.scope.approvals.map((json) => readApproval(json, "approval policy of the scope"));
  const decision = decideApproval(chain, use);
  if (decision.kind !== "require") return decision;
  return { ...decision, request: approvalRequest(call, request, decision.reason, annotations, paths) };
}

/** What the policies in scope and the registry entry say about a tool. A malformed entry is a `Failure`. */
export function annotationsOf(request: ToolRequest, policies: readonly CapabilityPolicy[]): ToolAnnotations {
  const { name, entry } = request;
  const sources: ToolAnnotations[] = [];
  for (const policy of policies) {
    const declared = policy.annotations.get(name);
    if (declared !== undefined) sources.push(declared);
  }
  for (const key of ["policy", "annotations"]) {
    const declared = entry?.get(key);
    if (declared instanceof HDict) sources.push(readAnnotations(valueToJson(declared), `tool '${name}': ${key}`, true));
  }
  // `metadata` is free text to us; only what narrows is taken from it.
  const metadata = entry?.get("metadata");
  if (metadata instanceof HDict && metadata.has("path_params")) {
    const pathParams = valueToJson(metadata.get("path_params")!);
    sources.push(readAnnotations({ path_params: pathParams }, `tool '${name}': metadata`, true));
  }
  return mergeAnnotations(sources);
}

/** The values of the path arguments. A path argument that is no text is a `Failure`. */
function declaredPaths(request: ToolRequest, annotations: ToolAnnotations): readonly string[] {
  const paths = new Set<string>();
  for (const param of annotations.pathParams) {
    const json = valueToJson(request.args.get(param) ?? null);
    for (const item of Array.isArray(json) ? (json as readonly Json[]) : [json]) {
      if (item === null || item === "") continue;
      if (typeof item !== "string")
        throw new Failure(`tool '${request.name}': ${param} must be a path or a list of paths`);
      paths.add(item);
    }
  }
  return [...paths].sort();
}

function refuseTool(policy: CapabilityPolicy, name: string, annotations: ToolAnnotations): string | null {
  if (!permits(policy.tools, name))
    return `tool '${name}' exceeds tool ceiling (allowed: ${describeSet(policy.tools)})`;
  for (const [capability, operations] of annotations.capabilities) {
    const denied = operations.find((operation) => !allowsGrant(policy, capability, operation));
    if (denied !== undefined) return `tool '${name}' exceeds capability ceiling: ${capability}.${denied}`;
  }
  const level = annotations.sideEffect;
  if (level !== null && level !== "none" && !allowsEffect(policy, level)) {
    return `tool '${name}' exceeds side-effect ceiling: ${level} (allowed: ${policy.sideEffect} at most)`;
  }
  return null;
}

function refusePaths(call: Call, policy: CapabilityPolicy, name: string, paths: readonly string[]): string | null {
  const outside = paths.find((path) => !insideRoots(call.ports.files, call.scope.cwd, path, policy.roots));
  if (outside === undefined) return null;
  return `tool '${name}' targets '${outside}' which is outside the workspace roots (${describeSet(policy.roots)})`;
}

function refuseArguments(
  call: Call,
  policy: CapabilityPolicy,
  request: ToolRequest,
  annotations: ToolAnnotations,
): string | null {
  for (const constraint of policy.constraints) {
    if (constraint.patterns.kind === "all" || !matchesGlob(constraint.tool, request.name)) continue;
    const keys = constraint.key === null ? annotations.pathParams : [constraint.key];
    if (keys.length === 0) {
      return (
        `tool '${request.name}' has an argument constraint without arg_key and declares no path_params, ` +
        "so the constraint cannot be checked"
      );
    }
    for (const key of keys) {
      const refusal = refuseValue(call, constraint, request, key, annotations.pathParams.includes(key));
      if (refusal !== null) return refusal;
    }
  }
  return null;
}

/** Every text of the argument must match; an absent argument is not constrained. */
function refuseValue(
  call: Call,
  constraint: ArgConstraint,
  request: ToolRequest,
  key: string,
  isPath: boolean,
): string | null {
  const json = valueToJson(request.args.get(key) ?? null);
  if (json === null) return null;
  const patterns = namesOf(constraint.patterns);
  const texts = (Array.isArray(json) ? (json as readonly Json[]) : [json]).map((item) =>
    typeof item === "string" ? item : JSON.stringify(item),
  );
  const bad = texts.find((text) =>
    isPath
      ? !matchesPath(call.ports.files, call.scope.cwd, text, patterns)
      : climbs(text) || !patterns.some((pattern) => matchesText(pattern, text)),
  );
  if (bad === undefined) return null;
  return (
    `tool '${request.name}' ${key} '${bad}' does not match allowed patterns: ${JSON.stringify(patterns)} ` +
    `(the pattern list is held against the argument ${key}, nothing else)`
  );
}

/** A text that is a path with a step upwards is matched by no pattern: `src/../../x` is not in `src/*`. */
function climbs(text: string): boolean {
  return /^[^\s]*(^|[\\/])\.\.([\\/][^\s]*)?$/.test(text);
}

/** Null: it may write, but does not say where. */
function writesOf(annotations: ToolAnnotations, paths: readonly string[]): readonly string[] | null {
  const { kind, sideEffect, pathParams } = annotations;
  if (isReadOnlyKind(kind)) return [];
  if (pathParams.length > 0) return paths;
  if (kind === "execute") return [];
  const silent = kind === null || kind === "other";
  return silent && sideEffect !== null && sideEffect !== "workspace_write" ? [] : null;
}

/** What an approver is told. Keys are snake_case; `args` are the final arguments. */
export function approvalRequest(
  call: Call,
  request: ToolRequest,
  reason: string,
  annotations: ToolAnnotations,
  paths: readonly string[],
): JsonObject {
  const { scope } = call;
  const name = scope.audit?.worker_name;
  return {
    tool: request.name,
    args: valueToJson(request.args),
    reason,
    kind: annotations.kind ?? "other",
    side_effect_level: annotations.sideEffect,
    declared_paths: paths,
    cwd: scope.cwd,
    session_id: scope.session,
    worker_id: scope.worker,
    worker_name: typeof name === "string" ? name : null,
    mutation: scope.audit,
  };
}
