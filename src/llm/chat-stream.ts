/**
 * Puts the chunks of a chat completion together. No I/O: chunks go in, events come out, and at the end the answer.
 *
 * What real servers do and this allows for: tool calls by `index`, or without; two calls under one index, told apart by their ids; a call's name
 * repeated with every piece; arguments as an object; usage in a last chunk without choices; `finish_reason` twice; reasoning under `reasoning` or
 * `reasoning_content` or inline in `<think>`.
 */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { ModelEvent, ModelUsage, ToolCall } from "./contract.ts";
import { createThinkSplitter, type SplitDelta } from "./think-splitter.ts";

export interface AssembledAnswer {
  readonly text: string;
  readonly thinking: string;
  readonly toolCalls: readonly ToolCall[];
  /** What the server searched itself among the tools, as transcript blocks. */
  readonly searches: readonly JsonObject[];
  readonly usage: ModelUsage;
  /** Null: the answer did not say that it is finished. */
  readonly stopReason: string | null;
  /** The server's id of the answer, "" when it gave none. */
  readonly id: string;
}

export const NO_USAGE: ModelUsage = { inputTokens: null, outputTokens: null, cacheReadTokens: 0, cacheWriteTokens: 0 };

interface CallSlot {
  id: string;
  name: string;
  arguments: string;
}

export class ChatAssembly {
  readonly #emit: (event: ModelEvent) => void;
  readonly #splitter = createThinkSplitter();
  readonly #calls: CallSlot[] = [];
  /** The wire's index to the position in `#calls`. */
  readonly #slots = new Map<number, number>();
  readonly #searches: JsonObject[] = [];
  #text = "";
  #thinking = "";
  #usage: ModelUsage = NO_USAGE;
  #stopReason: string | null = null;
  #id = "";

  constructor(emit: (event: ModelEvent) => void) {
    this.#emit = emit;
  }

  /** The server has said that the answer is finished. */
  get finished(): boolean {
    return this.#stopReason !== null;
  }

  /** How far it came, for error texts. */
  get progress(): string {
    const calls = this.#calls.length === 0 ? "" : ` and ${this.#calls.length} tool calls`;
    return `${this.#text.length} characters${calls} received`;
  }

  /** One chunk of a stream, or a whole answer: `message` stands in the place of `delta`. */
  feed(chunk: JsonObject): void {
    if (typeof chunk.id === "string" && this.#id === "") this.#id = chunk.id;
    if (isJsonObject(chunk.usage)) {
      this.#usage = readUsage(chunk.usage);
      this.#emit({ kind: "usage", usage: this.#usage });
    }
    const choice = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
    if (!isJsonObject(choice)) return;
    if (isJsonObject(choice.delta)) this.#feedDelta(choice.delta, false);
    else if (isJsonObject(choice.message)) this.#feedDelta(choice.message, true);
    // The first one counts: some routers send another after it, and "" before it.
    if (this.#stopReason === null && typeof choice.finish_reason === "string" && choice.finish_reason !== "") {
      this.#stopReason = choice.finish_reason;
    }
  }

  #feedDelta(delta: JsonObject, whole: boolean): void {
    this.#addThinking(textOf(delta.reasoning ?? delta.reasoning_content));
    this.#addSplit(this.#splitter.push(textOf(delta.content ?? delta.refusal)));
    if (!Array.isArray(delta.tool_calls)) return;
    delta.tool_calls.forEach((call: Json, position: number) => {
      const search = isJsonObject(call) ? searchBlock(call) : null;
      if (search !== null) this.#searches.push(search);
      else if (isJsonObject(call)) this.#feedCall(call, whole ? position : call.index);
    });
  }

  #feedCall(call: JsonObject, index: Json | undefined): void {
    const body = isJsonObject(call.function) ? call.function : {};
    const id = typeof call.id === "string" ? call.id : "";
    const name = typeof body.name === "string" ? body.name : "";
    const piece =
      typeof body.arguments === "string"
        ? body.arguments
        : isJsonObject(body.arguments)
          ? JSON.stringify(body.arguments)
          : "";
    const position = this.#slotOf(typeof index === "number" ? index : null, id);
    const slot = this.#calls[position]!;
    if (slot.id === "") slot.id = id;
    if (slot.name === "") slot.name = name;
    slot.arguments += piece;
    this.#emit({ kind: "tool_call", index: position, id: slot.id, name: slot.name, argumentsDelta: piece });
  }

  #slotOf(index: number | null, id: string): number {
    const last = this.#calls.length - 1;
    const known = index === null ? (last >= 0 ? last : undefined) : this.#slots.get(index);
    const existing = known === undefined ? undefined : this.#calls[known];
    if (known !== undefined && existing && (id === "" || existing.id === "" || existing.id === id)) return known;
    const position = this.#calls.push({ id: "", name: "", arguments: "" }) - 1;
    if (index !== null) this.#slots.set(index, position);
    return position;
  }

  #addSplit(split: SplitDelta): void {
    this.#addThinking(split.thinking);
    if (split.text === "") return;
    this.#text += split.text;
    this.#emit({ kind: "text", delta: split.text });
  }

  #addThinking(delta: string): void {
    if (delta === "") return;
    this.#thinking += delta;
    this.#emit({ kind: "thinking", delta });
  }

  /** After the last chunk. Calls without an id get `call_1`, `call_2`, … by their position. */
  finish(): AssembledAnswer {
    this.#addSplit(this.#splitter.flush());
    const toolCalls = this.#calls.map((call, index) => ({
      ...call,
      id: call.id === "" ? `call_${index + 1}` : call.id,
    }));
    return {
      text: this.#text,
      thinking: this.#thinking.trim(),
      toolCalls,
      searches: this.#searches,
      usage: this.#usage,
      stopReason: this.#stopReason,
      id: this.#id,
    };
  }
}

/** A search among the tools that the server has carried out: nobody is to run it. Null: a call of a tool. */
function searchBlock(call: JsonObject): JsonObject | null {
  const id = typeof call.id === "string" ? call.id : "";
  const visibility = "internal";
  switch (call.type) {
    case "tool_search_call":
      return {
        type: "tool_search_query",
        id,
        name: "tool_search",
        query: call.query ?? call.input ?? null,
        visibility,
      };
    case "tool_search_output": {
      const of = typeof call.call_id === "string" ? call.call_id : id;
      return { type: "tool_search_result", tool_use_id: of, tool_references: call.tool_references ?? [], visibility };
    }
    default:
      return null;
  }
}

/** Text, or the text of parts. */
function textOf(content: Json | undefined): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: Json) => (isJsonObject(part) && typeof part.text === "string" ? part.text : "")).join("");
}

/** Usage under the names of the several providers. */
export function readUsage(usage: JsonObject): ModelUsage {
  const details = isJsonObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  return {
    inputTokens: firstCount(usage.prompt_tokens, usage.input_tokens),
    outputTokens: firstCount(usage.completion_tokens, usage.output_tokens),
    cacheReadTokens:
      firstCount(
        usage.cache_read_input_tokens,
        details.cached_tokens,
        usage.cache_read_tokens,
        usage.cached_prompt_tokens,
      ) ?? 0,
    cacheWriteTokens: firstCount(usage.cache_creation_input_tokens) ?? 0,
  };
}

function firstCount(...candidates: readonly (Json | undefined)[]): number | null {
  const found = candidates.find((value) => typeof value === "number" && value >= 0);
  return typeof found === "number" ? found : null;
}
