/**
 * What the agents of a run did, as `agent_trace()` lists it: model calls, tools, rejections, ends of loops. Kept only for programs that ask for it
 * anywhere, so that others do not pay for it; the list is stored in pieces.
 */
import { declareCell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { HDict, HList, share } from "../value/value.ts";
import { own, pushItem } from "../vm/places.ts";
import type { VmCall } from "../vm/vm-call.ts";

interface AgentTrace {
  /** Null: nobody has looked yet whether the program asks for it. */
  on: boolean | null;
  events: HList;
}

const traceCell = declareCell<AgentTrace>("agent.trace", () => ({ on: null, events: new HList([]) }));
const READERS: readonly string[] = ["agent_trace", "agent_trace_summary"];

export function traceAgent(call: VmCall, event: () => HDict): void {
  const known = call.read(traceCell).on;
  if (known === false) return;
  const state = call.change(traceCell);
  state.on = known ?? mayAsk(call);
  if (!state.on) return;
  state.events = own(state.events, call) as HList;
  pushItem(state.events, event());
}

/** Does any module of the run name one of the builtins that read the trace? */
function mayAsk(call: VmCall): boolean {
  return call.run.modules
    .values()
    .some(({ chunk }) =>
      chunk.constants.some((constant) => constant.kind === "string" && READERS.includes(constant.value)),
    );
}

function summary(events: readonly HDict[]): HDict {
  const of = (type: string): readonly HDict[] => events.filter((event) => event.get("type") === type);
  const sum = (list: readonly HDict[], key: string): number =>
    list.reduce((total, event) => total + ((event.get(key) as number | undefined) ?? 0), 0);
  const models = of("llm_call");
  const tools = of("tool_execution");
  const last = of("loop_complete").at(-1);
  return HDict.of({
    status: last?.get("status") ?? "unknown",
    iterations: last?.get("iterations") ?? 0,
    total_duration_ms: last?.get("total_duration_ms") ?? 0,
    llm_calls: models.length,
    tool_executions: tools.length,
    tool_rejections: of("tool_rejected").length,
    interventions: of("loop_intervention").length,
    compactions: of("context_compaction").length,
    total_input_tokens: sum(models, "input_tokens"),
    total_output_tokens: sum(models, "output_tokens"),
    total_llm_duration_ms: sum(models, "duration_ms"),
    total_tool_duration_ms: sum(tools, "duration_ms"),
    tools_used: new HList([...new Set(tools.map((event) => event.get("tool_name") ?? null))]),
  });
}

const entries = (events: HList): readonly HDict[] =>
  events.items.filter((event): event is HDict => event instanceof HDict);

const LOOP = 'agent_loop("Hi", nil, {provider: "mock"})\n';

export const agentTraceBuiltins: readonly Builtin[] = [
  builtin("agent_trace", {
    sig: "() -> list",
    doc: "What agents of this run did so far, in order: {type: llm_call | tool_execution | tool_rejected | loop_complete | …}.",
    needs: "nothing",
    examples: [
      {
        code: `${LOOP}println(agent_trace().map({ event -> event.type }))`,
        prints: "[llm_call, loop_complete]",
      },
    ],
    run: (call) => share(call.read(traceCell).events),
  }),
  builtin("agent_trace_summary", {
    sig: "() -> dict",
    doc: "The same in figures: {status, iterations, llm_calls, tool_executions, total_input_tokens, tools_used, …}; the status is that of the last loop.",
    needs: "nothing",
    examples: [{ code: `${LOOP}println(agent_trace_summary().llm_calls)`, prints: "1" }],
    run: (call) => summary(entries(call.read(traceCell).events)),
  }),
];
