/**
 * Scopes for delegated work and agent loops: the parent's, narrowed.
 *
 * Invariants
 * 1. A child's chains begin with its parent's: it can do nothing that its parent cannot.
 * 2. Nothing here changes a scope; a policy that is malformed or asks for too much makes no child.
 * 3. Relative workspace roots mean the parent's folder at this moment; links are followed at each call (workspace-roots.ts).
 */
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import type { Scope } from "../builtin/scope.ts";
import type { Value } from "../value/value.ts";
import { share } from "../value/value.ts";
import { readApproval, writeApproval } from "./approval.ts";
import {
  type CapabilityPolicy,
  NO_OPINION,
  narrowPolicy,
  readPolicy,
  readScopePolicy,
  writePolicy,
} from "./capability.ts";
import { absoluteRoots } from "./workspace-roots.ts";

/** What a child wants; a key that is left out (undefined) is inherited. */
export interface WantedScope {
  /** As a program gives them. Null: none of its own. */
  readonly policy?: JsonObject | null;
  readonly approval?: JsonObject | null;
  /** Absolute. */
  readonly cwd?: string;
  /** Laid over the parent's; secrets stay references. */
  readonly env?: JsonObject;
  readonly audit?: JsonObject | null;
  /** Another one than the parent's makes the child one level deeper. */
  readonly worker?: string | null;
  readonly session?: string | null;
  readonly tools?: Value;
  readonly skills?: Value;
  /** Closure that answers the child's approval requests, under the parent's scope. Nil: none. */
  readonly approver?: Value;
}

/** Throws a `Failure` for a malformed policy, for one that asks for more than the parent has, and beyond a recursion limit. */
export function childScope(parent: Scope, wanted: WantedScope): Scope {
  const worker = wanted.worker === undefined ? parent.worker : wanted.worker;
  const delegated = worker !== null && worker !== parent.worker;
  const depth = parent.depth + (delegated ? 1 : 0);
  if (delegated) checkDepth(parent.policies.map(readScopePolicy), depth);
  const audit = wanted.audit === undefined ? parent.audit : wanted.audit;
  const session = wanted.session === undefined ? parent.session : wanted.session;
  const approver = wanted.approver ?? null;
  const skills = wanted.skills === undefined ? parent.skills : wanted.skills;
  return {
    cwd: wanted.cwd ?? parent.cwd,
    env: wanted.env === undefined ? parent.env : { ...parent.env, ...wanted.env },
    policies: extendPolicies(parent, wanted.policy ?? null, declarer(delegated ? worker : null, session, audit), depth),
    approvals: extendApprovals(parent, wanted.approval ?? null),
    approvers:
      approver === null ? parent.approvers : [{ closure: share(approver), scope: parent }, ...parent.approvers],
    audit,
    worker,
    session,
    tools: wanted.tools === undefined ? parent.tools : share(wanted.tools),
    ...(skills === undefined || skills === null ? {} : { skills: share(skills) }),
    repeatable: false,
    depth,
  };
}

/** One policy that allows what the whole chain allows; for reports and for narrowing. */
export function effectivePolicy(scope: Scope): CapabilityPolicy {
  return scope.policies.map(readScopePolicy).reduce(narrowPolicy, NO_OPINION);
}

function extendPolicies(
  parent: Scope,
  wanted: JsonObject | null,
  declaredBy: string,
  depth: number,
): Scope["policies"] {
  if (wanted === null) return parent.policies;
  const read = readPolicy(wanted, "policy");
  const policy = { ...read, roots: absoluteRoots(read.roots, parent.cwd), declaredBy, depth };
  narrowPolicy(effectivePolicy(parent), policy);
  return [...parent.policies, writePolicy(policy)];
}

function extendApprovals(parent: Scope, wanted: JsonObject | null): Scope["approvals"] {
  if (wanted === null) return parent.approvals;
  return [...parent.approvals, writeApproval(readApproval(wanted, "approval_policy"))];
}

/** A limit counts from the scope that it was given to: 0 forbids that scope to delegate. */
function checkDepth(policies: readonly CapabilityPolicy[], depth: number): void {
  for (const policy of policies) {
    const limit = policy.recursionLimit;
    if (limit === null || depth <= policy.depth + limit) continue;
    const whose = policy.declaredBy === null ? "the policy" : `the policy of ${policy.declaredBy}`;
    const levels = limit === 1 ? "1 level" : `${limit} levels`;
    throw new Failure(
      `delegating once more exceeds the recursion limit: ${whose} allows ${levels} of delegated work`,
      "tool_rejected",
    );
  }
}

function declarer(worker: string | null, session: string | null, audit: JsonObject | null): string {
  if (worker !== null) {
    return typeof audit?.worker_name === "string" ? `worker ${audit.worker_name} (${worker})` : `worker ${worker}`;
  }
  return session === null ? "the program" : `agent loop ${session}`;
}
