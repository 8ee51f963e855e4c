/** Stages that ask nobody: they lead on, choose, sum up or leave a note (worker-runtime.md 9.5). */
import type { JsonObject } from "../base/json.ts";
import type { Value } from "../value/value.ts";
import { HDict } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { asDicts } from "./artifact-selection.ts";
import * as field from "./record-fields.ts";
import { type StageEnd, valueArtifact } from "./stage-outcome.ts";
import type { StageState } from "./workflow-plan.ts";

/** Null: the stage is of another kind. */
export function steeringEnd(state: StageState, call: VmCall): StageEnd | null {
  switch (state.kind) {
    case "fork":
      return decided("forked", "fork", "forked");
    case "join":
      return decided("joined", "join", "joined");
    case "condition": {
      const holds = conditionHolds(state);
      return decided(holds ? "condition_true" : "condition_false", String(holds), String(holds));
    }
    case "reduce":
      return reduced(state, call);
    case "escalation":
      return escalated(state, call);
    default:
      return null;
  }
}

function decided(outcome: string, branch: string, text: string, artifacts: readonly Value[] = []): StageEnd {
  const result = HDict.of({ status: "completed", text });
  return { outcome, branch, result, artifacts, transcript: null, verification: null, error: null };
}

function conditionHolds(state: StageState): boolean {
  const metadata = field.dictAt(state.node, "metadata");
  const inputs = asDicts(state.inputs);
  const needle = field.textAt(metadata, "contains_text");
  if (needle !== null) return inputs.some((artifact) => String(artifact.get("text") ?? "").includes(needle));
  const kind = field.textAt(metadata, "artifact_kind");
  return kind === null ? inputs.length > 0 : inputs.some((artifact) => artifact.get("kind") === kind);
}

function firstOutput(state: StageState, otherwise: string): string {
  return field.textsAt(field.dictAt(state.node, "output_contract"), "output_kinds")[0] ?? otherwise;
}

function reduced(state: StageState, call: VmCall): StageEnd {
  const separator = field.dictAt(state.node, "reduce_policy").get("separator");
  const texts = asDicts(state.inputs).flatMap((artifact) => {
    const text = artifact.get("text");
    return typeof text === "string" ? [text] : [];
  });
  const text = texts.join(typeof separator === "string" ? separator : "\n\n");
  const parts = { node: state.nodeId, index: 0, title: `reduce ${state.nodeId} output`, lineage: state.consumed };
  const made = valueArtifact(call, { ...parts, kind: firstOutput(state, "summary") }, text);
  return decided("reduced", "reduced", text, [made]);
}

/** What an escalation tells people. */
export function escalationNote(node: HDict): {
  readonly queue: string | null;
  readonly level: string | null;
  readonly reason: string;
} {
  const policy = field.dictAt(node, "escalation_policy");
  return {
    queue: field.textAt(policy, "queue"),
    level: field.textAt(policy, "level"),
    reason: field.textAt(policy, "reason") ?? "manual review required",
  };
}

function escalated(state: StageState, call: VmCall): StageEnd {
  const note = escalationNote(state.node);
  const event: JsonObject = { type: "escalation", node_id: state.nodeId, worker_id: call.scope.worker, ...note };
  call.emit(event);
  const parts = { node: state.nodeId, index: 0, title: `escalation ${state.nodeId}`, lineage: state.consumed };
  const made = valueArtifact(call, { ...parts, kind: firstOutput(state, "plan") }, HDict.of(note));
  return decided("escalated", "escalated", note.reason, [made]);
}
