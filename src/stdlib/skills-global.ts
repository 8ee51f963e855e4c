/** The global `skills`: a registry of the skills that were found for a run; what it looks like, agents/skill-registry.ts says. */
import type { Json, JsonObject } from "../base/json.ts";
import { jsonToValue } from "../value/json.ts";
import { HDict, HList, share, type Value } from "../value/value.ts";

export function skillsGlobal(entries: readonly JsonObject[]): Value {
  const skills = new HList(entries.map((entry) => jsonToValue(entry as Json)));
  return share(HDict.of({ _type: "skill_registry", skills: share(skills) }));
}
