/** The hooks around one call of a tool, one after another: each sees what those before it made of the arguments or of the result. */
import type { JsonObject } from "../base/json.ts";
import { runtimeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue, valueToJson } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, share } from "../value/value.ts";
import { joinTask } from "../vm/concurrency.ts";
import { spawnTask } from "../vm/fiber-life.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import type { ToolHookEvent } from "./hooks.ts";
import { hookCell, hookFunction, hookScope, nextHook } from "./hooks.ts";
import { microcompact } from "./microcompact.ts";

export interface ToolHookState {
  readonly event: ToolHookEvent;
  readonly tool: string;
  args: HDict;
  /** The result, after the tool. */
  text: string;
  /** The hook that runs or was looked at last. */
  at: number;
  task: number | null;
}

export const TOOL_HOOK_MACHINE = "tool_hooks";

/** Null: no hook is for this call. */
export function toolHooks(
  call: VmCall,
  given: Pick<ToolHookState, "event" | "tool" | "args" | "text">,
): ToolHookState | null {
  const state: ToolHookState = { ...given, at: -1, task: null };
  return nextHook(call, state.event, payloadOf(state), 0) < 0 ? null : state;
}

export interface HookVerdict {
  /** Why the tool may not run; null: it may. */
  readonly denied: string | null;
  readonly args: HDict;
  readonly text: string;
}

/** What the machine answers, as the loop reads it. */
export function readHookVerdict(value: Value): HookVerdict {
  const dict = value as HDict;
  return {
    denied: dict.get("denied") as string | null,
    args: dict.get("args") as HDict,
    text: dict.get("text") as string,
  };
}

export const toolHookMachine: Machine = machine<ToolHookState>({
  kind: TOOL_HOOK_MACHINE,
  version: 1,
  step(state, input, call) {
    if (input.kind === "cancelled") return { kind: "done", value: null };
    if (state.task === null) return next(state, call);
    const result = joinTask(call.run, call, call.run.object("task", state.task));
    state.task = null;
    switch (result.kind) {
      case "failed":
        return { kind: "raise", error: result.error };
      case "cancelled":
        return { kind: "raise", error: runtimeError(`a hook for ${state.event} was cancelled`).error };
      case "value":
        return answered(state, result.value, call);
    }
  },
});

function next(state: ToolHookState, call: VmCall): Directive {
  for (;;) {
    const payload = payloadOf(state);
    state.at = nextHook(call, state.event, payload, state.at + 1);
    if (state.at < 0) return done(state, null);
    const hook = call.read(hookCell).hooks[state.at]!;
    switch (hook.kind) {
      case "deny":
        return done(state, hook.reason);
      case "shorten":
        state.text = microcompact(state.text, hook.most);
        break;
      case "call": {
        const fn = hookFunction(call, hook);
        const task = spawnTask(call.run, call.fiber, fn, [jsonToValue(payload)], {
          scope: hookScope(call),
          hold: false,
        });
        state.task = task.id as number;
        return { kind: "wait", sources: [{ kind: "task", id: state.task }] };
      }
    }
  }
}

function payloadOf({ event, tool, args, text }: ToolHookState): JsonObject {
  const given: JsonObject = { event, tool: { name: tool, args: valueToJson(args) } };
  return event === "PreToolUse" ? given : { ...given, result: { text } };
}

function answered(state: ToolHookState, answer: Value, call: VmCall): Directive {
  if (answer === null) return next(state, call);
  if (state.event === "PostToolUse") {
    const text = answer instanceof HDict ? (answer.get("result") ?? null) : answer;
    if (text !== null && typeof answer !== "string" && !(answer instanceof HDict))
      return refuse(`PostToolUse hook must return nil, string, or {result}, got ${typeName(answer)}`);
    if (text !== null) state.text = displayValue(text);
    return next(state, call);
  }
  if (!(answer instanceof HDict))
    return refuse(`PreToolUse hook must return nil or {deny, args}, got ${typeName(answer)}`);
  const deny = answer.get("deny") ?? null;
  if (deny !== null) return done(state, displayValue(deny));
  const args = answer.get("args") ?? null;
  if (args !== null && !(args instanceof HDict))
    return refuse(`PreToolUse hook: args must be a dict, got ${typeName(args)}`);
  if (args !== null) state.args = share(args);
  return next(state, call);
}

function done({ args, text }: ToolHookState, denied: string | null): Directive {
  return { kind: "done", value: HDict.of({ denied, args: share(args), text }) };
}

function refuse(message: string): Directive {
  return { kind: "raise", error: runtimeError(message).error };
}
