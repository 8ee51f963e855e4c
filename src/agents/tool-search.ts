/**
 * Tools that a model must look for (`defer_loading`): the option `tool_search` of a call or a loop, and who searches. `native`: the provider, which gets
 * all tools and a tool of its own in front; `client`: this runtime, by way of a synthetic tool, in whose place the found ones come with the next turn.
 */
import type { Json, JsonObject } from "../base/json.ts";
import type { Call } from "../builtin/call.ts";
import { thrownError } from "../builtin/raise.ts";
import { closestName } from "../check/suggestion.ts";
import { type Capabilities, capabilitiesOf } from "../llm/capabilities.ts";
import { BUILT_IN_CATALOG } from "../llm/catalog.ts";
import type { ToolSchema } from "../llm/contract.ts";
import { selectModel } from "../llm/model-selection.ts";
import { displayValue } from "../value/display.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList } from "../value/value.ts";
import { capabilityRules } from "./capability-builtins.ts";
import { argumentSchema, FORCE_NATIVE, toolSchemas } from "./model-request.ts";
import { type Ranking, rankByPattern, rankByWords, toolText } from "./tool-ranking.ts";

const VARIANTS = ["bm25", "regex"] as const;
const MODES = ["auto", "native", "client"] as const;
const STRATEGIES = ["bm25", "regex", "semantic", "host"] as const;
const KEYS = ["variant", "mode", "strategy", "always_loaded", "budget_tokens", "name", "include_stub_listing"];

type Variant = (typeof VARIANTS)[number];
type Strategy = (typeof STRATEGIES)[number];

/** Plain data: part of a loop's state. */
export interface ToolSearch {
  readonly mode: "native" | "client";
  readonly variant: Variant;
  readonly strategy: Strategy;
  /** Of the synthetic tool. */
  readonly name: string;
  /** Deferred tools that are there all the same. */
  readonly always: readonly string[];
  /** What the definitions of found tools may take, in tokens: those found first go. Null: no limit. */
  readonly budget: number | null;
  /** Names of tools that are not loaded stand in the system prompt. */
  readonly stubs: boolean;
  /** In native mode: what the provider's own tool looks like. */
  readonly meta: JsonObject | null;
  /** Found so far, the oldest first. */
  readonly promoted: readonly string[];
}

const SYNTHETIC = "__harn_tool_search";
/** How many characters of a definition make a token, about. */
const CHARACTERS_A_TOKEN = 4;

/** Null: all tools are loaded. Raises for a malformed option, and for native search where there is none. */
export function readToolSearch(call: Call, options: HDict, entries: readonly HDict[]): ToolSearch | null {
  const given = options.get("tool_search") ?? null;
  if (given === null || given === false) return null;
  const read = readOption(given);
  if (entries.length > 0 && entries.every(isDeferred)) {
    throw thrownError(
      "tool_search: all tools have defer_loading set: at least one must be loaded, so that the model has somewhere to start",
    );
  }
  const { provider, model, capabilities, forced } = modelOf(call, options);
  const hasNative = forced || (capabilities.deferLoading && capabilities.toolSearch.length > 0);
  if (read.mode === "native" && !hasNative) {
    throw thrownError(
      `tool_search: provider "${provider}" does not expose native tool search for the model "${model}". Use \`tool_search: {mode: "client"}\`, where this runtime searches, or leave tool_search out to load all tools.`,
    );
  }
  const mode = read.mode === "auto" ? (hasNative ? "native" : "client") : read.mode;
  const meta = mode === "native" ? metaTool(read.variant, capabilities.toolSearch, entries) : null;
  return { ...read, mode, meta, promoted: [] };
}

function readOption(given: Value): Omit<ToolSearch, "mode" | "meta" | "promoted"> & { mode: (typeof MODES)[number] } {
  const dict = given instanceof HDict ? given : HDict.of(given === true ? {} : { variant: given });
  if (!(given instanceof HDict) && given !== true && typeof given !== "string") {
    throw thrownError(`tool_search: expected a bool, "bm25", "regex" or a dict, got ${typeName(given)}`);
  }
  for (const key of dict.keys()) {
    if (KEYS.includes(key)) continue;
    const near = closestName(key, new Set(KEYS));
    throw thrownError(`tool_search: unknown key \`${key}\`${near === null ? "" : `; did you mean \`${near}\`?`}`);
  }
  const variant = choice(dict, "variant", VARIANTS) ?? "bm25";
  return {
    mode: choice(dict, "mode", MODES) ?? "auto",
    variant,
    strategy: choice(dict, "strategy", STRATEGIES) ?? variant,
    name: typed(dict, "name", "string") || SYNTHETIC,
    always: names(dict.get("always_loaded") ?? null),
    budget: typed(dict, "budget_tokens", "int"),
    stubs: typed(dict, "include_stub_listing", "bool") ?? false,
  };
}

function choice<T extends string>(dict: HDict, key: string, allowed: readonly T[]): T | null {
  const value = dict.get(key) ?? null;
  if (value === null || allowed.includes(value as T)) return value as T | null;
  const listed = allowed.map((word) => `"${word}"`).join(", ");
  throw thrownError(`tool_search.${key}: expected one of ${listed}, got "${displayValue(value)}"`);
}

interface Kinds {
  string: string;
  int: number;
  bool: boolean;
}

function typed<K extends keyof Kinds>(dict: HDict, key: string, kind: K): Kinds[K] | null {
  const value = dict.get(key) ?? null;
  if (value === null) return null;
  if (typeName(value) !== kind) throw thrownError(`tool_search.${key}: expected ${kind}, got ${typeName(value)}`);
  return value as Kinds[K];
}

function names(value: Value): readonly string[] {
  if (value === null) return [];
  if (value instanceof HList && value.items.every((item) => typeof item === "string")) return value.items as string[];
  throw thrownError("tool_search.always_loaded: expected a list of tool names");
}

/** Of the model that will be asked. `force_native_tool_search` of its provider's options says that the one behind a proxy can do it. */
function modelOf(
  call: Call,
  options: HDict,
): {
  readonly provider: string;
  readonly model: string;
  readonly capabilities: Capabilities;
  readonly forced: boolean;
} {
  const text = (name: string): string | undefined => {
    const value = options.get(name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const wish = { provider: text("provider"), model: text("model"), modelTier: text("model_tier") };
  const known = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
  const { environment } = call.ports;
  const { provider, model } = selectModel(BUILT_IN_CATALOG, known, (name) => environment.get(name));
  const own = options.get(provider);
  return {
    provider,
    model,
    capabilities: capabilitiesOf(provider, model, call.read(capabilityRules).added),
    forced: own instanceof HDict && own.get(FORCE_NATIVE) === true,
  };
}

/** Wire forms of the providers: one names its own searches, the other has one with a mode. */
function metaTool(variant: Variant, offered: readonly string[], entries: readonly HDict[]): JsonObject {
  if (offered.some((name) => (VARIANTS as readonly string[]).includes(name))) {
    const used = offered.includes(variant) ? variant : offered.includes("regex") ? "regex" : "bm25";
    return { type: `tool_search_tool_${used}_20251119`, name: `tool_search_tool_${used}` };
  }
  const spaces = new Set(entries.flatMap((entry) => namespaceOf(entry) ?? []));
  const namespaces: readonly Json[] = [...spaces].sort();
  return { type: "tool_search", mode: "hosted", ...(namespaces.length === 0 ? {} : { namespaces }) };
}

function isDeferred(entry: HDict): boolean {
  return entry.get("defer_loading") === true;
}

export function namespaceOf(entry: HDict): string | null {
  const namespace = entry.get("namespace");
  return typeof namespace === "string" && namespace !== "" ? namespace : null;
}

/** Does this runtime answer calls of this name? A tool of the program's own goes before. */
export function isSearchTool(search: ToolSearch | null, name: string, entries: readonly HDict[]): search is ToolSearch {
  return (
    search !== null &&
    search.mode === "client" &&
    search.name === name &&
    !entries.some((entry) => entry.get("name") === name)
  );
}

/** The tools that the model is told of. */
export function loadedTools(search: ToolSearch | null, entries: readonly HDict[]): readonly HDict[] {
  if (search === null || search.mode === "native") return entries;
  return entries.filter((entry) => {
    const name = String(entry.get("name"));
    return !isDeferred(entry) || search.always.includes(name) || search.promoted.includes(name);
  });
}

/** What goes into the request: `loaded` and what searching needs. */
export function searchableSchemas(search: ToolSearch | null, loaded: readonly HDict[]): readonly ToolSchema[] {
  const schemas = toolSchemas(loaded);
  if (search === null || schemas.length === 0) return schemas;
  if (search.mode === "client")
    return loaded.some((entry) => entry.get("name") === search.name) ? schemas : [searchSchema(search), ...schemas];
  const marked = schemas.map((schema, i): ToolSchema => {
    const entry = loaded[i]!;
    const namespace = namespaceOf(entry);
    const extra: JsonObject = {
      ...(isDeferred(entry) && !search.always.includes(String(entry.get("name"))) ? { defer_loading: true } : {}),
      ...(namespace === null ? {} : { namespace }),
    };
    return schema.kind === "function" ? { ...schema, extra } : schema;
  });
  return [{ kind: "provider", definition: search.meta! }, ...marked];
}

const HOW: Readonly<Record<Strategy, string>> = {
  bm25: "words that its name or description may have",
  regex: "a regular expression (no back references, no lookaround; case does not matter)",
  semantic: "a description of what it should do",
  host: "a query as the host expects it",
};

function searchSchema({ name, strategy }: ToolSearch): ToolSchema {
  return {
    kind: "function",
    name,
    description: `Searches for further tools. \`query\` is ${HOW[strategy]}. Answers {"tool_names": […]}: those can be called from the next turn on.`,
    parameters: {
      type: "object",
      properties: { query: { type: "string", description: "What the tool should be for." } },
      required: ["query"],
      additionalProperties: false,
    },
  };
}

/** For the system prompt: which tools are there, and that there are more. Empty when the provider searches. */
export function searchNote(search: ToolSearch | null, loaded: readonly HDict[], entries: readonly HDict[]): string {
  if (search === null || search.mode === "native" || entries.length === 0) return "";
  const there = [search.name, ...loaded.map((entry) => String(entry.get("name")))].join(", ");
  const note = `## Tools on demand\n\nNot all tools are loaded. Call \`${search.name}\` to find others; what it finds can be called from the next turn on. Loaded now: ${there}.`;
  const hidden = entries.filter((entry) => !loaded.includes(entry));
  if (!search.stubs || hidden.length === 0) return note;
  return `${note}\n\nNot loaded:\n${hidden.map(stub).join("\n")}`;
}

function stub(entry: HDict): string {
  const [first = ""] = displayValue(entry.get("description") ?? "").split(/[\n.]/);
  return `- ${String(entry.get("name"))}${first.trim() === "" ? "" : `: ${first.trim()}`}`;
}

export function runSearch(search: ToolSearch, query: string, entries: readonly HDict[]): Ranking {
  const deferred = entries.filter(isDeferred);
  if (deferred.length === 0) return { names: [], diagnostic: "there are no tools beside those that are loaded" };
  const texts = deferred.map((entry) => {
    const server = entry.get("_mcp_server");
    return toolText(
      String(entry.get("name")),
      displayValue(entry.get("description") ?? ""),
      argumentSchema(entry),
      typeof server === "string" ? server : null,
    );
  });
  switch (search.strategy) {
    case "bm25":
      return rankByWords(query, texts);
    case "regex":
      return rankByPattern(query, texts);
    case "semantic":
    case "host":
      return { names: [], diagnostic: `no host is attached that searches (strategy ${search.strategy})` };
  }
}

export interface Promotion {
  readonly search: ToolSearch;
  /** Those that were not loaded before. */
  readonly added: readonly string[];
}

/** Loads what was found; what was found first goes when the definitions take more than they may. */
export function promote(search: ToolSearch, names: readonly string[], entries: readonly HDict[]): Promotion {
  const cost = (name: string): number => {
    const entry = entries.find((candidate) => candidate.get("name") === name);
    return entry === undefined ? 0 : Math.ceil(JSON.stringify(toolSchemas([entry])).length / CHARACTERS_A_TOKEN);
  };
  let promoted = [...search.promoted];
  const added: string[] = [];
  for (const name of names) {
    if (promoted.includes(name) || search.always.includes(name)) continue;
    if (search.budget !== null) {
      const own = cost(name);
      if (own > search.budget) continue;
      while (promoted.length > 0 && promoted.reduce((sum, other) => sum + cost(other), own) > search.budget) {
        promoted = promoted.slice(1);
      }
    }
    promoted.push(name);
    added.push(name);
  }
  return { search: { ...search, promoted }, added };
}
