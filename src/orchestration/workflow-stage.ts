/**
 * One stage of a workflow as a machine on a fiber of its own: asks a model, runs a command, delegates to a worker, maps, or only decides. What it
 * answers is a dict (stage-outcome.ts); a failure inside is an outcome, too.
 *
 * Invariants
 * 1. Every attempt is recorded; an attempt that failed is followed by another one only as often as the node's retry policy says.
 * 2. Whoever cancels the stage cancels what it started.
 */
import { startLoop } from "../agents/loop-start.ts";
import { changeSession, closeSession, findSession, openSession, sessionObject } from "../agents/sessions.ts";
import { Failure } from "../base/failure.ts";
import { unreachable } from "../base/unreachable.ts";
import { Raise, raiseFailure, runtimeError } from "../builtin/raise.ts";
import type { RaisedError, Value } from "../value/value.ts";
import { HBuiltin, HDict, HFloat, HList, share } from "../value/value.ts";
import { renderError } from "../vm/errors.ts";
import type { MachineInput } from "../vm/fiber.ts";
import { cancelFiber, spawnTask } from "../vm/fiber-life.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { asDicts } from "./artifact-selection.ts";
import { nowText } from "./artifacts.ts";
import * as field from "./record-fields.ts";
import { nonBlank } from "./stage-options.ts";
import type { StageEnd } from "./stage-outcome.ts";
import { hasFailed, loopUsage, outcomeDict, spokenText, stageArtifact, visibleTranscript } from "./stage-outcome.ts";
import { checkPromise } from "./stage-schema.ts";
import { steeringEnd } from "./stage-steering.ts";
import { reasoningOf, recordingsOf } from "./tool-recordings.ts";
import { checkEvidence, type Evidence, verdictOf } from "./workflow-contracts.ts";
import { delegatedEnd, startDelegate } from "./workflow-delegate.ts";
import { mapState, WORKFLOW_MAP } from "./workflow-map.ts";
import { asksModel, commandOf, type StageState } from "./workflow-plan.ts";

const WORKFLOW_STAGE = "workflow_stage";
const MOST_BACKOFF_MS = 10 * 60_000;
/** Of a verification command that does not say otherwise. */
const COMMAND_MS = 10 * 60_000;
/** What another attempt does not cure. */
const FINAL = ["tool_rejected", "cancelled", "auth", "not_found"];

export const workflowStageMachine: Machine = machine<StageState>({
  kind: WORKFLOW_STAGE,
  version: 1,
  objects: (state) => [
    sessionObject(state.session),
    ...(state.task_id === null ? [] : [state.task_id]),
    ...(state.worker === null ? [] : [state.worker]),
  ],
  step(state, input, call) {
    if (input.kind === "cancelled") return stopped(state, call);
    try {
      return next(state, input, call);
    } catch (thrown) {
      const raised = thrown instanceof Failure ? raiseFailure(thrown) : thrown;
      if (raised instanceof Raise) return failed(state, call, raised.error);
      throw thrown;
    }
  },
});

function next(state: StageState, input: MachineInput, call: VmCall): Directive {
  switch (state.phase) {
    case "begin":
      return begin(state, call);
    case "model":
      if (input.kind === "raised") return failed(state, call, input.error);
      return answered(
        state,
        call,
        input.kind === "returned" && input.value instanceof HDict ? input.value : HDict.empty(),
      );
    case "command":
      return commandEnded(state, input, call);
    case "worker":
      return end(state, call, delegatedEnd(call, state));
    case "map":
      if (input.kind === "raised") return failed(state, call, input.error);
      return mapped(state, call, input.kind === "returned" ? (input.value as HDict) : HDict.empty());
    case "backoff":
      state.phase = "begin";
      return begin(state, call);
    default:
      return unreachable(state.phase);
  }
}

function begin(state: StageState, call: VmCall): Directive {
  if (state.refusal !== null) return failed(state, call, state.refusal);
  const steered = steeringEnd(state, call);
  if (steered !== null) return end(state, call, steered);
  switch (state.kind) {
    case "map":
      state.phase = "map";
      return { kind: "push", machine: WORKFLOW_MAP, state: mapState(call, state) };
    case "subagent":
      state.phase = "worker";
      return startDelegate(call, state);
    default:
      if (commandOf(state.node) !== null) return startCommand(state, call);
      return asksModel(state.node) ? ask(state, call) : lookAtSubject(state, call);
  }
}

/** Another attempt begins anew, in a conversation of its own, unless it is to repair what the last one left. */
function ask(state: StageState, call: VmCall): Directive {
  const fresh = state.attempt > 1 && state.complaint === null && !isNamed(state);
  const session = fresh ? `${state.session}_${state.attempt}` : state.session;
  if (state.seed !== null && findSession(call, session) === null) seedSession(call, session, state.seed);
  const options = fresh ? field.withFields(state.options, { session_id: session }) : state.options;
  const prompt = state.complaint ?? state.prompt;
  state.eventsBefore = findSession(call, session)?.events.items.length ?? 0;
  state.phase = "model";
  return {
    kind: "push",
    machine: "agent_loop",
    state: startLoop(call, { prompt, system: state.system, options, session }),
  };
}

function seedSession(call: VmCall, id: string, transcript: HDict): void {
  const session = changeSession(call, openSession(call, id));
  session.messages = new HList(field.listAt(transcript, "messages").map((message) => share(message)));
  session.events = new HList(field.listAt(transcript, "events").map((event) => share(event)));
  session.summary = field.textAt(transcript, "summary");
}

function answered(state: StageState, call: VmCall, loop: HDict): Directive {
  const events = field.dictsAt(field.dictAt(loop, "transcript"), "events").slice(state.eventsBefore);
  state.usage.push(loopUsage(loop, events));
  state.recordings.push(...recordingsOf(call, events));
  state.reasoning.push(...reasoningOf(events));
  const text = spokenText(loop);
  const judges = state.kind === "verify";
  const evidence: Evidence = {
    text,
    combined: field.textAt(loop, "text") ?? text,
    status: null,
    success: null,
    verdict: judges ? (verdictOf(text) ?? unsaid(state, call)) : null,
  };
  const checked = checkEvidence(call, state.contract, evidence);
  const { verification, result } = checkPromise(state.node, text, checked, loop);
  const status = String(loop.get("status") ?? "completed");
  const ended = status === "done" || status === "completed";
  return end(state, call, stageEnd(state, call, withContext(state, result), verification, ended ? null : status));
}

/** A judge that gives no verdict has not passed the work; where the node names nothing to verify, it cannot fail it either. */
function unsaid(state: StageState, call: VmCall): "missing" | null {
  if (state.node.get("verify") instanceof HDict) return "missing";
  const message = `workflow stage ${state.nodeId}: the model gave no verdict, and the node says nothing else to verify (\`verify\`): it passes`;
  call.emit({ type: "warning", message, worker_id: call.scope.worker });
  return null;
}

/** `broken`: how the loop ended when it did not finish. */
function stageEnd(
  state: StageState,
  call: VmCall,
  result: HDict,
  verification: HDict,
  broken: string | null,
): StageEnd {
  const judges = state.kind === "verify";
  const ok = verification.get("ok") === true;
  const passed = judges ? "verified" : "success";
  const transcript = visibleTranscript(result.get("transcript") ?? null, field.textAt(state.node, "output_visibility"));
  return {
    outcome: broken !== null && !judges ? broken : ok ? passed : "verification_failed",
    branch: (judges || broken === null) && ok ? (judges ? "passed" : "success") : "failed",
    result,
    artifacts: [stageArtifact(call, state, result)],
    transcript,
    verification,
    error: broken !== null && !judges ? `the agent loop ended ${broken}` : ok ? null : "verification failed",
  };
}

/** What the stage's record says of how its model was asked. */
function withContext(state: StageState, result: HDict): HDict {
  const titles = asDicts(state.inputs).map((artifact) => artifact.get("title") ?? null);
  return field.withFields(result, {
    prompt: state.prompt,
    system_prompt: state.system ?? "",
    rendered_context: state.context,
    ...(state.contracts.length === 0
      ? {}
      : {
          verification_contracts: new HList(state.contracts.map((contract) => share(contract))),
          rendered_verification_context: state.verification,
        }),
    selected_artifact_ids: new HList([...state.consumed]),
    selected_artifact_titles: new HList(titles.map((title) => share(title))),
  });
}

/** Without a command and without a model: the newest input is what is verified. */
function lookAtSubject(state: StageState, call: VmCall): Directive {
  const { subject } = state;
  const verification = checkEvidence(call, state.contract, {
    text: subject,
    combined: subject,
    status: null,
    success: null,
    verdict: null,
  });
  const result = withContext(state, HDict.of({ status: "completed", text: subject, visible_text: subject }));
  return end(state, call, stageEnd(state, call, result, verification, null));
}

/** The command goes through the call gate like any other; it ends with its time. */
function startCommand(state: StageState, call: VmCall): Directive {
  const task = spawnTask(call.run, call.fiber, new HBuiltin("shell"), [commandOf(state.node)!], { hold: false });
  const given = field.numberAt(field.dictAt(state.node, "verify"), "timeout_ms");
  state.task_id = task.id;
  state.timedOut = false;
  state.phase = "command";
  return {
    kind: "wait",
    sources: [
      { kind: "task", id: task.id },
      { kind: "timer", due: call.ports.clock.nowMs() + (given ?? COMMAND_MS) },
    ],
  };
}

function commandEnded(state: StageState, input: MachineInput, call: VmCall): Directive {
  const id = state.task_id!;
  const task = call.run.object("task", id);
  if (task.result === null) {
    if (input.kind === "outcome" && input.outcome.kind === "ready" && input.outcome.source === 1) {
      state.timedOut = true;
      cancelFiber(call.run, task.fiber, "the verification took too long");
    }
    return { kind: "wait", sources: [{ kind: "task", id }] };
  }
  state.task_id = null;
  call.run.dropObject(id);
  const { result } = task;
  if (state.timedOut) throw runtimeError(`workflow verify exec failed: \`${commandOf(state.node)}\` took too long`);
  if (result.kind === "failed") return failed(state, call, result.error);
  if (result.kind === "cancelled") throw runtimeError(`workflow verify exec failed: ${result.reason}`);
  return checked(state, call, result.value instanceof HDict ? result.value : HDict.empty());
}

function checked(state: StageState, call: VmCall, output: HDict): Directive {
  const [stdout, stderr] = [String(output.get("stdout") ?? ""), String(output.get("stderr") ?? "")];
  const combined = [stdout, stderr].filter((text) => text !== "").join("\n");
  const status = field.numberAt(output, "status") ?? -1;
  const success = output.get("success") === true;
  const verification = checkEvidence(call, state.contract, {
    text: combined,
    combined,
    status,
    success,
    verdict: null,
  });
  const result = HDict.of({
    status: "completed",
    text: combined,
    visible_text: combined,
    command: commandOf(state.node),
    stdout,
    stderr,
    exit_status: status,
    success,
  });
  return end(state, call, stageEnd(state, call, withContext(state, result), verification, null));
}

function mapped(state: StageState, call: VmCall, done: HDict): Directive {
  state.usage.push(...field.dictsAt(done, "usage"));
  state.recordings.push(...field.dictsAt(done, "tool_recordings"));
  const result = field.dictAt(done, "result");
  const fails = result.get("status") === "failed";
  return end(state, call, {
    outcome: "mapped",
    branch: fails ? "failed" : "mapped",
    result,
    artifacts: field.listAt(done, "artifacts"),
    transcript: null,
    verification: null,
    error: fails ? String(result.get("text")) : null,
  });
}

function failed(state: StageState, call: VmCall, error: RaisedError): Directive {
  return end(
    state,
    call,
    {
      outcome: "error",
      branch: "error",
      result: HDict.of({ status: "failed", text: "" }),
      artifacts: [],
      transcript: null,
      verification: null,
      error: renderError(error),
    },
    state.refusal !== null || (error.category !== null && FINAL.includes(error.category)),
  );
}

/** Records the attempt; another one follows when the node wants that and it can help. */
function end(state: StageState, call: VmCall, ended: StageEnd, final = false): Directive {
  state.attempts.push(
    HDict.of({
      attempt: state.attempt,
      status: hasFailed(ended) ? "failed" : "completed",
      outcome: ended.outcome,
      branch: ended.branch,
      error: ended.branch === "error" ? ended.error : null,
      verification: share(ended.verification),
      started_at: state.startedAt,
      finished_at: nowText(call),
    }),
  );
  const retry = field.dictAt(state.node, "retry_policy");
  const most = field.numberAt(retry, "max_attempts") ?? 1;
  const unverified = ended.outcome === "verification_failed";
  const again = hasFailed(ended) && !final && state.attempt < most && (!unverified || retry.get("verify") === true);
  if (!again) {
    forgetSessions(state, call);
    return { kind: "done", value: outcomeDict(state, ended) };
  }
  const repairs = retry.get("repair") === true && asksModel(state.node);
  state.complaint = repairs ? complaintOf(ended) : null;
  const factor = retry.get("backoff_multiplier");
  const multiplier = factor instanceof HFloat ? factor.value : typeof factor === "number" ? factor : 1;
  const delay = (field.numberAt(retry, "backoff_ms") ?? 0) * multiplier ** (state.attempt - 1);
  state.attempt++;
  state.phase = "backoff";
  state.worker = null;
  call.emit({
    type: "stage_retry",
    node_id: state.nodeId,
    attempt: state.attempt,
    outcome: ended.outcome,
    error: ended.error,
  });
  const due = call.ports.clock.nowMs() + Math.min(Math.max(0, delay), MOST_BACKOFF_MS);
  return { kind: "wait", sources: [{ kind: "timer", due }] };
}

/** A conversation that the node did not name is over with its stage, which keeps its transcript. */
function forgetSessions(state: StageState, call: VmCall): void {
  if (isNamed(state)) return;
  for (let attempt = 1; attempt <= state.attempt; attempt++) {
    const session = attempt === 1 ? state.session : `${state.session}_${attempt}`;
    if (findSession(call, session) !== null) closeSession(call, session);
  }
}

const isNamed = (state: StageState) => nonBlank(field.dictAt(state.node, "model_policy"), "session_id") !== null;

function complaintOf(ended: StageEnd): string {
  const checks = ended.verification instanceof HDict ? field.dictsAt(ended.verification, "checks") : [];
  const missed = checks.filter((check) => check.get("ok") !== true);
  const lines = missed.map((check) => `- ${check.get("kind")}: expected ${check.get("expected")}`);
  const what = lines.length > 0 ? lines.join("\n") : (ended.error ?? ended.outcome);
  return `That did not do it:\n${what}\n\nRepair it, then finish the task.`;
}

function stopped(state: StageState, call: VmCall): Directive {
  const task = state.task_id === null ? undefined : call.run.objects.get(state.task_id);
  const reason = call.fiber.cancel?.reason ?? "the stage was left";
  if (task?.kind === "task" && task.result === null) cancelFiber(call.run, task.fiber, reason);
  const value: Value = null;
  return { kind: "done", value };
}
