/**
 * Hooks: what runs before and after tools, turns and workers. Those of `harn.toml` are functions of modules that belong to the run; those of
 * `register_tool_hook` are data. They are a cell of the run, in the order in which they were registered.
 *
 * Invariant: a function of a manifest runs under the policy of the whole program, not under that of the agent it watches: what an agent may not do must
 * not keep others from watching it.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import { rootScope, type Scope } from "../builtin/scope.ts";
import { matchesText } from "../policy/globs.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { type AsideState, asideState } from "./aside-machine.ts";
import { matchesHook } from "./hook-patterns.ts";

export type ToolHookEvent = "PreToolUse" | "PostToolUse";
export type HookEvent =
  | ToolHookEvent
  | "PreAgentTurn"
  | "PostAgentTurn"
  | "WorkerSpawned"
  | "WorkerCompleted"
  | "WorkerFailed"
  | "WorkerCancelled";

/** In the order in which they come. */
export const HOOK_EVENTS: readonly HookEvent[] = [
  "PreToolUse",
  "PostToolUse",
  "PreAgentTurn",
  "PostAgentTurn",
  "WorkerSpawned",
  "WorkerCompleted",
  "WorkerFailed",
  "WorkerCancelled",
];

export type Hook =
  | { readonly kind: "deny"; readonly event: "PreToolUse"; readonly pattern: string; readonly reason: string }
  | { readonly kind: "shorten"; readonly event: "PostToolUse"; readonly pattern: string; readonly most: number }
  | {
      readonly kind: "call";
      readonly event: HookEvent;
      readonly pattern: string;
      /** As the manifest names it. */
      readonly handler: string;
      /** Key of a module of the run, and what it exports. */
      readonly module: string;
      readonly name: string;
    };

export interface HookState {
  hooks: readonly Hook[];
  /** How many of a scope's policies are the program's own. */
  readonly policies: number;
}

export const hookCell = declareCell<HookState>("agent.hooks", () => ({ hooks: [], policies: 0 }));

/** Where the next hook for this stands, from `from` on; -1: there is none. */
export function nextHook(call: VmCall, event: HookEvent, payload: JsonObject, from: number): number {
  const { hooks } = call.read(hookCell);
  for (let i = from; i < hooks.length; i++) {
    const hook = hooks[i]!;
    if (hook.event !== event) continue;
    const fits =
      hook.kind === "call" ? matchesHook(hook.pattern, payload) : matchesText(hook.pattern, toolName(payload));
    if (fits) return i;
  }
  return -1;
}

function hasHooks(call: VmCall, event: HookEvent): boolean {
  return call.read(hookCell).hooks.some((hook) => hook.event === event);
}

function toolName(payload: JsonObject): string {
  return String((payload.tool as JsonObject | undefined)?.name ?? "");
}

/** The function of a hook. Raises when its module or its export is gone. */
export function hookFunction(call: VmCall, hook: Hook & { readonly kind: "call" }): Value {
  const instance = call.run.modules.get(hook.module);
  const slot = instance?.chunk.exports.find(({ name }) => name === hook.name)?.slot;
  const fn = slot === undefined ? undefined : instance!.slots[slot];
  if (fn === undefined || fn === null) throw runtimeError(`hook handler '${hook.handler}' is not there`);
  return fn;
}

export function hookScope(call: VmCall): Scope {
  const { cwd, env, policies, session, worker } = call.scope;
  return rootScope({ cwd, env, session, worker, policies: policies.slice(0, call.read(hookCell).policies) });
}

/** The calls of the hooks for something that has happened and that they cannot change; null: nobody wants to know. */
export function observingHooks(call: VmCall, event: HookEvent, payload: () => JsonObject): AsideState | null {
  if (!hasHooks(call, event)) return null;
  const given: JsonObject = { event, ...payload() };
  const calls: { fn: Value; args: readonly Value[]; scope: Scope }[] = [];
  const { hooks } = call.read(hookCell);
  for (let i = nextHook(call, event, given, 0); i >= 0; i = nextHook(call, event, given, i + 1)) {
    const hook = hooks[i]!;
    if (hook.kind !== "call") continue;
    calls.push({ fn: hookFunction(call, hook), args: [jsonToValue(given as Json)], scope: hookScope(call) });
  }
  return calls.length === 0 ? null : asideState(`a hook for ${event}`, calls);
}

const REGISTER = 'register_tool_hook({pattern: "run_*", deny: "not here"})';
const LOOP =
  'let tools = tool_define(tool_registry(), "run_tests", "Runs them", {parameters: {}, handler: { _args -> "ok" }})\nprintln(agent_loop("Test", nil, {provider: "mock", tools: tools, max_iterations: 1}).rejected_tools)';

export const hookBuiltins: readonly Builtin[] = [
  builtin("register_tool_hook", {
    sig: "(hook: dict) -> nil",
    doc: "Denies the tools whose names match `pattern` with the reason `deny`, or shortens their results to `max_output` bytes, or both.",
    needs: "nothing",
    examples: [{ code: `${REGISTER}\n${LOOP}`, prints: "[run_tests]" }],
    run(call, args) {
      const hook = args.raw("hook");
      if (!(hook instanceof HDict)) throw runtimeError(`register_tool_hook: expected a dict, got ${typeName(hook)}`);
      const pattern = displayValue(hook.get("pattern") ?? "*");
      const deny = hook.get("deny") ?? null;
      const most = hook.get("max_output") ?? null;
      if (most !== null && (typeof most !== "number" || !Number.isInteger(most) || most < 0))
        throw runtimeError(`register_tool_hook: max_output must be a whole number, got ${displayValue(most)}`);
      const state = call.change(hookCell);
      state.hooks = [
        ...state.hooks,
        ...(deny === null ? [] : [{ kind: "deny", event: "PreToolUse", pattern, reason: displayValue(deny) } as const]),
        ...(most === null ? [] : [{ kind: "shorten", event: "PostToolUse", pattern, most } as const]),
      ];
      return null;
    },
  }),
  builtin("clear_tool_hooks", {
    sig: "() -> nil",
    doc: "Forgets all hooks of tools, those of harn.toml included.",
    needs: "nothing",
    examples: [{ code: `${REGISTER}\nclear_tool_hooks()\n${LOOP}`, prints: "[]" }],
    run(call) {
      const state = call.change(hookCell);
      state.hooks = state.hooks.filter(({ event }) => event !== "PreToolUse" && event !== "PostToolUse");
      return null;
    },
  }),
];
