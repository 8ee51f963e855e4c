/**
 * How a provider's refusal becomes a `Failure`: category by HTTP status first, then by the error's own identifiers. The text has the form
 * `<provider> HTTP <status> <reason> [<tag>]: <body>`, which programs read. A key that a body repeats back is never shown.
 */
import { type ErrorCategory, Failure } from "../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** What kind of refusal, beyond its category: `context_overflow` asks for a shorter prompt, not for patience. */
export type FailureTag =
  | "context_overflow"
  | "rate_limited"
  | "http_error"
  | "stream_error"
  | "cut"
  | "malformed"
  | "network";

const BODY_LIMIT = 2000;
const EXCERPT_LIMIT = 200;

/** A failed attempt at a model call. */
export class ModelFailure extends Failure {
  readonly tag: FailureTag;
  /** HTTP status, null when none came. */
  readonly status: number | null;
  /** How long the provider asked to wait; null when it did not say. */
  readonly retryAfterMs: number | null;
  constructor(
    message: string,
    category: ErrorCategory,
    detail: { readonly tag: FailureTag; readonly status?: number; readonly retryAfterMs?: number | null },
  ) {
    super(message, category);
    this.name = "ModelFailure";
    this.tag = detail.tag;
    this.status = detail.status ?? null;
    this.retryAfterMs = detail.retryAfterMs ?? null;
  }
}

export function categoryOfStatus(status: number): ErrorCategory | null {
  switch (status) {
    case 401:
    case 403:
      return "auth";
    case 404:
    case 410:
      return "not_found";
    case 408:
    case 504:
    case 522:
    case 524:
      return "timeout";
    case 429:
      return "rate_limit";
    case 503:
    case 529:
      return "overloaded";
    default:
      return status >= 500 && status <= 599 ? "server_error" : null;
  }
}

const IDENTIFIERS: readonly (readonly [RegExp, ErrorCategory])[] = [
  [/overloaded_error/, "overloaded"],
  [/insufficient_quota|billing_hard_limit_reached|rate_limit_exceeded|rate_limit_error/, "rate_limit"],
  [/invalid_api_key|authentication_error/, "auth"],
  [/not_found_error|model_not_found/, "not_found"],
  [/\bapi_error|server_error/, "server_error"],
];

/** By the names that the big providers give their errors; null when none is in `text`. */
export function categoryOfIdentifiers(text: string): ErrorCategory | null {
  return IDENTIFIERS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** Whether the body says that the prompt is too long. Some servers say so with 429, so the body outranks the status. */
export function saysContextOverflow(body: string): boolean {
  const lower = body.toLowerCase();
  return (
    /context[ _]length|prompt is too long|prompt_tokens_exceeded|context_window_exceeded|exceeds the maximum/.test(
      lower,
    ) ||
    (lower.includes("max_tokens") && lower.includes("exceed"))
  );
}

export interface Refusal {
  readonly provider: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: string;
  /** Removed from the text wherever it stands. */
  readonly secret: string | null;
  readonly nowMs: number;
}

/** For an answer whose status is not 2xx. */
export function failureOfRefusal(refusal: Refusal): ModelFailure {
  const { provider, status, body } = refusal;
  const overflow = saysContextOverflow(body);
  const tag: FailureTag = overflow ? "context_overflow" : status === 429 ? "rate_limited" : "http_error";
  const category = overflow ? "generic" : (categoryOfStatus(status) ?? categoryOfIdentifiers(body) ?? "generic");
  const asked = refusal.headers.get("retry-after");
  const head = `${provider} HTTP ${status}${refusal.statusText ? ` ${refusal.statusText}` : ""} [${tag}]`;
  const shown = body.length > BODY_LIMIT ? `${body.slice(0, BODY_LIMIT)}…` : body;
  const text = `${head}: ${shown}${asked === null ? "" : ` (retry-after: ${asked})`}`;
  const retryAfterMs = retryAfterOf(refusal.headers, refusal.nowMs);
  return new ModelFailure(withoutSecret(text, refusal.secret), category, { tag, status, retryAfterMs });
}

/** `retry-after-ms` (some providers) is finer than `retry-after`. */
function retryAfterOf(headers: Headers, nowMs: number): number | null {
  const fine = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(fine) && fine >= 0) return fine;
  const asked = headers.get("retry-after");
  return asked === null ? null : parseRetryAfter(asked, nowMs);
}

/** For an `error` inside an answer that began with status 200: `{message, type, code}`, a text, or something else. */
export function failureOfErrorObject(provider: string, error: Json, secret: string | null): ModelFailure {
  const whole = typeof error === "string" ? error : JSON.stringify(error);
  const fields: JsonObject = isJsonObject(error) ? error : {};
  const message = typeof fields.message === "string" ? fields.message : whole;
  const code = Number(fields.code ?? fields.status ?? Number.NaN);
  const overflow = saysContextOverflow(whole);
  const category = overflow
    ? "generic"
    : ((Number.isInteger(code) ? categoryOfStatus(code) : null) ?? categoryOfIdentifiers(whole) ?? "server_error");
  const tag: FailureTag = overflow ? "context_overflow" : "stream_error";
  const kind = [fields.type, fields.code]
    .filter((word) => typeof word === "string" || typeof word === "number")
    .join(" ");
  const text = `${provider} API error [${tag}]: ${message}${kind === "" ? "" : ` (${kind})`}`;
  return new ModelFailure(withoutSecret(excerpt(text, BODY_LIMIT), secret), category, { tag });
}

/** The connection ended before the answer did. */
export function failureOfCut(provider: string, received: string, cause: string | null): ModelFailure {
  const why = cause === null ? "" : `: ${cause}`;
  return new ModelFailure(
    `${provider} connection closed before the answer was complete (${received})${why}`,
    "transient_network",
    {
      tag: "cut",
    },
  );
}

/** The answer is not in the form that was agreed. */
export function failureOfMalformed(provider: string, what: string, body: string): ModelFailure {
  return new ModelFailure(`${provider} ${what}: ${excerpt(body)}`, "server_error", { tag: "malformed" });
}

/** `fetch` itself failed: no answer at all. */
export function failureOfFetch(provider: string, url: string, error: unknown): ModelFailure {
  const codes = errorCodes(error);
  const reason = codes.detail === "" ? String(error) : codes.detail;
  const text = `${provider} connection error: ${reason} (${new URL(url).origin})`;
  // A certificate that is not trusted, or an address that is none, stays so.
  if (codes.all.some((code) => /CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|INVALID_URL|ERR_INVALID/.test(code))) {
    return new ModelFailure(text, "generic", { tag: "network" });
  }
  const timedOut = codes.all.some((code) => /TIMEOUT|ETIMEDOUT/.test(code));
  return new ModelFailure(text, timedOut ? "timeout" : "transient_network", { tag: "network" });
}

/** Codes of an error and its causes, and the innermost message. */
function errorCodes(error: unknown): { readonly all: readonly string[]; readonly detail: string } {
  const all: string[] = [];
  let detail = "";
  let at: unknown = error;
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === "string") all.push(code);
    if (at.message !== "")
      detail = typeof code === "string" && !at.message.includes(code) ? `${code} ${at.message}` : at.message;
    else if (typeof code === "string") detail = code;
    at = at.cause ?? (at instanceof AggregateError ? at.errors[0] : undefined);
  }
  return { all, detail };
}

/** The innermost message of an error, with its code. */
export function causeText(error: unknown): string {
  return errorCodes(error).detail || String(error);
}

export function excerpt(text: string, limit: number = EXCERPT_LIMIT): string {
  const points = Array.from(text.slice(0, limit * 2));
  return points.length > limit || text.length > limit * 2 ? `${points.slice(0, limit).join("")}…` : text;
}

function withoutSecret(text: string, secret: string | null): string {
  return secret === null || secret.length < 4 ? text : text.replaceAll(secret, "[redacted]");
}
