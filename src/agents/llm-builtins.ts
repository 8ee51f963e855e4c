/** Calls of a model from a program, and the agent loop as a builtin. */
import { Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import type { Args } from "../builtin/arguments.ts";
import type { Call, Outcome } from "../builtin/call.ts";
import { awaitEffect, runMachine } from "../builtin/call.ts";
import type { Builtin, Need } from "../builtin/declaration.ts";
import { suspending } from "../builtin/declaration.ts";
import { raiseFailure, runtimeError } from "../builtin/raise.ts";
import { type ModelResponse, parseArguments, responseBlocks } from "../llm/contract.ts";
import { displayValue } from "../value/display.ts";
import { jsonToValue, parseJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { vmCall } from "../vm/vm-call.ts";
import { AGENT_LOOP_MACHINE, agentLoopState } from "./loop-scope.ts";
import { modelEffect, modelRequest, toolSchemas } from "./model-request.ts";
import { registryEntries } from "./tool-registry.ts";
import { transcriptDict, transcriptEvent } from "./transcripts.ts";
import { visibleText } from "./visible-text.ts";

const NEEDS_MODEL: Need = { grant: "llm.call", effect: "network", over: "llm.call" };

function optionsOf(args: { raw(name: "options"): Value }, who: string): HDict {
  const options = args.raw("options");
  if (options === null) return new HDict();
  if (options instanceof HDict) return options;
  throw runtimeError(`${who}: options must be a dict`);
}

type CallArgs = Args<"prompt" | "system" | "options">;

function startCall(call: Call, args: CallArgs, who: string) {
  const options = optionsOf(args, who);
  const system = args.raw("system");
  const prompt = args.raw("prompt");
  const given = options.get("messages");
  const messages = given instanceof HList ? [...given.items] : [];
  const text = prompt === null ? "" : displayValue(prompt);
  if (text !== "" || messages.length === 0) messages.push(HDict.of({ role: "user", content: text }));
  const tools = options.get("tools") ?? null;
  const list = new HList(messages);
  const request = modelRequest(call, {
    messages: list,
    system: system === null ? null : displayValue(system),
    options,
    tools: tools === null ? [] : toolSchemas(registryEntries(tools, `${who}: tools`)),
  });
  const retries = options.get("llm_retries");
  const effect = modelEffect(call, {
    ...request,
    retry: { maxAttempts: typeof retries === "number" ? retries + 1 : 5 },
  });
  const json = request.responseFormat === "json";
  return awaitEffect(effect, HDict.of({ messages: share(list), json }));
}

/** The result dict of a model call (the reference's keys, and `cost_usd`). */
export function responseDict(call: Call, response: ModelResponse, data: Value): HDict {
  const wanted = data instanceof HDict ? data : new HDict();
  const asked = wanted.get("messages");
  const blocks = responseBlocks(response).map((block) => jsonToValue(block as Json));
  const visible = visibleText(response.text, "##DONE##");
  const answer = HDict.of({ role: "assistant", content: response.text });
  const messages = asked instanceof HList ? [...asked.items.map((item) => share(item)), answer] : [answer];
  const vm = vmCall(call);
  const events = messages.map((message) => {
    const role = message instanceof HDict ? displayValue(message.get("role") ?? "user") : "user";
    const text = message instanceof HDict ? displayValue(message.get("content") ?? "") : "";
    return transcriptEvent(vm, { kind: "message", role, visibility: "public", text, metadata: null });
  });
  const result = HDict.of({
    text: response.text,
    visible_text: visible,
    prose: visible,
    model: response.model,
    provider: response.provider,
    input_tokens: response.usage.inputTokens ?? 0,
    output_tokens: response.usage.outputTokens ?? 0,
    cache_read_tokens: response.usage.cacheReadTokens,
    cache_write_tokens: response.usage.cacheWriteTokens,
    cost_usd: response.costUsd,
    blocks: new HList(blocks),
    transcript: transcriptDict({
      id: `transcript_${call.ports.ids.uuidv7()}`,
      messages: new HList(messages),
      events: new HList(events),
      summary: null,
      state: null,
      metadata: null,
    }),
  });
  if (response.stopReason !== null) result.set("stop_reason", response.stopReason);
  if (response.thinking) {
    result.set("thinking", response.thinking);
    result.set("private_reasoning", response.thinking);
  }
  if (response.toolCalls.length > 0) {
    const calls = response.toolCalls.map(({ id, name, arguments: text }) =>
      HDict.of({ id, name, arguments: jsonToValue(parseArguments(text)), type: "tool_call" }),
    );
    result.set("tool_calls", new HList(calls));
  }
  if (wanted.get("json") === true) {
    const parsed = parseJson(jsonText(response.text));
    if (parsed.ok) result.set("data", parsed.value);
  }
  return result;
}

/** Models like to put JSON into a fence. */
function jsonText(text: string): string {
  const fenced = /```(?:json)?\s*([\s\S]*?)```/.exec(text);
  return (fenced?.[1] ?? text).trim();
}

function finishCall(call: Call, outcome: Outcome, data: Value): Value {
  if (outcome.kind === "failed") throw raiseFailure(outcome);
  if (outcome.kind !== "result") return null;
  return responseDict(call, outcome.result as unknown as ModelResponse, data);
}

export const llmBuiltins: readonly Builtin[] = [
  suspending("llm_call", {
    sig: "(prompt: string, system?: string, options?: dict) -> dict",
    doc: "Asks a model once: text, tool_calls, tokens, blocks, transcript. Options name the provider, the model and how it is to answer.",
    needs: NEEDS_MODEL,
    run: (call, args) => startCall(call, args, "llm_call"),
    finish: finishCall,
  }),
  suspending("llm_call_safe", {
    sig: "(prompt: string, system?: string, options?: dict) -> dict",
    doc: "As `llm_call`, but a failure is an answer: {ok, response, error: {category, message}}.",
    needs: NEEDS_MODEL,
    run: (call, args) => startCall(call, args, "llm_call_safe"),
    finish(call, outcome, data) {
      if (outcome.kind === "failed") {
        const error = HDict.of({ category: outcome.category ?? "generic", message: outcome.message });
        return HDict.of({ ok: false, response: null, error });
      }
      return HDict.of({ ok: true, response: finishCall(call, outcome, data), error: null });
    },
  }),
  suspending("agent_loop", {
    sig: "(prompt: string, system?: string, options?: dict) -> dict",
    doc: "Lets a model work on a task with tools until it is done: status, text, tools used and rejected, usage, transcript.",
    needs: NEEDS_MODEL,
    run(call, args) {
      const options = optionsOf(args, "agent_loop");
      const system = args.raw("system");
      const prompt = args.raw("prompt");
      try {
        return runMachine(
          AGENT_LOOP_MACHINE,
          agentLoopState(vmCall(call), {
            prompt: prompt === null ? "" : displayValue(prompt),
            system: system === null ? null : displayValue(system),
            options,
          }),
        );
      } catch (error) {
        if (error instanceof Failure) throw raiseFailure(error);
        throw error;
      }
    },
  }),
];
