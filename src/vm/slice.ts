/** Loop turns and calls in one slice of a fiber: a few milliseconds. */
export const SLICE_FUEL = 100_000;
/** Characters after which a turn ends, so that what a program prints goes out and does not pile up. */
export const MOST_WRITTEN = 1_000_000;
/** Turns that a loop in generated code gets at a time, and what it pays for them. */
export const QUOTA = 1_000;
export const QUOTA_COST = 125;
/** How long fibers run before the turn is committed and the event loop goes on, in milliseconds. */
export const TURN_MS = 10;
/**
 * A slice in generated code ends with its turn, but not before so much time after its first helping: leaving the code behind each large piece of work
 * would cost more than the work. With a clock that stands still it ends after so many helpings of fuel.
 */
export const AT_LEAST_MS = 4;
export const MOST_REFILLS = 125;
