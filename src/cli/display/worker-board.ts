/**
 * What a watcher knows of a run's workers, folded from its events: the live tree and the lines of a pipe both read it.
 *
 * Invariant: an event that comes twice changes nothing the second time; each worker is one row.
 */
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import type { RunEvent } from "../../runtime/index.ts";

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

interface Tokens {
  readonly input: number;
  readonly output: number;
}

export class WorkerBoard {
  private readonly rows = new Map<string, WorkerRow>();
  /** Tokens of each session of a worker. */
  private readonly spent = new Map<string, Map<string, Tokens>>();
  /** Tokens of the call under way, by worker: the provider counts up. */
  private readonly streaming = new Map<string, Tokens>();

  /** Takes one event in; answers the row that it changed, or null. */
  apply(event: RunEvent, nowMs: number): WorkerRow | null {
    if (event.type === "worker") return this.applyWorker(event as JsonObject, nowMs);
    const fields = event as JsonObject;
    const id = text(fields.worker_id);
    const row = id === null ? undefined : this.rows.get(id);
    if (id === null || row === undefined) return null;
    switch (event.type) {
      case "tool_call":
      case "tool_call_update":
        return this.put(id, {
          lastTool: text(fields.tool_name) ?? row.lastTool,
          toolRunning: fields.status === "pending" || fields.status === "in_progress",
          waitsForApproval: false,
        });
      case "approval_requested":
        return this.put(id, { lastTool: text(fields.tool_name) ?? row.lastTool, waitsForApproval: true });
      case "approval_answered":
        return this.put(id, { waitsForApproval: false });
      case "llm_usage": {
        const sessions = this.spent.get(id) ?? new Map<string, Tokens>();
        this.spent.set(id, sessions);
        const total = { input: count(fields.total_input_tokens), output: count(fields.total_output_tokens) };
        sessions.set(text(fields.session_id) ?? "", total);
        this.streaming.delete(id);
        return this.put(id, this.tokensOf(id));
      }
      case "effect_progress": {
        const usage = isJsonObject(fields.usage) ? fields.usage : null;
        if (fields.kind !== "usage" || usage === null) return null;
        this.streaming.set(id, { input: count(usage.inputTokens), output: count(usage.outputTokens) });
        return this.put(id, this.tokensOf(id));
      }
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
    const status = text(worker.status) ?? "running";
    const ended = status !== "running";
    return this.put(id, {
      name: text(worker.name) ?? id,
      task: text(worker.task) ?? "",
      status,
      parent: text(metadata.parent_worker_id),
      startedMs: timeOf(metadata.started_at) ?? this.rows.get(id)?.startedMs ?? nowMs,
      finishedMs: ended ? (timeOf(metadata.finished_at) ?? nowMs) : null,
      ...(ended ? { toolRunning: false, waitsForApproval: false } : {}),
    });
  }

  private tokensOf(id: string): Pick<WorkerRow, "inputTokens" | "outputTokens"> {
    const all = [...(this.spent.get(id)?.values() ?? [])];
    const running = this.streaming.get(id);
    if (running !== undefined) all.push(running);
    return {
      inputTokens: all.reduce((sum, { input }) => sum + input, 0),
      outputTokens: all.reduce((sum, { output }) => sum + output, 0),
    };
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
