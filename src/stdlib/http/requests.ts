/**
 * HTTP requests. Each attempt is an effect (`http.request`), the pause before the next one a timer, so a run that is resumed between two attempts
 * goes on there. GET, HEAD and OPTIONS may be repeated after a crash; other methods only with the option `repeatable` or in a scope that says so.
 */

import type { ErrorCategory } from "../../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import type { Call, Outcome, Suspension } from "../../builtin/call.ts";
import { awaitAny, awaitEffect } from "../../builtin/call.ts";
import type { Builtin, Need } from "../../builtin/declaration.ts";
import { suspending } from "../../builtin/declaration.ts";
import { categoryError, raiseFailure, thrownError } from "../../builtin/raise.ts";
import { referText } from "../../policy/secret-texts.ts";
import { collectSecrets } from "../../policy/secrets.ts";
import { displayValue } from "../../value/display.ts";
import { jsonToValue, valueToJson } from "../../value/json.ts";
import { typeName } from "../../value/type-name.ts";
import { HDict, HDuration, HFloat, HList, type Value } from "../../value/value.ts";
import { answerMocked, httpResponse } from "./mocks.ts";
import { base64 } from "./performer.ts";

const NEEDS: Need = { effect: "network", over: "network" };
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const MAX_PAUSE_MS = 60_000;
const MAX_BODY = 64 * 1024 * 1024;

function requestHttp(call: Call, method: string, url: string, options: HDict, body: string | null): Value | Suspension {
  const mocked = answerMocked(call, method, url, body);
  if (mocked !== null) return mocked;
  if (!/^https?:\/\//.test(url)) throw thrownError(`http: URL must start with http:// or https://, got '${url}'`);
  if (!URL.canParse(url)) throw thrownError(`http: invalid URL '${url}'`);
  if (!/^[A-Z]+$/.test(method) || method === "CONNECT" || method === "TRACE")
    throw thrownError(`http: invalid method '${method}'`);
  if (body !== null && (method === "GET" || method === "HEAD"))
    throw thrownError(`http: a ${method} request takes no body`);

  const secrets = collectSecrets(call.ports.environment);
  const hide = (text: string): Json => referText(text, secrets);
  const repeatable = call.scope.repeatable || REPEATABLE.has(method) || options.get("repeatable") === true;
  const request: JsonObject = {
    method,
    url: hide(url),
    headers: headersOf(options).map(([name, value]) => [name, hide(value)]),
    body: body === null ? null : hide(body),
    timeout_ms: numberOf(options, "timeout", 30_000),
    redirects: options.get("follow_redirects") === false ? 0 : numberOf(options, "max_redirects", 10),
    max_bytes: numberOf(options, "max_bytes", MAX_BODY),
    repeatable,
  };
  const plan = { attempts: 1 + numberOf(options, "retries", 0), backoff: numberOf(options, "backoff", 1_000) };
  return attempt(request, 0, plan);
}

/** Pairs of name and value; checked, so that a bad one is an error before anything is sent. */
function headersOf(options: HDict): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  const auth = options.get("auth");
  if (typeof auth === "string") pairs.push(["authorization", auth]);
  else if (auth instanceof HDict) {
    const bearer = auth.get("bearer");
    const basic = auth.get("basic");
    if (bearer !== undefined) pairs.push(["authorization", `Bearer ${displayValue(bearer)}`]);
    else if (basic instanceof HDict) {
      const [user, password] = ["user", "password"].map((key) => displayValue(basic.get(key) ?? ""));
      pairs.push(["authorization", `Basic ${base64(`${user}:${password}`)}`]);
    }
  }
  const headers = options.get("headers");
  if (headers instanceof HDict) for (const [name, value] of headers.entries()) pairs.push([name, displayValue(value)]);
  for (const [name, value] of pairs) {
    try {
      new Headers([[name, value]]);
    } catch {
      throw thrownError(
        `http: invalid header '${name}': a name of letters, digits and dashes and a value of one line are expected`,
      );
    }
  }
  return pairs;
}

function numberOf(options: HDict, key: string, otherwise: number): number {
  const value = options.get(key) ?? null;
  if (value === null) return otherwise;
  const number = value instanceof HDuration ? value.ms : value instanceof HFloat ? value.value : value;
  if (typeof number === "number" && Number.isInteger(number)) return Math.min(Math.max(0, number), 2 ** 31 - 1);
  throw thrownError(`http: option \`${key}\` must be a whole number, got ${typeName(value)}`);
}

interface Plan {
  readonly attempts: number;
  readonly backoff: number;
}

/** The wait's data: the attempt's number, whether this is the pause before it, the request and the plan. */
function dataOf(number: number, pausing: boolean, request: JsonObject, plan: Plan): Value {
  return new HList([number, pausing, jsonToValue(request), plan.attempts, plan.backoff]);
}

function attempt(request: JsonObject, number: number, plan: Plan): Suspension {
  const repeat = request.repeatable === true ? "safe" : "never";
  return awaitEffect(
    { kind: "http.request", version: 1, args: request, repeat, place: "any" },
    dataOf(number, false, request, plan),
  );
}

function pauseBefore(call: Call, request: JsonObject, number: number, plan: Plan): Suspension {
  const jitter = 0.75 + call.ports.random.float() / 2;
  const ms = Math.min(MAX_PAUSE_MS, plan.backoff * 2 ** Math.min(number - 1, 30) * jitter);
  return awaitAny([{ kind: "timer", due: call.ports.clock.nowMs() + ms }], dataOf(number, true, request, plan));
}

function finishRequest(call: Call, outcome: Outcome, data: Value): Value | Suspension {
  if (!(data instanceof HList)) return null;
  const [number, pausing, kept, attempts, backoff] = data.items as [number, boolean, Value, number, number];
  const request = valueToJson(kept) as JsonObject;
  const plan = { attempts, backoff };
  if (pausing) return attempt(request, number, plan);
  if (outcome.kind === "failed") throw raiseFailure(outcome);
  const result = outcome.kind === "result" && isJsonObject(outcome.result) ? outcome.result : {};
  const { response, error } = result;
  const more = number + 1 < plan.attempts;
  if (isJsonObject(error)) {
    if (error.unsent === true && more) return pauseBefore(call, request, number + 1, plan);
    throw categoryError(error.category as ErrorCategory, `http: request failed: ${error.message}`);
  }
  if (!isJsonObject(response)) throw new Error("http.request answered neither a response nor an error");
  if (Number(response.status) >= 500 && more) return pauseBefore(call, request, number + 1, plan);
  const headers = jsonToValue(response.headers ?? {});
  return httpResponse(
    Number(response.status),
    headers instanceof HDict ? headers : HDict.empty(),
    String(response.body),
  );
}

const OPTIONS =
  "Options: headers, auth, timeout (ms), retries, backoff (ms), follow_redirects, max_redirects, max_bytes";

function bodyOf(options: HDict): string | null {
  const body = options.get("body");
  return body === undefined ? null : displayValue(body);
}

function requireUrl(name: string, url: string): string {
  if (url === "") throw thrownError(`${name}: URL is required`);
  return url;
}

const bare = (method: string): Builtin => {
  const name = `http_${method.toLowerCase()}`;
  return suspending(name, {
    sig: "(url: any, options?: any) -> dict",
    doc: `A ${method} request: {status, headers, body, ok}. ${OPTIONS}.`,
    needs: NEEDS,
    borrows: true,
    examples: [
      {
        code: `http_mock("*", "https://api.test/", {body: "hi"})\nprintln(${name}("https://api.test/").body)`,
        prints: "hi",
      },
    ],
    run(call, args) {
      const options = args.dict("options") ?? HDict.empty();
      return requestHttp(call, method, requireUrl(name, args.text("url")), options, bodyOf(options));
    },
    finish: finishRequest,
  });
};

const carrying = (method: string): Builtin => {
  const name = `http_${method.toLowerCase()}`;
  return suspending(name, {
    sig: "(url: any, body: any, options?: any) -> dict",
    doc: `A ${method} request with a body: {status, headers, body, ok}. ${OPTIONS}, repeatable.`,
    needs: NEEDS,
    borrows: true,
    examples: [
      {
        code: `http_mock("*", "https://api.test/", {status: 201})\nprintln(${name}("https://api.test/", "{}").status)`,
        prints: "201",
      },
    ],
    run: (call, args) => {
      const url = requireUrl(name, args.text("url"));
      return requestHttp(call, method, url, args.dict("options") ?? HDict.empty(), args.text("body"));
    },
    finish: finishRequest,
  });
};

export const httpBuiltins: readonly Builtin[] = [
  bare("GET"),
  bare("DELETE"),
  carrying("POST"),
  carrying("PUT"),
  carrying("PATCH"),
  suspending("http_request", {
    sig: "(method: any, url: any, options?: any) -> dict",
    doc: `A request by any method: {status, headers, body, ok}. ${OPTIONS}, body, repeatable.`,
    needs: NEEDS,
    borrows: true,
    examples: [
      {
        code: 'http_mock("HEAD", "https://api.test/", {})\nprintln(http_request("head", "https://api.test/").status)',
        prints: "200",
      },
    ],
    run(call, args) {
      const method = args.text("method").toUpperCase();
      if (method === "") throw thrownError("http_request: method is required");
      const url = requireUrl("http_request", args.text("url"));
      const options = args.dict("options") ?? HDict.empty();
      return requestHttp(call, method, url, options, bodyOf(options));
    },
    finish: finishRequest,
  }),
];
