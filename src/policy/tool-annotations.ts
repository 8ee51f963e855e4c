/**
 * What is known about a tool: its kind, side effect, capabilities, and which of its arguments are paths (worker-runtime.md 3.3).
 *
 * Invariant: the sources are added up so that more knowledge never allows more: paths and capabilities are joined, the higher side effect counts, and
 * the kind, which can excuse a tool from the write-path list, is the outermost scope's.
 */
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import { readChoice, readObject, readTexts, refuseUnknownKeys, wrongType } from "./strict-reader.ts";

export const SIDE_EFFECT_LEVELS = ["none", "read_only", "workspace_write", "process_exec", "network"] as const;
export type SideEffectLevel = (typeof SIDE_EFFECT_LEVELS)[number];

export const TOOL_KINDS = ["read", "edit", "delete", "move", "search", "execute", "think", "fetch", "other"] as const;
export type ToolKind = (typeof TOOL_KINDS)[number];

const READ_ONLY_KINDS: readonly ToolKind[] = ["read", "search", "think", "fetch"];

export interface ToolAnnotations {
  /** Null: not said. */
  readonly kind: ToolKind | null;
  readonly sideEffect: SideEffectLevel | null;
  /** Names of arguments that hold a path or a list of paths. */
  readonly pathParams: readonly string[];
  /** Other name of an argument, to its own. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly required: readonly string[];
  /** Capability to operations. */
  readonly capabilities: ReadonlyMap<string, readonly string[]>;
}

export const NO_ANNOTATIONS: ToolAnnotations = {
  kind: null,
  sideEffect: null,
  pathParams: [],
  aliases: new Map(),
  required: [],
  capabilities: new Map(),
};

export function rankOf(level: SideEffectLevel): number {
  return SIDE_EFFECT_LEVELS.indexOf(level);
}

export function isReadOnlyKind(kind: ToolKind | null): boolean {
  return kind !== null && READ_ONLY_KINDS.includes(kind);
}

const ARG_KEYS = ["path_params", "arg_aliases", "required"];
const KEYS = ["kind", "side_effect_level", "arg_schema", "capabilities", "mutation_classification", ...ARG_KEYS];

/** `lenient`: unknown keys are no concern of ours (a registry entry carries what its author likes). */
export function readAnnotations(json: Json, where: string, lenient = false): ToolAnnotations {
  const object = readObject(json, where);
  if (!lenient) refuseUnknownKeys(object, KEYS, where);
  let args = object;
  let argsWhere = where;
  if (object.arg_schema !== undefined) {
    argsWhere = `${where}.arg_schema`;
    args = readObject(object.arg_schema, argsWhere);
    if (!lenient) refuseUnknownKeys(args, ARG_KEYS, argsWhere);
  }
  return {
    kind: readChoice(object.kind, TOOL_KINDS, `${where}.kind`),
    sideEffect: readChoice(object.side_effect_level, SIDE_EFFECT_LEVELS, `${where}.side_effect_level`),
    pathParams: readTexts(args.path_params, `${argsWhere}.path_params`),
    aliases: readAliases(args.arg_aliases, `${argsWhere}.arg_aliases`),
    required: readTexts(args.required, `${argsWhere}.required`),
    capabilities: readOperations(object.capabilities, `${where}.capabilities`),
  };
}

function readAliases(json: Json | undefined, where: string): ReadonlyMap<string, string> {
  if (json === undefined) return new Map();
  const aliases = new Map<string, string>();
  for (const [alias, name] of Object.entries(readObject(json, where))) {
    if (typeof name !== "string") throw wrongType(`${where}.${alias}`, "a string", name);
    aliases.set(alias, name);
  }
  return aliases;
}

function readOperations(json: Json | undefined, where: string): ReadonlyMap<string, readonly string[]> {
  if (json === undefined) return new Map();
  if (!isJsonObject(json)) throw new Failure(`${where} must be a dict of capability to list of operations`);
  return new Map(Object.entries(json).map(([name, ops]) => [name, readTexts(ops, `${where}.${name}`)]));
}

export function writeAnnotations(annotations: ToolAnnotations): JsonObject {
  const { kind, sideEffect, pathParams, aliases, required, capabilities } = annotations;
  return {
    ...(kind === null ? {} : { kind }),
    ...(sideEffect === null ? {} : { side_effect_level: sideEffect }),
    arg_schema: { path_params: pathParams, arg_aliases: Object.fromEntries(aliases), required },
    capabilities: Object.fromEntries(capabilities),
  };
}

/** `sources` from the outermost in. Other names of path arguments are path arguments in the result. */
export function mergeAnnotations(sources: readonly ToolAnnotations[]): ToolAnnotations {
  return sources.reduce(
    (outer, inner) => ({
      kind: outer.kind ?? inner.kind,
      sideEffect: higherLevel(outer.sideEffect, inner.sideEffect),
      pathParams: [...new Set([...outer.pathParams, ...inner.pathParams, ...pathAliases(inner)])],
      aliases: new Map([...inner.aliases, ...outer.aliases]),
      required: [...new Set([...outer.required, ...inner.required])],
      capabilities: joinOperations(outer.capabilities, inner.capabilities),
    }),
    NO_ANNOTATIONS,
  );
}

function pathAliases(annotations: ToolAnnotations): readonly string[] {
  const { aliases, pathParams } = annotations;
  return [...aliases].filter(([, name]) => pathParams.includes(name)).map(([alias]) => alias);
}

function higherLevel(a: SideEffectLevel | null, b: SideEffectLevel | null): SideEffectLevel | null {
  if (a === null || b === null) return a ?? b;
  return rankOf(a) >= rankOf(b) ? a : b;
}

function joinOperations(
  a: ReadonlyMap<string, readonly string[]>,
  b: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const joined = new Map(a);
  for (const [name, ops] of b) joined.set(name, [...new Set([...(joined.get(name) ?? []), ...ops])]);
  return joined;
}
