/**
 * The arguments of a stored `llm.call` effect, read back as a `ModelRequest`. Strict: an unknown or mistyped key is named, with what was
 * expected, since whoever wrote the arguments meant it. A record that carries a key in clear text is refused.
 */
import { Failure } from "../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { ModelRequest, SecretRef } from "./contract.ts";
import { kindOf } from "./message-record.ts";

type Check = (value: Json, place: string) => void;

const text: Check = (value, place) => expect(typeof value === "string", place, "text", value);
const filled: Check = (value, place) =>
  expect(typeof value === "string" && value !== "", place, "text that is not empty", value);
const flag: Check = (value, place) => expect(typeof value === "boolean", place, "true or false", value);
const real: Check = (value, place) => expect(typeof value === "number", place, "a number", value);
const whole: Check = (value, place) => expect(Number.isSafeInteger(value), place, "a whole number", value);
const atLeast =
  (least: number): Check =>
  (value, place) =>
    expect(
      Number.isSafeInteger(value) && (value as number) >= least,
      place,
      `a whole number of at least ${least}`,
      value,
    );
const oneOf =
  (...words: readonly string[]): Check =>
  (value, place) =>
    expect(words.includes(value as string), place, words.join(" or "), value);
const object: Check = (value, place) => expect(isJsonObject(value), place, "an object", value);
const listOf =
  (item: Check): Check =>
  (value, place) => {
    expect(Array.isArray(value), place, "a list", value);
    (value as readonly Json[]).forEach((entry, index) => {
      item(entry, `${place}[${index}]`);
    });
  };

function expect(holds: boolean, place: string, wanted: string, got: Json): void {
  if (holds) return;
  const shown = typeof got === "object" ? kindOf(got) : JSON.stringify(got);
  throw new Failure(`${place}: expected ${wanted}, got ${shown}`);
}

/** A table of keys; those in `required` must be there. */
function fields(keys: Readonly<Record<string, Check>>, required: readonly string[]): Check {
  return (value, place) => {
    object(value, place);
    const given = value as JsonObject;
    for (const key of required) {
      if (given[key] === undefined) throw new Failure(`${place}: expected the key \`${key}\``);
    }
    for (const [key, entry] of Object.entries(given)) {
      const check = Object.hasOwn(keys, key) ? keys[key] : undefined;
      if (!check)
        throw new Failure(`${place}: unknown key \`${key}\`, expected one of ${Object.keys(keys).join(", ")}`);
      check(entry, `${place}.${key}`);
    }
  };
}

const secret: Check = (value, place) => {
  if (typeof value === "string")
    throw new Failure(`${place}: expected {"$secret": {"env": NAME}}, never the key itself`);
  fields({ $secret: fields({ env: filled }, ["env"]) }, ["$secret"])(value, place);
};

const content: Check = (value, place) => {
  if (typeof value === "string") return;
  listOf((part, where) => {
    object(part, where);
    filled((part as JsonObject).type ?? "", `${where}.type`);
  })(value, place);
};

const toolCall = fields({ id: text, name: filled, arguments: text }, ["id", "name", "arguments"]);
const messageKeys: Readonly<Record<string, Check>> = {
  system: fields({ role: text, content, extra: object }, ["content"]),
  user: fields({ role: text, content, extra: object }, ["content"]),
  assistant: fields({ role: text, content, extra: object, toolCalls: listOf(toolCall), reasoning: text }, ["content"]),
  tool: fields({ role: text, content, extra: object, toolCallId: text }, ["content", "toolCallId"]),
};

/** By role. */
const message: Check = (value, place) => {
  object(value, place);
  const role = (value as JsonObject).role ?? "";
  oneOf(...Object.keys(messageKeys))(role, `${place}.role`);
  messageKeys[role as string]?.(value, place);
};

const functionTool = fields(
  { kind: text, name: filled, description: text, parameters: object, outputSchema: object, extra: object },
  ["name", "parameters"],
);
const providerTool = fields({ kind: text, definition: object }, ["definition"]);
const tool: Check = (value, place) => {
  object(value, place);
  const kind = (value as JsonObject).kind ?? "";
  oneOf("function", "provider")(kind, `${place}.kind`);
  (kind === "function" ? functionTool : providerTool)(value, place);
};

const toolChoice: Check = (value, place) => {
  if (isJsonObject(value)) fields({ tool: filled }, ["tool"])(value, place);
  else oneOf("auto", "none", "required")(value, place);
};

/** One entry per key of `ModelRequest`; the compiler refuses a missing one. */
const requestKeys: Readonly<Record<keyof ModelRequest, Check>> = {
  provider: filled,
  model: filled,
  apiKey: secret,
  baseUrl: filled,
  system: text,
  messages: listOf(message),
  tools: listOf(tool),
  toolChoice,
  temperature: real,
  topP: real,
  topK: whole,
  maxTokens: atLeast(1),
  stop: listOf(text),
  seed: whole,
  frequencyPenalty: real,
  presencePenalty: real,
  responseFormat: oneOf("text", "json"),
  jsonSchema: object,
  thinking: fields({ budgetTokens: atLeast(1) }, []),
  prefill: text,
  stream: flag,
  timeoutMs: atLeast(1),
  idleTimeoutMs: atLeast(1),
  retry: fields({ maxAttempts: atLeast(1), baseDelayMs: atLeast(0), maxDelayMs: atLeast(0) }, []),
  overrides: object,
  idempotencyKey: filled,
};

const request = fields(requestKeys, ["provider", "model", "messages"]);

/**
 * Checks an effect's arguments; the call's key is the effect's id unless the arguments name one.
 * Throws a `Failure` that names the key and what was expected.
 */
export function readModelRequest(args: JsonObject, effectId: string): ModelRequest {
  request(args, "llm.call");
  return { idempotencyKey: effectId, ...args } as unknown as ModelRequest;
}

/** A request as effect arguments: plain JSON, keys without a value left out. */
export function writeModelRequest(value: Omit<ModelRequest, "idempotencyKey">): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

export function secretRef(env: string): SecretRef {
  return { $secret: { env } };
}
