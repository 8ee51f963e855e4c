/**
 * Spans of a run: what took how long, recorded while tracing is on. Model calls are recorded by those who make them; `trace_start` and `trace_end` log
 * and are not recorded here.
 */
import type { Call } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { displayValue } from "../value/display.ts";
import { HDict, HList, share } from "../value/value.ts";

interface Span {
  readonly id: number;
  readonly parent: number | null;
  readonly kind: string;
  readonly name: string;
  /** Milliseconds since tracing was turned on. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly metadata: HDict;
}

interface Tracing {
  on: boolean;
  /** Epoch milliseconds. */
  since: number;
  spans: Span[];
}

const tracing = declareCell<Tracing>("tracing", () => ({ on: false, since: 0, spans: [] }));

/** Records what began at `startedMs` (epoch) and has ended now. Nothing while tracing is off. */
export function recordSpan(
  call: Call,
  span: { readonly kind: string; readonly name: string; readonly startedMs: number; readonly metadata: HDict },
): void {
  const { on, since, spans } = call.read(tracing);
  if (!on) return;
  call.change(tracing).spans.push({
    id: spans.length + 1,
    parent: null,
    kind: span.kind,
    name: span.name,
    startMs: Math.max(0, Math.floor(span.startedMs - since)),
    durationMs: Math.max(0, Math.floor(call.ports.clock.nowMs() - span.startedMs)),
    metadata: share(span.metadata),
  });
}

function summary(spans: readonly Span[]): string {
  if (spans.length === 0) return "No spans recorded.";
  const total = spans.reduce((sum, { parent, durationMs }) => sum + (parent === null ? durationMs : 0), 0);
  const below = (parent: number | null, depth: number): readonly string[] =>
    spans
      .filter((span) => span.parent === parent)
      .flatMap((span) => {
        const details = [...span.metadata.entries()].map(([key, value]) => `${key}=${displayValue(value)}`).join(", ");
        const line = `${"  ".repeat(depth)}${span.kind} ${span.name} ${span.durationMs}ms`;
        return [details === "" ? line : `${line} (${details})`, ...below(span.id, depth + 1)];
      });
  return [`Trace: ${spans.length} spans, ${total}ms total`, "", ...below(null, 0)].join("\n");
}

export const tracingBuiltins: readonly Builtin[] = [
  builtin("enable_tracing", {
    sig: "(on?: any) -> nil",
    doc: "Turns the recording of spans on (and forgets those of before), or off.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "enable_tracing()\nprintln(trace_summary())", prints: "No spans recorded." }],
    run(call, args) {
      const state = call.change(tracing);
      state.on = args.raw("on") !== false;
      if (state.on) {
        state.since = call.ports.clock.nowMs();
        state.spans = [];
      }
      return null;
    },
  }),
  builtin("trace_spans", {
    sig: "() -> list",
    doc: "The recorded spans: {span_id, parent_id, kind, name, start_ms, duration_ms, metadata}.",
    needs: "nothing",
    examples: [{ code: "println(trace_spans())", prints: "[]" }],
    run: (call) =>
      new HList(
        call.read(tracing).spans.map((span) =>
          HDict.of({
            span_id: span.id,
            parent_id: span.parent,
            kind: span.kind,
            name: span.name,
            start_ms: span.startMs,
            duration_ms: span.durationMs,
            ...(span.metadata.size === 0 ? {} : { metadata: share(span.metadata) }),
          }),
        ),
      ),
  }),
  builtin("trace_summary", {
    sig: "() -> string",
    doc: "The recorded spans as text, a line each.",
    needs: "nothing",
    examples: [{ code: "println(trace_summary())", prints: "No spans recorded." }],
    run: (call) => summary(call.read(tracing).spans),
  }),
];
