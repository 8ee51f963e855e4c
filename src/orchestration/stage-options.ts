/** How a stage node of a workflow becomes options of the agent loop. */
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import * as field from "./record-fields.ts";

/** A text of a dict that is not blank. */
export function nonBlank(dict: HDict, key: string): string | null {
  const value = dict.get(key);
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

/** Options of the agent loop for a stage node (9.6): its model policy and tools. */
export function stageOptions(node: HDict): HDict {
  const options = HDict.of({ max_iterations: 16, max_nudges: 3, llm_retries: 2 });
  const policy = node.get("model_policy");
  if (policy instanceof HDict)
    for (const [key, value] of policy.entries()) if (value !== null) options.set(key, share(value));
  const tools = nodeTools(node);
  if (tools !== null) options.set("tools", share(tools));
  if (node.get("mode") === "llm") options.set("max_iterations", 1);
  if (node.get("exit_when_verified") === true) options.set("exit_when_verified", true);
  const sentinel = nonBlank(node, "done_sentinel");
  if (sentinel !== null) options.set("done_sentinel", sentinel);
  compaction(field.dictAt(node, "auto_compact"), options);
  return options;
}

/** Settings of a stage's compaction by the names that they have in an agent loop. */
const COMPACTION = [
  ["token_threshold", "compact_threshold"],
  ["compact_strategy", "compact_strategy"],
  ["keep_last", "compact_keep_last"],
  ["custom_compactor", "compact_callback"],
  ["mask_callback", "mask_callback"],
  ["hard_limit_tokens", "hard_limit_tokens"],
  ["hard_limit_strategy", "hard_limit_strategy"],
  ["tool_output_max_chars", "max_tool_output"],
] as const;

function compaction(settings: HDict, options: HDict): void {
  if (settings.get("enabled") !== true) return;
  options.set("auto_compact", true);
  for (const [key, option] of COMPACTION) {
    const value = settings.get(key) ?? null;
    if (value === null || options.has(option)) continue;
    // Shorter output than that is none.
    options.set(option, option === "max_tool_output" ? Math.max(200, Number(value)) : share(value));
  }
}

/** The node's tools as a registry, whichever way they were given; those that its policy does not list are left out. Nil: none. */
export function nodeTools(node: HDict): Value {
  const given = node.get("tools") ?? null;
  const entries =
    given instanceof HList
      ? given.items
      : given instanceof HDict && given.get("_type") !== "tool_registry" && given.has("name")
        ? [given]
        : null;
  const registry =
    entries === null
      ? given
      : HDict.of({ _type: "tool_registry", tools: new HList(entries.map((entry) => share(entry))) });
  if (!(registry instanceof HDict)) return registry;
  const listed = field.dictAt(node, "capability_policy").get("tools") ?? null;
  const allowed = listed === "none" ? [] : listed instanceof HList && listed.items.length > 0 ? listed.items : null;
  return allowed === null ? registry : filteredRegistry(registry, allowed.map(String));
}

/** The registry with the tools of these names. */
export function filteredRegistry(registry: HDict, names: readonly string[]): HDict {
  const tools = registry.get("tools");
  if (!(tools instanceof HList)) return registry;
  const kept = tools.items.filter((tool) => tool instanceof HDict && names.includes(String(tool.get("name"))));
  return field.withFields(registry, { tools: new HList(kept.map((tool) => share(tool))) });
}
