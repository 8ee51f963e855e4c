/** Playing a recorded run again: each stage's outcome comes from the record, in its order (worker-runtime.md 9.8). */
import { HDict, share } from "../value/value.ts";
import type { WorkflowState } from "./workflow-run.ts";

export type Replayed =
  | { readonly kind: "outcome"; readonly outcome: HDict }
  | { readonly kind: "mismatch"; readonly message: string };

/** The next recorded stage, which must be of this node. */
export function nextReplayed(state: WorkflowState, node: string): Replayed {
  const recorded = state.replay!.stages[state.replayed];
  if (recorded === undefined) return { kind: "mismatch", message: `workflow replay exhausted before node ${node}` };
  const found = String(recorded.get("node_id"));
  if (found !== node) {
    const message = `workflow replay mismatch: expected node ${node}, next replay stage is ${found}`;
    return { kind: "mismatch", message };
  }
  state.replayed++;
  const at = (key: string) => share(recorded.get(key) ?? null);
  const metadata = recorded.get("metadata");
  const fromMetadata = (key: string) => (metadata instanceof HDict ? share(metadata.get(key) ?? null) : null);
  const text = recorded.get("visible_text") ?? null;
  return {
    kind: "outcome",
    outcome: HDict.of({
      status: at("status"),
      outcome: at("outcome"),
      branch: at("branch"),
      result: HDict.of({ status: at("status"), text, visible_text: text }),
      artifacts: at("artifacts"),
      transcript: at("transcript"),
      verification: at("verification"),
      usage: at("usage"),
      attempts: at("attempts"),
      consumed_artifact_ids: at("consumed_artifact_ids"),
      error: fromMetadata("error"),
      worker: fromMetadata("worker"),
    }),
  };
}
