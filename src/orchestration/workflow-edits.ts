/** Builtins that answer a changed workflow graph; each change is in the graph's audit log (worker-runtime.md chapter 4). */
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import { BUILT_IN_CEILING } from "../policy/capability.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { CONTEXT_POLICY } from "./artifact-selection.ts";
import * as field from "./record-fields.ts";
import { audited, nodeOf, nodesOf, readEdge, readGraph, readNode, requiredText, withNode } from "./workflow-graph.ts";
import { AUTO_COMPACT, MODEL_POLICY } from "./workflow-records.ts";
import { validateGraph } from "./workflow-validation.ts";

function graphOf(call: VmCall, value: Value, who: string): HDict {
  if (value === null) throw runtimeError(`${who}: missing workflow`);
  return readGraph(call, value, who);
}

const FLOW = 'let flow = workflow_graph({nodes: {a: {}, b: {}}, edges: [{from: "a", to: "b"}]})\n';

/** `workflow_set_NAME`: one record of a node is replaced. */
function setter(
  name: string,
  key: string,
  fields: field.Fields,
  doc: string,
  example: string,
  prints: string,
): Builtin {
  const who = `workflow_set_${name}`;
  return builtin(who, {
    sig: "(graph: dict, node: string, policy: dict) -> dict",
    doc,
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `${FLOW}println(${example})`, prints }],
    run(call, args) {
      const policy = args.raw("policy");
      if (policy === null) throw runtimeError("workflow policy update: missing policy");
      const read = field.readRecord(policy, fields, `${who} parse error at`);
      return changed(vmCall(call), args.raw("graph"), args.raw("node"), who, { [key]: read });
    },
  });
}

function changed(
  call: VmCall,
  given: Value,
  id: Value,
  who: string,
  changes: { readonly [key: string]: Value },
): HDict {
  if (given === null) throw runtimeError("workflow policy update: missing workflow");
  const graph = readGraph(call, given, who);
  const node = requiredText(id, "workflow policy update: missing node id");
  const before = nodeOf(graph, node);
  if (before === null) throw runtimeError(`unknown workflow node: ${node}`);
  const nodes = withNode(graph, node, field.withFields(before, changes));
  return audited(call, graph, { op: "set_policy", node }, { nodes });
}

export const workflowEditBuiltins: readonly Builtin[] = [
  builtin("workflow_clone", {
    sig: "(graph: dict) -> dict",
    doc: "A copy of a graph, with an id of its own and the next version.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `${FLOW}println(workflow_clone(flow).version)`, prints: "2" }],
    run(call, args) {
      const vm = vmCall(call);
      const graph = graphOf(vm, args.raw("graph"), "workflow_clone");
      const id = `${graph.get("id")}_clone`;
      return audited(vm, graph, { op: "clone" }, { id, version: (field.numberAt(graph, "version") ?? 1) + 1 });
    },
  }),
  builtin("workflow_insert_node", {
    sig: "(graph: dict, node: dict, edge?: dict | nil) -> dict",
    doc: "The graph with another node, and an edge when one is given; a node without an id gets one.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      {
        code: `${FLOW}let more = workflow_insert_node(flow, {id: "c"}, {from: "b", to: "c"})\nprintln([more.nodes.keys(), len(more.edges)])`,
        prints: "[[a, b, c], 2]",
      },
    ],
    run(call, args) {
      const vm = vmCall(call);
      const who = "workflow_insert_node";
      const graph = graphOf(vm, args.raw("graph"), who);
      if (args.raw("node") === null) throw runtimeError(`${who}: missing node`);
      const node = readNode(args.raw("node"), freeId(graph), `${who} parse error at node`);
      const id = String(node.get("id"));
      const edge = args.raw("edge");
      const edges = field.listAt(graph, "edges").map((one) => share(one));
      if (edge !== null) edges.push(readEdge(edge, `${who} parse error at edge`));
      const changes = { nodes: withNode(graph, id, node), edges: new HList(edges) };
      return audited(vm, graph, { op: "insert_node", node: id }, changes);
    },
  }),
  builtin("workflow_replace_node", {
    sig: "(graph: dict, id: string, node: dict) -> dict",
    doc: "The graph with another node in the place of the one of that id.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      {
        code: `${FLOW}println(workflow_replace_node(flow, "b", {kind: "verify"}).nodes.b.kind)`,
        prints: "verify",
      },
    ],
    run(call, args) {
      const vm = vmCall(call);
      const who = "workflow_replace_node";
      const graph = graphOf(vm, args.raw("graph"), who);
      const id = requiredText(args.raw("id"), `${who}: missing node id`);
      if (args.raw("node") === null) throw runtimeError(`${who}: missing node`);
      const node = field.withFields(readNode(args.raw("node"), id, `${who} parse error at node`), { id });
      return audited(vm, graph, { op: "replace_node", node: id }, { nodes: withNode(graph, id, node) });
    },
  }),
  builtin("workflow_rewire", {
    sig: "(graph: dict, from: string, to: string, branch?: string | nil) -> dict",
    doc: "The graph with one edge of this branch from a node, in the place of all that were there.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `${FLOW}println(workflow_rewire(flow, "a", "a").edges[0].to)`, prints: "a" }],
    run(call, args) {
      const vm = vmCall(call);
      const who = "workflow_rewire";
      const graph = graphOf(vm, args.raw("graph"), who);
      const from = requiredText(args.raw("from"), `${who}: missing from`);
      const to = requiredText(args.raw("to"), `${who}: missing to`);
      const branch = args.raw("branch") === null || args.text("branch") === "" ? null : args.text("branch");
      const kept = field
        .dictsAt(graph, "edges")
        .filter((edge) => edge.get("from") !== from || field.textAt(edge, "branch") !== branch);
      const edge = HDict.of({ from, to, branch, label: null });
      const edges = new HList([...kept.map((one) => share(one)), edge]);
      return audited(vm, graph, { op: "rewire", node: from }, { edges });
    },
  }),
  setter(
    "model_policy",
    "model_policy",
    MODEL_POLICY,
    "The graph with another model policy of a node: provider, model, temperature, ….",
    'workflow_set_model_policy(flow, "a", {provider: "mock"}).nodes.a.model_policy.provider',
    "mock",
  ),
  setter(
    "context_policy",
    "context_policy",
    CONTEXT_POLICY,
    "The graph with another context policy of a node: which artifacts it sees.",
    'workflow_set_context_policy(flow, "a", {max_artifacts: 3}).nodes.a.context_policy.max_artifacts',
    "3",
  ),
  setter(
    "auto_compact",
    "auto_compact",
    AUTO_COMPACT,
    "The graph with other compaction settings of a node.",
    'workflow_set_auto_compact(flow, "a", {enabled: true}).nodes.a.auto_compact.enabled',
    "true",
  ),
  builtin("workflow_set_output_visibility", {
    sig: "(graph: dict, node: string, visibility: string | nil) -> dict",
    doc: "The graph with another output visibility of a node; `public` leaves out of its transcript what is not for people.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      {
        code: `${FLOW}println(workflow_set_output_visibility(flow, "a", "public").nodes.a.output_visibility)`,
        prints: "public",
      },
    ],
    run(call, args) {
      const who = "workflow_set_output_visibility";
      const output_visibility = args.raw("visibility");
      if (output_visibility !== null && typeof output_visibility !== "string")
        throw runtimeError(`${who}: value must be a string or nil`);
      return changed(vmCall(call), args.raw("graph"), args.raw("node"), who, { output_visibility });
    },
  }),
  builtin("workflow_commit", {
    sig: "(graph: dict, reason?: string | nil) -> dict",
    doc: "The graph with an entry in its audit log that it was found valid; an invalid one is an error.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `${FLOW}println(workflow_commit(flow, "first").audit_log[0].reason)`, prints: "first" }],
    run(call, args) {
      const vm = vmCall(call);
      const graph = graphOf(vm, args.raw("graph"), "workflow_commit");
      const { errors } = validateGraph(graph, BUILT_IN_CEILING);
      if (errors.length > 0) throw runtimeError(`workflow_commit: invalid workflow: ${errors.join("; ")}`);
      const reason = args.raw("reason") === null || args.text("reason") === "" ? null : args.text("reason");
      return audited(vm, graph, { op: "commit", reason });
    },
  }),
];

function freeId(graph: HDict): string {
  const nodes = nodesOf(graph);
  for (let n = nodes.size + 1; ; n++) if (!nodes.has(`node_${n}`)) return `node_${n}`;
}
