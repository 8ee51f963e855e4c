/** Mocks that answer HTTP requests in the network's place. The first that fits answers; what they answered is kept. */
import type { Call } from "../../builtin/call.ts";
import { declareCell } from "../../builtin/cells.ts";
import type { Builtin } from "../../builtin/declaration.ts";
import { builtin } from "../../builtin/declaration.ts";
import { displayValue } from "../../value/display.ts";
import { HDict, HList, share, type Value } from "../../value/value.ts";
import { asWhole } from "../number-reading.ts";

interface HttpMock {
  /** `*`: any. Letter case does not matter. */
  readonly method: string;
  /** `*` stands for any text. */
  readonly pattern: string;
  readonly status: number;
  readonly body: string;
  readonly headers: HDict;
}

interface MockState {
  mocks: HttpMock[];
  calls: { readonly method: string; readonly url: string; readonly body: string | null }[];
}

const httpMocks = declareCell<MockState>("http_mocks", () => ({ mocks: [], calls: [] }));

export function httpResponse(status: number, headers: HDict, body: string): HDict {
  return HDict.of({ status, headers: share(headers), body, ok: status >= 200 && status < 300 });
}

/** The answer of the first mock that fits; null: none does. */
export function answerMocked(call: Call, method: string, url: string, body: string | null): Value {
  const fits = (mock: HttpMock) =>
    (mock.method === "*" || mock.method.toLowerCase() === method.toLowerCase()) && fitsPattern(mock.pattern, url);
  const mock = call.read(httpMocks).mocks.find(fits);
  if (mock === undefined) return null;
  call.change(httpMocks).calls.push({ method, url, body });
  return httpResponse(mock.status, mock.headers, mock.body);
}

/** The parts between stars in order; the first at the start, the last at the end. */
function fitsPattern(pattern: string, url: string): boolean {
  const parts = pattern.split("*");
  const first = parts.shift()!;
  const last = parts.pop();
  if (last === undefined) return pattern === url;
  if (!url.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = url.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return url.length - last.length >= at && url.endsWith(last);
}

export const httpMockBuiltins: readonly Builtin[] = [
  builtin("http_mock", {
    sig: "(method: any, url: any, response: any) -> nil",
    doc: "Answers requests to a URL (`*` stands for any text) with `{status, headers, body}`; method `*` is any. The first that fits answers.",
    needs: "nothing",
    examples: [
      {
        code: 'http_mock("GET", "https://api.test/*", {status: 404})\nprintln(http_get("https://api.test/a").ok)',
        prints: "false",
      },
    ],
    run(call, args) {
      const response = args.dict("response") ?? HDict.empty();
      const headers = response.get("headers");
      call.change(httpMocks).mocks.push({
        method: args.text("method"),
        pattern: args.text("url"),
        status: asWhole(response.get("status") ?? null) ?? 200,
        body: response.has("body") ? displayValue(response.get("body")!) : "",
        headers: headers instanceof HDict ? share(headers) : HDict.empty(),
      });
      return null;
    },
  }),
  builtin("http_mock_clear", {
    sig: "() -> nil",
    doc: "Removes the mocks and forgets their calls.",
    needs: "nothing",
    examples: [
      {
        code: 'http_mock("GET", "https://example.com", {status: 204})\nhttp_get("https://example.com")\nhttp_mock_clear()\nprintln(http_mock_calls())',
        prints: "[]",
      },
    ],
    run(call) {
      const state = call.change(httpMocks);
      state.mocks = [];
      state.calls = [];
      return null;
    },
  }),
  builtin("http_mock_calls", {
    sig: "() -> list",
    doc: "What mocks answered, in order: {method, url, body}.",
    needs: "nothing",
    examples: [{ code: "println(http_mock_calls())", prints: "[]" }],
    run: (call) => new HList(call.read(httpMocks).calls.map((made) => HDict.of({ ...made }))),
  }),
];
