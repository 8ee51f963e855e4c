/**
 * Which artifacts a stage gets to see, in which order, within which budget (worker-runtime.md 3.2).
 *
 * Invariants
 * 1. What is equal in all that counts keeps its order.
 * 2. Nothing is changed: an artifact that is shortened is another one with the same id.
 */
import { microcompact } from "../agents/microcompact.ts";
import type { Value } from "../value/value.ts";
import { HDict, type HList } from "../value/value.ts";
import { freshnessRank } from "./artifact-kinds.ts";
import * as field from "./record-fields.ts";
import { recordTime } from "./record-times.ts";

export const CONTEXT_POLICY: field.Fields = {
  max_artifacts: field.optionalInt,
  max_tokens: field.optionalInt,
  reserve_tokens: field.optionalInt,
  include_kinds: field.texts,
  exclude_kinds: field.texts,
  prioritize_kinds: field.texts,
  pinned_ids: field.texts,
  include_stages: field.texts,
  prefer_recent: field.boolOr(false),
  prefer_fresh: field.boolOr(false),
  render: field.optionalText,
};

export function readContextPolicy(value: Value, label: string): HDict {
  return field.readRecord(value ?? HDict.empty(), CONTEXT_POLICY, `${label}: context policy parse error at`);
}

const number = (artifact: HDict, key: string): number | null => {
  const value = artifact.get(key);
  if (typeof value === "number") return value;
  return typeof value === "object" && value !== null && "value" in value ? Number(value.value) : null;
};

const text = (artifact: HDict, key: string) => String(artifact.get(key) ?? "");

/** Less than 0: `a` goes before `b`. */
function order(policy: HDict): (a: HDict, b: HDict) => number {
  const pinned = new Set(field.textsAt(policy, "pinned_ids"));
  const prioritised = new Set(field.textsAt(policy, "prioritize_kinds"));
  const fresh = policy.get("prefer_fresh") === true;
  const recent = policy.get("prefer_recent") === true;
  const first = (of: Set<string>, key: string, artifact: HDict) => (of.has(text(artifact, key)) ? 1 : 0);
  const time = (artifact: HDict) => recordTime(text(artifact, "created_at")) ?? Number.NEGATIVE_INFINITY;
  const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);
  return (a, b) =>
    first(pinned, "id", b) - first(pinned, "id", a) ||
    first(prioritised, "kind", b) - first(prioritised, "kind", a) ||
    (number(b, "priority") ?? 0) - (number(a, "priority") ?? 0) ||
    (fresh ? freshnessRank(b.get("freshness")) - freshnessRank(a.get("freshness")) : 0) ||
    (recent ? compare(time(b), time(a)) : 0) ||
    compare(number(b, "relevance") ?? Number.NEGATIVE_INFINITY, number(a, "relevance") ?? Number.NEGATIVE_INFINITY) ||
    compare(
      number(a, "estimated_tokens") ?? Number.POSITIVE_INFINITY,
      number(b, "estimated_tokens") ?? Number.POSITIVE_INFINITY,
    );
}

/** `policy` as `readContextPolicy` gives it. */
export function selectArtifacts(artifacts: readonly HDict[], policy: HDict): readonly HDict[] {
  const [kinds, not, stages] = ["include_kinds", "exclude_kinds", "include_stages"].map((key) =>
    field.textsAt(policy, key),
  ) as [readonly string[], readonly string[], readonly string[]];
  const kept = artifacts.filter((artifact) => {
    const kind = text(artifact, "kind");
    const stage = artifact.get("stage");
    return (
      (kinds.length === 0 || kinds.includes(kind)) &&
      !not.includes(kind) &&
      (stages.length === 0 || (typeof stage === "string" && stages.includes(stage)))
    );
  });
  kept.sort(order(policy));
  const most = field.numberAt(policy, "max_artifacts");
  const budget = field.numberAt(policy, "max_tokens");
  const room = budget === null ? null : Math.max(0, budget - (field.numberAt(policy, "reserve_tokens") ?? 0));
  const selected: HDict[] = [];
  let used = 0;
  for (const artifact of kept) {
    if (most !== null && selected.length >= most) break;
    const tokens = number(artifact, "estimated_tokens") ?? 0;
    if (room !== null && used + tokens > room) continue;
    used += tokens;
    selected.push(artifact);
  }
  return selected;
}

/** The same after stale evidence and repeats are gone and what is much too long is shortened. */
export function selectAdaptively(artifacts: readonly HDict[], policy: HDict): readonly HDict[] {
  let kept = withoutRepeats(withoutStaleEvidence(artifacts), order(policy));
  const budget = field.numberAt(policy, "max_tokens");
  if (budget !== null) {
    const cap = Math.min(Math.max(Math.floor(budget / Math.max(1, kept.length)), 500), budget);
    kept = kept.map((artifact) =>
      (number(artifact, "estimated_tokens") ?? 0) > 2 * cap ? shortened(artifact, cap) : artifact,
    );
  }
  return selectArtifacts(kept, policy);
}

/** Older evidence about files that a fresher artifact says it changed proves nothing any more. */
function withoutStaleEvidence(artifacts: readonly HDict[]): readonly HDict[] {
  const paths = (artifact: HDict, key: string) =>
    field.textsAt(field.dictAt(artifact, "metadata"), key).map((path) => path.trim());
  const isFresh = (artifact: HDict) => freshnessRank(artifact.get("freshness")) >= 2;
  const changed = new Set(artifacts.filter(isFresh).flatMap((artifact) => paths(artifact, "changed_paths")));
  changed.delete("");
  if (changed.size === 0) return artifacts;
  return artifacts.filter(
    (artifact) => isFresh(artifact) || !paths(artifact, "evidence_paths").some((path) => changed.has(path)),
  );
}

/** Of those with the same text the best stays, where the first of them stood. */
function withoutRepeats(artifacts: readonly HDict[], better: (a: HDict, b: HDict) => number): readonly HDict[] {
  const kept: HDict[] = [];
  const places = new Map<string, number>();
  for (const artifact of artifacts) {
    const body = text(artifact, "text");
    const place = body === "" ? undefined : places.get(body);
    if (place === undefined) {
      if (body !== "") places.set(body, kept.length);
      kept.push(artifact);
    } else if (better(artifact, kept[place]!) < 0) kept[place] = artifact;
  }
  return kept;
}

function shortened(artifact: HDict, tokens: number): HDict {
  const body = text(artifact, "text");
  const limit = tokens * 4;
  if (limit < 200 || body.length <= limit) return artifact;
  return field.withFields(artifact, { text: microcompact(body, limit), estimated_tokens: tokens });
}

export function asDicts(artifacts: HList): readonly HDict[] {
  return artifacts.items.filter((artifact) => artifact instanceof HDict);
}

export function idsOf(artifacts: readonly HDict[]): readonly string[] {
  return artifacts.map((artifact) => text(artifact, "id"));
}
