/**
 * The body of a worker, as a machine: worktree, its work (worker-work.ts), what changed, tidy up. Every phase is one wait; a crash finds the phase it was in.
 *
 * Invariants
 * 1. What the worker changed is captured before its worktree may be removed; when that was asked for, it is removed on every way out.
 * 2. A cancelled worker still captures and tidies up, within the grace.
 * 3. The attempt's end is reported once, through `transition`; its fiber has no value of its own, since a handle is made from the worker's record.
 */

import { ASIDE_MACHINE } from "../agents/aside-machine.ts";
import { type HookEvent, observingHooks } from "../agents/hooks.ts";
import { appendSessionEvent, sessionObject } from "../agents/sessions.ts";
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { unreachable } from "../base/unreachable.ts";
import type { PendingEffect } from "../builtin/call.ts";
import { Raise, raiseFailure } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import type { RaisedError, Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { caughtValue } from "../vm/errors.ts";
import type { MachineInput } from "../vm/fiber.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { failedEnvelope } from "./envelope.ts";
import { diffArtifact, resultArtifact } from "./worker-artifacts.ts";
import { WORKER_EXPORT, workerSnapshot } from "./worker-record.ts";
import { changeWorker, transition, workerMetadata, workerOf } from "./worker-state.ts";
import { finishWork, startWork } from "./worker-work.ts";

type Phase = "prepare" | "body" | "commit" | "capture" | "remove" | "end" | "told" | "export";

export interface WorkerBody {
  readonly worker: string;
  readonly attempt: number;
  /** Session that hears of the end, or null. */
  readonly parentSession: string | null;
  phase: Phase;
  /** What its work answered, or how it failed. */
  loop: Value;
  failure: RaisedError | null;
  cancelled: string | null;
  diff: JsonObject | null;
  /** Trouble of the tidying up; it does not change what the worker achieved. */
  readonly warnings: string[];
}

export function workerBody(worker: string, attempt: number, parentSession: string | null): WorkerBody {
  return {
    worker,
    attempt,
    parentSession,
    phase: "prepare",
    loop: null,
    failure: null,
    cancelled: null,
    diff: null,
    warnings: [],
  };
}

export const workerMachine: Machine = machine<WorkerBody>({
  kind: "worker",
  version: 3,
  objects: (body) => [body.worker, ...(body.parentSession === null ? [] : [sessionObject(body.parentSession)])],
  step(body, input, call) {
    if (input.kind === "cancelled") {
      if (body.phase === "export" || body.phase === "told") return { kind: "done", value: null };
      body.cancelled = call.fiber.cancel?.reason ?? "worker cancelled";
      return leaveBody(body, call);
    }
    switch (body.phase) {
      case "prepare":
        if (input.kind === "start") return workerHooks(body, call, "WorkerSpawned") ?? prepare(body, call);
        // The hooks have heard of it.
        return input.kind === "returned" ? prepare(body, call) : prepared(body, input, call);
      case "body":
        return afterLoop(body, input, call);
      case "commit":
        noteOutcome(body, input, "commit");
        return capture(body, call);
      case "capture":
        if (input.kind === "outcome" && input.outcome.kind === "result" && isJsonObject(input.outcome.result)) {
          body.diff = input.outcome.result;
        } else noteOutcome(body, input, "diff");
        return remove(body, call);
      case "remove":
        if (input.kind === "outcome" && input.outcome.kind === "result" && isJsonObject(input.outcome.result)) {
          body.diff = input.outcome.result;
        } else noteOutcome(body, input, "worktree removal");
        return finish(body, call);
      case "end":
        return { kind: "done", value: null };
      case "told":
        return exported(body, call);
      case "export":
        if (input.kind === "outcome" && input.outcome.kind === "failed")
          call.emit({ type: "warning", worker_id: body.worker, message: `record: ${input.outcome.message}` });
        return { kind: "done", value: null };
      default:
        return unreachable(body.phase);
    }
  },
});

function effect(kind: string, repeat: PendingEffect["repeat"], args: JsonObject): Directive {
  return { kind: "wait", sources: [{ kind: "effect", effect: { kind, version: 1, args, repeat, place: "host" } }] };
}

function worktreeOf(body: WorkerBody, call: VmCall): JsonObject | null {
  const worktree = workerOf(call, body.worker).execution.worktree;
  return isJsonObject(worktree) ? worktree : null;
}

function prepare(body: WorkerBody, call: VmCall): Directive {
  const worktree = worktreeOf(body, call);
  if (worktree === null) return runLoop(body, call);
  return effect("git.worktree_add", "checkable", {
    repo: worktree.repo!,
    path: worktree.path!,
    branch: worktree.branch!,
    base: worktree.base_ref ?? "HEAD",
    run: call.run.unit,
    worker: body.worker,
    cwd: "/",
  });
}

function prepared(body: WorkerBody, input: MachineInput, call: VmCall): Directive {
  if (input.kind === "outcome" && input.outcome.kind === "result") {
    const state = changeWorker(call, body.worker);
    const made = input.outcome.result as JsonObject;
    const worktree = state.execution.worktree as JsonObject;
    state.execution = {
      ...state.execution,
      worktree: { ...worktree, base_commit: worktree.base_commit ?? made.base ?? null, adopted: made.adopted ?? false },
    };
    return runLoop(body, call);
  }
  const message =
    input.kind === "outcome" && input.outcome.kind === "failed" ? input.outcome.message : "worktree failed";
  body.failure = {
    kind: "runtime",
    message: `worker worktree add failed: ${message}`,
    category: null,
    value: null,
    trace: [],
  };
  return finish(body, call);
}

/** What cannot be begun is a failure of the job, like what fails on the way. */
function runLoop(body: WorkerBody, call: VmCall): Directive {
  body.phase = "body";
  try {
    return startWork(call, workerOf(call, body.worker));
  } catch (thrown) {
    const raised = thrown instanceof Failure ? raiseFailure(thrown) : thrown;
    if (!(raised instanceof Raise)) throw thrown;
    body.failure = raised.error;
    return leaveBody(body, call);
  }
}

function afterLoop(body: WorkerBody, input: MachineInput, call: VmCall): Directive {
  if (input.kind === "returned") body.loop = share(input.value);
  else if (input.kind === "raised") body.failure = input.error;
  return leaveBody(body, call);
}

/** From here on the worker only keeps and tidies. */
function leaveBody(body: WorkerBody, call: VmCall): Directive {
  const worktree = worktreeOf(body, call);
  const made = worktree !== null && worktree.base_commit != null;
  if (!made) return finish(body, call);
  if (worktree.commit === true && body.cancelled === null) {
    body.phase = "commit";
    const state = workerOf(call, body.worker);
    const title = state.task.trim().split("\n")[0]!.slice(0, 60);
    return effect("git.commit", "checkable", {
      path: worktree.path!,
      message: `${state.name}: ${title}`,
      name: "Harn worker",
      email: "worker@harn.invalid",
      cwd: "/",
    });
  }
  return capture(body, call);
}

function capture(body: WorkerBody, call: VmCall): Directive {
  const worktree = worktreeOf(body, call)!;
  body.phase = "capture";
  return effect("git.diff", "safe", {
    path: worktree.path!,
    base: worktree.base_commit!,
    maxBytes: 1024 * 1024,
    cwd: "/",
  });
}

function remove(body: WorkerBody, call: VmCall): Directive {
  const worktree = worktreeOf(body, call)!;
  if (worktree.cleanup !== "remove") return finish(body, call);
  body.phase = "remove";
  return effect("git.worktree_remove", "checkable", {
    repo: worktree.repo!,
    path: worktree.path!,
    run: call.run.unit,
    worker: body.worker,
    maxBytes: 1024 * 1024,
    cwd: "/",
  });
}

function noteOutcome(body: WorkerBody, input: MachineInput, what: string): void {
  if (input.kind === "outcome" && input.outcome.kind === "failed")
    body.warnings.push(`${what}: ${input.outcome.message}`);
}

function finish(body: WorkerBody, call: VmCall): Directive {
  body.phase = "end";
  const state = changeWorker(call, body.worker);
  const artifacts: Value[] = [];
  const lineage = state.inputs.items.map((artifact) => (artifact instanceof HDict ? String(artifact.get("id")) : ""));
  if (body.diff !== null) {
    const files = Array.isArray(body.diff.files) ? (body.diff.files as readonly JsonObject[]) : [];
    state.changed = files.map((file) => String(file.path));
    if (files.length > 0) artifacts.push(diffArtifact(call, state, body.diff, lineage));
  }
  for (const warning of body.warnings) {
    call.emit({ type: "warning", worker_id: state.id, message: warning });
  }
  countUsage(state, body.loop);
  if (body.cancelled !== null) {
    if (artifacts.length > 0) state.artifacts = new HList(artifacts);
    transition(call, state.id, body.attempt, { kind: "cancelled", reason: body.cancelled });
    return ended(body, call);
  }
  if (body.failure !== null) return fail(body, call, body.failure, artifacts);
  const answer = body.loop instanceof HDict ? body.loop : HDict.empty();
  const work = finishWork(call, state, answer);
  if (state.mode === "sub_agent") reportToParent(call, body, state.audit, work.payload);
  // The answer comes first, then what changed, last what sums it up.
  const produced = state.mode === "sub_agent" ? [...artifacts, ...work.artifacts] : [...work.artifacts, ...artifacts];
  const made = produced.map((artifact) => String((artifact as HDict).get("id") ?? ""));
  const summed = state.mode === "sub_agent" ? artifacts.map((a) => String((a as HDict).get("id"))) : made;
  produced.push(resultArtifact(call, state, work.spoken, work.gist, [...lineage, ...summed]));
  const report = { result: work.payload, transcript: work.transcript, artifacts: produced };
  transition(
    call,
    state.id,
    body.attempt,
    work.complaint === null ? { kind: "completed", ...report } : { kind: "failed", error: work.complaint, ...report },
  );
  return ended(body, call);
}

function fail(body: WorkerBody, call: VmCall, failure: RaisedError, artifacts: readonly Value[]): Directive {
  const state = workerOf(call, body.worker);
  const text = displayValue(caughtValue(failure));
  const result =
    state.mode === "sub_agent" ? failedEnvelope(text, failure.category ?? "runtime", call.scope.session ?? "") : null;
  if (state.mode === "sub_agent") reportToParent(call, body, state.audit, result as HDict);
  transition(call, state.id, body.attempt, { kind: "failed", error: text, result, transcript: null, artifacts });
  return ended(body, call);
}

/** The attempt is over: hooks hear of it, and its record goes to a file when that was asked for. */
function ended(body: WorkerBody, call: VmCall): Directive {
  const { status } = workerOf(call, body.worker);
  const event = status === "completed" ? "WorkerCompleted" : status === "failed" ? "WorkerFailed" : "WorkerCancelled";
  const hooks = workerHooks(body, call, event);
  if (hooks === null) return exported(body, call);
  body.phase = "told";
  return hooks;
}

/** Null: nobody wants to know. */
function workerHooks(body: WorkerBody, call: VmCall, event: HookEvent): Directive | null {
  const state = workerOf(call, body.worker);
  const hooks = observingHooks(call, event, () => {
    const { id, name, task, mode, status } = state;
    return { worker: { id, name, task, mode, status, metadata: call.run.host.redact(workerMetadata(state)) } };
  });
  return hooks === null ? null : { kind: "push", machine: ASIDE_MACHINE, state: hooks };
}

function exported(body: WorkerBody, call: VmCall): Directive {
  const state = workerOf(call, body.worker);
  if (!state.exports || state.snapshotPath === null) return { kind: "done", value: null };
  body.phase = "export";
  const record = call.run.host.redact(workerSnapshot(state));
  return effect(WORKER_EXPORT, "safe", { path: state.snapshotPath, record });
}

function reportToParent(call: VmCall, body: WorkerBody, audit: JsonObject, envelope: HDict): void {
  const parent = body.parentSession;
  if (parent === null) return;
  appendSessionEvent(call, parent, {
    kind: "sub_agent_result",
    role: "system",
    visibility: "internal",
    text: "",
    metadata: HDict.of({
      name: String(audit.worker_name ?? "sub-agent"),
      child_session_id: envelope.get("session_id") ?? null,
      ok: envelope.get("ok") ?? false,
      summary: envelope.get("summary") ?? "",
      evidence_added: envelope.get("evidence_added") ?? 0,
      budget_exceeded: envelope.get("budget_exceeded") ?? false,
      error: share(envelope.get("error") ?? null),
    }),
  });
}

function countUsage(state: ReturnType<typeof workerOf>, loop: Value): void {
  const run = loop instanceof HDict ? loop.get("run") : null;
  const usage = run instanceof HDict ? run.get("usage") : loop instanceof HDict ? loop.get("usage") : null;
  if (!(usage instanceof HDict)) return;
  const input = usage.get("input_tokens");
  const output = usage.get("output_tokens");
  if (typeof input === "number") state.usage.input += input;
  if (typeof output === "number") state.usage.output += output;
}
