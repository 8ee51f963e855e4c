/** Artifacts: what delegated work hands back, with the ids of what it was made from (worker-runtime.md 3.1). */
import { runtimeError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { artifactKind, estimateTextTokens, kindPriority } from "./artifact-kinds.ts";
import * as field from "./record-fields.ts";

export interface ArtifactParts {
  readonly kind: string;
  readonly title: string;
  readonly text: string | null;
  readonly data: Value;
  readonly source: string | null;
  readonly lineage: readonly string[];
  readonly metadata: { readonly [key: string]: Value };
  /** Before the id's uuid; default `artifact`. */
  readonly prefix?: string;
  readonly relevance?: Value;
  readonly stage?: string | null;
  /** Default: that of its kind. */
  readonly priority?: number;
}

/** A fresh one. */
export function makeArtifact(call: VmCall, parts: ArtifactParts): HDict {
  return HDict.of({
    _type: "artifact",
    id: `${parts.prefix ?? "artifact"}_${call.ports.ids.uuidv7()}`,
    kind: parts.kind,
    title: parts.title,
    text: parts.text,
    data: share(parts.data),
    source: parts.source,
    stage: parts.stage === undefined ? parts.source : parts.stage,
    created_at: nowText(call),
    freshness: "fresh",
    priority: parts.priority ?? kindPriority(parts.kind),
    relevance: parts.relevance ?? null,
    estimated_tokens: parts.text === null ? null : estimateTextTokens(parts.text),
    lineage: new HList([...parts.lineage].filter((id) => id !== "")),
    metadata: HDict.of(parts.metadata),
  });
}

/** Now, as all records of this build write it (RFC 3339). */
export function nowText(call: VmCall): string {
  return new Date(call.ports.clock.nowMs()).toISOString();
}

const FIELDS: field.Fields = {
  _type: field.textOr("artifact"),
  id: field.textOr(""),
  kind: field.textOr(""),
  title: field.optionalText,
  text: field.optionalText,
  data: field.anything,
  source: field.optionalText,
  stage: field.optionalText,
  created_at: field.textOr(""),
  freshness: field.optionalText,
  priority: field.optionalInt,
  lineage: field.texts,
  relevance: field.optionalNumber,
  estimated_tokens: field.optionalInt,
  metadata: field.dict,
};

/** An artifact as a program gave it, with what is missing filled in. `where`: `LABEL parse error at …`. */
export function readArtifact(call: VmCall, value: Value, where: string): HDict {
  const artifact = field.readRecord(value, FIELDS, where);
  const kind = artifactKind(String(artifact.get("kind")));
  const text = artifact.get("text");
  artifact.set("kind", kind);
  if (artifact.get("id") === "") artifact.set("id", `artifact_${call.ports.ids.uuidv7()}`);
  if (artifact.get("created_at") === "") artifact.set("created_at", nowText(call));
  if (artifact.get("estimated_tokens") === null && typeof text === "string")
    artifact.set("estimated_tokens", estimateTextTokens(text));
  if (artifact.get("priority") === null) artifact.set("priority", kindPriority(kind));
  return artifact;
}

/** A list of artifacts, or nil: none. */
export function readArtifacts(call: VmCall, value: Value, label: string): HList {
  if (value === null) return new HList([]);
  if (!(value instanceof HList)) throw runtimeError(`${label}: expected artifact list or nil`);
  return new HList(value.items.map((item, i) => readArtifact(call, item, `${label} parse error at artifacts[${i}]`)));
}

export function artifactId(artifact: Value): string {
  return artifact instanceof HDict ? String(artifact.get("id") ?? "") : "";
}
