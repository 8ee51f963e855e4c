/**
 * An agent loop that a program calls directly may narrow what it may do: its options `policy`, `approval_policy`, `on_approval`, `session_id`. The
 * loop then runs under that scope, on the fiber of its caller, which gets its own scope back whatever happens.
 */
import type { Scope } from "../builtin/scope.ts";
import { childScope } from "../policy/narrow-scope.ts";
import type { HDict } from "../value/value.ts";
import type { Fiber } from "../vm/fiber.ts";
import type { Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { LOOP_MACHINE } from "./loop-machine.ts";
import { readGrants } from "./loop-options.ts";
import { startLoop } from "./loop-start.ts";
import type { LoopState } from "./loop-state.ts";

export interface AgentLoopState {
  readonly loop: LoopState;
  /** What differs from the caller's scope, to be taken back. */
  readonly outer: Pick<Scope, "session" | "repeatable"> & {
    readonly policies: number;
    readonly approvals: number;
    readonly approvers: number;
  };
  readonly inner: Scope;
}

export const AGENT_LOOP_MACHINE = "agent_loop_call";

export function agentLoopState(
  call: VmCall,
  start: { readonly prompt: string; readonly system: string | null; readonly options: HDict },
): AgentLoopState {
  const outer = call.scope;
  const grants = readGrants(start.options, "agent_loop");
  const named = start.options.get("session_id");
  const session = typeof named === "string" && named.trim() !== "" ? named : null;
  const loop = startLoop(call, { ...start, session });
  const narrowed = childScope(outer, {
    policy: grants.policy,
    approval: grants.approval,
    approver: grants.onApproval,
    session: loop.session,
  });
  // A loop inside the handler of a repeatable tool is part of what may run again.
  const inner: Scope = { ...narrowed, repeatable: outer.repeatable };
  return {
    loop,
    outer: {
      session: outer.session,
      repeatable: outer.repeatable,
      policies: outer.policies.length,
      approvals: outer.approvals.length,
      approvers: outer.approvers.length,
    },
    inner,
  };
}

export const agentLoopMachine: Machine = machine<AgentLoopState>({
  kind: AGENT_LOOP_MACHINE,
  version: 1,
  step(state, input, call) {
    if (input.kind === "start") {
      setScope(call.fiber, state.inner);
      return { kind: "push", machine: LOOP_MACHINE, state: state.loop };
    }
    const { outer } = state;
    const { scope } = call.fiber;
    setScope(call.fiber, {
      ...scope,
      session: outer.session,
      repeatable: outer.repeatable,
      policies: scope.policies.slice(0, outer.policies),
      approvals: scope.approvals.slice(0, outer.approvals),
      approvers: scope.approvers.slice(scope.approvers.length - outer.approvers),
    });
    if (input.kind === "raised") return { kind: "raise", error: input.error };
    return { kind: "done", value: input.kind === "returned" ? input.value : null };
  },
});

function setScope(fiber: Fiber, scope: Scope): void {
  (fiber as { scope: Scope }).scope = scope;
}
