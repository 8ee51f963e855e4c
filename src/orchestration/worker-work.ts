/** What a worker does, by its mode: an agent loop, a stage, a whole workflow; and what it hands back of it (worker-runtime.md 5.1, 5.7). */
import { startLoop } from "../agents/loop-start.ts";
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { Directive } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { asDicts } from "./artifact-selection.ts";
import { envelopeOf } from "./envelope.ts";
import * as field from "./record-fields.ts";
import { schemaComplaint } from "./return-schema.ts";
import { artifactsOf } from "./worker-artifacts.ts";
import { changeWorker, type WorkerState } from "./worker-state.ts";
import { planStage } from "./workflow-plan.ts";
import { startWorkflow } from "./workflow-start.ts";

/** Node id of a stage that no workflow has. */
const LONE_STAGE = "delegated_worker";

export function startWork(call: VmCall, state: WorkerState): Directive {
  const { spec } = state;
  switch (state.mode) {
    case "workflow": {
      const options = field.dictAt(spec, "options");
      const start = { task: state.task, graph: field.dictAt(spec, "graph"), artifacts: state.inputs };
      const run = startWorkflow(call, { ...start, options: runOptions(state, options) });
      // Known from now on: a worker that is cancelled can go on with its run, too.
      changeWorker(call, state.id).childRun = { id: run.runId, path: run.path };
      return { kind: "push", machine: "workflow", state: run };
    }
    case "stage":
    case "delegated_stage": {
      const plan = planStage(call, {
        nodeId: field.textAt(spec, "node_id") ?? LONE_STAGE,
        node: field.dictAt(spec, "node"),
        task: state.task,
        artifacts: asDicts(state.inputs),
        contracts: field.dictsAt(spec, "contracts"),
        seed: seedOf(spec),
      });
      return { kind: "push", machine: "workflow_stage", state: plan };
    }
    case "sub_agent": {
      const system = spec.get("system");
      const loop = startLoop(call, {
        prompt: state.task,
        system: typeof system === "string" ? system : null,
        options: field.dictAt(spec, "options"),
        session: call.scope.session,
      });
      return { kind: "push", machine: "agent_loop", state: loop };
    }
  }
}

function seedOf(spec: HDict): HDict | null {
  const transcript = spec.get("transcript");
  return transcript instanceof HDict ? transcript : null;
}

/** A worker that is given another task goes on with its run, unless its carry policy says otherwise. */
function runOptions(state: WorkerState, options: HDict): HDict {
  const before = state.carry.resume_workflow ? state.childRun : undefined;
  return field.withFields(options, {
    delegated: true,
    parent_worker_id: state.id,
    ...(state.parentStage === null ? {} : { parent_stage_id: state.parentStage }),
    ...(before === undefined ? {} : { resume_path: before.path }),
  });
}

export interface FinishedWork {
  readonly payload: HDict;
  /** The payload as its artifact has it: without what stands elsewhere (the conversation, the artifacts, the run). */
  readonly gist: HDict;
  /** Where its text is read from. */
  readonly spoken: HDict;
  readonly transcript: Value;
  readonly artifacts: readonly Value[];
  /** Why the job is not done; null: it is (W-19). */
  readonly complaint: string | null;
}

export function finishWork(call: VmCall, state: WorkerState, answer: HDict): FinishedWork {
  switch (state.mode) {
    case "workflow":
      return finishedWorkflow(answer);
    case "stage":
    case "delegated_stage":
      return finishedStage(state, answer);
    case "sub_agent": {
      const payload = subAgentPayload(call, state, answer);
      return {
        payload,
        gist: payload,
        spoken: answer,
        transcript: share(answer.get("transcript") ?? null),
        artifacts: artifactsOf(answer),
        complaint: subAgentComplaint(payload),
      };
    }
  }
}

function finishedStage(state: WorkerState, outcome: HDict): FinishedWork {
  const result = field.dictAt(outcome, "result");
  const artifacts = field.listAt(outcome, "artifacts").map((artifact) => share(artifact));
  const transcript = share(outcome.get("transcript") ?? null);
  const done = outcome.get("status") === "completed";
  const payload = HDict.of({
    status: done ? "completed" : "failed",
    mode: state.mode,
    task: state.task,
    result: share(result),
    artifacts: new HList(artifacts.map((artifact) => share(artifact))),
    transcript,
    usage: share(outcome.get("usage") ?? null),
    tool_recordings: share(outcome.get("tool_recordings") ?? null),
    execution: null,
  });
  const error = outcome.get("error");
  const complaint = done ? null : typeof error === "string" ? error : "the stage failed";
  return {
    payload,
    gist: gistOf(payload),
    spoken: result,
    transcript,
    artifacts: [...artifacts, ...artifactsOf(result)],
    complaint,
  };
}

/** A stage's payload without its conversation and its artifacts. */
export function gistOf(payload: HDict): HDict {
  const result = field.dictAt(payload, "result");
  const kept = [...payload.entries()].filter(([key]) => !["transcript", "artifacts", "tool_recordings"].includes(key));
  const spoken = HDict.from(
    result.entries().flatMap(([key, value]) => (key === "transcript" ? [] : [[key, share(value)] as const])),
  );
  return field.withFields(HDict.from(kept.map(([key, value]) => [key, share(value)] as const)), { result: spoken });
}

function finishedWorkflow(answer: HDict): FinishedWork {
  const run = field.dictAt(answer, "run");
  const status = String(answer.get("status") ?? "failed");
  const metadata = field.dictAt(run, "metadata");
  const first = field.dictsAt(metadata, "unhandled_failures")[0];
  const why =
    first === undefined ? field.textAt(metadata, "problem") : `stage ${first.get("node")}: ${first.get("error")}`;
  const last = field.dictsAt(run, "stages").at(-1);
  return {
    payload: answer,
    gist: HDict.of({ status, path: answer.get("path") ?? null, run_id: run.get("id") ?? null }),
    spoken: HDict.of({ text: last?.get("visible_text") ?? null }),
    transcript: share(answer.get("transcript") ?? null),
    artifacts: field.listAt(answer, "artifacts").map((artifact) => share(artifact)),
    complaint: status === "completed" ? null : `the workflow ended ${status}${why === null ? "" : `: ${why}`}`,
  };
}

function subAgentPayload(call: VmCall, state: WorkerState, loop: HDict): HDict {
  const options = field.dictAt(state.spec, "options");
  const asked = (key: string) => (options.get(key) ?? null) !== null;
  const budget = options.get("token_budget");
  return envelopeOf(loop, {
    session: call.scope.session ?? "",
    tokenBudget: typeof budget === "number" ? budget : null,
    schema: state.spec.get("returns_schema") ?? null,
    wantsJson: options.get("response_format") === "json" || asked("json_schema") || asked("output_schema"),
    validate: schemaComplaint,
  });
}

function subAgentComplaint(payload: HDict): string | null {
  if (payload.get("ok") === true) return null;
  const error = payload.get("error");
  return error instanceof HDict ? displayValue(error.get("message") ?? "") : "the sub-agent failed";
}
