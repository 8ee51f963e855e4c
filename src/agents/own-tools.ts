/** Tools that the loop answers itself, without a handler of the program: the search for tools. They are not counted among the tools of the program. */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { parseArguments } from "../llm/contract.ts";
import { jsonToValue } from "../value/json.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { emitAgentEvent } from "./loop-events.ts";
import type { LoopState, ToolEnding } from "./loop-state.ts";
import { appendEvent, requireSession } from "./sessions.ts";
import { isSearchTool, promote, runSearch, type ToolSearch } from "./tool-search.ts";
import { registered } from "./tool-surface.ts";
import { transcriptEvent } from "./transcripts.ts";

/** Null: a tool of the program is meant. */
export function answerOwnTool(state: LoopState, call: VmCall): ToolEnding | null {
  const { name, arguments: text } = state.calls[state.at]!;
  const { search } = state;
  if (isSearchTool(search, name, registered(state))) return searchTools(state, call, search, parseArguments(text));
  return null;
}

function searchTools(state: LoopState, call: VmCall, search: ToolSearch, args: Json): ToolEnding {
  const { id } = state.calls[state.at]!;
  const query = isJsonObject(args) ? args.query : undefined;
  if (typeof query !== "string")
    return { kind: "error", category: "schema_validation", message: "query: expected a text" };
  const common = { strategy: search.strategy, mode: "client" };
  const asked = { name: `tool_search_tool_${search.variant}`, query: args, ...common };
  note(state, call, "tool_search_query", "assistant", { id, ...asked });
  emitAgentEvent(call, state, { type: "tool_search_query", tool_use_id: id, ...asked });
  const entries = registered(state);
  const found = runSearch(search, query, entries);
  const { search: changed, added } = promote(search, found.names, entries);
  state.search = changed;
  const result = { tool_use_id: id, promoted: [...added], ...common };
  note(state, call, "tool_search_result", "tool", {
    ...result,
    tool_references: found.names.map((name) => ({ tool_name: name })),
  });
  emitAgentEvent(call, state, { type: "tool_search_result", ...result });
  const { diagnostic } = found;
  return {
    kind: "ok",
    text: JSON.stringify({ tool_names: found.names, ...(diagnostic === null ? {} : { diagnostic }) }),
  };
}

/** An event of the transcript for people who look at what the loop itself did. */
export function note(
  state: LoopState,
  call: VmCall,
  kind: string,
  role: string,
  metadata: JsonObject,
  text = "",
): void {
  const session = requireSession(call, state.session, "agent_loop");
  const event = { kind, role, visibility: "internal", text, metadata: jsonToValue(metadata as Json) } as const;
  appendEvent(call, session, transcriptEvent(call, event));
}

/** What the provider searched itself, as its answer tells it: the same events as for a search of ours. */
export function noteHostedSearches(state: LoopState, call: VmCall, blocks: readonly JsonObject[]): void {
  for (const block of blocks) {
    const common = { strategy: state.search?.variant ?? "bm25", mode: "native" };
    if (block.type === "tool_search_query") {
      const asked = { name: String(block.name ?? "tool_search"), query: block.query ?? null, ...common };
      const id = String(block.id ?? "");
      note(state, call, "tool_search_query", "assistant", { id, ...asked });
      emitAgentEvent(call, state, { type: "tool_search_query", tool_use_id: id, ...asked });
    } else if (block.type === "tool_search_result") {
      const references = Array.isArray(block.tool_references) ? (block.tool_references as readonly Json[]) : [];
      const promoted = references.flatMap((reference) =>
        isJsonObject(reference) ? [String(reference.tool_name)] : [],
      );
      const result = { tool_use_id: String(block.tool_use_id ?? ""), promoted, ...common };
      note(state, call, "tool_search_result", "tool", { ...result, tool_references: references });
      emitAgentEvent(call, state, { type: "tool_search_result", ...result });
    }
  }
}
