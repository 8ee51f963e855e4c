/** How much an input may cost, by its size in bytes. */

export const MB = 1024 * 1024;
/** What V8 needs beside the values: code, tables, the half of the young generation that is empty. */
export const SLACK = 6 * MB;

export function byteLength(input: string): number {
  return Buffer.byteLength(input, "utf8");
}

/** For each byte of an input. */
const MOST_PER_BYTE = 100;

/** Held at once, beside what the process holds without it. */
export function memoryLimit(bytes: number): number {
  return 16 * MB + MOST_PER_BYTE * bytes;
}

/** What a tree with its tokens may take: all the rest is needed while it is made. */
export function treeLimit(bytes: number): number {
  return (MOST_PER_BYTE - 10) * bytes;
}

/** Of processor time, in milliseconds, in a process that has just started: a second, and 50 µs a byte. */
export function timeLimitMs(bytes: number): number {
  return 1_000 + bytes / 20;
}

/** After this time an input hangs: on the clock, if it had a processor meanwhile (watch.ts). */
export function hangMs(bytes: number): number {
  return 5_000 + 5 * timeLimitMs(bytes);
}
