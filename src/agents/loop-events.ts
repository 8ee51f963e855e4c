/** Events of a loop: each names its session and its worker (events.tsv). */
import type { JsonObject } from "../base/json.ts";
import type { VmCall } from "../vm/vm-call.ts";
import type { LoopState } from "./loop-state.ts";

export function emitAgentEvent(call: VmCall, state: LoopState, event: JsonObject & { readonly type: string }): void {
  call.emit({ ...event, session_id: state.session, worker_id: call.scope.worker });
}
