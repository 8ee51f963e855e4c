/**
 * A map node: the same for each item, at once as far as its concurrency goes, until as many have succeeded as its join policy wants
 * (worker-runtime.md 9.7).
 *
 * Invariants
 * 1. Only what succeeded counts towards the join; when enough have, the others are cancelled and waited for.
 * 2. What comes out stands in the order of the items, whichever ended first.
 */
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { headline } from "../vm/errors.ts";
import type { ObjectId } from "../vm/fiber.ts";
import { cancelFiber, spawnMachine } from "../vm/fiber-life.ts";
import type { Directive, Machine } from "../vm/machine.ts";
import { machine } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { asDicts } from "./artifact-selection.ts";
import { artifactId } from "./artifacts.ts";
import * as field from "./record-fields.ts";
import { nonBlank } from "./stage-options.ts";
import { valueArtifact } from "./stage-outcome.ts";
import { planStage, type StageState } from "./workflow-plan.ts";

export const WORKFLOW_MAP = "workflow_map";

interface MapState {
  readonly node: string;
  readonly strategy: string;
  readonly total: number;
  /** How many must succeed. */
  readonly target: number;
  readonly cap: number;
  /** Of the items that a model works on; empty: the items themselves are the result. */
  readonly plans: readonly StageState[];
  readonly values: readonly HDict[];
  group: number | null;
  /** Task of each item that was started. */
  readonly tasks: ObjectId[];
  finished: number;
  stopping: boolean;
}

/** Does it ask a model for each item, of its own accord? Defaults of the workflow do not make it one. */
export function mapAsksModel(node: HDict): boolean {
  const policy = field.dictAt(node, "model_policy");
  return (
    ["mode", "prompt", "system"].some((key) => nonBlank(node, key) !== null) ||
    (node.get("tools") ?? null) !== null ||
    policy.values().some((value) => value !== null)
  );
}

interface Item {
  readonly value: Value;
  readonly kind: string;
  readonly artifact: HDict | null;
}

function itemsOf(stage: StageState): readonly Item[] {
  const policy = field.dictAt(stage.node, "map_policy");
  const wanted = field.textAt(policy, "item_artifact_kind");
  const given = field.listAt(policy, "items");
  const items: readonly Item[] =
    given.length > 0
      ? given.map((value) => ({ value: share(value), kind: wanted ?? "artifact", artifact: null }))
      : asDicts(stage.inputs)
          .filter((artifact) => wanted === null || artifact.get("kind") === wanted)
          .map((artifact) => ({
            value: share(artifact.get("data") ?? artifact.get("text") ?? null),
            kind: String(artifact.get("kind")),
            artifact,
          }));
  const most = field.numberAt(policy, "max_items");
  return most === null ? items : items.slice(0, Math.max(0, most));
}

export function mapState(call: VmCall, stage: StageState): MapState {
  const { node, nodeId } = stage;
  const items = itemsOf(stage);
  const policy = field.dictAt(node, "map_policy");
  const join = field.dictAt(node, "join_policy");
  const strategy = String(join.get("strategy"));
  const total = items.length;
  const least = field.numberAt(join, "min_completed");
  const target = strategy === "first" ? 1 : strategy === "quorum" ? (least ?? 1) : total;
  const asks = mapAsksModel(node);
  const all = items.flatMap(({ artifact }) => (artifact === null ? [] : [artifactId(artifact)]));
  const outputs = field.textsAt(field.dictAt(node, "output_contract"), "output_kinds");
  const output = field.textAt(policy, "output_kind") ?? outputs[0] ?? "artifact";
  const inputs = items.map((item, index) => itemArtifact(call, nodeId, item, index, all));
  return {
    node: nodeId,
    strategy,
    total,
    target: Math.min(Math.max(target, total === 0 ? 0 : 1), total),
    cap: Math.max(1, field.numberAt(policy, "max_concurrent") ?? total),
    plans: asks ? inputs.map((input, index) => branchPlan(call, stage, output, input, index, total)) : [],
    values: asks ? [] : items.map((item, index) => mappedValue(call, nodeId, output, item, index, all)),
    group: null,
    tasks: [],
    finished: 0,
    stopping: false,
  };
}

/** What a branch of a model works on: the artifact itself, or the value as one. */
function itemArtifact(call: VmCall, node: string, item: Item, index: number, lineage: readonly string[]): HDict {
  if (item.artifact !== null) return item.artifact;
  return valueArtifact(
    call,
    { node, kind: item.kind, index, title: `map ${node} item ${index + 1}`, lineage },
    item.value,
  );
}

function mappedValue(
  call: VmCall,
  node: string,
  kind: string,
  item: Item,
  index: number,
  all: readonly string[],
): HDict {
  const lineage = item.artifact === null ? all : [artifactId(item.artifact)];
  return valueArtifact(call, { node, kind, index, title: `map ${node} item ${index + 1}`, lineage }, item.value);
}

function branchPlan(call: VmCall, stage: StageState, output: string, input: HDict, index: number, total: number) {
  const node = field.withFields(stage.node, {
    kind: "stage",
    context_policy: field.withFields(field.dictAt(stage.node, "context_policy"), {
      include_kinds: new HList([]),
      exclude_kinds: new HList([]),
      include_stages: new HList([]),
    }),
    input_contract: HDict.empty(),
    output_contract: HDict.of({ output_kinds: new HList([output]) }),
  });
  return planStage(call, {
    nodeId: `${stage.nodeId}_map_${index + 1}`,
    node,
    task: `${stage.task}\n\nMap item ${index + 1} of ${total}`,
    artifacts: [input],
    contracts: stage.contracts,
  });
}

export const workflowMapMachine: Machine = machine<MapState>({
  kind: WORKFLOW_MAP,
  version: 1,
  objects: (state) => [...(state.group === null ? [] : [state.group]), ...state.tasks],
  step(state, input, call) {
    const { run } = call;
    if (state.plans.length === 0) return { kind: "done", value: plainResult(state) };
    if (state.group === null) {
      state.group = run.nextObject++;
      run.putObject({ kind: "group", id: state.group, finished: [], waiter: null });
    }
    const group = run.object("group", state.group);
    state.finished += group.finished.splice(0).length;
    run.changed(group);
    if (input.kind === "cancelled" || succeeded(state, call) >= state.target) stopOthers(state, call);
    while (
      !state.stopping &&
      state.tasks.length < state.plans.length &&
      state.tasks.length - state.finished < state.cap
    ) {
      const plan = state.plans[state.tasks.length]!;
      const id = `${plan.session}#branch`;
      const scope = { ...call.scope, session: plan.session };
      spawnMachine(run, call.fiber, "workflow_stage", plan, { scope, id, group: state.group, hold: false });
      state.tasks.push(id);
    }
    const all = state.stopping ? state.tasks.length : state.plans.length;
    if (state.finished < all) return { kind: "wait", sources: [{ kind: "group", group: state.group }] };
    run.dropObject(state.group);
    return collected(state, call);
  },
});

function outcomeOf(call: VmCall, id: ObjectId): { readonly done: HDict | null; readonly error: string } | null {
  const { result } = call.run.object("task", id);
  if (result === null) return null;
  if (result.kind === "cancelled") return { done: null, error: result.reason };
  if (result.kind === "failed") return { done: null, error: headline(result.error) };
  return { done: result.value instanceof HDict ? result.value : null, error: "the branch was left" };
}

const completed = (done: HDict | null) => done !== null && done.get("status") === "completed";

function succeeded(state: MapState, call: VmCall): number {
  return state.tasks.filter((id) => completed(outcomeOf(call, id)?.done ?? null)).length;
}

function stopOthers(state: MapState, call: VmCall): void {
  if (state.stopping) return;
  state.stopping = true;
  for (const id of state.tasks) {
    const task = call.run.object("task", id);
    if (task.result === null) cancelFiber(call.run, task.fiber, "the map has enough results");
  }
}

function collected(state: MapState, call: VmCall): Directive {
  const successes: HDict[] = [];
  const failures: HDict[] = [];
  const usage: Value[] = [];
  const recordings: Value[] = [];
  const artifacts: Value[] = [];
  state.tasks.forEach((id, index) => {
    const { done, error } = outcomeOf(call, id)!;
    call.run.dropObject(id);
    if (done !== null) {
      usage.push(share(done.get("usage") ?? HDict.empty()));
      recordings.push(...field.listAt(done, "tool_recordings").map((one) => share(one)));
    }
    if (!completed(done)) {
      // Those that were stopped because the others sufficed have not failed.
      if (state.stopping && done === null) return;
      failures.push(HDict.of({ index, status: done?.get("outcome") ?? "failed", error: done?.get("error") ?? error }));
      return;
    }
    const made = field.dictsAt(done!, "artifacts");
    for (const artifact of made) {
      const metadata = field.withFields(field.dictAt(artifact, "metadata"), { index });
      artifacts.push(field.withFields(artifact, { metadata }));
    }
    const result = share(done!.get("result") ?? null);
    successes.push(HDict.of({ index, status: "completed", result, artifact_count: made.length }));
  });
  return { kind: "done", value: mapResult(state, { successes, failures, artifacts, usage, recordings }) };
}

function plainResult(state: MapState): HDict {
  const kept = state.values.slice(0, state.target);
  const successes = kept.map((artifact, index) =>
    HDict.of({
      index,
      status: "completed",
      result: HDict.of({ status: "completed", text: artifact.get("text") ?? null }),
      artifact_count: 1,
    }),
  );
  return mapResult(state, {
    successes,
    failures: [],
    artifacts: kept.map((one) => share(one)),
    usage: [],
    recordings: [],
  });
}

function mapResult(
  state: MapState,
  parts: {
    readonly successes: readonly HDict[];
    readonly failures: readonly HDict[];
    readonly artifacts: readonly Value[];
    readonly usage: readonly Value[];
    readonly recordings: readonly Value[];
  },
): HDict {
  const { successes, failures } = parts;
  const enough = successes.length >= state.target;
  const status = enough ? "completed" : "failed";
  const text = enough
    ? `mapped ${successes.length} of ${state.total} items`
    : `map: ${successes.length} of ${state.total} items succeeded, ${state.target} must`;
  const result = HDict.of({
    status,
    text,
    join_strategy: state.strategy,
    completed: new HList([...successes]),
    failures: new HList([...failures]),
  });
  return HDict.of({
    result,
    artifacts: new HList([...parts.artifacts]),
    usage: new HList([...parts.usage]),
    tool_recordings: new HList([...parts.recordings]),
  });
}
