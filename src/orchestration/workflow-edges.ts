/**
 * Where a stage leads: the edges labelled with its branch, else those without a label (worker-runtime.md 9.4).
 *
 * Invariant: a stage that failed leads nowhere unless an edge is labelled for that, or the node says `metadata.continue_on_failure`.
 */
import type { HDict } from "../value/value.ts";
import * as field from "./record-fields.ts";
import type { Edge } from "./workflow-graph.ts";

/** Does the node say that its failure does not matter? */
export const goesOnAnyway = (node: HDict): boolean =>
  field.dictAt(node, "metadata").get("continue_on_failure") === true;

export function takenEdges(edges: readonly Edge[], branch: string | null, node: HDict): readonly Edge[] {
  const names = branch === null ? [] : [branch, ...aliases(node, branch)];
  const labelled = edges.filter((edge) => edge.branch !== null && names.includes(edge.branch));
  if (labelled.length > 0) return labelled;
  const failed = branch === "failed" || branch === "error";
  // After a repair that succeeded, the work is looked at again.
  const again = failed ? [] : edges.filter((edge) => edge.branch === "retry");
  if (again.length > 0) return again;
  return failed && !goesOnAnyway(node) ? [] : edges.filter((edge) => edge.branch === null);
}

const MEANINGS: Readonly<Record<string, readonly string[]>> = {
  success: ["success", "loop_exit"],
  failed: ["failure", "loop_continue", "verify_fail"],
  error: ["failure"],
  passed: ["verify_pass"],
  true: ["condition_true"],
  false: ["condition_false"],
  escalated: ["escalation"],
};

/** Labels that the node itself uses for a branch; an error is a failure where nothing says more. */
function aliases(node: HDict, branch: string): readonly string[] {
  const semantics = field.dictAt(node, "branch_semantics");
  const own = (MEANINGS[branch] ?? []).flatMap((key) => field.textAt(semantics, key) ?? []);
  return branch === "error" ? [...own, "failed"] : own;
}
