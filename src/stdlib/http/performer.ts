/**
 * `http.request`: one attempt at a request, redirects included.
 *
 * Arguments: `method`, `url`, `headers` (pairs), `body` (text or null), `timeout_ms`, `redirects` (how many are followed at most), `max_bytes`,
 * `repeatable`. Texts may refer to secrets (policy/secret-texts.ts). Result: `{response: {status, headers, body}}`, or `{error: {message, category,
 * unsent}}` when none came; `unsent`: the server got nothing, or was too slow.
 *
 * The note says that the request was begun. After a crash, one that was begun and may not be repeated fails with `effect_unknown`.
 */
import { type ErrorCategory, Failure } from "../../base/failure.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { resolveText } from "../../policy/secret-texts.ts";
import type { PerformContext, Performer } from "../../ports/effects.ts";

export const httpPerformer: Performer = { kind: "http.request", version: 1, repeat: "never", place: "any", perform };

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string | null;
}

interface Limits {
  readonly timeoutMs: number;
  readonly redirects: number;
  readonly maxBytes: number;
}

/** An attempt that brought no answer. */
class NoAnswer {
  readonly message: string;
  readonly category: ErrorCategory;
  readonly unsent: boolean;
  constructor(message: string, category: ErrorCategory, unsent: boolean) {
    this.message = message;
    this.category = category;
    this.unsent = unsent;
  }
}

async function perform(args: JsonObject, context: PerformContext): Promise<Json> {
  const request = readRequest(args, context);
  const limits: Limits = {
    timeoutMs: Number(args.timeout_ms),
    redirects: Number(args.redirects),
    maxBytes: Number(args.max_bytes),
  };
  if (args.repeatable !== true) {
    if (context.again && context.note !== null) {
      throw new Failure(
        `${place(request)} was under way when this program's process died; whether the server did it is not known`,
        "effect_unknown",
      );
    }
    await context.note_({ begun: true });
  }
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  try {
    const response = await followed(request, limits, AbortSignal.any([context.signal, timeout]), context);
    return { response };
  } catch (thrown) {
    if (context.signal.aborted) throw new Failure(`${place(request)} was cancelled`, "cancelled");
    if (timeout.aborted) {
      const message = `${place(request)}: no whole answer within ${limits.timeoutMs} ms`;
      return { error: { message, category: "timeout", unsent: true } };
    }
    if (!(thrown instanceof NoAnswer)) throw thrown;
    return { error: { message: thrown.message, category: thrown.category, unsent: thrown.unsent } };
  }
}

/** Method and address for messages: without user, password and query, which may hold secrets. */
const place = ({ method, url }: Request): string => `${method} ${url.origin}${url.pathname}`;

function readRequest(args: JsonObject, { ports }: PerformContext): Request {
  const text = (json: Json | undefined): string => resolveText(json, ports.environment) ?? "";
  const url = new URL(text(args.url));
  const headers = new Headers();
  for (const pair of Array.isArray(args.headers) ? (args.headers as readonly Json[]) : []) {
    if (Array.isArray(pair)) headers.set(text(pair[0]), text(pair[1]));
  }
  if (url.username !== "" || url.password !== "") {
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    if (!headers.has("authorization")) headers.set("authorization", `Basic ${base64(user)}`);
    url.username = "";
    url.password = "";
  }
  return { method: String(args.method), url, headers, body: resolveText(args.body, ports.environment) };
}

export const base64 = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));

async function followed(first: Request, limits: Limits, signal: AbortSignal, context: PerformContext): Promise<Json> {
  let request = first;
  for (let hops = 0; ; hops++) {
    const response = await send(request, signal, context);
    const target = response.headers.get("location");
    const redirects = [301, 302, 303, 307, 308].includes(response.status) && target !== null && limits.redirects > 0;
    if (!redirects) return whole(request, response, limits);
    await response.body?.cancel();
    if (hops >= limits.redirects)
      throw new NoAnswer(`${place(first)}: more than ${limits.redirects} redirects`, "generic", false);
    request = redirected(request, response.status, target);
  }
}

async function send(request: Request, signal: AbortSignal, { ports }: PerformContext): Promise<Response> {
  const { method, url, headers, body } = request;
  try {
    return await ports.network.fetch(url, { method, headers, body, redirect: "manual", signal });
  } catch (error) {
    const { reason, unsent, passing } = causeOf(error);
    throw new NoAnswer(`${place(request)}: ${reason}`, passing ? "transient_network" : "generic", unsent);
  }
}

/** As browsers do: another method than GET becomes one except on 307 and 308; credentials do not leave the origin. */
function redirected(request: Request, status: number, target: string): Request {
  const url = URL.canParse(target, request.url) ? new URL(target, request.url) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new NoAnswer(
      `${place(request)}: redirected to ${JSON.stringify(target)}, which is no http URL`,
      "generic",
      false,
    );
  const headers = new Headers(request.headers);
  if (url.origin !== request.url.origin) for (const name of ["authorization", "cookie"]) headers.delete(name);
  const becomesGet = status === 303 ? request.method !== "HEAD" : status < 303 && request.method === "POST";
  if (!becomesGet) return { ...request, url, headers };
  for (const name of ["content-type", "content-length", "content-encoding"]) headers.delete(name);
  return { method: "GET", url, headers, body: null };
}

async function whole(request: Request, response: Response, { maxBytes }: Limits): Promise<Json> {
  const decoder = decoderOf(response.headers.get("content-type"));
  const parts: string[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  try {
    for (let step = await reader?.read(); step !== undefined && !step.done; step = await reader?.read()) {
      bytes += step.value.byteLength;
      if (bytes > maxBytes) {
        throw new NoAnswer(`${place(request)}: the answer is longer than ${maxBytes} bytes`, "generic", false);
      }
      parts.push(decoder.decode(step.value, { stream: true }));
    }
  } catch (error) {
    if (error instanceof NoAnswer) throw error;
    const { reason } = causeOf(error);
    throw new NoAnswer(
      `${place(request)}: the answer broke off after ${bytes} bytes: ${reason}`,
      "transient_network",
      false,
    );
  } finally {
    reader?.cancel().catch(() => undefined);
  }
  parts.push(decoder.decode());
  return { status: response.status, headers: Object.fromEntries(response.headers), body: parts.join("") };
}

/** Of the charset that the answer names; UTF-8 when it names none that is known. */
function decoderOf(contentType: string | null): TextDecoder {
  const named = /charset="?([\w-]+)/i.exec(contentType ?? "")?.[1] ?? "utf-8";
  try {
    return new TextDecoder(named);
  } catch {
    return new TextDecoder();
  }
}

const REASONS: ReadonlyMap<string, { readonly text: string; readonly unsent: boolean }> = new Map([
  ["ECONNREFUSED", { text: "connection refused", unsent: true }],
  ["ENOTFOUND", { text: "dns error: no such host", unsent: true }],
  ["EAI_AGAIN", { text: "dns error: the name server does not answer", unsent: true }],
  ["ENETUNREACH", { text: "network unreachable", unsent: true }],
  ["EHOSTUNREACH", { text: "host unreachable", unsent: true }],
  ["UND_ERR_CONNECT_TIMEOUT", { text: "no connection in time", unsent: true }],
  ["ECONNRESET", { text: "connection reset", unsent: false }],
  ["EPIPE", { text: "broken pipe", unsent: false }],
  ["UND_ERR_SOCKET", { text: "connection closed", unsent: false }],
]);

/** `passing`: another time it may work. */
function causeOf(error: unknown): { readonly reason: string; readonly unsent: boolean; readonly passing: boolean } {
  let message = "";
  let at: unknown = error;
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    const code = String((at as { code?: unknown }).code ?? "");
    const known = REASONS.get(code);
    if (known !== undefined) return { reason: `${known.text} (${code})`, unsent: known.unsent, passing: true };
    if (at.message !== "") message = at.message;
    at = at.cause ?? (at instanceof AggregateError ? at.errors[0] : undefined);
  }
  return { reason: message || String(error), unsent: false, passing: false };
}
