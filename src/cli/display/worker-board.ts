/**
 * What a watcher knows of a run's workers, folded from its events: the live tree and the lines of a pipe both read it.
 *
 * Invariant: events may come in any order and repeat (a resumed run tells some again); each worker is one row.
 */
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import type { RunEvent, WorkerInfo } from "../../runtime/index.ts";

export interface WorkerRow {
  readonly id: string;
  readonly name: string;
  readonly task: string;
  /** `running`, `completed`, `failed`, `cancelled`, `interrupted`. */
  readonly status: string;
  readonly parent: string | null;
  /** Epoch milliseconds. */
  readonly startedMs: number;
  readonly finishedMs: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly lastTool: string | null;
  /** The last tool is still at work. */
  readonly toolRunning: boolean;
  readonly waitsForApproval: boolean;
}

export class WorkerBoard {
  private readonly rows = new Map<string, WorkerRow>();
  private readonly sessions = new Map<string, string>();
  /** Tokens of calls under way, by effect: the provider counts up. */
  private readonly streaming = new Map<
    string,
    { readonly worker: string; readonly input: number; readonly output: number }
  >();

  /** Workers as the store knows them, for a run that is resumed. */
  seed(workers: readonly WorkerInfo[]): void {
    for (const worker of workers) {
      this.put(worker.worker_id, {
        name: text(worker.worker_name) ?? worker.worker_id,
        task: text(worker.task) ?? "",
        // It goes on now.
        status: worker.status === "interrupted" ? "running" : worker.status,
        parent: text(worker.parent_worker_id),
        startedMs: timeOf(worker.started_at) ?? timeOf(worker.created_at) ?? Date.now(),
        finishedMs: timeOf(worker.finished_at),
      });
    }
  }

  /** Takes one event in; answers the row that it changed, or null. */
  apply(event: RunEvent, nowMs: number): WorkerRow | null {
    if (event.type === "worker") return this.applyWorker(event as JsonObject, nowMs);
    const fields = event as JsonObject;
    const id = this.workerOf(fields);
    if (id === null) return null;
    const row = this.rows.get(id);
    if (row === undefined) return null;
    switch (event.type) {
      case "tool_call":
      case "tool_call_update":
        return this.put(id, {
          lastTool: text(fields.tool_name) ?? row.lastTool,
          toolRunning: fields.status === "pending" || fields.status === "in_progress",
          waitsForApproval: false,
        });
      case "approval_request":
        return this.put(id, { lastTool: text(fields.tool_name) ?? row.lastTool, waitsForApproval: true });
      case "approval_response":
        return this.put(id, { waitsForApproval: false });
      case "llm_call":
        return this.put(id, {
          inputTokens: row.inputTokens + count(fields.input_tokens),
          outputTokens: row.outputTokens + count(fields.output_tokens),
        });
      case "effect_progress":
        return this.applyProgress(fields, row);
      default:
        return null;
    }
  }

  /** Parents before their children, siblings in the order in which they started; `depth` from 0. */
  tree(): readonly { readonly row: WorkerRow; readonly depth: number }[] {
    const found: { row: WorkerRow; depth: number }[] = [];
    const visit = (parent: string | null, depth: number) => {
      for (const row of this.rows.values()) {
        const under = row.parent !== null && this.rows.has(row.parent) ? row.parent : null;
        if (under !== parent || row.id === parent) continue;
        found.push({ row, depth });
        visit(row.id, depth + 1);
      }
    };
    visit(null, 0);
    return found;
  }

  get size(): number {
    return this.rows.size;
  }

  get running(): number {
    return [...this.rows.values()].filter(({ status }) => status === "running").length;
  }

  private applyWorker(event: JsonObject, nowMs: number): WorkerRow | null {
    const worker = isJsonObject(event.worker) ? event.worker : {};
    const id = text(worker.id);
    if (id === null) return null;
    const metadata = isJsonObject(worker.metadata) ? worker.metadata : {};
    const session = text(metadata.session_id) ?? text(worker.session_id);
    if (session !== null) this.sessions.set(session, id);
    const status = text(worker.status) ?? "running";
    const ended = status !== "running";
    const usage = isJsonObject(metadata.usage) ? metadata.usage : null;
    return this.put(id, {
      name: text(worker.name) ?? id,
      task: text(worker.task) ?? "",
      status,
      parent: text(metadata.parent_worker_id),
      startedMs: timeOf(metadata.started_at) ?? this.rows.get(id)?.startedMs ?? nowMs,
      finishedMs: ended ? (timeOf(metadata.finished_at) ?? nowMs) : null,
      ...(ended ? { toolRunning: false, waitsForApproval: false } : {}),
      ...(usage === null ? {} : { inputTokens: count(usage.input_tokens), outputTokens: count(usage.output_tokens) }),
    });
  }

  /** The provider's running count of a call replaces what it said before. */
  private applyProgress(fields: JsonObject, row: WorkerRow): WorkerRow | null {
    const usage = isJsonObject(fields.usage) ? fields.usage : null;
    if (fields.kind !== "usage" || usage === null) return null;
    const key = String(fields.effect);
    const before = this.streaming.get(key);
    const input = count(usage.inputTokens);
    const output = count(usage.outputTokens);
    this.streaming.set(key, { worker: row.id, input, output });
    return this.put(row.id, {
      inputTokens: row.inputTokens - (before?.input ?? 0) + input,
      outputTokens: row.outputTokens - (before?.output ?? 0) + output,
    });
  }

  private workerOf(fields: JsonObject): string | null {
    const own = text(fields.worker_id);
    if (own !== null) return own;
    const session = text(fields.session_id);
    return session === null ? null : (this.sessions.get(session) ?? null);
  }

  private put(id: string, change: Partial<WorkerRow>): WorkerRow {
    const row = { ...(this.rows.get(id) ?? { ...EMPTY, id, name: id }), ...change };
    this.rows.set(id, row);
    return row;
  }
}

const EMPTY: Omit<WorkerRow, "id" | "name"> = {
  task: "",
  status: "running",
  parent: null,
  startedMs: 0,
  finishedMs: null,
  inputTokens: 0,
  outputTokens: 0,
  lastTool: null,
  toolRunning: false,
  waitsForApproval: false,
};

function text(value: Json | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function count(value: Json | undefined): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** RFC 3339 to epoch milliseconds. */
function timeOf(value: Json | undefined): number | null {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
