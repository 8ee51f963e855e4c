/** What the model sees of a loop's tools in this turn, and which of the calls that it makes this runtime answers itself. */
import type { ToolSchema } from "../llm/contract.ts";
import type { HDict } from "../value/value.ts";
import type { LoopState } from "./loop-state.ts";
import { registryEntries } from "./tool-registry.ts";
import { isSearchTool, loadedTools, searchableSchemas, searchNote } from "./tool-search.ts";

export interface ToolSurface {
  readonly tools: readonly ToolSchema[];
  /** The system prompt, with what must be known about the tools; null: none. */
  readonly system: string | null;
}

/** All tools of the registry, whether the model sees them or not. */
export function registered(state: LoopState): readonly HDict[] {
  return state.tools === null ? [] : registryEntries(state.tools, "agent_loop: tools");
}

export function toolSurface(state: LoopState): ToolSurface {
  const entries = registered(state);
  const loaded = loadedTools(state.search, entries);
  const parts = [state.system ?? "", searchNote(state.search, loaded, entries)].filter((part) => part !== "");
  return { tools: searchableSchemas(state.search, loaded), system: parts.length === 0 ? null : parts.join("\n\n") };
}

/** Names that calls in the text of an answer may have. */
export function callableNames(state: LoopState): ReadonlySet<string> {
  const entries = registered(state);
  const names = entries.map((entry) => String(entry.get("name")));
  const { search } = state;
  if (search !== null && isSearchTool(search, search.name, entries)) names.push(search.name);
  return new Set(names);
}
