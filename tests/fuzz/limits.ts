/** How much an input may cost, by its size in bytes. */

const MB = 1024 * 1024;

export function byteLength(input: string): number {
  return Buffer.byteLength(input, "utf8");
}

/** Held at once, beside what the process holds without it. */
export function memoryLimit(bytes: number): number {
  return 16 * MB + 100 * bytes;
}

/** Of processor time, in milliseconds, in a process that has just started: a second, and 50 µs a byte. */
export function timeLimitMs(bytes: number): number {
  return 1_000 + bytes / 20;
}

/** After this time an input hangs: on the clock, if it had a processor meanwhile (watch.ts). */
export function hangMs(bytes: number): number {
  return 5_000 + 5 * timeLimitMs(bytes);
}
