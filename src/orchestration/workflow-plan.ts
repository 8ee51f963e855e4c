/**
 * What a stage is going to do, worked out before it starts: which artifacts it sees, what its model reads, which options its loop has. Plain data, so
 * that the stage can run on a fiber of its own and be found there after a crash.
 *
 * Invariant: a plan that cannot be carried out (too few inputs, a bad contract) is a plan that says why; making one never fails.
 */

import { findSession } from "../agents/sessions.ts";
import { Raise, runtimeError } from "../builtin/raise.ts";
import type { RaisedError } from "../value/value.ts";
import { HDict, HList, share } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { artifactBody, renderArtifacts } from "./artifact-context.ts";
import { idsOf, selectAdaptively, selectArtifacts } from "./artifact-selection.ts";
import { nowText } from "./artifacts.ts";
import * as field from "./record-fields.ts";
import { nonBlank, stageOptions } from "./stage-options.ts";
import { schemaDemand } from "./stage-schema.ts";
import { nodeContract } from "./workflow-contracts.ts";
import { renderContracts, stagePrompt } from "./workflow-prompt.ts";

export type StagePhase = "begin" | "model" | "command" | "worker" | "map" | "backoff";

export interface StageState {
  readonly nodeId: string;
  readonly node: HDict;
  readonly kind: string;
  readonly task: string;
  /** The artifacts that it sees, in the order of their importance. */
  readonly inputs: HList;
  readonly consumed: readonly string[];
  /** Session of its model; its own unless the model policy names one. */
  readonly session: string;
  /** What the session begins with, when it is new; nil: nothing. */
  readonly seed: HDict | null;
  readonly options: HDict;
  readonly system: string | null;
  readonly prompt: string;
  readonly context: string;
  readonly contracts: readonly HDict[];
  /** The same as the model reads them. */
  readonly verification: string;
  readonly contract: HDict | null;
  /** What a verification without command and model looks at: the newest of the inputs. */
  readonly subject: string;
  /** Why it cannot be carried out. */
  readonly refusal: RaisedError | null;
  phase: StagePhase;
  /** From 1. */
  attempt: number;
  startedAt: string;
  readonly attempts: HDict[];
  /** Task and timer of what is under way. */
  task_id: string | number | null;
  timedOut: boolean;
  worker: string | null;
  /** What the next attempt is told of the last one; null: it starts anew. */
  complaint: string | null;
  readonly usage: HDict[];
  /** Of all attempts. */
  readonly recordings: HDict[];
  readonly reasoning: string[];
  /** Events that the session had before the loop that runs now. */
  eventsBefore: number;
}

export interface StageParts {
  readonly nodeId: string;
  readonly node: HDict;
  readonly task: string;
  readonly artifacts: readonly HDict[];
  /** Of the whole graph. */
  readonly contracts: readonly HDict[];
  readonly seed?: HDict | null;
}

const MODELLESS = new Set(["fork", "join", "condition", "reduce", "escalation"]);

/** Does the node ask a model by itself? */
export function asksModel(node: HDict): boolean {
  const kind = String(node.get("kind"));
  if (kind === "verify") return nonBlank(node, "mode") !== null && commandOf(node) === null;
  return !MODELLESS.has(kind) && kind !== "map";
}

export function commandOf(node: HDict): string | null {
  const verify = node.get("verify");
  return node.get("kind") === "verify" && verify instanceof HDict ? nonBlank(verify, "command") : null;
}

export function planStage(call: VmCall, parts: StageParts): StageState {
  const { node, nodeId } = parts;
  const kind = String(node.get("kind"));
  const own = field.dictAt(node, "context_policy");
  const kinds = field.textsAt(field.dictAt(node, "input_contract"), "input_kinds");
  const policy =
    field.listAt(own, "include_kinds").length > 0 || kinds.length === 0
      ? own
      : field.withFields(own, { include_kinds: new HList([...kinds]) });
  const plain = MODELLESS.has(kind) || kind === "map";
  const selected = plain ? selectArtifacts(parts.artifacts, policy) : selectAdaptively(parts.artifacts, policy);
  const named = nonBlank(field.dictAt(node, "model_policy"), "session_id");
  const session = named ?? `workflow_stage_${call.ports.ids.uuidv7()}`;
  let contract: HDict | null = null;
  let refusal: RaisedError | null = null;
  try {
    contract = nodeContract(call, nodeId, node);
    checkInputs(call, parts, selected.length, named);
  } catch (thrown) {
    if (!(thrown instanceof Raise)) throw thrown;
    refusal = thrown.error;
  }
  const localOnly = field.dictAt(node, "metadata").get("workflow_verification_scope") === "local_only";
  const contracts = localOnly ? (contract === null ? [] : [contract]) : parts.contracts;
  const context = renderArtifacts(selected, policy);
  const verification = renderContracts(contracts);
  const options = stageOptions(node);
  options.set("session_id", session);
  const instructions = [parts.task.trim(), nonBlank(node, "prompt") ?? "", schemaDemand(node)]
    .filter((text) => text !== "")
    .join("\n\n");
  const newest = [...parts.artifacts]
    .reverse()
    .find((artifact) => selected.some((one) => one.get("id") === artifact.get("id")));
  return {
    nodeId,
    node: share(node),
    kind,
    task: parts.task,
    inputs: new HList(selected.map((artifact) => share(artifact))),
    consumed: idsOf(selected),
    session,
    seed: named === null ? (parts.seed ?? null) : null,
    options: share(options),
    system: nonBlank(node, "system"),
    prompt: stagePrompt({
      task: instructions,
      label: nonBlank(node, "task_label"),
      verification,
      context,
      judges: kind === "verify",
    }),
    context,
    contracts,
    verification,
    contract,
    subject: newest === undefined ? "" : artifactBody(newest),
    refusal,
    phase: "begin",
    attempt: 1,
    startedAt: nowText(call),
    attempts: [],
    task_id: null,
    timedOut: false,
    worker: null,
    complaint: null,
    usage: [],
    recordings: [],
    reasoning: [],
    eventsBefore: 0,
  };
}

function checkInputs(call: VmCall, parts: StageParts, count: number, session: string | null): void {
  const contract = field.dictAt(parts.node, "input_contract");
  const who = `workflow stage ${parts.nodeId}`;
  const least = field.numberAt(contract, "min_inputs");
  const most = field.numberAt(contract, "max_inputs");
  if (least !== null && count < least) throw runtimeError(`${who} requires at least ${least} input artifacts`);
  if (most !== null && count > most) throw runtimeError(`${who} accepts at most ${most} input artifacts`);
  if (contract.get("require_transcript") === true && (session === null || findSession(call, session) === null))
    throw runtimeError(
      `${who} requires an existing session (model_policy.session_id names one that was opened before)`,
    );
}
