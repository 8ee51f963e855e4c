/** What a worker does, as one plain line. */
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import type { RunEvent } from "../../runtime/index.ts";
import { countText, cutTo, durationText, oneLine } from "./cells.ts";
import type { WorkerRow } from "./worker-board.ts";

const LONGEST_TASK = 80;

/** Null: nothing that a person wants a line for. */
export function lineOf(event: RunEvent, row: WorkerRow | null): string | null {
  const fields = event as JsonObject;
  if (event.type === "warning") return `warning: ${oneLine(String(fields.message))}`;
  if (row === null) return null;
  const who = `[${oneLine(row.name)}]`;
  switch (event.type) {
    case "worker":
      return row.status === "running"
        ? `${who} started: ${cutTo(oneLine(row.task), LONGEST_TASK)}`
        : `${who} ${row.status}${summaryOf(row)}${errorOf(fields)}`;
    case "tool_call":
      return `${who} ${oneLine(String(fields.tool_name))}`;
    case "tool_call_update": {
      if (fields.status !== "failed") return null;
      const verb = fields.rejected === true ? "refused" : "failed";
      return `${who} ${oneLine(String(fields.tool_name))} ${verb}: ${cutTo(toolError(fields.error), 200)}`;
    }
    case "approval_requested":
      return `${who} asks for approval of ${oneLine(String(fields.tool_name))}`;
    default:
      return null;
  }
}

function summaryOf(row: WorkerRow): string {
  const parts: string[] = [];
  if (row.finishedMs !== null) parts.push(durationText(row.finishedMs - row.startedMs));
  const tokens = row.inputTokens + row.outputTokens;
  if (tokens > 0) parts.push(`${countText(tokens)} tokens`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** What a model gets to read of a tool's failure is JSON; a person wants its reason. */
function toolError(error: Json | undefined): string {
  const shown = String(error ?? "");
  try {
    const parsed = JSON.parse(shown) as Json;
    const reason = isJsonObject(parsed) ? (parsed.reason ?? parsed.message) : undefined;
    return oneLine(typeof reason === "string" ? reason : shown);
  } catch {
    return oneLine(shown);
  }
}

function errorOf(fields: JsonObject): string {
  const worker = isJsonObject(fields.worker) ? fields.worker : {};
  const metadata = isJsonObject(worker.metadata) ? worker.metadata : {};
  return typeof metadata.error === "string" ? `: ${cutTo(oneLine(metadata.error), 200)}` : "";
}
