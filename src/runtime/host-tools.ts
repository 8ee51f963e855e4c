/**
 * Tools that the embedding program wrote in TypeScript. Each is a builtin of its name that takes one dict, performed as an effect of the run; the
 * builtin `host_tools()` gives them all as a tool registry for agents.
 */
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { awaitEffect } from "../builtin/call.ts";
import type { Builtin, Need } from "../builtin/declaration.ts";
import { builtin, suspending } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Performer, Repeat } from "../ports/effects.ts";
import { jsonToValue, valueToJson } from "../value/json.ts";
import { HBuiltin, HDict, HList } from "../value/value.ts";

export interface HostToolContext {
  /** Aborts when the agent that called it is cancelled. */
  readonly signal: AbortSignal;
  /** The same when the call is performed again after a crash: an idempotency key. */
  readonly callId: string;
  /** An earlier process may have begun this call. */
  readonly again: boolean;
  /** Progress for observers. */
  emit(event: JsonObject): void;
}

export interface HostTool {
  /** Letters, digits and underscores. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments object. */
  readonly parameters: JsonObject;
  /** What a crash in the middle means; default `never`: the program gets `effect_unknown`. */
  readonly repeat?: Repeat;
  /** What a capability policy must grant; default: only that the tool's name is allowed. */
  readonly needs?: Need;
  /** A thrown `Failure` is the program's error; anything else is shown as the tool's failure. */
  run(args: JsonObject, context: HostToolContext): Json | Promise<Json>;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function hostToolBuiltins(tools: readonly HostTool[]): readonly Builtin[] {
  const declared = tools.map((tool) => toolBuiltin(tool));
  const registry = builtin("host_tools", {
    sig: "() -> dict",
    doc: "The tools of the embedding program, as a registry for agents.",
    needs: "nothing",
    run: () =>
      HDict.of({
        _type: "tool_registry",
        tools: new HList(
          tools.map((tool) =>
            HDict.of({
              name: tool.name,
              description: tool.description,
              parameters: jsonToValue(tool.parameters),
              handler: new HBuiltin(tool.name),
            }),
          ),
        ),
      }),
  });
  return [...declared, registry];
}

function toolBuiltin(tool: HostTool): Builtin {
  if (!NAME.test(tool.name))
    throw new Failure(`tool name ${JSON.stringify(tool.name)}: expected letters, digits and _`);
  return suspending(tool.name, {
    sig: "(args?: dict) -> any",
    doc: tool.description,
    needs: tool.needs ?? "nothing",
    run(_call, args) {
      const given = args.raw("args");
      if (given !== null && !(given instanceof HDict))
        throw runtimeError(`${tool.name}: expected one dict of arguments`);
      return awaitEffect({
        kind: effectKind(tool),
        version: 1,
        args: given === null ? {} : (valueToJson(given) as JsonObject),
        repeat: tool.repeat ?? "never",
        place: "any",
      });
    },
  });
}

function effectKind(tool: HostTool): string {
  return `tool.${tool.name}`;
}

export function hostToolPerformers(tools: readonly HostTool[]): readonly Performer[] {
  return tools.map((tool) => ({
    kind: effectKind(tool),
    version: 1,
    repeat: tool.repeat ?? "never",
    place: "any" as const,
    async perform(args, context) {
      if (context.again && (tool.repeat ?? "never") === "never") {
        throw new Failure(
          `tool ${tool.name}: it is not known whether the call was carried out before the crash`,
          "effect_unknown",
        );
      }
      try {
        const result = await tool.run(args, {
          signal: context.signal,
          callId: context.effectId,
          again: context.again,
          emit: (event) => context.emit(event),
        });
        return (result ?? null) as Json;
      } catch (thrown) {
        if (thrown instanceof Failure) throw thrown;
        throw new Failure(
          `tool ${tool.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
          "tool_error",
        );
      }
    },
  }));
}
