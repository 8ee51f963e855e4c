/**
 * How an effect is carried out. An effect is data: kind, version, arguments, id. A performer is the host's code for one kind.
 *
 * Invariants
 * 1. `perform` starts only after the effect is on disk, and its result counts only once a later turn is.
 * 2. With `again`, an earlier process may have done all, some or nothing of it. A `safe` performer just does it; a `checkable` one looks first, then
 *    finishes, repairs or redoes; a `never` one does it only when its note proves that nothing happened, else fails with `effect_unknown`.
 * 3. What must be known after a crash is noted, durably, before the step that needs it.
 */
import type { Json, JsonObject } from "../base/json.ts";
import type { Ports } from "./ports.ts";

export type Repeat = "safe" | "checkable" | "never";
/** `host`: leaves something on this machine (a worktree, a process), so the unit stays on it. */
export type Place = "any" | "host";

export interface PerformContext {
  /** Unique in the store: unit and effect number. The same when the effect is performed again. */
  readonly effectId: string;
  /** An earlier process may have begun this effect. */
  readonly again: boolean;
  /** What was last noted, by whichever process. */
  readonly note: Json | null;
  readonly signal: AbortSignal;
  /** Replaces the note; on disk when it resolves. Rejects (`cancelled`) when the unit is no longer ours or the effect is gone: then stop. */
  note_(note: Json): Promise<void>;
  /** Progress while it runs: `{kind: "stdout" | "stderr", text}` of processes. Not durable by itself. */
  emit(event: Json): void;
  readonly ports: Ports;
}

export interface Performer {
  readonly kind: string;
  /** Of the shape of its arguments and note. */
  readonly version: number;
  readonly repeat: Repeat;
  readonly place: Place;
  /** Throws `Failure`. */
  perform(args: JsonObject, context: PerformContext): Promise<Json>;
  /** The unit has ended or leaves this process: what is held for it (connections) is let go of. */
  release?(unit: string): Promise<unknown>;
}
