/** Artifacts: what delegated work hands back, with the ids of what it was made from (worker-runtime.md 3.1). */
import type { JsonObject } from "../base/json.ts";
import { runtimeError } from "../builtin/raise.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { provenance, type WorkerState } from "./worker-state.ts";

const PRIORITY: { readonly [kind: string]: number } = {
  verification_result: 100,
  test_result: 100,
  verification_bundle: 95,
  worker_result: 95,
  diff: 90,
  git_diff: 90,
  patch: 90,
  plan: 80,
  workspace_file: 70,
  summary: 60,
  command_result: 50,
};

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
}

export function makeArtifact(call: VmCall, parts: ArtifactParts): HDict {
  const bytes = parts.text === null ? null : new TextEncoder().encode(parts.text).length;
  return HDict.of({
    _type: "artifact",
    id: `${parts.prefix ?? "artifact"}_${call.ports.ids.uuidv7()}`,
    kind: parts.kind,
    title: parts.title,
    text: parts.text,
    data: share(parts.data),
    source: parts.source,
    stage: parts.source,
    created_at: new Date(call.ports.clock.nowMs()).toISOString(),
    freshness: "fresh",
    priority: PRIORITY[parts.kind] ?? 40,
    relevance: null,
    estimated_tokens: bytes === null ? null : Math.ceil(bytes / 4),
    lineage: new HList([...parts.lineage].filter((id) => id !== "")),
    metadata: HDict.of(parts.metadata),
  });
}

/** What changed in a worker's worktree, from git. */
export function diffArtifact(call: VmCall, state: WorkerState, diff: JsonObject, lineage: readonly string[]): HDict {
  const files = Array.isArray(diff.files) ? (diff.files as readonly JsonObject[]) : [];
  return makeArtifact(call, {
    kind: "git_diff",
    title: `changes of ${state.name}`,
    text: typeof diff.diff === "string" ? diff.diff : null,
    data: jsonToValue({ files, base: diff.base ?? null, truncated: diff.truncated ?? false }),
    source: state.name,
    lineage,
    metadata: {
      worker_id: state.id,
      worker_name: state.name,
      changed_paths: new HList(files.map((file) => String(file.path))),
    },
  });
}

/** What the worker answered (5.7), as the last of its artifacts; made from its inputs and from what it changed. */
export function resultArtifact(
  call: VmCall,
  state: WorkerState,
  loop: HDict,
  payload: HDict,
  lineage: readonly string[],
): HDict {
  const text = loop.get("visible_text") ?? loop.get("text") ?? null;
  return makeArtifact(call, {
    kind: "worker_result",
    prefix: `${state.name}_worker_result`,
    title: `worker result ${state.name}`,
    text: typeof text === "string" ? text : null,
    data: HDict.of({
      worker_id: state.id,
      worker_name: state.name,
      request: share(state.request),
      provenance: provenance(state),
      payload: share(payload),
    }),
    source: state.name,
    lineage,
    metadata: { worker_id: state.id, worker_name: state.name, delegated: true },
  });
}

/** Assets of the loop's transcript, as they are. */
export function artifactsOf(loop: HDict): readonly Value[] {
  const transcript = loop.get("transcript");
  const assets = transcript instanceof HDict ? transcript.get("assets") : null;
  return assets instanceof HList ? assets.items.map((asset) => share(asset)) : [];
}

/** Input artifacts: a list of dicts, or nil. */
export function inputArtifacts(value: Value): HList {
  if (value === null) return new HList([]);
  if (value instanceof HList && value.items.every((item) => item instanceof HDict)) {
    return new HList(value.items.map((item) => share(item)));
  }
  throw runtimeError("expected artifact list or nil");
}
