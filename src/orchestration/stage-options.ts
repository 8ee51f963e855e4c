/** How a stage node of a workflow becomes options of the agent loop. */
import { HDict, share } from "../value/value.ts";

/** A text of a dict that is not blank. */
export function nonBlank(dict: HDict, key: string): string | null {
  const value = dict.get(key);
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

/** Options of the agent loop for a stage node (9.6): its model policy and tools. */
export function stageOptions(node: HDict): HDict {
  const options = HDict.of({ max_iterations: 16, max_nudges: 3, llm_retries: 2 });
  const policy = node.get("model_policy");
  if (policy instanceof HDict) for (const [key, value] of policy.entries()) options.set(key, share(value));
  const tools = node.get("tools") ?? null;
  if (tools !== null) options.set("tools", share(tools));
  if (node.get("mode") === "llm") options.set("max_iterations", 1);
  const sentinel = nonBlank(node, "done_sentinel");
  if (sentinel !== null) options.set("done_sentinel", sentinel);
  return options;
}
