/**
 * The workflow engine as a machine (worker-runtime.md 9.4). A node runs as a stage on a fiber of its own as soon as nothing is under way that may still lead
 * to it; others may run beside it.
 *
 * Invariants
 * 1. A stage sees what was made on the ways to it, in the order of the ways: what comes out does not depend on which stage was faster (workflow-order.ts).
 * 2. A finished stage is a record of its own; a crash finds it and never runs it again.
 * 3. A stage's scope is the workflow's, narrowed by the graph and by the node; nothing widens it.
 * 4. The record's file is an export: at the start, at the end, and in between as often as the stages have grown by half. The store has it all.
 */

import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { unreachable } from "../base/unreachable.ts";
import { Raise, raiseFailure, runtimeError } from "../builtin/raise.ts";
import type { Scope } from "../builtin/scope.ts";
import { childScope } from "../policy/narrow-scope.ts";
import { valueToJson } from "../value/json.ts";
import type { RaisedError } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { headline } from "../vm/errors.ts";
import type { MachineInput } from "../vm/fiber.ts";
import { cancelFiber, spawnMachine } from "../vm/fiber-life.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { nowText } from "./artifacts.ts";
import * as field from "./record-fields.ts";
import { nodeTools } from "./stage-options.ts";
import { escalationNote } from "./stage-steering.ts";
import { WORKER_EXPORT } from "./worker-record.ts";
import { skillDefaults, withDefaults } from "./workflow-defaults.ts";
import { goesOnAnyway, takenEdges } from "./workflow-edges.ts";
import { endStatus, overBudget } from "./workflow-ending.ts";
import { nodeOf } from "./workflow-graph.ts";
import { missingFor } from "./workflow-joins.ts";
import { FIRST, type Standing, WorkflowOrder } from "./workflow-order.ts";
import { commandOf, planStage, type StageState } from "./workflow-plan.ts";
import { scopeApproval, scopePolicy } from "./workflow-records.ts";
import { nextReplayed } from "./workflow-replay.ts";
import type { Escalation, RunningStage, StageRecord, WorkflowState } from "./workflow-run.ts";
import {
  checkpoint,
  noteChild,
  runArtifacts,
  runDict,
  STAGE_TYPE,
  stageDict,
  stageId,
  stageRecord,
} from "./workflow-run.ts";

export const WORKFLOW = "workflow";

export const workflowMachine: Machine = machine<WorkflowState>({
  kind: WORKFLOW,
  version: 2,
  objects: (state) => [
    ...state.stages,
    ...(state.group === null ? [] : [state.group]),
    ...state.running.map(({ task }) => task),
  ],
  step(state, input, call) {
    if (input.kind === "cancelled") return stop(state, call);
    switch (state.phase) {
      case "begin":
        return begin(state, call);
      case "started":
        if (state.asked && input.kind === "outcome" && input.outcome.kind === "failed")
          return { kind: "raise", error: runtimeError(`persist run record: ${input.outcome.message}`).error };
        notePersistence(state, input, call);
        return goOn(state, call);
      case "running":
        return moved(state, call);
      case "saved":
        notePersistence(state, input, call);
        return goOn(state, call);
      case "ended":
        notePersistence(state, input, call);
        return done(state, call);
      default:
        return unreachable(state.phase);
    }
  },
});

function begin(state: WorkflowState, call: VmCall): Directive {
  state.ends.push(checkpoint(call, state, "start", null));
  emitRun(state, call, "started");
  state.phase = "started";
  return persist(state, call);
}

function persist(state: WorkflowState, call: VmCall): Directive {
  const record = call.run.host.redact(valueToJson(runDict(call, state)) as JsonObject);
  state.written = state.stages.length;
  const args = { path: state.path, record };
  return {
    kind: "wait",
    sources: [{ kind: "effect", effect: { kind: WORKER_EXPORT, version: 1, args, repeat: "safe", place: "host" } }],
  };
}

function notePersistence(state: WorkflowState, input: MachineInput, call: VmCall): void {
  if (input.kind !== "outcome" || input.outcome.kind !== "failed") return;
  state.metadata.set("persist_error", input.outcome.message);
  call.emit({
    type: "warning",
    message: `run record ${state.path}: ${input.outcome.message}`,
    worker_id: call.scope.worker,
  });
}

/** Starts all stages that can start now, then waits for those that run; or ends. */
function goOn(state: WorkflowState, call: VmCall): Directive {
  if (state.replay !== null) return replay(state, call);
  const order = new WorkflowOrder(state.graph);
  const chosen = overBudget(state, call) ? [] : startable(state, order);
  if (chosen.length > 0) startStages(state, call, order, chosen);
  if (state.running.length === 0) return finish(state, call);
  state.phase = "running";
  return { kind: "wait", sources: [{ kind: "group", group: state.group! }] };
}

function startStages(state: WorkflowState, call: VmCall, order: WorkflowOrder, chosen: readonly string[]): void {
  const { run } = call;
  if (state.group === null) {
    state.group = run.nextObject++;
    run.putObject({ kind: "group", id: state.group, finished: [], waiter: null });
  }
  const { seed } = state;
  for (const id of chosen) {
    const node = withDefaults(nodeOf(state.graph, id)!, state.defaults);
    const stands = state.standings[id] ?? FIRST;
    const artifacts = runArtifacts(call, state, { order, node: id, stands });
    const plan = planStage(call, { nodeId: id, node, task: state.task, artifacts, contracts: state.contracts, seed });
    state.running.push({ ...startStage(state, call, plan, state.group), ...begun(state, id) });
    emitRun(state, call, "stage_started", { node_id: id });
  }
  state.seed = null;
}

/** Counts a stage that begins, and takes its node from those that are ready. */
function begun(state: WorkflowState, id: string): Pick<RunningStage, "ordinal" | "stands"> {
  const stands = state.standings[id] ?? FIRST;
  delete state.standings[id];
  state.ready = state.ready.filter((one) => one !== id);
  state.steps++;
  return { ordinal: state.before + state.steps, stands };
}

/** The ready nodes that nothing under way can still lead to, without those that would share a conversation with what runs. */
function startable(state: WorkflowState, order: WorkflowOrder): readonly string[] {
  const room = state.maxSteps - state.steps;
  const sessions = new Set<string>(state.running.flatMap(({ node }) => sessionOf(state, node) ?? []));
  const open = state.ready.filter(
    (id) => missingFor(state, requiredNode(state, id), id) === 0 && !state.held.some((held) => order.leadsTo(held, id)),
  );
  const underWay = state.running.map(({ node }) => node);
  const before = (id: string) => [...underWay, ...state.ready.filter((other) => other !== id)];
  const free = open.filter((id) => !before(id).some((other) => order.leadsTo(other, id)));
  // What waits for a join that will never have its inputs need not wait when nothing else is to be done.
  const able = free.length > 0 || underWay.length > 0 ? free : open;
  const chosen: string[] = [];
  for (const id of able) {
    if (chosen.length >= room) break;
    const session = sessionOf(state, id);
    if (session !== null && sessions.has(session)) continue;
    if (session !== null) sessions.add(session);
    chosen.push(id);
  }
  return chosen;
}

function requiredNode(state: WorkflowState, id: string): HDict {
  const node = nodeOf(state.graph, id);
  if (node === null) throw new Error(`workflow ${state.runId} lost its node ${id}`);
  return node;
}

function sessionOf(state: WorkflowState, id: string): string | null {
  return field.textAt(field.dictAt(requiredNode(state, id), "model_policy"), "session_id");
}

function startStage(
  state: WorkflowState,
  call: VmCall,
  plan: StageState,
  group: number,
): Omit<RunningStage, "ordinal" | "stands"> {
  let ready = plan;
  let scope: Scope = call.scope;
  try {
    scope = stageScope(state, call.scope, plan);
  } catch (thrown) {
    // The policy of the node asks for more than there is: the stage fails by that.
    ready = { ...plan, refusal: refusalOf(thrown) };
  }
  const task = `${plan.session}#${state.runId}:${state.steps}:${plan.nodeId}`;
  spawnMachine(call.run, call.fiber, "workflow_stage", ready, { scope, id: task, group, hold: false });
  return { node: plan.nodeId, task, session: plan.session, startedAt: nowText(call) };
}

function refusalOf(thrown: unknown): RaisedError {
  if (thrown instanceof Failure) return raiseFailure(thrown).error;
  if (thrown instanceof Raise) return thrown.error;
  throw thrown;
}

function stageScope(state: WorkflowState, own: Scope, plan: StageState): Scope {
  let scope = childScope(own, {
    audit: state.audit,
    session: plan.session,
    approver: state.onApproval,
    env: state.env,
    ...(state.defaults.has("skills") ? { skills: state.defaults } : {}),
    ...(state.cwd === null ? {} : { cwd: state.cwd }),
  });
  for (const policy of state.policies) scope = childScope(scope, { policy });
  for (const approval of state.approvals) scope = childScope(scope, { approval });
  scope = childScope(scope, {
    policy: scopePolicy(plan.node),
    approval: scopeApproval(plan.node),
    tools: nodeTools(plan.node),
  });
  const skills = skillDefaults(state.defaults);
  if (skills !== null) scope = { ...scope, skills };
  // A check may be run again after a crash; what it checks is not changed by it.
  return commandOf(plan.node) === null ? scope : { ...scope, repeatable: true };
}

/** Some stages may have ended. */
function moved(state: WorkflowState, call: VmCall): Directive {
  const group = call.run.object("group", state.group!);
  const ended = group.finished.splice(0);
  call.run.changed(group);
  const left: string[] = [];
  for (const task of ended) {
    const stage = state.running.find((one) => one.task === task);
    if (stage === undefined) continue;
    state.running.splice(state.running.indexOf(stage), 1);
    if (!tookPlace(state, call, stage)) left.push(stage.node);
  }
  // What was broken off is to be done when the run goes on.
  state.ready.unshift(...left.filter((node) => !state.ready.includes(node)));
  if (state.running.length === 0) {
    call.run.dropObject(state.group!);
    state.group = null;
  }
  if (state.status === "cancelled") return stopped(state, call);
  if (state.stages.length < state.written * 1.5) return goOn(state, call);
  state.phase = "saved";
  return persist(state, call);
}

/** A cancelled run ends when the last of its stages has. */
function stopped(state: WorkflowState, call: VmCall): Directive {
  if (state.running.length === 0) return finish(state, call);
  state.phase = "running";
  return { kind: "wait", sources: [{ kind: "group", group: state.group! }] };
}

/** Takes a stage over; one that was broken off with the workflow did not take place. */
function tookPlace(state: WorkflowState, call: VmCall, member: RunningStage): boolean {
  const { result } = call.run.object("task", member.task);
  const answered = result?.kind === "value" && result.value instanceof HDict;
  if (state.status === "cancelled" && !answered) {
    call.run.dropObject(member.task);
    return false;
  }
  takeOver(state, call, member, outcomeOf(call, member));
  return true;
}

function outcomeOf(call: VmCall, member: RunningStage): HDict {
  const { result } = call.run.object("task", member.task);
  call.run.dropObject(member.task);
  if (result?.kind === "value" && result.value instanceof HDict) return result.value;
  const error =
    result?.kind === "failed"
      ? headline(result.error)
      : result?.kind === "cancelled"
        ? result.reason
        : "the stage was left";
  return HDict.of({
    status: "failed",
    outcome: "error",
    branch: "error",
    result: HDict.of({ status: "failed", text: "" }),
    error,
  });
}

/** Notes a finished stage and where it leads. */
function takeOver(state: WorkflowState, call: VmCall, member: RunningStage, outcome: HDict): void {
  const node = withDefaults(nodeOf(state.graph, member.node)!, state.defaults);
  const id = stageId(state, member);
  const stage = stageDict(call, state, node, member, outcome);
  noteChild(state, outcome.get("worker") ?? null, id);
  if (!state.completed.includes(member.node)) state.completed.push(member.node);
  const transitions = moveOn(state, call, stage, node, member.stands);
  putStage(state, call, id, {
    depth: member.stands.depth,
    stage: share(stage),
    transitions,
    checkpoint: checkpoint(call, state, "stage_complete", id),
    transcript: share(outcome.get("transcript") ?? null),
    recordings: field.dictsAt(outcome, "tool_recordings"),
  });
  const text = (key: string) => field.textAt(stage, key);
  const details = {
    stage_id: id,
    node_id: member.node,
    status: text("status"),
    outcome: text("outcome"),
    branch: text("branch"),
  };
  emitRun(state, call, "stage_finished", details);
}

/** Stages stand in the order of the ways that led to them, whichever ended first. */
export function putStage(state: WorkflowState, call: VmCall, id: string, record: StageRecord): void {
  call.run.putObject({ kind: "record", id, type: STAGE_TYPE, state: record });
  const order = new WorkflowOrder(state.graph);
  const place = ({ depth, stage }: StageRecord) => [depth, order.rank(String(stage.get("node_id")))] as const;
  const [depth, rank] = place(record);
  let at = state.stages.length;
  for (; at > state.before; at--) {
    const [otherDepth, otherRank] = place(stageRecord(call, state.stages[at - 1]!));
    if (otherDepth < depth || (otherDepth === depth && otherRank <= rank)) break;
  }
  state.stages.splice(at, 0, id);
}

/** Edges that the stage's branch takes: those labelled with it, else those without a label, unless it failed. */
function moveOn(state: WorkflowState, call: VmCall, stage: HDict, node: HDict, stands: Standing): readonly HDict[] {
  const from = String(stage.get("node_id"));
  const branch = field.textAt(stage, "branch");
  const order = new WorkflowOrder(state.graph);
  const edges = order.edges.filter((edge) => edge.from === from);
  const taken = takenEdges(edges, branch, node);
  if (stage.get("status") === "failed" && !taken.some((edge) => edge.branch !== null) && !goesOnAnyway(node)) {
    const error = field.textAt(field.dictAt(stage, "metadata"), "error") ?? String(stage.get("outcome"));
    state.unhandled.push({ node: from, stage: String(stage.get("id")), error });
  }
  // A record that is played again knows how it went on.
  const isEscalation = stage.get("outcome") === "escalated" && state.replay === null;
  if (isEscalation && taken.length > 0) state.escalations.push(escalationOf(stage, node));
  return taken.map((edge) => {
    const waits = isEscalation || state.held.includes(edge.to);
    const [list, other] = waits ? [state.held, state.ready] : [state.ready, state.held];
    if (other.includes(edge.to)) other.splice(other.indexOf(edge.to), 1);
    if (!list.includes(edge.to)) list.push(edge.to);
    state.standings[edge.to] = order.after(edge, stands, state.standings[edge.to]);
    return HDict.of({
      id: call.ports.ids.uuidv7(),
      from_stage_id: stage.get("id") ?? null,
      from_node_id: from,
      to_node_id: edge.to,
      branch: edge.branch,
      timestamp: nowText(call),
      consumed_artifact_ids: share(stage.get("consumed_artifact_ids") ?? new HList([])),
      produced_artifact_ids: share(stage.get("produced_artifact_ids") ?? new HList([])),
    });
  });
}

function escalationOf(stage: HDict, node: HDict): Escalation {
  const { queue, level, reason } = escalationNote(node);
  return { node: String(stage.get("node_id")), stage: String(stage.get("id")), queue, level, reason };
}

/** All stages of the record, in its order, as far as they are ready when it is their turn. */
function replay(state: WorkflowState, call: VmCall): Directive {
  while (state.steps < state.maxSteps && !overBudget(state, call)) {
    const open = state.ready.filter((id) => missingFor(state, requiredNode(state, id), id) === 0);
    const recorded = String(state.replay!.stages[state.replayed]?.get("node_id"));
    const node = open.includes(recorded) ? recorded : open[0];
    if (node === undefined) break;
    const found = nextReplayed(state, node);
    if (found.kind === "mismatch") {
      state.problem = found.message;
      break;
    }
    const stage = { node, task: "", session: "", startedAt: nowText(call), ...begun(state, node) };
    takeOver(state, call, stage, found.outcome);
  }
  return finish(state, call);
}

function finish(state: WorkflowState, call: VmCall): Directive {
  state.status = endStatus(state, call);
  state.finishedAt = nowText(call);
  const last = state.stages.at(-1) ?? null;
  state.ends.push(checkpoint(call, state, "finalize", last));
  state.phase = "ended";
  return persist(state, call);
}

function done(state: WorkflowState, call: VmCall): Directive {
  if (state.status === "cancelled") return { kind: "done", value: null };
  const run = runDict(call, state);
  for (const id of state.stages) call.run.dropObject(id);
  emitRun(state, call, "finished", { status: state.status });
  if (state.problem !== null && state.replay !== null)
    return { kind: "raise", error: runtimeError(state.problem).error };
  return {
    kind: "done",
    value: HDict.of({
      status: state.status,
      run: share(run),
      artifacts: share(run.get("artifacts") ?? null),
      transcript: share(run.get("transcript") ?? null),
      path: state.path,
    }),
  };
}

/** Whoever leaves the workflow takes its stages along; the record says so. */
function stop(state: WorkflowState, call: VmCall): Directive {
  if (state.phase === "ended") return { kind: "done", value: null };
  state.status = "cancelled";
  const reason = call.fiber.cancel?.reason ?? "the workflow was left";
  for (const { task } of state.running) {
    const object = call.run.objects.get(task);
    if (object?.kind === "task" && object.result === null) cancelFiber(call.run, object.fiber, reason);
  }
  return state.group === null ? finish(state, call) : moved(state, call);
}

function emitRun(state: WorkflowState, call: VmCall, event: string, more: JsonObject = {}): void {
  call.emit({
    type: "workflow",
    event,
    run_id: state.runId,
    workflow: field.textAt(state.graph, "name") ?? String(state.graph.get("id")),
    worker_id: call.scope.worker,
    ...more,
  });
}
