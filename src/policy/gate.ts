/**
 * The call gate: asked right before a builtin runs, on its final arguments (worker-runtime.md 7.3).
 *
 * Invariants
 * 1. No policy in scope: everything is allowed, and nothing is computed.
 * 2. Every policy of the chain must allow the call. What a policy that lists capabilities does not list is denied.
 * 3. Paths are judged by where they really lead.
 */
import type { JsonObject } from "../base/json.ts";
import type { Call } from "../builtin/call.ts";
import type { Builtin, Need } from "../builtin/declaration.ts";
import { categoryError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { allowsEffect, allowsGrant, type CapabilityPolicy, describeGrants, readScopePolicy } from "./capability.ts";
import { describeSet } from "./permitted-set.ts";
import { insideRoots } from "./workspace-roots.ts";

export type Gate = (call: Call, builtin: Builtin, args: readonly Value[]) => void;

/** Raises category `tool_rejected`. One gate serves a whole runtime; it remembers the policies that it has read. */
export function createGate(): Gate {
  const read = new WeakMap<JsonObject, CapabilityPolicy>();
  const policyOf = (json: JsonObject): CapabilityPolicy => {
    const known = read.get(json);
    if (known !== undefined) return known;
    const policy = readScopePolicy(json);
    read.set(json, policy);
    return policy;
  };
  return (call, builtin, args) => {
    const { policies } = call.scope;
    if (policies.length === 0 || builtin.needs === "nothing") return;
    const need = typeof builtin.needs === "function" ? builtin.needs(call, args) : builtin.needs;
    if (need === "nothing") return;
    for (const json of policies) {
      const policy = policyOf(json);
      const refusal = refuseNeed(call, policy, need);
      if (refusal === null) continue;
      const whose = policy.declaredBy === null ? "the policy" : `the policy of ${policy.declaredBy}`;
      throw categoryError(
        "tool_rejected",
        `builtin '${builtin.name}' exceeds ${refusal.over ?? need.over} ceiling: ${refusal.wants}; ${whose} allows ${refusal.allowed}`,
      );
    }
  };
}

interface Refusal {
  /** Instead of the builtin's own word for the ceiling. */
  readonly over?: string;
  readonly wants: string;
  readonly allowed: string;
}

/** Why the policy forbids it; null when it does not. */
export function refuseNeed(call: Call, policy: CapabilityPolicy, need: Exclude<Need, "nothing">): Refusal | null {
  const { grant, effect, paths = [] } = need;
  if (grant !== undefined) {
    const dot = grant.indexOf(".");
    if (!allowsGrant(policy, grant.slice(0, dot), grant.slice(dot + 1))) {
      return { wants: `it needs ${grant}`, allowed: describeGrants(policy.grants) };
    }
  }
  if (effect !== undefined) {
    // Without a capability to ask for, a policy that lists capabilities must name the level.
    const unnamed = grant === undefined && policy.grants.kind === "listed" && policy.sideEffect === null;
    if (unnamed) return { wants: `its side effect is ${effect}`, allowed: `${describeGrants(policy.grants)} only` };
    if (!allowsEffect(policy, effect)) {
      return { wants: `its side effect is ${effect}`, allowed: `${policy.sideEffect} at most` };
    }
  }
  const outside = paths.find(({ path }) => !insideRoots(call.ports.files, call.scope.cwd, path, policy.roots));
  if (outside === undefined) return null;
  return {
    over: "workspace roots",
    wants: `it would ${outside.write ? "write" : "read"} ${outside.path}`,
    allowed: `paths under ${describeSet(policy.roots)}`,
  };
}
