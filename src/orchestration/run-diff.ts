/**
 * How two runs differ (worker-runtime.md 3.9, 11.5).
 *
 * Invariant: nothing that is new in each run (ids, times, paths) makes a difference. Stages are matched by their node and by how often it was visited.
 */
import { stringifyJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList } from "../value/value.ts";
import * as field from "./record-fields.ts";
import { runObservability } from "./run-observability.ts";

export function diffRuns(left: HDict, right: HDict): HDict {
  const stages = stageDiffs(left, right);
  const tools = toolDiffs(left, right);
  const observations = observabilityDiffs(left, right);
  const delta = (key: string) => field.listAt(right, key).length - field.listAt(left, key).length;
  const deltas = [delta("transitions"), delta("artifacts"), delta("checkpoints")] as const;
  const statusChanged = left.get("status") !== right.get("status");
  const differences = stages.length + tools.length + observations.length;
  return HDict.of({
    left_run_id: left.get("id") ?? "",
    right_run_id: right.get("id") ?? "",
    identical: !statusChanged && differences === 0 && deltas.every((one) => one === 0),
    status_changed: statusChanged,
    left_status: left.get("status") ?? "",
    right_status: right.get("status") ?? "",
    stage_diffs: new HList([...stages]),
    tool_diffs: new HList([...tools]),
    observability_diffs: new HList([...observations]),
    transition_count_delta: deltas[0],
    artifact_count_delta: deltas[1],
    checkpoint_count_delta: deltas[2],
  });
}

/** `act`, and `act#2` for its second visit. */
function byVisit(records: readonly HDict[], key: (record: HDict) => string): ReadonlyMap<string, HDict> {
  const visits = new Map<string, number>();
  return new Map(
    records.map((record) => {
      const name = key(record);
      const visit = (visits.get(name) ?? 0) + 1;
      visits.set(name, visit);
      return [visit === 1 ? name : `${name}#${visit}`, record];
    }),
  );
}

/** Each pair of the two with what is different; `details` of pairs that are both there. */
function matched(
  left: ReadonlyMap<string, HDict>,
  right: ReadonlyMap<string, HDict>,
  details: (left: HDict, right: HDict) => readonly string[],
): readonly { readonly name: string; readonly change: string; readonly details: readonly string[] }[] {
  return [...new Set([...left.keys(), ...right.keys()])].sort().flatMap((name) => {
    const [a, b] = [left.get(name), right.get(name)];
    if (a === undefined) return [{ name, change: "added", details: ["missing from left run"] }];
    if (b === undefined) return [{ name, change: "removed", details: ["missing from right run"] }];
    const found = details(a, b);
    return found.length === 0 ? [] : [{ name, change: "changed", details: found }];
  });
}

const shown = (value: Value | undefined): string =>
  value === null || value === undefined ? "none" : typeof value === "string" ? value : stringifyJson(value);

function changes(left: HDict, right: HDict, keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => {
    const [before, after] = [shown(left.get(key)), shown(right.get(key))];
    return before === after ? [] : [`${key}: ${before} -> ${after}`];
  });
}

function stageDiffs(left: HDict, right: HDict): readonly HDict[] {
  const stages = (run: HDict) => byVisit(field.dictsAt(run, "stages"), (stage) => String(stage.get("node_id")));
  const count = (stage: HDict, key: string) => field.listAt(stage, key).length;
  return matched(stages(left), stages(right), (a, b) => [
    ...changes(a, b, ["status", "outcome", "branch"]),
    ...["produced_artifact_ids", "artifacts"].flatMap((key) =>
      count(a, key) === count(b, key) ? [] : [`${key}: ${count(a, key)} -> ${count(b, key)}`],
    ),
  ]).map(({ name, change, details }) => HDict.of({ node_id: name, change, details: new HList([...details]) }));
}

function toolDiffs(left: HDict, right: HDict): readonly HDict[] {
  const tools = (run: HDict) =>
    byVisit(field.dictsAt(run, "tool_recordings"), (one) => `${one.get("tool_name")} ${one.get("args_hash")}`);
  const [a, b] = [tools(left), tools(right)];
  return matched(a, b, (one, other) => changes(one, other, ["result"])).map(({ name }) => {
    const [before, after] = [a.get(name), b.get(name)];
    const known = before ?? after!;
    return HDict.of({
      tool_name: known.get("tool_name") ?? "",
      args_hash: known.get("args_hash") ?? "",
      result_changed: true,
      left_result: before?.get("result") ?? null,
      right_result: after?.get("result") ?? null,
    });
  });
}

interface Section {
  readonly name: string;
  readonly list: string;
  readonly key: (record: HDict) => string;
  readonly compared: readonly string[];
}

const node = (record: HDict) => String(record.get("node_id") ?? "run");

const SECTIONS: readonly Section[] = [
  {
    name: "worker_lineage",
    list: "worker_lineage",
    key: (one) => String(one.get("worker_name")),
    compared: ["status", "task"],
  },
  {
    name: "planner_rounds",
    list: "planner_rounds",
    key: node,
    compared: ["iteration_count", "tool_execution_count", "research_facts", "task_ledger", "successful_tools"],
  },
  {
    name: "transcript_pointers",
    list: "transcript_pointers",
    key: (one) => String(one.get("label")),
    compared: ["available", "location"],
  },
  {
    name: "compaction_events",
    list: "compaction_events",
    key: node,
    compared: ["mode", "strategy", "archived_messages", "available"],
  },
  { name: "verification", list: "verification_outcomes", key: node, compared: ["passed", "summary"] },
];

function observabilityDiffs(left: HDict, right: HDict): readonly HDict[] {
  // Derived anew: what a record says of itself may come from another build, and a sidecar file is no part of the run.
  const [a, b] = [left, right].map((run) =>
    runObservability(field.withFields(run, { persisted_path: null }), () => false),
  ) as [HDict, HDict];
  const found = SECTIONS.flatMap(({ name, list, key, compared }) => {
    const records = (side: HDict) => byVisit(field.dictsAt(side, list), key);
    return matched(records(a), records(b), (one, other) => changes(one, other, compared)).map((diff) =>
      HDict.of({ section: name, label: diff.name, details: new HList([...diff.details]) }),
    );
  });
  const size = (side: HDict) =>
    `${field.listAt(side, "action_graph_nodes").length}/${field.listAt(side, "action_graph_edges").length}`;
  if (size(a) === size(b)) return found;
  const details = new HList([`nodes/edges: ${size(a)} -> ${size(b)}`]);
  return [...found, HDict.of({ section: "action_graph", label: "shape", details })];
}
