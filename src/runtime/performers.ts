/** What a run can do outside of the process: what the host brings, with models, approvals, the library and worker records added. */
import { createDaemonFilePerformer } from "../agents/daemon-files.ts";
import { LLM_MOCK, mockPerformer } from "../agents/mock-cell.ts";
import type { ModelResponse } from "../llm/contract.ts";
import { createLlmPerformer, LLM_CALL } from "../llm/performer.ts";
import type { Providers } from "../llm/provider-registry.ts";
import { createProviders } from "../llm/provider-registry.ts";
import type { Performer } from "../ports/effects.ts";
import { createStdlibPerformers } from "../stdlib/index.ts";
import type { Store } from "../store/contract.ts";
import type { VmHost } from "../vm/host.ts";
import { type ApprovalHandler, createApprovalPerformer } from "./host-approval.ts";
import { type HostTool, hostToolPerformers } from "./host-tools.ts";
import { workerRecordPerformers } from "./worker-records.ts";

export interface PerformerParts {
  /** Of the host, by kind. */
  readonly performers: ReadonlyMap<string, Performer>;
  readonly providers?: Providers | undefined;
  readonly approve?: ApprovalHandler | undefined;
  readonly tools?: readonly HostTool[] | undefined;
  /** Hears every answer of a model, the mock's too, as it comes. */
  readonly onModelAnswer?: ((response: ModelResponse) => void) | undefined;
  /** Null while nothing is stored. */
  store(): Promise<Store | null>;
  host(): VmHost;
}

export function allPerformers(parts: PerformerParts): ReadonlyMap<string, Performer> {
  const added = [
    createLlmPerformer(parts.providers ?? createProviders()),
    createApprovalPerformer(parts.approve ?? null),
    ...createStdlibPerformers(),
    mockPerformer,
    createDaemonFilePerformer(),
    ...hostToolPerformers(parts.tools ?? []),
    ...workerRecordPerformers(parts.store, parts.host),
  ];
  return new Map([
    ...parts.performers,
    ...added.map((performer) => [performer.kind, overheard(performer, parts.onModelAnswer)] as const),
  ]);
}

/** A model's performer with somebody who hears its answers. */
function overheard(performer: Performer, listener: PerformerParts["onModelAnswer"]): Performer {
  if (listener === undefined || (performer.kind !== LLM_CALL && performer.kind !== LLM_MOCK)) return performer;
  return {
    ...performer,
    perform: async (args, context) => {
      const result = await performer.perform(args, context);
      listener(result as unknown as ModelResponse);
      return result;
    },
  };
}
