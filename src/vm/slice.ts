/** Loop turns and calls in one slice of a fiber: a few milliseconds. */
export const SLICE_FUEL = 100_000;
/** Characters after which a turn ends, so that what a program prints goes out and does not pile up. */
export const MOST_WRITTEN = 1_000_000;
