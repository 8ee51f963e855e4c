/** What an embedding program sees of a run, in order. Everything but `progress` is durable once it is seen, when the run is. */
import type { JsonObject } from "../base/json.ts";

export type RunEvent =
  /** Program output. */
  | { readonly type: "output"; readonly text: string }
  /** The life of a worker; see worker-runtime.md 5.3. */
  | {
      readonly type: "worker";
      readonly event: "WorkerSpawned" | "WorkerCompleted" | "WorkerFailed" | "WorkerCancelled";
      readonly worker: {
        readonly id: string;
        readonly name: string;
        readonly task: string;
        readonly mode: string;
        readonly status: string;
        readonly metadata: JsonObject;
      };
    }
  /** Something an effect under way reports: model text, process output. Lost when the process dies. */
  | ({
      readonly type: "effect_progress";
      readonly effect: number;
      readonly effect_kind: string;
      readonly worker_id: string | null;
    } & JsonObject)
  | { readonly type: "warning"; readonly message: string; readonly worker_id?: string }
  /** Messages, tool calls, approvals and turns of agent loops; the fields are those of events.md. */
  | ({ readonly type: string } & JsonObject);
