/** Tools that the loop answers itself, without a handler of the program: the search for tools, the loading of skills, the task ledger. They are not counted among the tools of the program. */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { parseArguments } from "../llm/contract.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { emitAgentEvent, noteEvent } from "./loop-events.ts";
import type { LoopState, ToolEnding } from "./loop-state.ts";
import { LOAD_SKILL } from "./skill-state.ts";
import { loadSkill } from "./skill-turn.ts";
import { changeLedger, LEDGER, type TaskLedger } from "./task-ledger.ts";
import { isSearchTool, promote, runSearch, type ToolSearch } from "./tool-search.ts";
import { isOutOfScope, offersLedger, offersSkills, registered } from "./tool-surface.ts";

/** Null: a tool of the program is meant. */
export function answerOwnTool(state: LoopState, call: VmCall): ToolEnding | null {
  const { name, arguments: text } = state.calls[state.at]!;
  const search = state.search ?? null;
  if (isSearchTool(search, name, registered(state))) return searchTools(state, call, search, parseArguments(text));
  if (state.skills !== undefined && offersSkills(state) && name === LOAD_SKILL)
    return loadSkill(state, state.skills, call, parseArguments(text));
  if (state.ledger !== undefined && offersLedger(state) && name === LEDGER)
    return keepLedger(state, state.ledger, parseArguments(text));
  return null;
}

function keepLedger(state: LoopState, ledger: TaskLedger, args: Json): ToolEnding {
  const answer = changeLedger(ledger, args);
  if (answer.kind === "refused") return { kind: "error", category: "schema_validation", message: answer.message };
  state.ledger = answer.ledger;
  return { kind: "ok", text: answer.text };
}

function searchTools(state: LoopState, call: VmCall, search: ToolSearch, args: Json): ToolEnding {
  const { id } = state.calls[state.at]!;
  const query = isJsonObject(args) ? args.query : undefined;
  if (typeof query !== "string")
    return { kind: "error", category: "schema_validation", message: "query: expected a text" };
  const common = { strategy: search.strategy, mode: "client" };
  const asked = { name: `tool_search_tool_${search.variant}`, query: args, ...common };
  noteEvent(state, call, "tool_search_query", "assistant", { id, ...asked });
  emitAgentEvent(call, state, { type: "tool_search_query", tool_use_id: id, ...asked });
  const entries = registered(state).filter((entry) => !isOutOfScope(state, entry));
  const found = runSearch(search, query, entries);
  const { search: changed, added } = promote(search, found.names, entries);
  state.search = changed;
  const result = { tool_use_id: id, promoted: [...added], ...common };
  noteEvent(state, call, "tool_search_result", "tool", {
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

/** What the provider searched itself, as its answer tells it: the same events as for a search of ours. */
export function noteHostedSearches(state: LoopState, call: VmCall, blocks: readonly JsonObject[]): void {
  for (const block of blocks) {
    const common = { strategy: state.search?.variant ?? "bm25", mode: "native" };
    if (block.type === "tool_search_query") {
      const asked = { name: String(block.name ?? "tool_search"), query: block.query ?? null, ...common };
      const id = String(block.id ?? "");
      noteEvent(state, call, "tool_search_query", "assistant", { id, ...asked });
      emitAgentEvent(call, state, { type: "tool_search_query", tool_use_id: id, ...asked });
    } else if (block.type === "tool_search_result") {
      const references = Array.isArray(block.tool_references) ? (block.tool_references as readonly Json[]) : [];
      const promoted = references.flatMap((reference) =>
        isJsonObject(reference) ? [String(reference.tool_name)] : [],
      );
      const result = { tool_use_id: String(block.tool_use_id ?? ""), promoted, ...common };
      noteEvent(state, call, "tool_search_result", "tool", { ...result, tool_references: references });
      emitAgentEvent(call, state, { type: "tool_search_result", ...result });
    }
  }
}
