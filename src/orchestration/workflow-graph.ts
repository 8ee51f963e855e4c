/**
 * Workflow graphs as values: normalised dicts (worker-runtime.md 3.5, 9.1). Everything live in them stays live: handlers of tools, callbacks.
 *
 * Invariants
 * 1. Normalising a normalised graph gives the same graph.
 * 2. What a program wrote is not changed: every function here answers another graph.
 */
import { runtimeError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, HRecord, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { nowText } from "./artifacts.ts";
import * as field from "./record-fields.ts";
import { EDGE, GRAPH, NODE } from "./workflow-records.ts";

/** Keys of the shorthand that each of its nodes takes over: of the node itself, then of the graph. */
const MODEL_KEYS = ["provider", "model", "model_tier", "temperature", "max_tokens", "max_iterations", "max_nudges"];
const VERIFY_KEYS = ["assert_text", "command", "expect_status", "expect_text"];

export function readGraph(call: VmCall, value: Value, who: string): HDict {
  const label = `${who} parse error at`;
  const graph = field.readRecord(value ?? HDict.empty(), GRAPH, label);
  if (graph.get("id") === "") graph.set("id", `workflow_${call.ports.ids.uuidv7()}`);
  if (graph.get("version") === 0) graph.set("version", 1);
  let nodes = field.dictAt(graph, "nodes");
  if (nodes.size === 0) nodes = shorthandNodes(graph);
  const read = HDict.from(nodes.entries().map(([id, node]) => [id, readNode(node, id, `${label} nodes.${id}`)]));
  graph.set("nodes", read);
  if (graph.get("entry") === "") graph.set("entry", read.has("act") ? "act" : (read.keys()[0] ?? "act"));
  return graph;
}

/** A node with its defaults. `id` stands for one that is missing. */
export function readNode(value: Value, id: string, where: string): HDict {
  const node = field.readRecord(value, NODE, where);
  if (node.get("id") === null) node.set("id", id);
  if (node.get("kind") === "") node.set("kind", "stage");
  const retry = field.dictAt(node, "retry_policy");
  if ((field.numberAt(retry, "max_attempts") ?? 0) < 1)
    node.set("retry_policy", field.withFields(retry, { max_attempts: 1 }));
  const contract = field.dictAt(node, "output_contract");
  if (field.listAt(contract, "output_kinds").length === 0) {
    node.set("output_contract", field.withFields(contract, { output_kinds: new HList([defaultOutput(node)]) }));
  }
  return node;
}

function defaultOutput(node: HDict): string {
  switch (node.get("kind")) {
    case "verify":
      return "verification_result";
    case "reduce":
      return field.textAt(field.dictAt(node, "reduce_policy"), "output_kind") ?? "summary";
    case "map":
      return field.textAt(field.dictAt(node, "map_policy"), "output_kind") ?? "artifact";
    case "escalation":
      return "plan";
    default:
      return "artifact";
  }
}

/** `act`, `verify` and `repair` at the top of the graph, with the edges that such a graph has. */
function shorthandNodes(graph: HDict): HDict {
  const nodes = new Map<string, Value>();
  for (const key of ["act", "verify", "repair"]) {
    const given = graph.get(key);
    if (!(given instanceof HRecord)) continue;
    const own = HDict.from(given.entries().map(([name, item]) => [name, share(item)] as const));
    nodes.set(key, shorthandNode(own, graph, key));
  }
  if (field.listAt(graph, "edges").length === 0 && nodes.has("act")) {
    const edges: HDict[] = [];
    const edge = (from: string, to: string, branch: string | null) =>
      edges.push(HDict.of({ from, to, branch, label: null }));
    if (nodes.has("verify")) edge("act", "verify", null);
    if (nodes.has("repair")) {
      edge(nodes.has("verify") ? "verify" : "act", "repair", "failed");
      edge("repair", nodes.has("verify") ? "verify" : "act", "retry");
    }
    graph.set("edges", new HList(edges));
  }
  return HDict.fromMap(nodes);
}

function shorthandNode(own: HDict, graph: HDict, key: string): HDict {
  const policy = new Map<string, Value>();
  for (const name of MODEL_KEYS) {
    const alias = name === "model_tier" ? "tier" : name;
    const value = own.get(name) ?? own.get(alias) ?? graph.get(name) ?? graph.get(alias) ?? null;
    if (value !== null) policy.set(name, share(value));
  }
  for (const [name, value] of field.dictAt(own, "model_policy").entries())
    if (value !== null) policy.set(name, share(value));
  own.set("model_policy", HDict.fromMap(policy));
  if ((own.get("kind") ?? null) === null) own.set("kind", key === "verify" ? "verify" : "stage");
  // A verification asks a model only when it says so itself.
  for (const name of key === "verify" ? ["done_sentinel"] : ["mode", "done_sentinel"]) {
    if ((own.get(name) ?? null) === null && (graph.get(name) ?? null) !== null) own.set(name, share(graph.get(name)!));
  }
  if (key === "verify" && (own.get("verify") ?? null) === null && VERIFY_KEYS.some((name) => own.has(name))) {
    own.set("verify", HDict.from(VERIFY_KEYS.map((name) => [name, share(own.get(name) ?? null)] as const)));
  }
  return own;
}

export function nodesOf(graph: HDict): HDict {
  return field.dictAt(graph, "nodes");
}

export function nodeOf(graph: HDict, id: string): HDict | null {
  const node = nodesOf(graph).get(id);
  return node instanceof HDict ? node : null;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly branch: string | null;
}

export function edgesOf(graph: HDict): readonly Edge[] {
  return field.dictsAt(graph, "edges").map((edge) => ({
    from: String(edge.get("from")),
    to: String(edge.get("to")),
    branch: field.textAt(edge, "branch"),
  }));
}

/** The graph with something else changed and said so in its audit log. */
export function audited(
  call: VmCall,
  graph: HDict,
  entry: { readonly op: string; readonly node?: string; readonly reason?: string | null },
  changes: { readonly [key: string]: Value } = {},
): HDict {
  const record = HDict.of({
    id: `audit_${call.ports.ids.uuidv7()}`,
    op: entry.op,
    node_id: entry.node ?? null,
    timestamp: nowText(call),
    reason: entry.reason ?? null,
    metadata: HDict.empty(),
  });
  const log = [...field.listAt(graph, "audit_log").map((item) => share(item)), record];
  return field.withFields(graph, { ...changes, audit_log: new HList(log) });
}

export function withNode(graph: HDict, id: string, node: HDict): HDict {
  return field.withFields(nodesOf(graph), { [id]: node });
}

export function readEdge(value: Value, where: string): HDict {
  return field.readRecord(value, EDGE, where);
}

export function requiredText(value: Value, complaint: string): string {
  const text = value === null ? "" : displayValue(value);
  if (text === "") throw runtimeError(complaint);
  return text;
}
