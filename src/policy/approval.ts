/**
 * Approval policies: which tool calls are refused, asked about, or simply made (worker-runtime.md 3.4, 7.4).
 *
 * Invariants
 * 1. Each policy of the chain decides for itself: deny pattern, write-path list, automatic approval, required approval, else allowed.
 * 2. Over the chain deny beats require beats allow, so an inner policy approves nothing that an outer one wants to be asked about.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { checkGlob, matchesGlob } from "./globs.ts";
import { describeSet, type EmptyMeans, type PermittedSet, readSet, writeRecordSet, writeSet } from "./permitted-set.ts";
import { readObject, readTexts, refuseUnknownKeys } from "./strict-reader.ts";

export interface ApprovalPolicy {
  readonly autoApprove: readonly string[];
  readonly autoDeny: readonly string[];
  readonly requireApproval: readonly string[];
  /** Path patterns. `all`: no opinion. */
  readonly writePaths: PermittedSet;
}

/** What a decision is about. Path questions are asked of the caller, which knows the disk. */
export interface ToolUse {
  readonly name: string;
  /** The paths that it may write; null when the tool does not say which of its arguments are paths, though it may write. */
  readonly writes: readonly string[] | null;
  /** Does the path, wherever it really leads, match one of the patterns? */
  matchesPath(path: string, patterns: readonly string[]): boolean;
}

export type ApprovalDecision =
  | { readonly kind: "allow" }
  | { readonly kind: "deny"; readonly reason: string }
  | { readonly kind: "require"; readonly reason: string };

const KEYS = ["auto_approve", "auto_deny", "require_approval", "write_path_allowlist"];

/** Throws a `Failure` that begins with `where`. */
export function readApproval(json: Json, where: string, empty: EmptyMeans = "none"): ApprovalPolicy {
  const object = readObject(json, where);
  refuseUnknownKeys(object, KEYS, where);
  const globs = (key: string): readonly string[] => {
    const patterns = readTexts(object[key], `${where}.${key}`);
    for (const pattern of patterns) checkGlob(pattern, `${where}.${key}`);
    return patterns;
  };
  const writePaths = readSet(object.write_path_allowlist, `${where}.write_path_allowlist`, empty);
  if (writePaths.kind === "listed") {
    for (const pattern of writePaths.names) checkGlob(pattern, `${where}.write_path_allowlist`);
  }
  return {
    autoApprove: globs("auto_approve"),
    autoDeny: globs("auto_deny"),
    requireApproval: globs("require_approval"),
    writePaths,
  };
}

/** The form that a scope holds; keys without an opinion are left out. */
export function writeApproval(policy: ApprovalPolicy): JsonObject {
  const writable = writeSet(policy.writePaths);
  return {
    ...(policy.autoApprove.length === 0 ? {} : { auto_approve: policy.autoApprove }),
    ...(policy.autoDeny.length === 0 ? {} : { auto_deny: policy.autoDeny }),
    ...(policy.requireApproval.length === 0 ? {} : { require_approval: policy.requireApproval }),
    ...(writable === undefined ? {} : { write_path_allowlist: writable }),
  };
}

/** The reference's record: every key is there. */
export function writeApprovalRecord(policy: ApprovalPolicy): JsonObject {
  return {
    auto_approve: policy.autoApprove,
    auto_deny: policy.autoDeny,
    require_approval: policy.requireApproval,
    write_path_allowlist: writeRecordSet(policy.writePaths),
  };
}

/** `chain` from the outermost in. */
export function decideApproval(chain: readonly ApprovalPolicy[], use: ToolUse): ApprovalDecision {
  let asked: ApprovalDecision | null = null;
  for (const policy of chain) {
    const decision = decideAlone(policy, use);
    if (decision.kind === "deny") return decision;
    if (decision.kind === "require") asked ??= decision;
  }
  return asked ?? { kind: "allow" };
}

function decideAlone(policy: ApprovalPolicy, use: ToolUse): ApprovalDecision {
  const { name } = use;
  const matching = (patterns: readonly string[]) => patterns.find((pattern) => matchesGlob(pattern, name));
  const denied = matching(policy.autoDeny);
  if (denied !== undefined) return { kind: "deny", reason: `tool '${name}' matches deny pattern '${denied}'` };
  const reason = writeRefusal(policy.writePaths, use);
  if (reason !== null) return { kind: "deny", reason };
  if (matching(policy.autoApprove) !== undefined) return { kind: "allow" };
  const required = matching(policy.requireApproval);
  if (required === undefined) return { kind: "allow" };
  return { kind: "require", reason: `tool '${name}' matches approval pattern '${required}'` };
}

function writeRefusal(writable: PermittedSet, use: ToolUse): string | null {
  if (writable.kind === "all") return null;
  if (use.writes === null) {
    return (
      `tool '${use.name}' may write but does not say where, so the write-path allowlist cannot be checked: ` +
      "declare its kind and path_params"
    );
  }
  const patterns = writable.kind === "listed" ? writable.names : [];
  const outside = use.writes.find((path) => !use.matchesPath(path, patterns));
  if (outside === undefined) return null;
  return `tool '${use.name}' targets '${outside}' which is not in the write-path allowlist (${describeSet(writable)})`;
}
