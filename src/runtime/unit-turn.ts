/** A frozen turn as the store takes it. */
import type { Json, JsonObject } from "../base/json.ts";
import type { EffectRow, InputRow, Store, UnitStatus, UnitTurn } from "../store/contract.ts";
import { renderError } from "../vm/errors.ts";
import type { NewEffect, Run } from "../vm/run.ts";
import type { FrozenTurn } from "../vm/snapshot/freeze.ts";
import { type SecretTexts, storedJson } from "../vm/snapshot/secret-texts.ts";

/** Where a run's streams stand, and whether its row exists. */
export interface UnitProgress {
  created: boolean;
  output: number;
  events: number;
  status: UnitStatus | null;
  /** Inputs taken since the last commit. */
  readonly consumed: Set<string>;
}

/** What `head` holds: small, rewritten each turn. */
export interface UnitHead {
  readonly vm: string;
  readonly output: number;
  readonly events: number;
  /** Fibers that fuel stopped. */
  readonly ready: readonly number[];
  readonly error?: string;
}

export function statusOf(run: Run): UnitStatus {
  if (run.result !== null && run.fibers.size === 0 && run.allLoaded) {
    if (run.exitCode !== null) return run.exitCode === 0 ? "completed" : "failed";
    return run.result.kind === "value" ? "completed" : run.result.kind === "failed" ? "failed" : "cancelled";
  }
  return run.ready.length > 0 ? "running" : "waiting";
}

/** Null: nothing changed that must be kept. */
export function unitTurn(
  run: Run,
  frozen: FrozenTurn,
  progress: UnitProgress,
  create: { readonly program: string; readonly meta: JsonObject },
): UnitTurn | null {
  const { secrets } = run.host;
  const text = secrets.redact(frozen.output.join(""));
  const status = statusOf(run);
  const changed =
    frozen.rows.length > 0 ||
    frozen.effects.length > 0 ||
    frozen.settled.length > 0 ||
    frozen.events.length > 0 ||
    frozen.records.length > 0 ||
    frozen.timers.length > 0 ||
    frozen.timersDone.length > 0 ||
    text !== "" ||
    progress.consumed.size > 0 ||
    status !== progress.status;
  if (!changed && progress.created) return null;
  const head: UnitHead = {
    vm: frozen.head,
    output: progress.output + text.length,
    events: progress.events + frozen.events.length,
    ready: run.readyFibers(),
    ...(status === "failed" && run.result?.kind === "failed"
      ? { error: secrets.redact(renderError(run.result.error)) }
      : {}),
  };
  return {
    unit: run.unit,
    ...(progress.created
      ? {}
      : { create: { program: create.program, meta: secrets.redact(JSON.stringify(create.meta)) } }),
    status,
    head: JSON.stringify(head),
    rows: frozen.rows,
    effects: frozen.effects.map((effect) => effectRow(effect, secrets)),
    settled: frozen.settled,
    inputs: frozen.timers.map((timer) => timerInput(run.unit, timer)),
    consumed: [...frozen.timersDone, ...progress.consumed],
    output: text === "" ? [] : [{ offset: progress.output, text }],
    events: packEvents(frozen.events, progress.events),
    blobs: frozen.blobs,
    records: frozen.records.map(({ kind, id, body }) => ({ kind, id, body: JSON.stringify(body) })),
  };
}

/** After the commit of `turn`. */
export function advanceProgress(progress: UnitProgress, turn: UnitTurn, events: number): void {
  progress.created = true;
  progress.consumed.clear();
  progress.status = turn.status ?? progress.status;
  for (const { text } of turn.output) progress.output += text.length;
  progress.events += events;
}

/** Events in one row of the store: a turn of many workers makes thousands. */
export const EVENTS_IN_ROW = 50;

/**
 * Rows of consecutive events, at most `EVENTS_IN_ROW` each, at the offset of their first: a JSON list of events and of lists
 * `[session, worker, event, …]`, since what fibers emit comes in runs that end with the same `session_id` and `worker_id`.
 */
function packEvents(events: readonly JsonObject[], offset: number): UnitTurn["events"] {
  const rows: { readonly offset: number; readonly body: string }[] = [];
  for (let at = 0; at < events.length; at += EVENTS_IN_ROW) {
    rows.push({ offset: offset + at, body: packRow(events.slice(at, at + EVENTS_IN_ROW)) });
  }
  return rows;
}

/** Works on the text: taking the two keys out of each object would cost more than writing it. */
function packRow(events: readonly JsonObject[]): string {
  const entries: string[] = [];
  let group: string[] = [];
  let end = "";
  const close = () => {
    if (group.length > 0) entries.push(`[${group.join(",")}]`);
    group = [];
  };
  for (const event of events) {
    const text = JSON.stringify(event);
    const { session_id, worker_id } = event;
    if (session_id === undefined || worker_id === undefined) {
      close();
      entries.push(text);
      continue;
    }
    if (group.length === 0 || !text.endsWith(end)) {
      close();
      const names = [JSON.stringify(session_id), JSON.stringify(worker_id)];
      end = `,"session_id":${names[0]},"worker_id":${names[1]}}`;
      if (!text.endsWith(end)) {
        entries.push(text);
        continue;
      }
      group = names;
    }
    group.push(`${text.slice(0, -end.length)}}`);
  }
  close();
  return `[${entries.join(",")}]`;
}

function unpackRow(row: readonly Json[]): readonly JsonObject[] {
  return row.flatMap((entry) => {
    if (!Array.isArray(entry)) return [entry as JsonObject];
    const [session_id, worker_id, ...events] = entry;
    return events.map((event) => ({ ...(event as JsonObject), session_id: session_id!, worker_id: worker_id! }));
  });
}

/** The events of a run from the `offset`-th on, out of the rows that may hold them. */
export async function readEvents(store: Store, unit: string, offset: number): Promise<readonly JsonObject[]> {
  const rows = await store.eventsFrom(unit, Math.max(0, offset - EVENTS_IN_ROW + 1));
  return rows.flatMap((row) => unpackRow(JSON.parse(row.body) as Json[]).filter((_, i) => row.offset + i >= offset));
}

function effectRow({ id, fiber, effect }: NewEffect, secrets: SecretTexts): EffectRow {
  return {
    id,
    fiber: String(fiber),
    kind: effect.kind,
    version: effect.version,
    repeat: effect.repeat,
    place: effect.place,
    args: storedJson(effect.args, secrets),
  };
}

function timerInput(unit: string, timer: FrozenTurn["timers"][number]): InputRow {
  return { unit, id: timer.id, target: String(timer.fiber), body: '{"kind":"timer"}', due: Math.ceil(timer.due) };
}
