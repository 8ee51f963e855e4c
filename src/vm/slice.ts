/** Loop turns and calls in one slice of a fiber: a few milliseconds. */
export const SLICE_FUEL = 100_000;
