/** What came of a stage: the dict that its machine answers, and the usage and transcript in it (worker-runtime.md 9.5, 9.6). */

import { makeFloat } from "../value/numbers.ts";
import type { Value } from "../value/value.ts";
import { HDict, HFloat, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { makeArtifact } from "./artifacts.ts";
import * as field from "./record-fields.ts";
import type { StageState } from "./workflow-plan.ts";

export interface StageEnd {
  readonly outcome: string;
  readonly branch: string | null;
  /** What the stage answered: `{status, text, …}`. */
  readonly result: HDict;
  readonly artifacts: readonly Value[];
  readonly transcript: Value;
  readonly verification: Value;
  readonly error: string | null;
  /** Handle of the worker that did it, or nil. */
  readonly worker?: Value;
}

export const hasFailed = (end: StageEnd) => end.branch === "failed" || end.branch === "error";

export function outcomeDict(state: StageState, end: StageEnd): HDict {
  return HDict.of({
    status: hasFailed(end) ? "failed" : "completed",
    outcome: end.outcome,
    branch: end.branch,
    result: share(end.result),
    artifacts: new HList(end.artifacts.map((artifact) => share(artifact))),
    transcript: share(end.transcript),
    verification: share(end.verification),
    usage: sumUsage(state.usage),
    tool_recordings: new HList(state.recordings.map((recording) => share(recording))),
    private_reasoning: state.reasoning.length === 0 ? null : state.reasoning.join("\n"),
    error: end.error,
    worker: share(end.worker ?? null),
    attempts: new HList(state.attempts.map((attempt) => share(attempt))),
    consumed_artifact_ids: new HList([...state.consumed]),
  });
}

/** The one artifact of a stage that answered: its text, and all of the result but the conversation, which the stage's record has. */
export function stageArtifact(call: VmCall, state: StageState, result: HDict): HDict {
  const { nodeId, node } = state;
  const kinds = field.textsAt(field.dictAt(node, "output_contract"), "output_kinds");
  const data = HDict.from(
    result.entries().flatMap(([key, value]) => (key === "transcript" ? [] : [[key, share(value)] as const])),
  );
  return makeArtifact(call, {
    kind: kinds[0] ?? "artifact",
    title: `stage ${nodeId} output`,
    text: spokenText(result),
    data,
    source: nodeId,
    lineage: state.consumed,
    relevance: makeFloat(1),
    metadata: { input_artifact_ids: new HList([...state.consumed]), node_kind: state.kind },
  });
}

export function spokenText(result: HDict): string {
  return field.textAt(result, "visible_text") ?? field.textAt(result, "text") ?? "";
}

/** A value of a map, a reduction or an escalation as an artifact. */
export function valueArtifact(
  call: VmCall,
  parts: {
    readonly node: string;
    readonly kind: string;
    readonly index: number;
    readonly title: string;
    readonly lineage: readonly string[];
  },
  value: Value,
): HDict {
  return makeArtifact(call, {
    kind: parts.kind,
    prefix: `${parts.node}_artifact`,
    title: parts.title,
    text: typeof value === "string" ? value : null,
    data: value,
    source: parts.node,
    lineage: parts.lineage,
    relevance: makeFloat(1),
    metadata: { index: parts.index },
  });
}

/** Usage of one agent loop, from what it answered; `events` are those of the loop itself. */
export function loopUsage(loop: HDict, events: readonly HDict[]): HDict {
  const usage = field.dictAt(loop, "usage");
  const models = new Set<string>();
  for (const event of events) {
    const model = field.textAt(field.dictAt(event, "metadata"), "model");
    if (model !== null) models.add(model);
  }
  return HDict.of({
    input_tokens: usage.get("input_tokens") ?? 0,
    output_tokens: usage.get("output_tokens") ?? 0,
    total_duration_ms: loop.get("duration_ms") ?? 0,
    call_count: usage.get("calls") ?? 0,
    total_cost: makeFloat(number(usage.get("cost_usd"))),
    models: new HList([...models]),
  });
}

const number = (value: Value | undefined): number =>
  typeof value === "number" ? value : value instanceof HFloat ? value.value : 0;

export function sumUsage(parts: readonly HDict[]): HDict {
  const sum = (key: string) => parts.reduce((total, part) => total + number(part.get(key)), 0);
  const models = new Set(parts.flatMap((part) => field.textsAt(part, "models")));
  return HDict.of({
    input_tokens: sum("input_tokens"),
    output_tokens: sum("output_tokens"),
    total_duration_ms: sum("total_duration_ms"),
    call_count: sum("call_count"),
    total_cost: makeFloat(sum("total_cost")),
    models: new HList([...models]),
  });
}

/** With `public` or `public_only`, what is not meant for people is left out. */
export function visibleTranscript(transcript: Value, visibility: string | null): Value {
  if (!(transcript instanceof HDict) || (visibility !== "public" && visibility !== "public_only")) return transcript;
  const messages = field
    .dictsAt(transcript, "messages")
    .filter((message) => message.get("role") !== "tool_result" && message.get("role") !== "tool");
  const events = field.dictsAt(transcript, "events").filter((event) => event.get("visibility") === "public");
  return field.withFields(transcript, {
    messages: new HList(messages.map((message) => share(message))),
    events: new HList(events.map((event) => share(event))),
  });
}
