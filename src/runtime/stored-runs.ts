/** What observers read of stored runs and workers: rows, never the owner's memory. */
import type { JsonObject } from "../base/json.ts";
import type { RecordRow, UnitRow, UnitStatus } from "../store/contract.ts";
import type { UnitHead } from "./unit-turn.ts";

export interface RunInfo {
  readonly id: string;
  readonly program: string;
  /** `interrupted`: its process is gone before the run ended. */
  readonly status: UnitStatus;
  readonly resumable: boolean;
  /** RFC 3339. */
  readonly created: string;
  readonly updated: string;
  readonly cwd: string | null;
  readonly args: readonly string[];
  /** Of the process that runs it now. */
  readonly pid: number | null;
  readonly error: string | null;
}

export interface WorkerInfo extends JsonObject {
  readonly run: string;
  readonly worker_id: string;
  readonly status: string;
}

const ENDED: readonly UnitStatus[] = ["completed", "failed", "cancelled"];

export function resumable(row: UnitRow): boolean {
  return !ENDED.includes(row.status) && row.owner?.alive !== true;
}

export function runInfo(row: UnitRow): RunInfo {
  const meta = JSON.parse(row.meta) as { readonly cwd?: string; readonly args?: readonly string[] };
  const head = JSON.parse(row.head) as UnitHead;
  const left = resumable(row);
  return {
    id: row.unit,
    program: row.program,
    status: left ? "interrupted" : row.status,
    resumable: left,
    created: new Date(row.created).toISOString(),
    updated: new Date(row.updated).toISOString(),
    cwd: meta.cwd ?? null,
    args: meta.args ?? [],
    pid: row.owner?.alive === true ? row.owner.pid : null,
    error: head.error ?? null,
  };
}

/** A worker that runs in a run whose process is gone reads `interrupted`. */
export function workerInfo(record: RecordRow, unit: UnitRow | undefined): WorkerInfo {
  const body = JSON.parse(record.body) as JsonObject & { readonly worker_id: string; readonly status: string };
  const left = unit !== undefined && resumable(unit);
  return { ...body, run: record.unit, status: left && body.status === "running" ? "interrupted" : body.status };
}
