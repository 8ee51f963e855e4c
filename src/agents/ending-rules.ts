/**
 * What must be the case before an agent loop may end with an answer: the options `exit_when_verified`, `turn_policy` and `task_ledger`. An answer that comes
 * too early is refused with a message to the model, and the loop goes on.
 */
import { runtimeError } from "../builtin/raise.ts";
import { typeName } from "../value/type-name.ts";
import { HDict } from "../value/value.ts";
import type { LoopState, ToolEnding } from "./loop-state.ts";
import { ledgerComplaint, unsettled } from "./task-ledger.ts";
import { registered } from "./tool-surface.ts";

/** The tool whose last result counts for `exit_when_verified`. */
const VERIFYING = "run";

/** The option `turn_policy`. */
export interface TurnPolicy {
  /** Texts count as answers only when a tool was called before. */
  readonly requireAction: boolean;
  /** The model is told the sentinel with which it may end. */
  readonly tellsSentinel: boolean;
  /** Characters of text beside a tool call, or in an answer that does not end the loop, that stay in the conversation; null: all. */
  readonly mostProse: number | null;
}

/** Null: it is not given. Raises for what is not understood. */
export function readTurnPolicy(options: HDict): TurnPolicy | null {
  const given = options.get("turn_policy") ?? null;
  if (given === null) return null;
  const wrong = (what: string) => runtimeError(`option \`turn_policy\`: ${what}`);
  if (!(given instanceof HDict)) throw wrong(`expected a dict, got ${typeName(given)}`);
  const flag = (key: string, otherwise: boolean): boolean => {
    const value = given.get(key) ?? otherwise;
    if (typeof value !== "boolean") throw wrong(`${key} must be a bool, got ${typeName(value)}`);
    return value;
  };
  const most = given.get("max_prose_chars") ?? null;
  if (most !== null && (typeof most !== "number" || !Number.isInteger(most) || most < 0))
    throw wrong(`max_prose_chars must be a whole number of at least 0, got ${typeName(most)}`);
  return {
    requireAction: flag("require_action_or_yield", false),
    tellsSentinel: flag("allow_done_sentinel", true),
    mostProse: most,
  };
}

export interface Refusal {
  /** What observers read. */
  readonly kind: "ledger_not_satisfied" | "verification_gate" | "action_required";
  readonly text: string;
}

/** Why the loop may not end with its last answer; null: it may. */
export function endingRefused(state: LoopState): Refusal | null {
  const { ledger, limits } = state;
  if (ledger !== undefined && unsettled(ledger).length > 0)
    return { kind: "ledger_not_satisfied", text: ledgerComplaint(ledger) };
  if (limits.exitWhenVerified === true && state.verified !== true) {
    const last = state.verified === undefined ? "has not run yet" : "failed when it ran last";
    return {
      kind: "verification_gate",
      text: `You are not finished: the verification ${last}. Call \`${VERIFYING}\` with the command that verifies the work, repair what fails, and end only when it succeeds.`,
    };
  }
  if (limits.turnPolicy?.requireAction === true && state.used.length === 0 && registered(state).length > 0)
    return { kind: "action_required", text: "That was not an answer yet: act first. Call one of the tools." };
  return null;
}

/** A tool has ended: the one that verifies says by its result whether all is well. */
export function noteVerification(state: LoopState, tool: string, ending: ToolEnding): void {
  if (state.limits.exitWhenVerified !== true || tool !== VERIFYING) return;
  state.verified = ending.kind === "ok" && saysSuccess(ending.text);
}

const STATUS = /"?\b(?:exit_code|exit_status|status)"?\s*[=:]\s*(-?\d+)/;
const SUCCESS = /"?\bsuccess"?\s*[=:]\s*(true|false)/;

/** A result that says nothing of it came of a tool that did not fail. */
function saysSuccess(text: string): boolean {
  const status = STATUS.exec(text)?.[1];
  if (status !== undefined) return Number(status) === 0;
  const success = SUCCESS.exec(text)?.[1];
  return success === undefined ? !text.includes("Command failed") : success === "true";
}

/** The text of an answer as the conversation keeps it; `wordy`: it was longer than it may be. */
export function keptProse(
  state: LoopState,
  text: string,
  ends: boolean,
): { readonly text: string; readonly wordy: boolean } {
  const most = state.limits.turnPolicy?.mostProse ?? null;
  const characters = most === null || ends ? [] : [...text.trim()];
  if (most === null || characters.length <= most) return { text, wordy: false };
  return { text: `${characters.slice(0, most).join("")}\n\n[cut here: keep texts short, and act]`, wordy: true };
}

/** A nudge, with what must be said of the last answer. */
export function nudgeFor({ limits, wordy }: LoopState): string {
  const most = limits.turnPolicy?.mostProse ?? null;
  return wordy === true && most !== null ? `${limits.nudge} Write at most ${most} characters of text.` : limits.nudge;
}
