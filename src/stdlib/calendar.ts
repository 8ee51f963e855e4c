/** Time: the clock, dates in UTC, and the timers that print. All of it by the clock port. */
import { declareCell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { makeFloat } from "../value/numbers.ts";
import { HDict, type Value } from "../value/value.ts";
import { asDouble, asWhole } from "./number-reading.ts";

/** When `elapsed` was first asked, epoch milliseconds. */
const elapsedOrigin = declareCell<{ ms: number | null }>("elapsed_origin", () => ({ ms: null }));

/** `2026-01-31T23:59:59.123Z` */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

const two = (n: number) => String(n).padStart(2, "0");

/** Only the letters Y m d H M S after a percent sign. */
function formatDate(date: Date, pattern: string): string {
  const parts: Readonly<Record<string, string>> = {
    "%Y": String(date.getUTCFullYear()).padStart(4, "0"),
    "%m": two(date.getUTCMonth() + 1),
    "%d": two(date.getUTCDate()),
    "%H": two(date.getUTCHours()),
    "%M": two(date.getUTCMinutes()),
    "%S": two(date.getUTCSeconds()),
  };
  return pattern.replace(/%[YmdHMS]/g, (letter) => parts[letter]!);
}

const FIELDS: readonly (readonly [string, number, number])[] = [
  ["month", 1, 12],
  ["day", 1, 31],
  ["hour", 0, 23],
  ["minute", 0, 59],
  ["second", 0, 59],
];

/** Year, month, day and, as far as given, hour, minute, second from the groups of digits, as UTC seconds. */
function parseDate(text: string): number {
  const groups = (text.match(/\d+/g) ?? []).map(Number);
  if (groups.length < 3) throw thrownError(`Cannot parse date: ${text}`);
  const [year, ...rest] = groups as [number, ...number[]];
  const parts = FIELDS.map(([name, low, high], i) => {
    const value = rest[i] ?? 0;
    if (value < low || value > high) throw thrownError(`Invalid ${name}: ${value} (must be ${low}-${high})`);
    return value;
  }) as [number, number, number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, parts[0] - 1, parts[1]);
  return date.getTime() / 1000 + parts[2] * 3600 + parts[3] * 60 + parts[4];
}

function secondsOf(value: Value): number {
  if (value instanceof HDict) return asDouble(value.get("timestamp") ?? null) ?? 0;
  return asDouble(value) ?? 0;
}

export const calendarBuiltins: readonly Builtin[] = [
  builtin("timestamp", {
    sig: "() -> float",
    doc: "Seconds since 1970.",
    needs: "nothing",
    examples: [{ code: "println(timestamp() > 1600000000.0)", prints: "true" }],
    run: (call) => makeFloat(call.ports.clock.nowMs() / 1000),
  }),
  builtin("date_iso", {
    sig: "() -> string",
    doc: "The time now in UTC, like `2026-01-31T23:59:59.123Z`.",
    needs: "nothing",
    examples: [{ code: "println(len(date_iso()))", prints: "24" }],
    run: (call) => isoTime(call.ports.clock.nowMs()),
  }),
  builtin("date_now", {
    sig: "() -> dict",
    doc: "The time now in UTC: {year, month, day, hour, minute, second, weekday (0: Sunday), timestamp}.",
    needs: "nothing",
    examples: [{ code: "println(date_now().year > 2020)", prints: "true" }],
    run(call) {
      const ms = call.ports.clock.nowMs();
      const date = new Date(ms);
      return HDict.of({
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
        weekday: date.getUTCDay(),
        timestamp: makeFloat(ms / 1000),
      });
    },
  }),
  builtin("date_format", {
    sig: "(time: any, pattern?: any) -> string",
    doc: "Seconds since 1970, or a dict with `timestamp`, in UTC by a pattern of %Y %m %d %H %M %S.",
    needs: "nothing",
    borrows: true,
    examples: [
      {
        code: 'println([date_format(0), date_format(86400, "%d.%m.%Y")])',
        prints: "[1970-01-01 00:00:00, 02.01.1970]",
      },
    ],
    run(_call, args) {
      const seconds = secondsOf(args.raw("time"));
      if (seconds < 0) throw thrownError("date_format: negative timestamps (pre-epoch dates) are not supported");
      const pattern = args.has("pattern") ? args.text("pattern") : "%Y-%m-%d %H:%M:%S";
      return formatDate(new Date(Math.floor(seconds) * 1000), pattern);
    },
  }),
  builtin("date_parse", {
    sig: "(text: any) -> float",
    doc: "Seconds since 1970 of a date in UTC: year, month, day and perhaps hour, minute, second, whatever stands between them.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(date_parse("1970-01-02 00:00:01"))', prints: "86401.0" }],
    run: (_call, args) => makeFloat(parseDate(args.text("text"))),
  }),
  builtin("elapsed", {
    sig: "() -> int",
    doc: "Milliseconds since the run first called it.",
    needs: "nothing",
    examples: [{ code: "println(elapsed())", prints: "0" }],
    run(call) {
      const now = call.ports.clock.nowMs();
      const origin = call.read(elapsedOrigin).ms;
      if (origin !== null) return Math.max(0, Math.floor(now - origin));
      call.change(elapsedOrigin).ms = now;
      return 0;
    },
  }),
  builtin("timer_start", {
    sig: "(name?: any) -> dict",
    doc: "A timer for `timer_end`: {name, start_ms}.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(timer_start("build").name)', prints: "build" }],
    run: (call, args) =>
      HDict.of({
        name: args.has("name") ? args.text("name") : "default",
        start_ms: Math.floor(call.ports.clock.nowMs()),
      }),
  }),
  builtin("timer_end", {
    sig: "(timer: any) -> int",
    doc: "Prints `[timer] name: …ms` and gives the milliseconds.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'let timer = timer_start("work")\ntimer_end(timer)', prints: "[timer] work: …ms" }],
    run(call, args) {
      const timer = args.raw("timer");
      if (!(timer instanceof HDict)) throw thrownError("timer_end: argument must be a timer dict from timer_start");
      const now = Math.floor(call.ports.clock.nowMs());
      const elapsed = now - (asWhole(timer.get("start_ms") ?? null) ?? now);
      const name = timer.get("name");
      call.write(`[timer] ${name === undefined ? "" : displayValue(name)}: ${elapsed}ms\n`);
      return elapsed;
    },
  }),
];
