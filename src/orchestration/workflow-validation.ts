/** What is wrong with a graph before it runs (worker-runtime.md 9.2). */
import { Failure } from "../base/failure.ts";
import { closestName } from "../check/suggestion.ts";
import type { CapabilityPolicy } from "../policy/capability.ts";
import { BUILT_IN_CEILING, narrowPolicy } from "../policy/capability.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList } from "../value/value.ts";
import * as field from "./record-fields.ts";
import { edgesOf, nodesOf } from "./workflow-graph.ts";
import { capabilityPolicy, NODE, recordedPolicy } from "./workflow-records.ts";

export interface GraphReport {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly reachable: readonly string[];
}

/** Nil: the built-in ceiling. Raises for a malformed one. An empty list allows nothing, unless a runtime wrote the policy. */
export function readCeiling(value: Value): CapabilityPolicy {
  if (value === null) return BUILT_IN_CEILING;
  return recordedPolicy(HDict.of({ capability_policy: capabilityPolicy(value, "policy parse error: ceiling") }));
}

export function validateGraph(graph: HDict, ceiling: CapabilityPolicy): GraphReport {
  const nodes = nodesOf(graph);
  const edges = edgesOf(graph);
  const errors: string[] = [];
  const warnings: string[] = [];
  const entry = String(graph.get("entry"));
  if (!nodes.has(entry)) errors.push(`entry node does not exist: ${entry}`);
  for (const { from, to } of edges) {
    if (!nodes.has(from)) errors.push(`edge.from references unknown node: ${from}`);
    if (!nodes.has(to)) errors.push(`edge.to references unknown node: ${to}`);
  }
  const reachable = reachableFrom(entry, edges, nodes);
  for (const id of nodes.keys()) if (!reachable.has(id)) warnings.push(`node is unreachable: ${id}`);
  for (const [id, node] of nodes.entries()) {
    if (!(node instanceof HDict)) continue;
    const outgoing = edges.filter(({ from }) => from === id);
    const incoming = edges.filter(({ to }) => to === id).length;
    errors.push(
      ...nodeErrors(
        node,
        outgoing.map(({ branch }) => branch),
      ).map((text) => `node ${id}: ${text}`),
    );
    warnings.push(...nodeWarnings(node, incoming).map((text) => `node ${id}: ${text}`));
  }
  errors.push(...beyondCeiling(graph, ceiling));
  for (const [id, node] of nodes.entries())
    if (node instanceof HDict) errors.push(...beyondCeiling(node, ceiling).map((text) => `node ${id}: ${text}`));
  return { errors, warnings, reachable: [...reachable].sort() };
}

function nodeErrors(node: HDict, branches: readonly (string | null)[]): readonly string[] {
  const errors: string[] = [];
  const contract = field.dictAt(node, "input_contract");
  const [least, most] = [field.numberAt(contract, "min_inputs"), field.numberAt(contract, "max_inputs")];
  if (least !== null && most !== null && least > most) errors.push("input contract min_inputs exceeds max_inputs");
  switch (node.get("kind")) {
    case "condition":
      if (!branches.includes("true") || !branches.includes("false"))
        errors.push("condition nodes require both 'true' and 'false' branch edges");
      break;
    case "fork":
      if (branches.length < 2) errors.push("fork nodes require at least two outgoing edges");
      break;
    case "map": {
      const map = field.dictAt(node, "map_policy");
      const given = field.listAt(map, "items").length > 0 || field.textAt(map, "item_artifact_kind") !== null;
      if (!given && field.listAt(contract, "input_kinds").length === 0)
        errors.push("map nodes require items, item_artifact_kind, or input_contract.input_kinds");
      break;
    }
  }
  return errors;
}

function nodeWarnings(node: HDict, incoming: number): readonly string[] {
  const warnings: string[] = [];
  if (node.get("kind") === "join" && incoming < 2) warnings.push("join node has fewer than two incoming edges");
  if (node.get("kind") === "reduce" && field.listAt(field.dictAt(node, "input_contract"), "input_kinds").length === 0)
    warnings.push("reduce node has no input_contract.input_kinds; it will consume all available artifacts");
  for (const key of node.keys()) {
    if (Object.hasOwn(NODE, key)) continue;
    const near = closestName(key, Object.keys(NODE));
    if (near !== null) warnings.push(`unknown key \`${key}\`; did you mean \`${near}\`?`);
  }
  return warnings;
}

function beyondCeiling(record: HDict, ceiling: CapabilityPolicy): readonly string[] {
  try {
    narrowPolicy(ceiling, recordedPolicy(record));
    return [];
  } catch (error) {
    if (error instanceof Failure) return [error.message];
    throw error;
  }
}

function reachableFrom(
  entry: string,
  edges: readonly { readonly from: string; readonly to: string }[],
  nodes: HDict,
): Set<string> {
  const seen = new Set<string>();
  const open = [entry];
  while (open.length > 0) {
    const id = open.pop()!;
    if (seen.has(id) || !nodes.has(id)) continue;
    seen.add(id);
    for (const { from, to } of edges) if (from === id) open.push(to);
  }
  return seen;
}

export function reportValue(report: GraphReport): HDict {
  return HDict.of({
    valid: report.errors.length === 0,
    errors: new HList([...report.errors]),
    warnings: new HList([...report.warnings]),
    reachable_nodes: new HList([...report.reachable]),
  });
}
