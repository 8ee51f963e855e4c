/**
 * The last link of the approval chain: the host. Asked when no `on_approval` of the program answered. Without a host that answers, the request is
 * refused: silence is never consent.
 */
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import type { Performer } from "../ports/effects.ts";

export interface ApprovalAnswer {
  readonly granted: boolean;
  /** In the place of the arguments that were asked for; they are checked again. */
  readonly args?: JsonObject;
  readonly reason?: string;
}

/** `request`: tool, args, reason, worker. `signal` aborts when the asking agent is cancelled. A restart asks again. */
export type ApprovalHandler = (request: JsonObject, signal: AbortSignal) => ApprovalAnswer | Promise<ApprovalAnswer>;

export const HOST_APPROVAL = "host.approval";

export function createApprovalPerformer(approve: ApprovalHandler | null): Performer {
  return {
    kind: HOST_APPROVAL,
    version: 1,
    repeat: "safe",
    place: "any",
    async perform(request, { signal }) {
      if (approve === null) return { granted: false, reason: "nobody is there to approve it" };
      const { granted, args, reason } = await approve(request, signal);
      if (typeof granted !== "boolean") throw new Failure("the approval handler must answer {granted: boolean}");
      return { granted, ...(args === undefined ? {} : { args }), ...(reason === undefined ? {} : { reason }) };
    },
  };
}
