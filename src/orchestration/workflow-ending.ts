/** How a workflow's run ends, and why it stops before everything is done (worker-runtime.md 9.4). */
import type { VmCall } from "../vm/vm-call.ts";
import * as field from "./record-fields.ts";
import { nodeOf } from "./workflow-graph.ts";
import { missingFor, required } from "./workflow-joins.ts";
import { runUsage, stageRecords, type WorkflowState } from "./workflow-run.ts";

/** No further stage begins when the tokens are spent. */
export function overBudget(state: WorkflowState, call: VmCall): boolean {
  return state.tokenBudget !== null && spentTokens(state, call) >= state.tokenBudget;
}

function spentTokens(state: WorkflowState, call: VmCall): number {
  const usage = runUsage(stageRecords(call, state));
  return (field.numberAt(usage, "input_tokens") ?? 0) + (field.numberAt(usage, "output_tokens") ?? 0);
}

/** The status of a run in which nothing runs any more; what is in its way is noted. */
export function endStatus(state: WorkflowState, call: VmCall): WorkflowState["status"] {
  if (state.status === "cancelled") return "cancelled";
  if (state.problem !== null || state.unhandled.length > 0) return "failed";
  if (state.replay !== null && state.replayed < state.replay.stages.length) {
    state.problem = `workflow replay ended before node ${state.replay.stages[state.replayed]!.get("node_id")}, which the record goes on with`;
    return "failed";
  }
  if (state.held.length > 0) {
    const asked = state.escalations.map(
      ({ node, queue, reason }) => `${node}${queue === null ? "" : ` (queue ${queue})`}: ${reason}`,
    );
    state.problem = `waits for people: ${asked.join("; ")}`;
    return "paused";
  }
  if (state.ready.length === 0) return "completed";
  if (overBudget(state, call))
    state.problem = `token_budget (${state.tokenBudget}) is spent: ${spentTokens(state, call)} tokens, with ${state.ready.join(", ")} to do`;
  else if (state.steps < state.maxSteps) state.problem = starvation(state);
  else state.problem = `max_steps (${state.maxSteps}) reached with ${state.ready.join(", ")} to do`;
  call.emit({ type: "warning", message: `workflow ${state.runId}: ${state.problem}`, worker_id: call.scope.worker });
  return "paused";
}

function starvation(state: WorkflowState): string {
  const waiting = state.ready.map((id) => {
    const node = nodeOf(state.graph, id)!;
    const [missing, needed] = [missingFor(state, node, id), required(state, node, id)];
    return `join ${id} has ${needed - missing} of the ${needed} inputs it waits for`;
  });
  return `nothing can run any more: ${waiting.join("; ")}`;
}
