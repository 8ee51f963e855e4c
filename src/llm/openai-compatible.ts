/**
 * The provider for servers that speak chat completions over HTTP: OpenAI, OpenRouter, Together, Groq, Hugging Face, vLLM, SGLang, llama.cpp, Ollama.
 * Our own thin client rather than the vendor's SDK; `docs/decisions/` has the figures.
 *
 * Invariants
 * 1. An answer counts only when the server said that it is finished: `[DONE]` or a finish reason. Else it was cut.
 * 2. Cancelling closes the socket at once, whether the answer has begun or not.
 * 3. The key goes into one header and nowhere else; an error text that repeats it has it removed.
 */
import { Failure } from "../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { type BodySource, readEvents, readText, readWhole, type ServerEvent } from "./body-reader.ts";
import { baseUrlOf, DEFAULT_TIMEOUT_MS, type ProviderDef, secretOf } from "./catalog.ts";
import { chatRequestBody } from "./chat-request.ts";
import { type AssembledAnswer, ChatAssembly } from "./chat-stream.ts";
import type { ModelRequest, ModelResponse, Provider, ProviderContext } from "./contract.ts";
import { responseBlocks } from "./contract.ts";
import { type Deadline, openDeadline } from "./deadline.ts";
import {
  failureOfCut,
  failureOfErrorObject,
  failureOfFetch,
  failureOfMalformed,
  failureOfRefusal,
  ModelFailure,
} from "./http-failure.ts";

export function createOpenAiCompatible(name: string, def: ProviderDef): Provider {
  return { name, call: (request, context) => callChat(name, def, request, context) };
}

async function callChat(
  name: string,
  def: ProviderDef,
  request: ModelRequest,
  context: ProviderContext,
): Promise<ModelResponse> {
  const url = chatUrl(name, def, request, context);
  const secret = secretOf(name, def, request.apiKey, context);
  const bounds = {
    provider: name,
    totalMs: request.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    idleMs: request.idleTimeoutMs ?? null,
  };
  const deadline = openDeadline(bounds, context);
  try {
    const init = {
      method: "POST",
      headers: requestHeaders(def, request, secret),
      body: JSON.stringify(chatRequestBody(request, def.dialect)),
      signal: deadline.signal,
    };
    const answer = await Promise.race([context.fetch(url, init), deadline.aborted]).catch((error) => {
      throw deadline.failure() ?? failureOfFetch(name, url, error);
    });
    const source: BodySource = { provider: name, body: answer.body, deadline };
    deadline.touch();
    if (!answer.ok) {
      // A refusal whose body breaks off is a refusal all the same.
      const body = await readWhole(source).catch(() => "");
      const failure = deadline.failure();
      if (failure) throw failure;
      const { status, statusText, headers } = answer;
      throw failureOfRefusal({ provider: name, status, statusText, headers, body, secret, nowMs: context.now() });
    }
    const assembly = new ChatAssembly((event) => context.emit(event));
    await readAnswer(source, answer.headers.get("content-type") ?? "", assembly, secret, () =>
      dropLater(deadline, context),
    );
    return toResponse(name, request, assembly.finish(), answer.headers);
  } finally {
    deadline.close();
  }
}

function chatUrl(name: string, def: ProviderDef, request: ModelRequest, context: ProviderContext): string {
  const base = (request.baseUrl ?? baseUrlOf(def, context)).replace(/\/+$/, "");
  const path = def.wireEndpoint ?? def.chatEndpoint;
  // A base that already ends in the path's version is what other tools ask for.
  const url = base.endsWith("/v1") && path.startsWith("/v1/") ? base + path.slice(3) : base + path;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new Failure(`provider '${name}': expected an http or https base URL, got ${JSON.stringify(base)}`);
  }
  return url;
}

function requestHeaders(def: ProviderDef, request: ModelRequest, secret: string | null): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: request.stream === false ? "application/json" : "text/event-stream, application/json",
    "idempotency-key": request.idempotencyKey,
    ...def.extraHeaders,
  };
  if (secret !== null && secret !== "") {
    if (def.authStyle === "header") headers[def.authHeader ?? "x-api-key"] = secret;
    else headers.authorization = `Bearer ${secret}`;
  }
  return headers;
}

/** After its last event a server gets this long to end the answer, so that the connection can serve the next call. */
const ENDING_MS = 250;

function dropLater(deadline: Deadline, context: ProviderContext): void {
  context.sleep(ENDING_MS, deadline.closed).then(
    () => deadline.drop(),
    () => undefined,
  );
}

/** A stream of events or one JSON object, by content type, else by how it begins. `onDone`: all that matters has arrived. */
async function readAnswer(
  source: BodySource,
  contentType: string,
  assembly: ChatAssembly,
  secret: string | null,
  onDone: () => void,
): Promise<void> {
  const pieces = readText(source);
  let first = "";
  while (first.trim() === "") {
    const step = await pieces.next();
    if (step.done) break;
    first += step.value;
  }
  if (first.trim() === "") throw failureOfCut(source.provider, "an empty answer", null);
  const rest = prepend(first, pieces);
  const start = first.trimStart();
  const isStream = contentType.includes("event-stream") || /^(data|event|id|retry)?:/.test(start);
  if (isStream && !start.startsWith("{")) return readStream(source, rest, assembly, secret, onDone);
  let whole = "";
  for await (const piece of rest) whole += piece;
  readObject(source, whole, contentType, assembly, secret);
}

async function* prepend(first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

async function readStream(
  source: BodySource,
  pieces: AsyncIterable<string>,
  assembly: ChatAssembly,
  secret: string | null,
  onDone: () => void,
): Promise<void> {
  let done = false;
  try {
    for await (const event of readEvents(pieces, source.provider)) {
      if (done) continue;
      if (event.data.trim() === "[DONE]") {
        done = true;
        onDone();
      } else feedEvent(source.provider, event, assembly, secret);
    }
  } catch (error) {
    if (!done) throw error;
  }
  // Some servers leave `[DONE]` out; a finish reason says as much.
  if (!done && !assembly.finished) throw failureOfCut(source.provider, assembly.progress, null);
}

function feedEvent(provider: string, event: ServerEvent, assembly: ChatAssembly, secret: string | null): void {
  const data = parseJson(event.data);
  if (event.type === "stray") {
    const error = isJsonObject(data) ? data.error : undefined;
    if (error !== undefined) throw failureOfErrorObject(provider, error, secret);
    throw failureOfMalformed(provider, "sent a line that is no event", event.data);
  }
  if (!isJsonObject(data)) throw failureOfMalformed(provider, "sent an event that is not a JSON object", event.data);
  throwIfError(provider, data, event.type, secret);
  assembly.feed(data);
}

function throwIfError(provider: string, data: JsonObject, type: string, secret: string | null): void {
  const error = data.error ?? (type === "error" || data.object === "error" ? data : undefined);
  if (error !== undefined && error !== null) throw failureOfErrorObject(provider, error, secret);
}

function readObject(
  source: BodySource,
  whole: string,
  contentType: string,
  assembly: ChatAssembly,
  secret: string | null,
): void {
  const data = parseJson(whole);
  if (!isJsonObject(data)) {
    const got = contentType === "" ? "" : ` (${contentType})`;
    throw failureOfMalformed(source.provider, `sent an answer that is not a JSON object${got}`, whole);
  }
  throwIfError(source.provider, data, "", secret);
  const choice = Array.isArray(data.choices) ? data.choices[0] : undefined;
  if (!isJsonObject(choice) || !isJsonObject(choice.message)) {
    throw failureOfMalformed(source.provider, "sent an answer without `choices[0].message`", whole);
  }
  assembly.feed(data);
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function toResponse(name: string, request: ModelRequest, answer: AssembledAnswer, headers: Headers): ModelResponse {
  const { thinking, toolCalls, usage } = answer;
  const nothing = answer.text === "" && thinking === "" && toolCalls.length === 0 && answer.searches.length === 0;
  if (nothing && (usage.outputTokens ?? 0) > 0) {
    const text = `${name} model ${request.model} reported ${usage.outputTokens} tokens but delivered no content, reasoning or tool calls`;
    throw new ModelFailure(text, "server_error", { tag: "malformed" });
  }
  const requestId = headers.get("x-request-id") ?? answer.id;
  const response: ModelResponse = {
    // A model that only reasoned has put its answer there.
    text: answer.text === "" && toolCalls.length === 0 ? thinking : answer.text,
    toolCalls,
    ...(thinking === "" ? {} : { thinking }),
    usage,
    stopReason: answer.stopReason,
    model: request.model,
    provider: name,
    costUsd: null,
    ...(requestId === "" ? {} : { requestId }),
  };
  return answer.searches.length === 0
    ? response
    : { ...response, blocks: [...responseBlocks(response), ...answer.searches] };
}
