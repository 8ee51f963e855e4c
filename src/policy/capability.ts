/**
 * Capability policies: what code under a scope may do (worker-runtime.md 3.3, 7.2). Read strictly, kept as three-valued sets, and only ever narrowed.
 *
 * Invariants
 * 1. A set that is absent has no opinion; an empty one allows nothing; a list allows exactly its members.
 * 2. `narrowPolicy(p, c)` allows no call that `p` forbids.
 * 3. `writePolicy` and `readPolicy` are inverse: what a scope and a snapshot hold is the written form.
 */
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { checkGlob } from "./globs.ts";
import {
  describeSet,
  type EmptyMeans,
  EVERYTHING,
  intersectSets,
  NOTHING,
  namesBeyond,
  namesOf,
  type PermittedSet,
  permits,
  readSet,
  writeRecordSet,
  writeSet,
} from "./permitted-set.ts";
import { readChoice, readCount, readObject, refuseUnknownKeys, wrongType } from "./strict-reader.ts";
import {
  rankOf,
  readAnnotations,
  SIDE_EFFECT_LEVELS,
  type SideEffectLevel,
  type ToolAnnotations,
  writeAnnotations,
} from "./tool-annotations.ts";
import { intersectRoots, rootsBeyond } from "./workspace-roots.ts";

/** Capability to operations. `all`: no opinion. */
export type Grants =
  | { readonly kind: "all" }
  | { readonly kind: "listed"; readonly operations: ReadonlyMap<string, PermittedSet> };

export interface ArgConstraint {
  /** Pattern over tool names. */
  readonly tool: string;
  /** The argument that is checked; null: every annotated path argument. */
  readonly key: string | null;
  /** The value must match one. */
  readonly patterns: PermittedSet;
}

export interface CapabilityPolicy {
  readonly tools: PermittedSet;
  readonly grants: Grants;
  /** Absolute once the policy is in a scope. */
  readonly roots: PermittedSet;
  /** The highest level allowed. Null: no opinion. */
  readonly sideEffect: SideEffectLevel | null;
  /** How many levels of delegated work may lie below the holder. Null: no opinion. */
  readonly recursionLimit: number | null;
  readonly constraints: readonly ArgConstraint[];
  readonly annotations: ReadonlyMap<string, ToolAnnotations>;
  /** Who declared it, for messages; set when the policy enters a scope. */
  readonly declaredBy: string | null;
  /** Depth of the scope it was declared for. */
  readonly depth: number;
}

const KEYS = [
  "tools",
  "capabilities",
  "workspace_roots",
  "side_effect_level",
  "recursion_limit",
  "tool_arg_constraints",
  "tool_annotations",
];
const SCOPE_KEYS = ["declared_by", "declared_depth"];
const CONSTRAINT_KEYS = ["tool", "arg_key", "arg_patterns"];

export const NO_OPINION: CapabilityPolicy = {
  tools: EVERYTHING,
  grants: { kind: "all" },
  roots: EVERYTHING,
  sideEffect: null,
  recursionLimit: null,
  constraints: [],
  annotations: new Map(),
  declaredBy: null,
  depth: 0,
};

/** The reference's built-in ceiling. */
export const BUILT_IN_CEILING: CapabilityPolicy = { ...NO_OPINION, sideEffect: "network", recursionLimit: 8 };

/** What a program gives. `where` begins every message, as in `spawn_agent: policy parse error: policy`. Throws a `Failure`. */
export function readPolicy(json: Json, where: string, empty: EmptyMeans = "none"): CapabilityPolicy {
  const object = readObject(json, where);
  refuseUnknownKeys(object, KEYS, where);
  return readKeys(object, where, empty);
}

/** What a scope holds. */
export function readScopePolicy(json: JsonObject): CapabilityPolicy {
  refuseUnknownKeys(json, [...KEYS, ...SCOPE_KEYS], "policy of the scope");
  const declaredBy = typeof json.declared_by === "string" ? json.declared_by : null;
  const depth = typeof json.declared_depth === "number" ? json.declared_depth : 0;
  return { ...readKeys(json, "policy of the scope", "none"), declaredBy, depth };
}

function readKeys(object: JsonObject, where: string, empty: EmptyMeans): CapabilityPolicy {
  return {
    tools: readSet(object.tools, `${where}.tools`, empty),
    grants: readGrants(object.capabilities, `${where}.capabilities`, empty),
    roots: readSet(object.workspace_roots, `${where}.workspace_roots`, empty),
    sideEffect: readChoice(object.side_effect_level, SIDE_EFFECT_LEVELS, `${where}.side_effect_level`),
    recursionLimit: readCount(object.recursion_limit, `${where}.recursion_limit`),
    constraints: readConstraints(object.tool_arg_constraints, `${where}.tool_arg_constraints`, empty),
    annotations: readAllAnnotations(object.tool_annotations, `${where}.tool_annotations`),
    declaredBy: null,
    depth: 0,
  };
}

function readGrants(json: Json | undefined, where: string, empty: EmptyMeans): Grants {
  if (json === undefined || json === "all") return { kind: "all" };
  if (json === "none") return { kind: "listed", operations: new Map() };
  const entries = Object.entries(readObject(json, where));
  if (entries.length === 0 && empty === "all") return { kind: "all" };
  for (const [name] of entries) {
    if (!/^[A-Za-z_][\w-]*$/.test(name)) {
      throw new Failure(
        `${where}: "${name}" is no capability name; write {workspace: ["read_text"]} for workspace.read_text`,
      );
    }
  }
  return {
    kind: "listed",
    operations: new Map(entries.map(([name, ops]) => [name, readSet(ops, `${where}.${name}`, empty)])),
  };
}

function readConstraints(json: Json | undefined, where: string, empty: EmptyMeans): readonly ArgConstraint[] {
  if (json === undefined) return [];
  if (!Array.isArray(json)) throw wrongType(where, "a list of dicts", json);
  return (json as readonly Json[]).map((item, index) => {
    const place = `${where}[${index}]`;
    const object = readObject(item, place);
    refuseUnknownKeys(object, CONSTRAINT_KEYS, place);
    if (typeof object.tool !== "string") throw wrongType(`${place}.tool`, "a string", object.tool);
    checkGlob(object.tool, `${place}.tool`);
    const key = object.arg_key ?? null;
    if (key !== null && typeof key !== "string") throw wrongType(`${place}.arg_key`, "a string", key);
    if (object.arg_patterns === undefined) throw new Failure(`${place}: arg_patterns is missing`);
    const patterns = readSet(object.arg_patterns, `${place}.arg_patterns`, empty);
    return { tool: object.tool, key, patterns };
  });
}

function readAllAnnotations(json: Json | undefined, where: string): ReadonlyMap<string, ToolAnnotations> {
  if (json === undefined) return new Map();
  return new Map(
    Object.entries(readObject(json, where)).map(([tool, item]) => [tool, readAnnotations(item, `${where}.${tool}`)]),
  );
}

function withoutAbsent(fields: { readonly [key: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter((pair): pair is [string, Json] => pair[1] !== undefined));
}

/** The form that `readPolicy` and `readScopePolicy` read. Absent keys have no opinion. */
export function writePolicy(policy: CapabilityPolicy): JsonObject {
  const { grants } = policy;
  return withoutAbsent({
    tools: writeSet(policy.tools),
    capabilities:
      grants.kind === "all"
        ? undefined
        : Object.fromEntries([...grants.operations].map(([name, ops]) => [name, writeSet(ops) ?? "all"])),
    workspace_roots: writeSet(policy.roots),
    side_effect_level: policy.sideEffect ?? undefined,
    recursion_limit: policy.recursionLimit ?? undefined,
    tool_arg_constraints: policy.constraints.length === 0 ? undefined : policy.constraints.map(writeConstraint),
    tool_annotations: policy.annotations.size === 0 ? undefined : writeAllAnnotations(policy),
    declared_by: policy.declaredBy ?? undefined,
    declared_depth: policy.depth === 0 ? undefined : policy.depth,
  });
}

/** The reference's record: every key is there, `[]` means all, and what allows nothing is spelt `"none"`. */
export function writePolicyRecord(policy: CapabilityPolicy): JsonObject {
  const { grants } = policy;
  return {
    tools: writeRecordSet(policy.tools),
    capabilities:
      grants.kind === "all"
        ? {}
        : grants.operations.size === 0
          ? "none"
          : Object.fromEntries([...grants.operations].map(([name, ops]) => [name, writeRecordSet(ops)])),
    workspace_roots: writeRecordSet(policy.roots),
    side_effect_level: policy.sideEffect,
    recursion_limit: policy.recursionLimit,
    tool_arg_constraints: policy.constraints.map((item) => ({
      ...writeConstraint(item),
      arg_patterns: writeRecordSet(item.patterns),
    })),
    tool_annotations: writeAllAnnotations(policy),
  };
}

function writeConstraint(item: ArgConstraint): JsonObject {
  return withoutAbsent({
    tool: item.tool,
    arg_key: item.key ?? undefined,
    arg_patterns: writeSet(item.patterns) ?? "all",
  });
}

function writeAllAnnotations(policy: CapabilityPolicy): JsonObject {
  return Object.fromEntries([...policy.annotations].map(([tool, item]) => [tool, writeAnnotations(item)]));
}

export function allowsGrant(policy: CapabilityPolicy, capability: string, operation: string): boolean {
  if (policy.grants.kind === "all") return true;
  return permits(policy.grants.operations.get(capability) ?? NOTHING, operation);
}

export function allowsEffect(policy: CapabilityPolicy, level: SideEffectLevel): boolean {
  return policy.sideEffect === null || rankOf(level) <= rankOf(policy.sideEffect);
}

/** For messages: `workspace.read_text, workspace.list`. */
export function describeGrants(grants: Grants): string {
  if (grants.kind === "all") return "all";
  const all = [...grants.operations].flatMap(([name, ops]) =>
    ops.kind === "all" ? [`${name}.*`] : namesOf(ops).map((op) => `${name}.${op}`),
  );
  return all.length === 0 ? "none" : all.join(", ");
}

/**
 * What is left when `child` is asked for under `parent`. Throws a `Failure` when the child lists more than the parent has: tools, capabilities,
 * workspace roots. A higher side effect level or recursion limit is cut, as in the reference. Annotations are the parent's where both have some.
 */
export function narrowPolicy(parent: CapabilityPolicy, child: CapabilityPolicy): CapabilityPolicy {
  const tools = namesBeyond(parent.tools, child.tools);
  if (tools.length > 0) {
    throw new Failure(
      `requested tools exceed host ceiling: ${tools.join(", ")} (allowed: ${describeSet(parent.tools)})`,
    );
  }
  const roots = rootsBeyond(parent.roots, child.roots);
  if (roots.length > 0) {
    const allowed = describeSet(parent.roots);
    throw new Failure(`requested workspace roots exceed host ceiling: ${roots.join(", ")} (allowed: ${allowed})`);
  }
  return {
    tools: intersectSets(parent.tools, child.tools),
    grants: narrowGrants(parent.grants, child.grants),
    roots: intersectRoots(parent.roots, child.roots),
    sideEffect: lower(parent.sideEffect, child.sideEffect),
    recursionLimit: smaller(parent.recursionLimit, child.recursionLimit),
    constraints: [...parent.constraints, ...child.constraints],
    annotations: new Map([...child.annotations, ...parent.annotations]),
    declaredBy: child.declaredBy,
    depth: child.depth,
  };
}

function narrowGrants(parent: Grants, child: Grants): Grants {
  if (parent.kind === "all") return child;
  if (child.kind === "all") return parent;
  const operations = new Map<string, PermittedSet>();
  for (const [name, wanted] of child.operations) {
    const allowed = parent.operations.get(name);
    // To list a capability with no operation asks for nothing.
    if (allowed === undefined) {
      if (wanted.kind !== "none") throw new Failure(`requested capability exceeds host ceiling: ${name}`);
      operations.set(name, NOTHING);
      continue;
    }
    const beyond = namesBeyond(allowed, wanted);
    if (beyond.length > 0) {
      throw new Failure(`requested capability operations exceed host ceiling: ${name}.${beyond.join(",")}`);
    }
    operations.set(name, intersectSets(allowed, wanted));
  }
  return { kind: "listed", operations };
}

function lower(a: SideEffectLevel | null, b: SideEffectLevel | null): SideEffectLevel | null {
  if (a === null || b === null) return a ?? b;
  return rankOf(a) <= rankOf(b) ? a : b;
}

function smaller(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
