/** The programs of the language benchmark: how large each runs, and what the reference takes for a turn of the small ones. */

export interface BenchProgram {
  readonly name: string;
  /** `small`: one construct in a loop; `real`: what a person would write. */
  readonly kind: "small" | "real";
  /** The work grows with the size as it is: the size may be chosen so that a round lasts long enough to be measured. */
  readonly linear: boolean;
  /** Size of a measured round; linear programs start here and grow. */
  readonly size: number;
  /** Nanoseconds that the reference takes for one turn, the whole process counted: milliseconds and turns from the issue that asked for this. */
  readonly referenceNs?: number;
}

function small(name: string, milliseconds: number, turns: number): BenchProgram {
  return { name, kind: "small", linear: true, size: turns, referenceNs: (milliseconds * 1e6) / turns };
}

function real(name: string, size: number, linear = false): BenchProgram {
  return { name, kind: "real", linear, size };
}

export const programs: readonly BenchProgram[] = [
  small("arithmetic", 130, 200_000),
  small("comparison", 220, 200_000),
  small("dict-read", 120, 150_000),
  small("call", 150, 100_000),
  small("list-iteration", 40, 100_000),
  small("map-filter", 580, 300_000),
  small("locals", 280, 200_000),
  small("method-call", 170, 100_000),
  small("recursion", 30, 30_000),
  small("interpolation", 10, 5_000),
  small("struct-read", 180, 150_000),
  real("n-body", 20_000, true),
  real("spectral-norm", 200),
  real("fannkuch", 8),
  real("binary-trees", 12),
  real("n-queens", 8),
  real("mandelbrot", 300),
  real("sieve", 300_000),
  real("matrix-product", 140),
  real("word-count", 1_000_000),
  real("sort-by", 100_000),
  real("group-by", 100_000),
  real("json-round-trip", 38_000),
  real("tokenizer-parser", 2_000, true),
  real("levenshtein", 700),
  real("channel-ping-pong", 20_000, true),
  real("waits", 100_000),
  real("fibers", 10_000),
];
