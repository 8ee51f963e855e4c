/**
 * What the language benchmark finds, as bench/results.json keeps it. Times in milliseconds, ratios Harn to JavaScript; null: not measured.
 *
 * Each result is of its own run: programs may be measured one at a time, and the file always holds the latest of each.
 */
import type { Tiering } from "../../src/vm/host.ts";
import { programs } from "./programs.ts";

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
  /** Nanoseconds of a turn; of small programs only, as what follows. */
  readonly turnNs: number | null;
  /** How many times faster a turn is than the reference's. */
  readonly timesReference: number | null;
}

/** Geometric means. */
export interface Means {
  readonly ratio: number | null;
  readonly longRatio: number | null;
  readonly coldRatio: number | null;
  /** Over the programs for which the reference needs more than 100 ms: below, its start counts for too much. */
  readonly timesReference: number | null;
}

export interface TierResults {
  readonly means: Means;
  /** In the order of the programs' list. */
  readonly programs: readonly ProgramResult[];
}

export interface Results {
  readonly node?: string;
  readonly tiers: Readonly<Partial<Record<Tiering, TierResults>>>;
}

const REFERENCE_LEAST_MS = 100;

export function meansOf(results: readonly ProgramResult[]): Means {
  const counted = new Set(
    programs.filter(({ referenceMs }) => (referenceMs ?? 0) > REFERENCE_LEAST_MS).map(({ name }) => name),
  );
  return {
    ratio: mean(results.map((result) => result.ratio)),
    longRatio: mean(results.map((result) => result.longRatio)),
    coldRatio: mean(results.map((result) => result.coldRatio)),
    timesReference: mean(results.filter(({ name }) => counted.has(name)).map((result) => result.timesReference)),
  };
}

/** New results in place of older ones of the same programs and tier. Those of programs that are no more are left out. */
export function merged(before: Results, tier: Tiering, fresh: readonly ProgramResult[], node: string): Results {
  const known = new Map([...(before.tiers[tier]?.programs ?? []), ...fresh].map((result) => [result.name, result]));
  const all = programs.map(({ name }) => known.get(name)).filter((result) => result !== undefined);
  return { node, tiers: { ...before.tiers, [tier]: { means: meansOf(all), programs: all } } };
}

/** Three digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function mean(values: readonly (number | null)[]): number | null {
  const found = values.filter((value) => value !== null);
  if (found.length === 0) return null;
  return rounded(Math.exp(found.reduce((sum, value) => sum + Math.log(value), 0) / found.length));
}
