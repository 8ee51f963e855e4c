/** Loop turns and calls in one slice of a fiber: a few milliseconds. */
export const SLICE_FUEL = 100_000;
/** Characters after which a turn ends, so that what a program prints goes out and does not pile up. */
export const MOST_WRITTEN = 1_000_000;
/** Turns that a loop in generated code gets at a time, and what it pays for them. */
export const QUOTA = 1_000;
export const QUOTA_COST = 125;
/** A slice ends after this time; with a clock that stands still, after so many helpings of fuel. */
export const SLICE_MS = 10;
export const MOST_REFILLS = 125;
