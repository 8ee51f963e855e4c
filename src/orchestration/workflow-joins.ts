/** When a join may run: as soon as as many of the nodes before it are done as its policy wants (worker-runtime.md 9.4). */
import type { HDict } from "../value/value.ts";
import * as field from "./record-fields.ts";
import { edgesOf } from "./workflow-graph.ts";
import type { WorkflowState } from "./workflow-run.ts";

/** How many inputs a node waits for; nodes that are no joins wait for none. */
export function required(state: WorkflowState, node: HDict, id: string): number {
  if (node.get("kind") !== "join") return 0;
  const join = field.dictAt(node, "join_policy");
  const incoming = edgesOf(state.graph).filter((edge) => edge.to === id).length;
  const least = field.numberAt(join, "min_completed");
  if (least !== null) return least;
  return join.get("require_all_inputs") === true || join.get("strategy") === "all" ? incoming : 1;
}

export function missingFor(state: WorkflowState, node: HDict, id: string): number {
  const needed = required(state, node, id);
  if (needed === 0) return 0;
  const there = edgesOf(state.graph).filter((edge) => edge.to === id && state.completed.includes(edge.from)).length;
  return Math.max(0, needed - there);
}
