/** Log lines as JSON, filtered by level, and the trace spans whose ids stand in them. */
import type { Call } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import type { Meter } from "../value/cost.ts";
import { displayCounted, displayValue } from "../value/display.ts";
import { quoteJson, stringifyJson } from "../value/json.ts";
import { HDict, HFloat, type Value } from "../value/value.ts";
import { isoTime } from "./calendar.ts";
import { asWhole } from "./number-reading.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

const logLevel = declareCell<{ least: Level }>("log_level", () => ({ least: "debug" }));

interface Span {
  readonly traceId: string;
  readonly spanId: string;
}

/** Open spans, the innermost last. */
const openSpans = declareCell<{ spans: Span[] }>("trace_stack", () => ({ spans: [] }));

/** Numbers and texts as JSON; what has parts as its display text. */
function fragment(value: Value, meter: Meter): string {
  if (typeof value === "string") return quoteJson(value);
  const plain = value === null || typeof value !== "object" || value instanceof HFloat;
  return plain ? stringifyJson(value) : quoteJson(displayCounted(value, meter));
}

function writeLine(call: Call, level: Level, message: string, fields: HDict | null): void {
  if (LEVELS.indexOf(level) < LEVELS.indexOf(call.read(logLevel).least)) return;
  const parts: [string, string][] = [
    ["ts", quoteJson(isoTime(call.ports.clock.nowMs()))],
    ["level", quoteJson(level)],
    ["msg", quoteJson(message)],
  ];
  const span = call.read(openSpans).spans.at(-1);
  if (span !== undefined) parts.push(["trace_id", quoteJson(span.traceId)], ["span_id", quoteJson(span.spanId)]);
  for (const [key, value] of fields?.entries() ?? []) parts.push([key, fragment(value, call)]);
  call.write(`{${parts.map(([key, text]) => `${quoteJson(key)}:${text}`).join(",")}}\n`);
}

function shortId(call: Call): string {
  return Array.from(call.ports.random.bytes(4), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const loggingBuiltins: readonly Builtin[] = [
  ...LEVELS.map((level) =>
    builtin(`log_${level}`, {
      sig: "(message: any, fields?: any) -> nil",
      doc: `A JSON line of level ${level}: {ts, level, msg} with the fields of a dict, and the ids of the open span.`,
      needs: "nothing",
      borrows: true,
      examples: [
        level === "error"
          ? { code: 'log_error("disk full")', prints: '{"ts":"…","level":"error","msg":"disk full"}' }
          : { code: `log_set_level("error")\nlog_${level}("quiet")\nprintln("-")`, prints: "-" },
      ],
      run(call, args) {
        const fields = args.raw("fields");
        writeLine(call, level, args.text("message"), fields instanceof HDict ? fields : null);
        return null;
      },
    }),
  ),
  builtin("log_set_level", {
    sig: "(level: any) -> nil",
    doc: "The least level that is logged: debug, info, warn or error.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'log_set_level("error")\nlog_info("nobody sees this")\nprintln("quiet")', prints: "quiet" }],
    run(call, args) {
      const level = LEVELS.find((name) => name === args.text("level"));
      if (level === undefined) {
        throw thrownError(`log_set_level: invalid level '${args.text("level")}'. Expected debug, info, warn, or error`);
      }
      call.change(logLevel).least = level;
      return null;
    },
  }),
  builtin("log_json", {
    sig: "(key: any, value?: any) -> nil",
    doc: "A JSON line {ts, key, value}.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'log_json("build", {ok: true})', prints: '{"ts":"…","key":"build","value":"{ok: true}"}' }],
    run(call, args) {
      const time = quoteJson(isoTime(call.ports.clock.nowMs()));
      call.write(`{"ts":${time},"key":${quoteJson(args.text("key"))},"value":${fragment(args.raw("value"), call)}}\n`);
      return null;
    },
  }),
  builtin("trace_start", {
    sig: "(name: any) -> dict",
    doc: "Opens a span: {trace_id, span_id, name, start_ms}. Log lines carry its ids until `trace_end`.",
    needs: "nothing",
    borrows: true,
    examples: [
      { code: 'let s = trace_start("step")\nprintln([s.name, trace_id() == s.trace_id])', prints: "[step, true]" },
    ],
    run(call, args) {
      const { spans } = call.change(openSpans);
      const traceId = spans.at(-1)?.traceId ?? shortId(call);
      const spanId = shortId(call);
      spans.push({ traceId, spanId });
      return HDict.of({
        trace_id: traceId,
        span_id: spanId,
        name: args.text("name"),
        start_ms: Math.floor(call.ports.clock.nowMs()),
      });
    },
  }),
  builtin("trace_end", {
    sig: "(span: any) -> nil",
    doc: "Closes a span and logs its duration.",
    needs: "nothing",
    borrows: true,
    examples: [
      {
        code: 'let span = trace_start("load")\ntrace_end(span)',
        prints: '{"ts":"…","level":"info","msg":"span_end","duration_ms":…,"name":"load","span_id":"…","trace_id":"…"}',
      },
    ],
    run(call, args) {
      const span = args.raw("span");
      if (!(span instanceof HDict)) throw thrownError("trace_end: argument must be a span dict from trace_start");
      const now = Math.floor(call.ports.clock.nowMs());
      const text = (key: string): string => {
        const value = span.get(key);
        return value === undefined ? "" : displayValue(value);
      };
      const { spans } = call.change(openSpans);
      if (spans.at(-1)?.spanId === text("span_id")) spans.pop();
      const fields = HDict.of({
        trace_id: text("trace_id"),
        span_id: text("span_id"),
        name: text("name"),
        duration_ms: now - (asWhole(span.get("start_ms") ?? null) ?? now),
      });
      writeLine(call, "info", "span_end", fields);
      return null;
    },
  }),
  builtin("trace_id", {
    sig: "() -> any",
    doc: "The trace id of the open span, or nil.",
    needs: "nothing",
    examples: [{ code: "println(trace_id())", prints: "nil" }],
    run: (call) => call.read(openSpans).spans.at(-1)?.traceId ?? null,
  }),
];
