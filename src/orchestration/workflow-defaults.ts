/** What a workflow says for the nodes that do not say so themselves: provider, model, skills (worker-runtime.md 9.3). */
import type { Value } from "../value/value.ts";
import { HDict, share } from "../value/value.ts";
import * as field from "./record-fields.ts";
import { mapAsksModel } from "./workflow-map.ts";
import { asksModel } from "./workflow-plan.ts";

const MODEL = ["provider", "model", "model_tier", "temperature", "max_tokens", "skills", "skill_match"];

/** The defaults among the options of a workflow. */
export function readDefaults(options: HDict): HDict {
  const found = new Map<string, Value>();
  for (const key of [...MODEL, "mode"]) {
    const value = options.get(key) ?? (key === "model_tier" ? options.get("tier") : null) ?? null;
    if (value !== null && value !== "") found.set(key, share(value));
  }
  return HDict.fromMap(found);
}

/** Only nodes that ask a model take them over; a plain map stays one. */
export function withDefaults(node: HDict, defaults: HDict): HDict {
  const asks = node.get("kind") === "map" ? mapAsksModel(node) : asksModel(node);
  if (!asks || defaults.size === 0) return node;
  const policy = field.dictAt(node, "model_policy");
  const missing = MODEL.filter((key) => (policy.get(key) ?? null) === null && defaults.has(key));
  const added = Object.fromEntries(missing.map((key) => [key, share(defaults.get(key)!)]));
  const mode = node.get("mode") ?? defaults.get("mode") ?? null;
  return field.withFields(node, { mode, model_policy: field.withFields(policy, added) });
}

/** What agents that a stage's tools start have of it; null: nothing. */
export function skillDefaults(defaults: HDict): HDict | null {
  const skills = defaults.get("skills") ?? null;
  if (skills === null) return null;
  const match = defaults.get("skill_match") ?? null;
  return HDict.of({ skills: share(skills), ...(match === null ? {} : { skill_match: share(match) }) });
}
