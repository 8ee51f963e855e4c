/**
 * Asks for an approval: the approvers of the scope from the innermost outward, then the host; who answers nil passes the question on.
 *
 * Invariants
 * 1. A closure runs on a fiber of its own, under the scope of the ancestor that declared it.
 * 2. Nobody answers, or the answer fails or is malformed: refused, with the reason.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue, valueToJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict } from "../value/value.ts";
import { joinTask } from "../vm/concurrency.ts";
import { headline } from "../vm/errors.ts";
import { spawnTask } from "../vm/fiber-life.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";

export interface ApprovalState {
  readonly request: JsonObject;
  /** The approver that is asked now; their number: the host. */
  next: number;
  task: number | null;
}

export interface Approval {
  readonly granted: boolean;
  readonly args: Value;
  readonly reason: string;
}

export const APPROVAL_MACHINE = "approval";

export function approvalState(request: JsonObject): ApprovalState {
  return { request, next: 0, task: null };
}

/** What the machine answers, as the loop reads it. */
export function readApprovalAnswer(value: Value): Approval {
  const dict = value instanceof HDict ? value : HDict.empty();
  const reason = dict.get("reason");
  return {
    granted: dict.get("granted") === true,
    args: dict.get("args") ?? null,
    reason: typeof reason === "string" ? reason : "not approved",
  };
}

export const approvalMachine: Machine = machine<ApprovalState>({
  kind: APPROVAL_MACHINE,
  version: 1,
  step(state, input, call) {
    switch (input.kind) {
      case "start":
        return ask(state, call);
      case "outcome": {
        if (state.task !== null) return answered(state, call);
        const { outcome } = input;
        if (outcome.kind === "failed") return refuse(`the host could not be asked: ${outcome.message}`);
        return { kind: "done", value: outcome.kind === "result" ? jsonToValue(outcome.result) : null };
      }
      case "returned":
      case "raised":
      case "cancelled":
        return refuse("cancelled");
    }
  },
});

function ask(state: ApprovalState, call: VmCall): Directive {
  const approver = call.scope.approvers[state.next];
  if (approver === undefined) {
    const args = state.request;
    return {
      kind: "wait",
      sources: [{ kind: "effect", effect: { kind: "host.approval", version: 1, args, repeat: "safe", place: "any" } }],
    };
  }
  const request = jsonToValue(state.request as Json);
  const task = spawnTask(call.run, call.fiber, approver.closure, [request], { scope: approver.scope, hold: false });
  state.task = task.id as number;
  return { kind: "wait", sources: [{ kind: "task", id: state.task }] };
}

function answered(state: ApprovalState, call: VmCall): Directive {
  const result = joinTask(call.run, call, call.run.object("task", state.task!));
  state.task = null;
  if (result.kind === "failed") return refuse(`on_approval failed: ${headline(result.error)}`);
  if (result.kind === "cancelled") return refuse(`on_approval was cancelled: ${result.reason}`);
  const { value } = result;
  if (value === null) {
    state.next++;
    return ask(state, call);
  }
  if (typeof value === "boolean") return value ? grant(null) : refuse("refused by on_approval");
  const granted = value instanceof HDict ? value.get("granted") : undefined;
  if (!(value instanceof HDict) || typeof granted !== "boolean") {
    return refuse(`on_approval must answer true, false, nil or {granted, args?, reason?}, got ${displayValue(value)}`);
  }
  const reason = value.get("reason");
  return granted
    ? grant(value.get("args") ?? null)
    : refuse(typeof reason === "string" ? reason : "refused by on_approval");
}

function grant(args: Value): Directive {
  return {
    kind: "done",
    value: HDict.of({ granted: true, args: args === null ? null : jsonToValue(valueToJson(args)), reason: "" }),
  };
}

function refuse(reason: string): Directive {
  return { kind: "done", value: HDict.of({ granted: false, args: null, reason }) };
}
