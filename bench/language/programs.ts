/** The programs of the language benchmark: how large each runs, how its work grows, and what the reference takes for the small ones. */

export interface BenchProgram {
  readonly name: string;
  /** `small`: one construct in a loop; `real`: what a person would write. */
  readonly kind: "small" | "real";
  /** Size of a measured round. */
  readonly size: number;
  /** The size says what is measured (a megabyte of text, 100,000 rows); other programs grow until a round lasts long enough. */
  readonly fixed: boolean;
  /** The size at which there is about `factor` times the work. */
  readonly larger: (size: number, factor: number) => number;
  /** Milliseconds of the reference for `size` turns, whole process: figures of the issue that asked for this. */
  readonly referenceMs: number | null;
}

/** Work that grows with a power of the size. */
function power(exponent: number): BenchProgram["larger"] {
  return (size, factor) => Math.ceil(size * factor ** (1 / exponent));
}

/** Work that multiplies with each step of the size. */
function steps(growth: (size: number) => number): BenchProgram["larger"] {
  return (size, factor) => {
    let larger = size;
    for (let work = 1; work < factor * 0.99; work *= growth(larger)) larger++;
    return larger;
  };
}

function small(name: string, referenceMs: number, turns: number): BenchProgram {
  return { name, kind: "small", size: turns, fixed: false, larger: power(1), referenceMs };
}

function real(name: string, size: number, larger: BenchProgram["larger"]): BenchProgram {
  return { name, kind: "real", size, fixed: false, larger, referenceMs: null };
}

function fixed(name: string, size: number): BenchProgram {
  return { ...real(name, size, power(1)), fixed: true };
}

/** All are there at once: Node's heap holds no more, of ours and of the twin's. */
const MOST_FIBERS = 2_000_000;

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
  real("n-body", 20_000, power(1)),
  real("spectral-norm", 200, power(2)),
  real(
    "fannkuch",
    8,
    steps((size) => size),
  ),
  real(
    "binary-trees",
    12,
    steps(() => 2.1),
  ),
  real(
    "n-queens",
    8,
    steps(() => 4.3),
  ),
  real("mandelbrot", 300, power(2)),
  real("sieve", 300_000, power(1)),
  real("matrix-product", 140, power(3)),
  fixed("word-count", 1_000_000),
  fixed("sort-by", 100_000),
  fixed("group-by", 100_000),
  fixed("json-round-trip", 38_000),
  real("tokenizer-parser", 2_000, power(1)),
  real("levenshtein", 700, power(2)),
  real("channel-ping-pong", 20_000, power(1)),
  fixed("waits", 100_000),
  { ...fixed("fibers", 10_000), larger: (size, factor) => Math.min(MOST_FIBERS, power(1)(size, factor)) },
];

/** Throws for a name that is none. */
export function programNamed(name: string): BenchProgram {
  const found = programs.find((program) => program.name === name);
  if (found === undefined) throw new Error(`no program ${name}: there are ${programs.map((p) => p.name).join(", ")}`);
  return found;
}
