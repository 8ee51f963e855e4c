/** Failures as programs handle them: their category, and throwing one with a category. */
import { ERROR_CATEGORIES, type ErrorCategory } from "../base/failure.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { HDict, type Value } from "../value/value.ts";

/** An HTTP status (400–599, standing alone) decides first, then phrases that providers and networks use. */
const PHRASES: readonly (readonly [RegExp, ErrorCategory])[] = [
  [/Deadline exceeded|context deadline exceeded/, "timeout"],
  [/overloaded_error/, "overloaded"],
  [/api_error/, "server_error"],
  [/insufficient_quota|billing_hard_limit_reached/, "rate_limit"],
  [/invalid_api_key|authentication_error/, "auth"],
  [/not_found_error|model_not_found/, "not_found"],
  [/circuit_open/, "circuit_open"],
  [
    /connection reset|connection refused|connection closed|broken pipe|dns error|stream error|unexpected eof/i,
    "transient_network",
  ],
];

function categoryOfStatus(status: number): ErrorCategory | null {
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
    case 500:
    case 502:
      return "server_error";
    default:
      return null;
  }
}

/** The category that a message speaks of. */
export function classifyMessage(message: string): ErrorCategory {
  const rendered = /^Error \[([a-z_]+)\]: /.exec(message)?.[1];
  if (rendered !== undefined && isCategory(rendered)) return rendered;
  for (const [digits] of message.matchAll(/(?<!\d)[45]\d\d(?!\d)/g)) {
    const category = categoryOfStatus(Number(digits));
    if (category !== null) return category;
  }
  return PHRASES.find(([pattern]) => pattern.test(message))?.[1] ?? "generic";
}

function isCategory(name: string): name is ErrorCategory {
  return (ERROR_CATEGORIES as readonly string[]).includes(name);
}

/** The category of a caught value: of an error dict its field, of a text what it speaks of. */
export function categoryOf(value: Value): string {
  if (value instanceof HDict) {
    const category = value.get("category");
    return category === undefined ? "generic" : displayValue(category);
  }
  return typeof value === "string" ? classifyMessage(value) : "generic";
}

export const errorBuiltins: readonly Builtin[] = [
  builtin("error_category", {
    sig: "(error: any) -> string",
    doc: "The category of a caught error: `timeout`, `rate_limit`, `auth`, …, or `generic`.",
    needs: "nothing",
    borrows: true,
    examples: [
      { code: 'println([error_category("HTTP 429"), error_category("oops")])', prints: "[rate_limit, generic]" },
    ],
    run: (_call, args) => categoryOf(args.raw("error")),
  }),
  builtin("throw_error", {
    sig: "(message: any, category?: any) -> any",
    doc: "Throws `{message, category}`; an unknown category counts as `generic`.",
    needs: "nothing",
    borrows: true,
    examples: [
      {
        code: 'try {\n  throw_error("slow", "timeout")\n} catch e {\n  println(e)\n}',
        prints: "{category: timeout, message: slow}",
      },
    ],
    run(_call, args) {
      const name = args.text("category");
      const category = isCategory(name) ? name : "generic";
      throw thrownError(HDict.of({ message: args.text("message"), category }));
    },
  }),
  builtin("is_timeout", {
    sig: "(error: any) -> bool",
    doc: "Is the error of category `timeout`?",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(is_timeout("Deadline exceeded"))', prints: "true" }],
    run: (_call, args) => categoryOf(args.raw("error")) === "timeout",
  }),
  builtin("is_rate_limited", {
    sig: "(error: any) -> bool",
    doc: "Is the error of category `rate_limit`?",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(is_rate_limited({category: "rate_limit"}))', prints: "true" }],
    run: (_call, args) => categoryOf(args.raw("error")) === "rate_limit",
  }),
];
