/** A request in the chat-completions form. What only some servers understand is sent only to those (`ChatDialect`). */
import type { Json, JsonObject } from "../base/json.ts";
import type { ContentPart, ModelMessage, ModelRequest, ToolChoice } from "./contract.ts";
import { contentText, messageToRecord, toolToRecord } from "./message-record.ts";

/** In what servers of this form differ. */
export interface ChatDialect {
  /** Understands `chat_template_kwargs` (vLLM, SGLang): thinking on or off, continuing a prefilled answer. */
  readonly templateArguments: boolean;
  /** Wants `max_completion_tokens` for its reasoning models. */
  readonly completionTokenLimit: boolean;
}

type Body = { [key: string]: Json };

export function chatRequestBody(request: ModelRequest, dialect: ChatDialect): JsonObject {
  const body: Body = { model: request.model, messages: chatMessages(request) };
  const put = (key: string, value: Json | undefined): void => {
    if (value !== undefined) body[key] = value;
  };
  const renamed = dialect.completionTokenLimit && /^(o\d|gpt-[5-9])/.test(request.model);
  put(renamed ? "max_completion_tokens" : "max_tokens", request.maxTokens);
  put("temperature", request.temperature);
  put("top_p", request.topP);
  put("top_k", request.topK);
  put("stop", request.stop);
  put("seed", request.seed);
  put("frequency_penalty", request.frequencyPenalty);
  put("presence_penalty", request.presencePenalty);
  put("response_format", responseFormat(request));
  if (request.tools && request.tools.length > 0) {
    body.tools = request.tools.map(toolToRecord);
    put("tool_choice", toolChoice(request.toolChoice));
  }
  if (dialect.templateArguments) body.chat_template_kwargs = templateArguments(request);
  if (request.stream !== false) {
    body.stream = true;
    body.stream_options = { include_usage: true };
  }
  return { ...body, ...request.overrides };
}

function responseFormat(request: ModelRequest): JsonObject | undefined {
  if (request.responseFormat !== "json") return undefined;
  if (!request.jsonSchema) return { type: "json_object" };
  return { type: "json_schema", json_schema: { name: "response", schema: request.jsonSchema, strict: true } };
}

function toolChoice(choice: ToolChoice | undefined): Json | undefined {
  return typeof choice === "object" ? { type: "function", function: { name: choice.tool } } : choice;
}

/** Always stated: some templates think when nothing is said. */
function templateArguments(request: ModelRequest): JsonObject {
  const thinking = { enable_thinking: request.thinking !== undefined };
  return request.prefill === undefined
    ? thinking
    : { ...thinking, add_generation_prompt: false, continue_final_message: true };
}

function chatMessages(request: ModelRequest): readonly JsonObject[] {
  const messages: JsonObject[] = [];
  if (request.system !== undefined) messages.push({ role: "system", content: request.system });
  for (const message of request.messages) messages.push(...chatMessage(message));
  if (request.prefill !== undefined) messages.push({ role: "assistant", content: request.prefill });
  return messages;
}

/** One message as one or, with tool results among a user's parts, several. An assistant's parts are joined: servers take only text there. */
function chatMessage(message: ModelMessage): readonly JsonObject[] {
  switch (message.role) {
    case "user": {
      if (typeof message.content === "string") return [messageToRecord(message)];
      const results = message.content.filter((part) => part.type === "tool_result");
      const others = message.content.filter((part) => part.type !== "tool_result");
      const answers = results.map((part) => ({
        role: "tool",
        tool_call_id: typeof part.tool_use_id === "string" ? part.tool_use_id : "",
        content: contentText([part]),
      }));
      return others.length === 0 ? answers : [...answers, messageToRecord({ ...message, content: others })];
    }
    case "assistant": {
      const { reasoning: _private, ...rest } = message;
      if (typeof message.content === "string") return [messageToRecord(rest)];
      return [messageToRecord({ ...rest, content: contentText(message.content.filter(isVisible)) })];
    }
    case "system":
    case "tool":
      return [messageToRecord({ ...message, content: contentText(message.content) })];
  }
}

/** Reasoning and calls have their own places. */
function isVisible(part: ContentPart): boolean {
  return part.type === "text" || part.type === "output_text";
}
