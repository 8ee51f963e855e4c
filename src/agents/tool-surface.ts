/** What the model sees of a loop's tools in this turn, and which of the calls that it makes this runtime answers itself. */
import type { ToolSchema } from "../llm/contract.ts";
import type { HDict } from "../value/value.ts";
import type { LoopState } from "./loop-state.ts";
import { isAllowed, LOAD_SKILL, skillSection } from "./skill-state.ts";
import { LEDGER, LEDGER_SCHEMA, renderLedger } from "./task-ledger.ts";
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

/** Those that the active skills allow in this turn. */
function inScope(state: LoopState): readonly HDict[] {
  const allowed = state.skills?.allowed ?? null;
  return allowed === null ? registered(state) : registered(state).filter((entry) => isAllowed(allowed, entry));
}

/** Is this tool kept from the model by the active skills? */
export function isOutOfScope(state: LoopState, entry: HDict): boolean {
  return !isAllowed(state.skills?.allowed ?? null, entry);
}

/** May the model load skills? A tool of the program's own that has the name goes before. */
export function offersSkills(state: LoopState): boolean {
  return state.skills !== undefined && !registered(state).some((entry) => entry.get("name") === LOAD_SKILL);
}

/** The same for the task ledger. */
export function offersLedger(state: LoopState): boolean {
  return state.ledger !== undefined && !registered(state).some((entry) => entry.get("name") === LEDGER);
}

const LOAD_SKILL_SCHEMA: ToolSchema = {
  kind: "function",
  name: LOAD_SKILL,
  description: "Loads the instructions of a skill, and what it says about the tools to use, for the turns to come.",
  parameters: {
    type: "object",
    properties: { name: { type: "string", description: "The id of a skill." } },
    required: ["name"],
    additionalProperties: false,
  },
};

export function toolSurface(state: LoopState): ToolSurface {
  const search = state.search ?? null;
  const entries = inScope(state);
  const loaded = loadedTools(search, entries);
  const parts = [
    state.system ?? "",
    state.skills === undefined ? "" : skillSection(state.skills),
    searchNote(search, loaded, entries),
    state.ledger === undefined ? "" : renderLedger(state.ledger),
  ].filter((part) => part !== "");
  const schemas = searchableSchemas(search, loaded);
  return {
    tools: [
      ...schemas,
      ...(offersSkills(state) ? [LOAD_SKILL_SCHEMA] : []),
      ...(offersLedger(state) ? [LEDGER_SCHEMA] : []),
    ],
    system: parts.length === 0 ? null : parts.join("\n\n"),
  };
}

/** Names that calls in the text of an answer may have. */
export function callableNames(state: LoopState): ReadonlySet<string> {
  const entries = registered(state);
  const names = inScope(state).map((entry) => String(entry.get("name")));
  const search = state.search ?? null;
  if (search !== null && isSearchTool(search, search.name, entries)) names.push(search.name);
  if (offersSkills(state)) names.push(LOAD_SKILL);
  if (offersLedger(state)) names.push(LEDGER);
  return new Set(names);
}
