/** What a page shows of a run, derived from its record (worker-runtime.md 3.10, 11.3): the graph of what ran, verifications, rounds, compactions. */
import { joinPath, lastComponent, parentPath } from "../base/path.ts";
import { stringifyJson } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import * as field from "./record-fields.ts";

/** `exists`: is there a file at this path? */
export function runObservability(run: HDict, exists: (path: string) => boolean): HDict {
  const rounds = field.dictsAt(run, "stages").flatMap(plannerRound);
  return HDict.of({
    schema_version: 2,
    planner_rounds: new HList([...rounds]),
    research_fact_count: rounds.reduce((sum, round) => sum + field.listAt(round, "research_facts").length, 0),
    action_graph_nodes: new HList([...graphNodes(run)]),
    action_graph_edges: new HList([...graphEdges(run)]),
    worker_lineage: new HList(field.dictsAt(run, "child_runs").map(lineage)),
    verification_outcomes: new HList(field.dictsAt(run, "stages").flatMap(verificationOutcome)),
    transcript_pointers: new HList([...transcriptPointers(run, exists)]),
    compaction_events: new HList([...compactionEvents(run)]),
  });
}

const at = (record: HDict, key: string): Value => share(record.get(key) ?? null);

function pick(record: HDict, keys: readonly string[]): { readonly [key: string]: Value } {
  return Object.fromEntries(keys.map((key) => [key, at(record, key)]));
}

function graphNodes(run: HDict): readonly HDict[] {
  const node = (fields: { readonly [key: string]: Value }) =>
    HDict.of({ stage_id: null, node_id: null, worker_id: null, run_id: null, run_path: null, ...fields });
  const status = at(run, "status");
  const root = node({
    id: `run:${run.get("id")}`,
    label: field.textAt(run, "workflow_name") ?? at(run, "workflow_id"),
    kind: "run",
    status,
    outcome: status,
    run_id: at(run, "id"),
    run_path: at(run, "persisted_path"),
  });
  const stages = field.dictsAt(run, "stages").map((stage) =>
    node({
      id: `stage:${stage.get("id")}`,
      label: at(stage, "node_id"),
      kind: "stage",
      status: at(stage, "status"),
      outcome: at(stage, "outcome"),
      stage_id: at(stage, "id"),
      node_id: at(stage, "node_id"),
      worker_id: at(field.dictAt(stage, "metadata"), "worker_id"),
    }),
  );
  const workers = field.dictsAt(run, "child_runs").map((child) =>
    node({
      id: `worker:${child.get("worker_id")}`,
      label: at(child, "worker_name"),
      kind: "worker",
      status: at(child, "status"),
      outcome: at(child, "status"),
      stage_id: at(child, "parent_stage_id"),
      worker_id: at(child, "worker_id"),
      run_id: at(child, "run_id"),
      run_path: at(child, "run_path"),
    }),
  );
  return [root, ...stages, ...workers];
}

function graphEdges(run: HDict): readonly HDict[] {
  const edge = (from: string, to: string, kind: string, label: Value) =>
    HDict.of({ from_id: from, to_id: to, kind, label });
  const stages = field.dictsAt(run, "stages");
  const transitions = field.dictsAt(run, "transitions");
  const known = new Set(stages.map((stage) => String(stage.get("id"))));
  const lastOf = new Map(stages.map((stage) => [String(stage.get("node_id")), `stage:${stage.get("id")}`]));
  const reached = new Set(transitions.map((transition) => String(transition.get("to_node_id"))));
  const root = `run:${run.get("id")}`;
  const entries = stages
    .filter((stage) => !reached.has(String(stage.get("node_id"))))
    .map((stage) => edge(root, `stage:${stage.get("id")}`, "entry", null));
  const moves = transitions.flatMap((transition) => {
    const to = lastOf.get(String(transition.get("to_node_id")));
    if (to === undefined) return [];
    const stage = String(transition.get("from_stage_id") ?? "");
    const from = known.has(stage) ? `stage:${stage}` : lastOf.get(String(transition.get("from_node_id") ?? ""));
    return [edge(from ?? root, to, "transition", at(transition, "branch"))];
  });
  const delegations = field.dictsAt(run, "child_runs").flatMap((child) => {
    const stage = String(child.get("parent_stage_id") ?? "");
    if (!known.has(stage)) return [];
    return [edge(`stage:${stage}`, `worker:${child.get("worker_id")}`, "delegates", at(child, "worker_name"))];
  });
  return [...entries, ...moves, ...delegations];
}

function lineage(child: HDict): HDict {
  return HDict.of(
    pick(child, [
      "worker_id",
      "worker_name",
      "parent_stage_id",
      "task",
      "status",
      "session_id",
      "parent_session_id",
      "run_id",
      "run_path",
      "snapshot_path",
    ]),
  );
}

function verificationOutcome(stage: HDict): readonly HDict[] {
  const verification = stage.get("verification") ?? null;
  if (stage.get("kind") !== "verify" && verification === null) return [];
  // The reference looks for `pass` and `success` only, which its own engine never writes (W-68).
  const said = ["ok", "pass", "success"]
    .map((key) => (verification instanceof HDict ? verification.get(key) : undefined))
    .find((value) => typeof value === "boolean");
  const status = stage.get("status");
  const passed = said ?? (status === "failed" ? false : status === "completed" ? true : null);
  const summary = verification === null ? field.textAt(stage, "visible_text") : stringifyJson(verification);
  return [HDict.of({ ...pick(stage, ["node_id", "status"]), stage_id: at(stage, "id"), passed, summary })];
}

function transcriptPointers(run: HDict, exists: (path: string) => boolean): readonly HDict[] {
  const path = field.textAt(run, "persisted_path");
  const embedded = (id: string, label: string, location: string) =>
    HDict.of({ id, label, kind: "embedded_transcript", location, path, available: true });
  const pointers = field
    .dictsAt(run, "stages")
    .filter((stage) => (stage.get("transcript") ?? null) !== null)
    .map((stage) => {
      const node = String(stage.get("node_id"));
      return embedded(
        `stage:${stage.get("id")}:transcript`,
        `Stage ${node} transcript`,
        `run.stages[${node}].transcript`,
      );
    });
  if ((run.get("transcript") ?? null) !== null)
    pointers.push(embedded("run:transcript", "Run transcript", "run.transcript"));
  if (path !== null) {
    const stem = lastComponent(path).replace(/\.[^.]*$/, "");
    const sidecar = joinPath(parentPath(path), `${stem}-llm`, "llm_transcript.jsonl");
    const where = { kind: "llm_jsonl", location: "run sidecar", path: sidecar, available: exists(sidecar) };
    pointers.push(HDict.of({ id: "run:llm_transcript", label: "Model calls of the run", ...where }));
  }
  return pointers;
}

function compactionEvents(run: HDict): readonly HDict[] {
  const path = at(run, "persisted_path");
  const of = (transcript: Value | undefined, location: string, stage: HDict | null): readonly HDict[] => {
    if (!(transcript instanceof HDict)) return [];
    const assets = new Set(field.dictsAt(transcript, "assets").map((asset) => asset.get("id")));
    return field
      .dictsAt(transcript, "events")
      .filter((event) => event.get("kind") === "compaction")
      .map((event) => {
        const metadata = field.dictAt(event, "metadata");
        const asset = field.textAt(metadata, "snapshot_asset_id");
        const count = (key: string) => field.numberAt(metadata, key) ?? 0;
        return HDict.of({
          id: at(event, "id"),
          transcript_id: at(transcript, "id"),
          stage_id: stage === null ? null : at(stage, "id"),
          node_id: stage === null ? null : at(stage, "node_id"),
          mode: field.textAt(metadata, "mode") ?? "",
          strategy: field.textAt(metadata, "strategy") ?? "",
          archived_messages: count("archived_messages"),
          estimated_tokens_before: count("estimated_tokens_before"),
          estimated_tokens_after: count("estimated_tokens_after"),
          snapshot_asset_id: asset,
          snapshot_location: asset === null ? location : `${location}.assets[${asset}]`,
          snapshot_path: path,
          available: asset !== null && assets.has(asset),
        });
      });
  };
  const stages = field
    .dictsAt(run, "stages")
    .flatMap((stage) => of(stage.get("transcript"), `run.stages[${stage.get("node_id")}].transcript`, stage));
  return [...stages, ...of(run.get("transcript"), "run.transcript", null)];
}

const COUNTS = [
  ["iteration_count", "iterations"],
  ["llm_call_count", "llm_calls"],
  ["tool_execution_count", "tool_executions"],
  ["tool_rejection_count", "tool_rejections"],
  ["intervention_count", "interventions"],
  ["compaction_count", "compactions"],
] as const;

/** What the agent of a stage did, from the first of its artifacts that has data. */
function plannerRound(stage: HDict): readonly HDict[] {
  const artifact = field.dictsAt(stage, "artifacts").find((one) => one.get("data") instanceof HDict);
  if (artifact === undefined) return [];
  const data = field.dictAt(artifact, "data");
  const trace = field.dictAt(data, "trace");
  const counts = Object.fromEntries(COUNTS.map(([name, key]) => [name, field.numberAt(trace, key) ?? 0]));
  const own = field.listAt(data, "tools_used");
  const used = own.length > 0 ? own : field.listAt(trace, "tools_used");
  const successful = field.listAt(data, "successful_tools");
  const refusals = field.numberAt(data, "ledger_done_rejections") ?? 0;
  const ledger = ledgerSummary(data.get("task_ledger"));
  const busy =
    counts.iteration_count! + counts.llm_call_count! + counts.tool_execution_count! + refusals > 0 ||
    used.length + successful.length > 0 ||
    ledger !== null;
  if (!busy) return [];
  const facts = ledger === null ? [] : field.listAt(ledger, "observations");
  const round = {
    ...pick(stage, ["node_id", "status", "outcome"]),
    stage_id: at(stage, "id"),
    stage_kind: at(stage, "kind"),
    ...counts,
    tools_used: new HList(used.map((name) => share(name))),
    successful_tools: new HList(successful.map((name) => share(name))),
    ledger_done_rejections: refusals,
    task_ledger: ledger,
    research_facts: new HList(facts.map((fact) => share(fact))),
  };
  return [HDict.of(round)];
}

function ledgerSummary(value: Value | undefined): HDict | null {
  if (!(value instanceof HDict) || value.size === 0) return null;
  const deliverables = field.dictsAt(value, "deliverables");
  const open = deliverables.filter((one) => ["open", "blocked"].includes(String(one.get("status"))));
  return HDict.of({
    root_task: field.textAt(value, "root_task") ?? "",
    rationale: field.textAt(value, "rationale") ?? "",
    deliverables: new HList(deliverables.map((one) => HDict.of(pick(one, ["id", "text", "status", "note"])))),
    observations: new HList(field.listAt(value, "observations").map((fact) => share(fact))),
    blocking_count: open.length,
  });
}
