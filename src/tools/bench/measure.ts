/** What several runs of a program took, in figures that can be compared. */

export interface RunFigures {
  readonly ms: number;
  readonly modelCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars; calls without a known price count nothing. */
  readonly costUsd: number;
}

export interface BenchFigures {
  readonly runs: number;
  readonly least: number;
  readonly median: number;
  readonly mean: number;
  /** Nine of ten runs took at most this. */
  readonly ninth: number;
  readonly most: number;
  /** Standard deviation. */
  readonly spread: number;
  readonly total: number;
}

/** Of at least one run, all in milliseconds. */
export function summarize(runs: readonly RunFigures[]): BenchFigures {
  const times = runs.map(({ ms }) => ms).sort((a, b) => a - b);
  const total = times.reduce((sum, ms) => sum + ms, 0);
  const mean = total / times.length;
  const at = (share: number) => times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)]!;
  const middle = times.length / 2;
  return {
    runs: times.length,
    least: times[0]!,
    median: Number.isInteger(middle) ? (times[middle - 1]! + times[middle]!) / 2 : times[Math.floor(middle)]!,
    mean,
    ninth: at(0.9),
    most: times.at(-1)!,
    spread: Math.sqrt(times.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / times.length),
    total,
  };
}
