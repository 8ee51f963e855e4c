/** A stage that a worker does: started like any other worker, waited for, and its artifacts handed on (worker-runtime.md 5.7). */
import { runtimeError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { Directive } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import * as field from "./record-fields.ts";
import { nodeTools, nonBlank } from "./stage-options.ts";
import type { StageEnd } from "./stage-outcome.ts";
import { approvalOf, closureOf, readExecution, workerRequest } from "./worker-config.ts";
import { createWorker } from "./worker-start.ts";
import { settleDropped, workerHandle, workerOf } from "./worker-state.ts";
import { gistOf } from "./worker-work.ts";
import type { StageState } from "./workflow-plan.ts";

export function startDelegate(call: VmCall, state: StageState): Directive {
  const metadata = field.dictAt(state.node, "metadata");
  const node = field.withFields(state.node, { kind: "stage" });
  const spec = HDict.of({
    node,
    node_id: state.nodeId,
    system: state.system,
    options: state.options,
    tools: share(nodeTools(node)),
    transcript: null,
    contracts: new HList(state.contracts.map((contract) => share(contract))),
  });
  const id = createWorker(call, {
    name: nonBlank(metadata, "worker_name") ?? state.nodeId,
    mode: "delegated_stage",
    task: state.task,
    request: workerRequest(state.task, state.system, metadata),
    spec,
    inputs: state.inputs,
    carry: { artifact_mode: "inherit", context_policy: {}, resume_workflow: true, persist_state: true, policy: null },
    exports: false,
    execution: readExecution(metadata.get("execution") ?? null),
    audit: {},
    policy: null,
    approval: approvalOf(metadata, "workflow"),
    onApproval: closureOf(metadata.get("on_approval") ?? null, "workflow: metadata.on_approval"),
    session: state.session,
    tools: share(nodeTools(node)),
    stage: state.nodeId,
  });
  state.worker = id;
  const worker = workerOf(call, id);
  return { kind: "wait", sources: [{ kind: "task", id: worker.task_id!, objects: [id] }] };
}

/** The worker has ended. */
export function delegatedEnd(call: VmCall, state: StageState): StageEnd {
  const id = state.worker!;
  settleDropped(call, id);
  const worker = workerOf(call, id);
  if (worker.status === "running") throw runtimeError(`worker ${worker.name} ended without a report`);
  const done = worker.status === "completed";
  const payload = worker.result instanceof HDict ? worker.result : HDict.empty();
  const answer = field.dictAt(payload, "result");
  const usage = payload.get("usage");
  state.usage.push(usage instanceof HDict ? usage : workerUsage(worker.usage));
  state.recordings.push(...field.dictsAt(payload, "tool_recordings"));
  // The stage has the conversation and the artifacts itself.
  const own = { artifacts: new HList([]), ...(payload.size === 0 ? {} : { result: gistOf(payload) }) };
  const handle = field.withFields(workerHandle(worker), own);
  const result = field.withFields(answer, {
    status: done ? "completed" : worker.status,
    worker: handle.get("id") ?? null,
  });
  return {
    outcome: done ? "subagent_completed" : worker.status,
    branch: done ? "success" : "failed",
    result,
    artifacts: worker.artifacts.items.map((artifact) => handedOn(artifact, worker.id, worker.name)),
    transcript: share(worker.transcript),
    verification: null,
    error: worker.error,
    worker: handle,
  };
}

function handedOn(artifact: Value, id: string, name: string): Value {
  if (!(artifact instanceof HDict)) return artifact;
  const metadata = field.dictAt(artifact, "metadata");
  const who = { worker_id: id, worker_name: name, delegated: true };
  return field.withFields(artifact, { metadata: field.withFields(metadata, who) });
}

function workerUsage(usage: { readonly input: number; readonly output: number }): HDict {
  return HDict.of({
    input_tokens: usage.input,
    output_tokens: usage.output,
    total_duration_ms: 0,
    call_count: 0,
    total_cost: 0,
    models: new HList([]),
  });
}
