/** Calls of a model from a program, and the agent loop as a builtin. */
import { Failure } from "../base/failure.ts";
import type { Args } from "../builtin/arguments.ts";
import type { Call, Outcome, Suspension } from "../builtin/call.ts";
import { awaitEffect, runMachine, Suspension as SuspensionClass } from "../builtin/call.ts";
import type { Builtin, Need } from "../builtin/declaration.ts";
import { suspending } from "../builtin/declaration.ts";
import { categoryError, Raise, raiseFailure, runtimeError } from "../builtin/raise.ts";
import type { ModelResponse } from "../llm/contract.ts";
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { afterLoading } from "../vm/load-machine.ts";
import { vmCall } from "../vm/vm-call.ts";
import { AGENT_LOOP_MACHINE, agentLoopState } from "./loop-scope.ts";
import { modelEffect, modelRequest } from "./model-request.ts";
import { responseDict } from "./response-dict.ts";
import { unloadedSession } from "./sessions.ts";
import { reportAnswer } from "./spending.ts";
import { readStructured, structuredWish } from "./structured-answer.ts";
import { registryEntries } from "./tool-registry.ts";
import { loadedTools, readToolSearch, searchableSchemas, searchNote } from "./tool-search.ts";

export const NEEDS_MODEL: Need = { grant: "llm.call", effect: "network", over: "llm.call" };
/** Attempts at one question, unless `llm_retries` says otherwise. */
const ATTEMPTS = 5;

/** A call under way: plain values, kept with the wait. */
interface CallParts {
  readonly messages: HList;
  readonly system: string | null;
  readonly options: HDict;
  /** How often the model was asked again for JSON that fits. */
  readonly asked: number;
  /** When, in epoch milliseconds. */
  readonly askedMs: number;
}

export function optionsOf(args: { raw(name: "options"): Value }, who: string): HDict {
  const options = args.raw("options");
  if (options === null) return HDict.empty();
  if (options instanceof HDict) return options;
  throw runtimeError(`${who}: options must be a dict`);
}

function startCall(call: Call, args: Args<"prompt" | "system" | "options">, who: string): Suspension {
  const options = optionsOf(args, who);
  if (options.get("transcript") instanceof HDict) {
    throw runtimeError(`${who}: the \`transcript\` option was removed; continue a conversation with \`session_id\``);
  }
  const system = args.raw("system");
  const prompt = args.raw("prompt");
  const given = options.get("messages");
  const messages = given instanceof HList ? [...given.items] : [];
  const text = prompt === null ? "" : displayValue(prompt);
  if (text !== "" || messages.length === 0) messages.push(HDict.of({ role: "user", content: text }));
  structuredWish(options);
  const parts = {
    messages: new HList(messages),
    system: system === null ? null : displayValue(system),
    options,
    asked: 0,
    askedMs: call.ports.clock.nowMs(),
  };
  return askModel(call, parts, who);
}

function askModel(call: Call, parts: CallParts, who: string): Suspension {
  const { options } = parts;
  const tools = options.get("tools") ?? null;
  const entries = tools === null ? [] : registryEntries(tools, `${who}: tools`);
  const search = readToolSearch(call, options, entries);
  const loaded = loadedTools(search, entries);
  const note = searchNote(search, loaded, entries);
  const request = modelRequest(call, {
    messages: parts.messages,
    system: note === "" ? parts.system : [parts.system ?? "", note].filter((part) => part !== "").join("\n\n"),
    options,
    tools: searchableSchemas(search, loaded),
  });
  const retries = options.get("llm_retries");
  const maxAttempts = typeof retries === "number" ? retries + 1 : ATTEMPTS;
  const effect = modelEffect(call, { ...request, retry: { maxAttempts } });
  return awaitEffect(effect, share(HDict.of({ ...parts, messages: share(parts.messages), options: share(options) })));
}

function partsOf(data: Value): CallParts {
  const dict = data as HDict;
  return {
    messages: dict.get("messages") as HList,
    system: dict.get("system") as string | null,
    options: dict.get("options") as HDict,
    asked: dict.get("asked") as number,
    askedMs: dict.get("askedMs") as number,
  };
}

function finishCall(call: Call, outcome: Outcome, data: Value, who: string): Value | Suspension {
  if (outcome.kind === "failed") throw raiseFailure(outcome);
  if (outcome.kind !== "result") return null;
  const response = outcome.result as unknown as ModelResponse;
  const parts = partsOf(data);
  reportAnswer(call, response, parts.askedMs);
  const { items } = parts.messages;
  const wish = structuredWish(parts.options);
  const result = responseDict(
    vmCall(call),
    response,
    items.map((item) => share(item)),
  );
  if (wish === null) return result;
  const structured = readStructured(response.text, wish);
  if (structured.data !== undefined) result.set("data", structured.data);
  if (structured.kind === "data") return result;
  const { complaints } = structured;
  if (wish.schema !== null && parts.asked < wish.retries && wish.nudge !== null) {
    call.emit({ type: "schema_retry", attempt: parts.asked + 1, errors: complaints, worker_id: call.scope.worker });
    const again = [
      HDict.of({ role: "assistant", content: response.text }),
      HDict.of({ role: "user", content: wish.nudge(complaints) }),
    ];
    return askModel(
      call,
      {
        ...parts,
        messages: new HList([...items, ...again]),
        asked: parts.asked + 1,
        askedMs: call.ports.clock.nowMs(),
      },
      who,
    );
  }
  if (wish.schema === null) return result;
  const message = `LLM output failed schema validation: ${complaints.join("; ")}${hint(wish.retries, parts.asked)}`;
  if (wish.onFailure === "error") throw categoryError("schema_validation", message);
  if (wish.onFailure === "warn")
    call.emit({ type: "warning", message: `${who}: ${message}`, worker_id: call.scope.worker });
  return result;
}

function hint(retries: number, asked: number): string {
  if (asked > 0) return ` (the model was asked again ${asked} ${asked === 1 ? "time" : "times"})`;
  return retries === 0 ? " (with `schema_retries: N` the model is asked again)" : "";
}

/** What `llm_call_safe` answers: `{ok, response, error}`. What it has to wait for again stays that. */
function enveloped(make: () => Value | Suspension): Value | Suspension {
  try {
    const response = make();
    if (response instanceof SuspensionClass) return response;
    return HDict.of({ ok: true, response, error: null });
  } catch (thrown) {
    if (!(thrown instanceof Raise)) throw thrown;
    const { error } = thrown;
    const message = error.kind === "thrown" ? displayValue(error.value) : error.message;
    return HDict.of({ ok: false, response: null, error: HDict.of({ category: error.category ?? "generic", message }) });
  }
}

export const llmBuiltins: readonly Builtin[] = [
  suspending("llm_call", {
    sig: "(prompt: string, system?: string, options?: dict) -> dict",
    doc: "Asks a model once: text, data, tool_calls, tokens, blocks, transcript. Options name the provider, the model and how it is to answer; `timeout` is seconds or a duration.",
    needs: NEEDS_MODEL,
    examples: [
      {
        code: 'llm_mock({text: "Paris"})\nlet answer = llm_call("The capital of France?", nil, {provider: "mock"})\nprintln(answer.text)',
        prints: "Paris",
      },
    ],
    run: (call, args) => startCall(call, args, "llm_call"),
    finish: (call, outcome, data) => finishCall(call, outcome, data, "llm_call"),
  }),
  suspending("llm_call_safe", {
    sig: "(prompt: string, system?: string, options?: dict) -> dict",
    doc: "As `llm_call`, but a failure is an answer: {ok, response, error: {category, message}}.",
    needs: NEEDS_MODEL,
    examples: [
      {
        code: 'llm_mock({error: {category: "rate_limit", message: "slow down"}})\nlet answer = llm_call_safe("Hi", nil, {provider: "mock"})\nprintln(answer.ok)\nprintln(answer.error.category)',
        prints: "false\nrate_limit",
      },
    ],
    run: (call, args) => enveloped(() => startCall(call, args, "llm_call_safe")),
    finish: (call, outcome, data) => enveloped(() => finishCall(call, outcome, data, "llm_call_safe")),
  }),
  suspending("agent_loop", {
    sig: "(prompt: string, system?: string, options?: dict) -> dict",
    doc: "Lets a model work on a task with tools until it is done: status, text, tools used and rejected, usage, transcript.",
    needs: NEEDS_MODEL,
    examples: [
      {
        code: 'llm_mock({text: "All good."})\nlet result = agent_loop("Check the build", nil, {provider: "mock"})\nprintln(result.text)',
        prints: "All good.",
      },
    ],
    run(call, args) {
      const options = optionsOf(args, "agent_loop");
      const system = args.raw("system");
      const prompt = args.raw("prompt");
      const named = options.get("session_id");
      const unloaded = typeof named === "string" ? unloadedSession(vmCall(call), named) : null;
      if (unloaded !== null) return afterLoading([unloaded], "agent_loop", [prompt, system, args.raw("options")]);
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
