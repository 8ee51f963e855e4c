/**
 * The skills of a loop: which there are, which are active, what the model loaded. Plain data and the registry itself, part of the loop's state, so that
 * after a crash the same skills are active.
 *
 * Invariant: skills narrow what tools there are, never widen: a tool that no active skill allows is neither offered nor run.
 */
import { runtimeError } from "../builtin/raise.ts";
import { closestName } from "../check/suggestion.ts";
import { displayValue } from "../value/display.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import { textsOf } from "./skill-matching.ts";
import { skillEntries } from "./skill-registry.ts";
import { skillId } from "./skill-text.ts";
import { namespaceOf } from "./tool-search.ts";

const STRATEGIES = ["metadata", "host", "embedding"] as const;
const MATCH_KEYS = ["strategy", "top_n", "sticky"];

export interface SkillMatch {
  readonly strategy: (typeof STRATEGIES)[number];
  /** How many may be active by matching. */
  readonly topN: number;
  /** What is active stays so; else it is looked again before each turn. */
  readonly sticky: boolean;
}

export interface LoadedSkill {
  readonly name: string;
  /** Its body, with everything in place. */
  readonly prompt: string;
}

/** A skill needs a server while it is active. */
export interface ServerBinding {
  readonly skill: string;
  readonly server: string;
  readonly binds: boolean;
}

export interface SkillState {
  readonly registry: HDict;
  readonly match: SkillMatch;
  readonly workingFiles: readonly string[];
  /** Names, in the order of their activation. */
  active: readonly string[];
  loaded: readonly LoadedSkill[];
  /** MCP servers that are being bound or let go of. */
  binding: readonly ServerBinding[];
  /** What this turn's tools are narrowed to; null: not at all. */
  allowed: readonly string[] | null;
}

/** The name of the tool with which a model loads a skill. */
export const LOAD_SKILL = "load_skill";

/** Null: the loop has no skills. Raises for malformed options. */
export function readSkills(options: HDict, remembered: readonly string[]): SkillState | null {
  const given = options.get("skills") ?? null;
  if (given === null || given === false) return null;
  const registry = registryOf(given);
  const state: SkillState = {
    registry: share(registry),
    match: readMatch(options.get("skill_match") ?? null),
    workingFiles: readFiles(options.get("working_files") ?? null),
    active: remembered.filter((name) => findSkill(registry, name) !== null),
    loaded: [],
    binding: [],
    allowed: null,
  };
  return skillEntries(registry).length === 0 ? null : state;
}

function registryOf(given: Value): HDict {
  if (given instanceof HDict && given.get("_type") === "skill_registry") return given;
  if (given instanceof HList && given.items.every((item) => item instanceof HDict))
    return HDict.of({ _type: "skill_registry", skills: share(given) });
  throw runtimeError(`option \`skills\`: expected a skill registry, got ${typeName(given)}`);
}

function readMatch(given: Value): SkillMatch {
  if (given !== null && !(given instanceof HDict))
    throw runtimeError(`option \`skill_match\`: expected dict, got ${typeName(given)}`);
  const dict = given ?? HDict.empty();
  const unknown = [...dict.keys()].find((key) => !MATCH_KEYS.includes(key));
  if (unknown !== undefined) {
    const near = closestName(unknown, new Set(MATCH_KEYS));
    throw runtimeError(
      `option \`skill_match\`: unknown key \`${unknown}\`${near === null ? "" : `; did you mean \`${near}\`?`}`,
    );
  }
  const strategy = (dict.get("strategy") ?? "metadata") as SkillMatch["strategy"];
  if (!STRATEGIES.includes(strategy))
    throw runtimeError(
      `option \`skill_match.strategy\`: expected metadata, host or embedding, got ${displayValue(strategy)}`,
    );
  const topN = dict.get("top_n") ?? 1;
  if (typeof topN !== "number" || !Number.isInteger(topN) || topN < 1)
    throw runtimeError(
      `option \`skill_match.top_n\`: expected a whole number of at least 1, got ${displayValue(topN)}`,
    );
  const sticky = dict.get("sticky") ?? true;
  if (typeof sticky !== "boolean")
    throw runtimeError(`option \`skill_match.sticky\`: expected bool, got ${typeName(sticky)}`);
  return { strategy, topN, sticky };
}

function readFiles(given: Value): readonly string[] {
  if (given === null) return [];
  if (given instanceof HList && given.items.every((item) => typeof item === "string")) return given.items as string[];
  throw runtimeError("option `working_files`: expected a list of paths");
}

export function findSkill(registry: HDict, name: string): HDict | null {
  return skillEntries(registry).find((skill) => skill.get("name") === name) ?? null;
}

export type FoundSkill =
  | { readonly kind: "skill"; readonly skill: HDict }
  | { readonly kind: "missing"; readonly message: string };

/** By its id, or by a name that only one skill has. */
export function resolveSkill(registry: HDict, target: string): FoundSkill {
  const skills = skillEntries(registry);
  const exact = skills.find((skill) => skillId(skill) === target);
  if (exact !== undefined) return { kind: "skill", skill: exact };
  const named = skills.filter((skill) => skill.get("name") === target);
  const [only] = named;
  if (only !== undefined && named.length === 1) return { kind: "skill", skill: only };
  if (named.length > 1)
    return { kind: "missing", message: `skill '${target}' is ambiguous: use one of ${named.map(skillId).join(", ")}` };
  const near = closestName(target, new Set(skills.map(skillId)));
  return { kind: "missing", message: `skill '${target}' not found${near === null ? "" : `; did you mean '${near}'?`}` };
}

/** Active or loaded: entry and prompt, those that were loaded with the body that they were loaded with. */
function inForce({
  registry,
  active,
  loaded,
}: SkillState): readonly { readonly skill: HDict; readonly prompt: string }[] {
  const names = [...active, ...loaded.map(({ name }) => name).filter((name) => !active.includes(name))];
  return names.flatMap((name) => {
    const skill = findSkill(registry, name);
    if (skill === null) return [];
    const body = loaded.find((entry) => entry.name === name)?.prompt ?? displayValue(skill.get("prompt") ?? "");
    return [{ skill, prompt: body }];
  });
}

/** What the skills in force allow together; null: everything. To be asked once a turn. */
export function allowedTools(state: SkillState): readonly string[] | null {
  const allowed = inForce(state).flatMap(({ skill }) => textsOf(skill.get("allowed_tools")));
  return allowed.length === 0 || allowed.includes("*") ? null : [...new Set(allowed)];
}

export function isAllowed(allowed: readonly string[] | null, entry: HDict): boolean {
  if (allowed === null || allowed.includes(String(entry.get("name")))) return true;
  const namespace = namespaceOf(entry);
  return namespace !== null && allowed.includes(`namespace:${namespace}`);
}

/** The MCP servers that a skill needs, each once. */
export function serversOf(skill: HDict): readonly string[] {
  return [...new Set([...textsOf(skill.get("mcp")), ...textsOf(skill.get("requires_mcp"))])];
}

/** For the system prompt; empty: no skill is in force. Headings and labels are part of the protocol: models and tests of existing programs know them. */
export function skillSection(state: SkillState): string {
  const skills = inForce(state);
  if (skills.length === 0) return "";
  const parts = skills.map(({ skill, prompt }) => {
    const text = (key: string): string => displayValue(skill.get(key) ?? "").trim();
    const tools = textsOf(skill.get("allowed_tools")).join(", ");
    const lines = [
      `### ${text("name")}`,
      text("description"),
      text("when_to_use") === "" ? "" : `When to use: ${text("when_to_use")}`,
      tools === "" ? "" : `Scoped tools: ${tools}`,
    ].filter((line) => line !== "");
    return prompt.trim() === "" ? lines.join("\n") : `${lines.join("\n")}\n\n${prompt.trim()}`;
  });
  return `## Active skills\n\n${parts.join("\n\n")}`;
}
