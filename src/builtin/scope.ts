/**
 * What a fiber may do and where it does it. Immutable: a child gets its parent's scope, narrowed; nothing is pushed, so nothing can be left
 * behind. It is part of every snapshot, by hash.
 */
import type { JsonObject } from "../base/json.ts";
import type { Value } from "../value/value.ts";

export interface Scope {
  /** Absolute; relative paths of the program resolve here. */
  readonly cwd: string;
  /** Overlay over the process environment. Secrets are references (`{"$secret": …}`). */
  readonly env: JsonObject;
  /** Capability policies from the outermost in; a call must pass all. Empty: no policy, all is allowed. */
  readonly policies: readonly JsonObject[];
  /** Approval policies from the outermost in: deny before require before allow. */
  readonly approvals: readonly JsonObject[];
  /** Closures that answer approval requests, innermost first, each with the fiber that declared it. */
  readonly approvers: readonly { readonly closure: Value; readonly scope: Scope }[];
  /** Mutation session (worker-runtime.md 3.13), or null. */
  readonly audit: JsonObject | null;
  /** The worker whose body this is, or null. */
  readonly worker: string | null;
  readonly session: string | null;
  /** The ambient tool registry, or null. */
  readonly tools: Value;
  /** Skills that agents started here have unless they bring their own: a dict of the options `skills` and `skill_match`; left out: none. */
  readonly skills?: Value;
  /** What runs here may be run again after a crash (a tool that says `repeatable: true`): processes included. */
  readonly repeatable: boolean;
  /** How deep in delegated work: 0 in the main program. */
  readonly depth: number;
}

/** A scope that nothing was handed to: no policy, the main program. `own`: what is not so. */
export function rootScope(own: Pick<Scope, "cwd"> & Partial<Scope>): Scope {
  return {
    env: {},
    policies: [],
    approvals: [],
    approvers: [],
    audit: null,
    worker: null,
    session: null,
    tools: null,
    repeatable: false,
    depth: 0,
    ...own,
  };
}
