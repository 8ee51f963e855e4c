/**
 * A model server for tests: real HTTP on 127.0.0.1, chat completions in the OpenAI form, answers from a script (`script.ts`).
 *
 *   node tests/loopback/server.ts --script FILE [--port N] [--log FILE]
 *
 * Prints the base URL (the value for `LOCAL_LLM_BASE_URL`) as its first line. The log has two lines of JSON per request: `request` when it has
 * arrived whole, written before the first byte of the answer, and `end` with what became of it. `GET /requests` answers with the same.
 */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { setTimeout as delay, setImmediate as immediate } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type AnswerFrame, plainBody, streamBody } from "./body.ts";
import { type ChatRequest, readChatRequest, ruleFits, viewRequest } from "./match.ts";
import { checkRule, type Rule, type RuleDelivery, type RuleRefusal, readScript, type Script } from "./script.ts";

/** How a request ended, seen from here. */
export type Outcome = "answered" | "refused" | "cut" | "client_closed" | "no_rule";

export interface LoggedRequest {
  /** From 1, in the order of arrival. */
  readonly seq: number;
  /** The `Idempotency-Key` header, null when there was none. */
  readonly key: string | null;
  /** How many requests had this key before. */
  readonly repeat: number;
  readonly model: string;
  /** Name or number of the rule; null: none fitted. */
  readonly rule: string | null;
  readonly turn: number;
  readonly messages: number;
  /** The beginning of the last message. */
  readonly last: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it was sent. */
  readonly body: unknown;
  /** Null while it runs. */
  outcome: Outcome | null;
}

export interface Loopback {
  /** `http://127.0.0.1:PORT`, without `/v1`. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly LoggedRequest[];
  /** Resolves once so many requests have ended with that outcome (any outcome without one). */
  ended(count: number, outcome?: Outcome): Promise<void>;
  /** Resolves once so many requests have arrived. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface LoopbackOptions {
  readonly script: Script | readonly Rule[];
  /** 0 or absent: the system chooses. */
  readonly port?: number;
  /** Emptied at the start. */
  readonly log?: string;
}

export async function startLoopback(options: LoopbackOptions): Promise<Loopback> {
  const script: Script = "rules" in options.script ? options.script : { rules: options.script, folder: "" };
  script.rules.forEach((rule, index) => {
    checkRule(`rule ${index + 1}`, rule);
  });
  if (options.log !== undefined) writeFileSync(options.log, "");

  const requests: LoggedRequest[] = [];
  const uses = new Map<string, number>();
  const waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  const notify = (): void => {
    for (const waiter of waiting.splice(0)) {
      if (waiter.holds()) waiter.resolve();
      else waiting.push(waiter);
    }
  };
  const until = (holds: () => boolean): Promise<void> =>
    holds() ? Promise.resolve() : new Promise((resolve) => waiting.push({ holds, resolve }));
  const log = (line: object): void => {
    if (options.log !== undefined) appendFileSync(options.log, `${JSON.stringify(line)}\n`);
  };
  const count = (key: string): number => {
    const before = uses.get(key) ?? 0;
    uses.set(key, before + 1);
    return before;
  };

  const answerChat = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: unknown = JSON.parse(await readBody(request));
    const chat = readChatRequest(body);
    const index = script.rules.findIndex(
      (rule, at) =>
        ruleFits(rule.match ?? {}, chat) && (rule.times === undefined || (uses.get(`rule ${at}`) ?? 0) < rule.times),
    );
    const rule = script.rules[index];
    const key = request.headers["idempotency-key"];
    const view = viewRequest(chat);
    const entry: LoggedRequest = {
      seq: requests.length + 1,
      key: typeof key === "string" ? key : null,
      repeat: typeof key === "string" ? count(`key ${key}`) : 0,
      model: chat.model,
      rule: rule ? (rule.name ?? String(index + 1)) : null,
      turn: view.turn,
      messages: view.messages,
      last: view.last.slice(0, 200),
      headers: request.headers as Record<string, string>,
      body,
      outcome: null,
    };
    requests.push(entry);
    const { headers: _headers, body: _body, outcome: _outcome, ...shown } = entry;
    log({ event: "request", ...shown });
    notify();

    const end = (outcome: Outcome): void => {
      if (entry.outcome !== null) return;
      entry.outcome = outcome;
      log({ event: "end", seq: entry.seq, key: entry.key, outcome });
      notify();
    };
    // Whatever ends the connection without our doing is the client's doing.
    response.on("close", () => end(response.writableFinished ? "answered" : "client_closed"));

    if (!rule) {
      refuse(response, {
        status: 400,
        body: { error: { type: "no_rule", message: `loopback: no rule fits: ${shown.last}` } },
      });
      return end("no_rule");
    }
    count(`rule ${index}`);
    const failed = rule.failFirst ? count(`fail ${index} ${entry.key ?? ""}`) < rule.failFirst.times : false;
    const refusal = failed ? rule.failFirst?.refuse : rule.refuse;
    if (refusal) {
      refuse(response, refusal);
      return end("refused");
    }
    const delivery = failed ? { ...rule.deliver, ...rule.failFirst?.deliver } : (rule.deliver ?? {});
    const frame: AnswerFrame = {
      id: `chatcmpl-loopback-${entry.seq}`,
      model: chat.model,
      created: Math.floor(Date.now() / 1000),
      ruleName: entry.rule ?? "",
      view,
    };
    await deliver(response, rule, chat, frame, delivery, script.folder, end);
  };

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://loopback").pathname;
    if (request.method === "POST" && path.endsWith("/chat/completions")) {
      answerChat(request, response).catch((error) =>
        refuse(response, { status: 400, body: { error: { message: String(error) } } }),
      );
    } else if (request.method === "GET" && path === "/requests") {
      sendJson(response, 200, requests);
    } else if (request.method === "GET" && path.endsWith("/models")) {
      sendJson(response, 200, { object: "list", data: [{ id: "loopback", object: "model" }] });
    } else {
      sendJson(response, 404, { error: { message: `loopback: no such path: ${request.method} ${path}` } });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    arrived: (wanted) => until(() => requests.length >= wanted),
    ended: (wanted, outcome) =>
      until(
        () =>
          requests.filter((entry) => (outcome ? entry.outcome === outcome : entry.outcome !== null)).length >= wanted,
      ),
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

function refuse(response: ServerResponse, refusal: RuleRefusal): void {
  const isText = typeof refusal.body === "string";
  const body = isText
    ? (refusal.body as string)
    : JSON.stringify(refusal.body ?? { error: { message: `status ${refusal.status}` } });
  response.writeHead(refusal.status, {
    "content-type": isText ? "text/plain" : "application/json",
    ...refusal.headers,
  });
  response.end(body);
}

async function deliver(
  response: ServerResponse,
  rule: Rule,
  chat: ChatRequest,
  frame: AnswerFrame,
  delivery: RuleDelivery,
  folder: string,
  end: (outcome: Outcome) => void,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const pause = (ms: number): Promise<unknown> =>
    ms === 0 ? immediate() : delay(ms, undefined, { signal: gone.signal }).catch(() => undefined);
  const forever = (): Promise<unknown> =>
    new Promise((resolve) => gone.signal.addEventListener("abort", resolve, { once: true }));

  if (delivery.firstDelayMs) await pause(delivery.firstDelayMs);
  if (delivery.hang) await forever();
  if (gone.signal.aborted) return;

  const streamed = (delivery.mode ?? (chat.stream ? "stream" : "plain")) === "stream";
  const recorded = rule.answer?.wireFile
    ? readFileSync(resolve(folder, rule.answer.wireFile), "utf8")
    : rule.answer?.wire;
  const body = Buffer.from(
    recorded ?? (streamed ? streamBody(rule, frame, delivery) : plainBody(rule, frame, delivery)),
  );
  const type = streamed || recorded !== undefined ? "text/event-stream" : "application/json";
  response.writeHead(200, { "content-type": rule.answer?.contentType ?? type, "x-request-id": `req-${frame.id}` });
  // Else the head would wait for the first byte of the body.
  response.flushHeaders();

  const limit = Math.min(delivery.cutAfterBytes ?? body.length, delivery.endAfterBytes ?? body.length);
  const stallAt = delivery.stall ? Math.floor(body.length / 2) : body.length;
  const size = delivery.chunkBytes ?? (delivery.delayMs ? 64 : body.length);
  for (let at = 0; at < limit; at += size) {
    if (at >= stallAt) await forever();
    if (gone.signal.aborted) return;
    const piece = body.subarray(at, Math.min(at + size, limit, Math.max(stallAt, at)));
    await new Promise<void>((resolve) => response.write(piece, () => resolve()));
    // Small pieces must go out one by one, else the system joins them.
    await pause(delivery.delayMs ?? 0);
  }
  if (delivery.stall || delivery.linger) await forever();
  if (gone.signal.aborted) return;
  if (delivery.cutAfterBytes !== undefined) {
    end("cut");
    response.socket?.destroy();
    return;
  }
  // The answer counts once it is handed to the system.
  await new Promise<void>((resolve) => response.end(resolve));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { script: { type: "string" }, port: { type: "string" }, log: { type: "string" } },
  });
  if (values.script === undefined)
    throw new Error("usage: node tests/loopback/server.ts --script FILE [--port N] [--log FILE]");
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port: expected a port number, got ${values.port}`);
  const loopback = await startLoopback({ script: readScript(values.script), port, log: values.log });
  console.log(loopback.url);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void loopback.close());
}

if (import.meta.main) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
