/** Builtins over workflow graphs, and the engine as one (worker-runtime.md chapter 4). */
import { joinPath } from "../base/path.ts";
import type { Call } from "../builtin/call.ts";
import { runMachine } from "../builtin/call.ts";
import type { Builtin, Need } from "../builtin/declaration.ts";
import { builtin, suspending } from "../builtin/declaration.ts";
import { runtimeError } from "../builtin/raise.ts";
import { writePolicyRecord } from "../policy/capability.ts";
import { valuesEqual } from "../value/equality.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { vmCall } from "../vm/vm-call.ts";
import { readArtifacts } from "./artifacts.ts";
import * as field from "./record-fields.ts";
import { nodeTools } from "./stage-options.ts";
import { edgesOf, nodesOf, readGraph } from "./workflow-graph.ts";
import { WORKFLOW } from "./workflow-machine.ts";
import { asProgramError, startWorkflow } from "./workflow-start.ts";
import { readCeiling, reportValue, validateGraph } from "./workflow-validation.ts";

/** The record's file is the runtime's own unless the program says where it goes. */
function executeNeed(call: Call, args: readonly Value[]): Need {
  const options = args[3];
  const at = (key: string) => {
    const path = options instanceof HDict ? options.get(key) : null;
    return typeof path === "string" && path.trim() !== "" ? joinPath(call.scope.cwd, path) : null;
  };
  const paths = [
    ...["persist_path", "resume_path"].map((key) => ({ path: at(key), write: true })),
    ...["resume_path", "replay_path"].map((key) => ({ path: at(key), write: false })),
  ].filter((one): one is { readonly path: string; readonly write: boolean } => one.path !== null);
  const writes = paths.some(({ write }) => write);
  return {
    grant: "worker.spawn",
    over: "worker.spawn",
    ...(writes ? { effect: "workspace_write" as const } : {}),
    paths,
  };
}

const FLOW =
  'let flow = workflow_graph({name: "note", nodes: {act: {mode: "llm", model_policy: {provider: "mock"}}}})\n';

export const workflowBuiltins: readonly Builtin[] = [
  builtin("workflow_graph", {
    sig: "(graph?: dict | nil) -> dict",
    doc: "A workflow graph with its defaults: nodes by id, edges, policies. `act`, `verify` and `repair` at the top are a graph, too.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      {
        code: 'let flow = workflow_graph({act: {mode: "llm"}, verify: {command: "true"}})\nprintln([flow.entry, flow.nodes.keys(), len(flow.edges)])',
        prints: "[act, [act, verify], 1]",
      },
    ],
    run: (call, args) => readGraph(vmCall(call), args.raw("graph"), "workflow_graph"),
  }),
  builtin("workflow_validate", {
    sig: "(graph: dict, ceiling?: dict | nil) -> dict",
    doc: "What is wrong with a graph, under a policy ceiling: {valid, errors, warnings, reachable_nodes}.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [
      { code: `${FLOW}println(workflow_validate(flow).valid)`, prints: "true" },
      {
        code: 'println(workflow_validate({entry: "a", nodes: {b: {}}}).errors)',
        prints: "[entry node does not exist: a]",
      },
    ],
    run(call, args) {
      const graph = readGraph(vmCall(call), args.raw("graph"), "workflow_validate");
      return reportValue(validateGraph(graph, readCeiling(args.raw("ceiling"))));
    },
  }),
  builtin("workflow_inspect", {
    sig: "(graph: dict, ceiling?: dict | nil) -> dict",
    doc: "A graph with its validation and its size.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `${FLOW}println(workflow_inspect(flow).node_count)`, prints: "1" }],
    run(call, args) {
      const graph = readGraph(vmCall(call), args.raw("graph"), "workflow_inspect");
      const validation = reportValue(validateGraph(graph, readCeiling(args.raw("ceiling"))));
      return HDict.of({
        graph: share(graph),
        validation,
        node_count: nodesOf(graph).size,
        edge_count: edgesOf(graph).length,
      });
    },
  }),
  builtin("workflow_policy_report", {
    sig: "(graph: dict, ceiling?: dict | nil) -> dict",
    doc: "Which policies a graph and its nodes ask for, beside the ceiling.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `${FLOW}println(workflow_policy_report(flow).nodes[0].node_id)`, prints: "act" }],
    run(call, args) {
      const graph = readGraph(vmCall(call), args.raw("graph"), "workflow_policy_report");
      const ceiling = readCeiling(args.raw("ceiling"));
      const nodes = nodesOf(graph)
        .entries()
        .map(([id, node]) =>
          HDict.of({
            node_id: id,
            policy: share(field.dictAt(node as HDict, "capability_policy")),
            tools: new HList([...toolNames(node as HDict)]),
          }),
        );
      return HDict.of({
        workflow_policy: share(field.dictAt(graph, "capability_policy")),
        ceiling: jsonToValue(writePolicyRecord(ceiling)),
        validation: reportValue(validateGraph(graph, ceiling)),
        nodes: new HList(nodes),
      });
    },
  }),
  builtin("workflow_diff", {
    sig: "(left: dict, right: dict) -> dict",
    doc: "Do two graphs differ in anything? {changed, left, right}.",
    needs: "nothing",
    deep: true,
    pace: 8,
    examples: [{ code: `${FLOW}println(workflow_diff(flow, flow).changed)`, prints: "false" }],
    run(call, args) {
      const read = (side: "left" | "right") => {
        if (args.raw(side) === null) throw runtimeError(`workflow_diff: missing ${side} workflow`);
        return readGraph(vmCall(call), args.raw(side), "workflow_diff");
      };
      const [left, right] = [read("left"), read("right")];
      return HDict.of({ changed: !valuesEqual(left, right, call), left: share(left), right: share(right) });
    },
  }),
  suspending("workflow_execute", {
    sig: "(task: string, graph: dict, artifacts?: list | nil, options?: dict | nil) -> dict",
    doc: "Runs a graph until nothing is left to do or `max_steps` is reached: {status, run, artifacts, transcript, path}. A killed run goes on with `harn resume`.",
    needs: executeNeed,
    examples: [
      {
        code: `${FLOW}llm_mock({text: "Written."})\nlet done = workflow_execute("Write a note", flow, [], {persist_path: "note.json"})\nprintln([done.status, done.run.stages[0].visible_text])`,
        prints: "[completed, Written.]",
      },
    ],
    run(call, args) {
      const vm = vmCall(call);
      if (args.raw("graph") === null) throw runtimeError("workflow_execute: missing workflow");
      const options = args.raw("options");
      if (options !== null && !(options instanceof HDict))
        throw runtimeError("workflow_execute: options must be a dict or nil");
      try {
        const graph = readGraph(vm, args.raw("graph"), "workflow_execute");
        const artifacts = readArtifacts(vm, args.raw("artifacts"), "workflow_execute");
        const start = { task: args.text("task"), graph, artifacts, options: options ?? HDict.empty() };
        return runMachine(WORKFLOW, startWorkflow(vm, start));
      } catch (thrown) {
        throw asProgramError(thrown);
      }
    },
  }),
];

function toolNames(node: HDict): readonly string[] {
  const registry = nodeTools(node);
  return registry instanceof HDict ? field.dictsAt(registry, "tools").map((tool) => String(tool.get("name"))) : [];
}
