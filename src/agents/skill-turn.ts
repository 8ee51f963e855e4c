/** Skills before a turn: matched, activated, let go of; and a skill that the model loads itself. */
import { isJsonObject, type Json } from "../base/json.ts";
import { displayValue } from "../value/display.ts";
import { HBuiltin, HDict, HList } from "../value/value.ts";
import type { MachineInput } from "../vm/fiber.ts";
import type { Directive } from "../vm/machine.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { ASIDE_MACHINE, asideState } from "./aside-machine.ts";
import { emitAgentEvent, noteEvent } from "./loop-events.ts";
import { type LoopState, type ToolEnding, turnIndex } from "./loop-state.ts";
import { changeWatch } from "./session-watch.ts";
import { requireSession } from "./sessions.ts";
import { isClosedToModels, matchSkills, type SkillCandidate, textsOf } from "./skill-matching.ts";
import { skillEntries } from "./skill-registry.ts";
import { allowedTools, findSkill, resolveSkill, type SkillState, serversOf } from "./skill-state.ts";
import { skillId, substituteBody } from "./skill-text.ts";
import { isCallable } from "./tool-registry.ts";

/** Looks which skills fit, unless some are active and stay so. Answers the hooks of skills to run, or null. */
export function matchTurn(state: LoopState, call: VmCall): Directive | null {
  const { skills } = state;
  if (skills === undefined) return null;
  const isFirst = state.iteration === 1;
  const looks = skills.match.sticky ? isFirst && skills.active.length === 0 : true;
  return looks ? rematch(state, skills, call, !isFirst) : null;
}

function rematch(state: LoopState, skills: SkillState, call: VmCall, reassess: boolean): Directive | null {
  const { match, workingFiles } = skills;
  if (match.strategy !== "metadata" && !reassess) {
    const message = `skill_match: no host is attached that matches (strategy ${match.strategy}): skills are matched by their metadata`;
    call.emit({ type: "warning", message, worker_id: call.scope.worker });
  }
  const candidates = matchSkills(
    skillEntries(skills.registry),
    latestPrompt(requireSession(call, state.session, "agent_loop").messages),
    workingFiles,
  );
  noteEvent(state, call, "skill_matched", "system", {
    strategy: match.strategy,
    iteration: turnIndex(state),
    reassess,
    candidates: candidates.map((candidate) => ({ ...candidate })),
    working_files: workingFiles,
  });
  const wanted = candidates.slice(0, match.topN);
  const names = wanted.map(({ name }) => name);
  const left = skills.active.filter((name) => !names.includes(name));
  const came = wanted.filter(({ name }) => !skills.active.includes(name));
  for (const name of left) leave(state, call, name);
  skills.active = skills.active.filter((name) => names.includes(name));
  for (const candidate of came) {
    enter(state, skills, call, candidate);
    skills.active = [...skills.active, candidate.name];
  }
  if (left.length + came.length === 0) return null;
  if (!state.anonymous) changeWatch(call, state.session).skills = skills.active;
  return runHooks(skills, call, [
    ...left.map((name) => [name, "on_deactivate"] as const),
    ...came.map(({ name }) => [name, "on_activate"] as const),
  ]);
}

function latestPrompt(messages: HList): string {
  for (let i = messages.items.length - 1; i >= 0; i--) {
    const message = messages.items[i];
    if (message instanceof HDict && message.get("role") === "user") return displayValue(message.get("content") ?? "");
  }
  return "";
}

function enter(state: LoopState, skills: SkillState, call: VmCall, { name, score, reason }: SkillCandidate): void {
  const skill = findSkill(skills.registry, name)!;
  const allowed = [...textsOf(skill.get("allowed_tools"))];
  const iteration = turnIndex(state);
  emitAgentEvent(call, state, { type: "skill_activated", skill_name: name, iteration, reason });
  const description = displayValue(skill.get("description") ?? "");
  const facts = { name, description, iteration, score, reason, allowed_tools: allowed };
  noteEvent(state, call, "skill_activated", "system", facts, name);
  if (allowed.length === 0) return;
  emitAgentEvent(call, state, { type: "skill_scope_tools", skill_name: name, allowed_tools: allowed });
  noteEvent(state, call, "skill_scope_tools", "system", { name, allowed_tools: allowed });
}

function leave(state: LoopState, call: VmCall, name: string): void {
  const iteration = turnIndex(state);
  emitAgentEvent(call, state, { type: "skill_deactivated", skill_name: name, iteration });
  noteEvent(state, call, "skill_deactivated", "system", { name, iteration }, name);
}

/** MCP servers that the skills need, then the functions that they declare for this. What goes wrong does not end the loop. */
function runHooks(
  skills: SkillState,
  call: VmCall,
  hooks: readonly (readonly [name: string, key: "on_activate" | "on_deactivate"])[],
): Directive | null {
  const { scope } = call;
  const entries = hooks.flatMap(([name, key]) => {
    const skill = findSkill(skills.registry, name);
    return skill === null ? [] : [{ name, key, skill }];
  });
  skills.binding = entries.flatMap(({ name, key, skill }) =>
    serversOf(skill).map((server) => ({ skill: name, server, binds: key === "on_activate" })),
  );
  const calls = [
    ...skills.binding.map(({ skill, server, binds }) => ({
      fn: new HBuiltin(binds ? "mcp_ensure_active" : "mcp_release"),
      args: [server],
      scope,
      who: `the skill ${skill} needs the MCP server ${server}, which`,
    })),
    ...entries.flatMap(({ key, skill }) => {
      const fn = skill.get(key);
      return fn !== undefined && isCallable(fn) ? [{ fn, args: [], scope }] : [];
    }),
  ];
  if (calls.length === 0) return null;
  return { kind: "push", machine: ASIDE_MACHINE, state: asideState("a hook of a skill", calls) };
}

/** Notes which servers are there now. */
export function serversBound(state: LoopState, call: VmCall, input: MachineInput): void {
  const { skills } = state;
  if (skills === undefined || input.kind !== "returned" || !(input.value instanceof HList)) return;
  for (const [i, { skill, server, binds }] of skills.binding.entries()) {
    const error = input.value.items[i] ?? null;
    const kind = !binds ? "skill_mcp_unbound" : error === null ? "skill_mcp_bound" : "skill_mcp_bind_failed";
    const facts = { skill, server, ...(error === null ? {} : { error: displayValue(error) }) };
    noteEvent(state, call, kind, "system", facts, skill);
  }
  skills.binding = [];
}

/** Sets what this turn's tools are narrowed to. */
export function scopeTurn(state: LoopState): void {
  if (state.skills !== undefined) state.skills.allowed = allowedTools(state.skills);
}

/** Its body is the result; what it allows narrows the turns to come. */
export function loadSkill(state: LoopState, skills: SkillState, call: VmCall, args: Json): ToolEnding {
  const target = isJsonObject(args) ? args.name : undefined;
  if (typeof target !== "string")
    return { kind: "error", category: "schema_validation", message: "name: expected a text" };
  const found = resolveSkill(skills.registry, target);
  if (found.kind === "missing") return { kind: "error", category: "skill_not_found", message: found.message };
  const { skill } = found;
  if (isClosedToModels(skill)) {
    const message = `skill '${skillId(skill)}' is for people to choose, not for models`;
    return { kind: "error", category: "skill_model_invocation_disabled", message };
  }
  const folder = displayValue(skill.get("skill_dir") ?? "");
  const body = displayValue(skill.get("body") ?? "") || displayValue(skill.get("prompt") ?? "");
  const prompt = substituteBody(body, {
    arguments: [],
    variable(name) {
      if (name === "HARN_SKILL_DIR") return folder === "" ? null : folder;
      return name === "HARN_SESSION_ID" ? state.session : (call.ports.environment.get(name) ?? null);
    },
  });
  const name = String(skill.get("name"));
  skills.loaded = [...skills.loaded.filter((other) => other.name !== name), { name, prompt }];
  return { kind: "ok", text: prompt };
}
