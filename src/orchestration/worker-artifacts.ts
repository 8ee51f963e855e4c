/** What a worker hands back: what changed in its worktree, what it answered, and the assets of its conversation (worker-runtime.md 5.7). */
import type { JsonObject } from "../base/json.ts";
import { jsonToValue } from "../value/json.ts";
import type { Value } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { makeArtifact } from "./artifacts.ts";
import { provenance, type WorkerState } from "./worker-state.ts";

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
    priority: 95,
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
