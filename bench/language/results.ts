/** What the language benchmark finds, as it is kept in bench/results.json. Times in milliseconds, ratios Harn to JavaScript; null: not measured. */
import type { Tiering } from "../../src/vm/host.ts";

export interface ProgramResult {
  readonly name: string;
  readonly kind: "small" | "real";
  readonly size: number;
  readonly harnMs: number;
  readonly twinMs: number;
  readonly ratio: number;
  readonly longMs: number | null;
  readonly longRatio: number | null;
  readonly coldHarnMs: number | null;
  readonly coldTwinMs: number | null;
  readonly coldRatio: number | null;
  /** How many times faster a turn is than the reference's. */
  readonly timesReference: number | null;
}

export interface TierResults {
  readonly means: {
    readonly ratio: number | null;
    readonly longRatio: number | null;
    readonly coldRatio: number | null;
    readonly timesReference: number | null;
  };
  readonly programs: readonly ProgramResult[];
}

export interface Results {
  readonly node?: string;
  readonly tiers: Readonly<Partial<Record<Tiering, TierResults>>>;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
