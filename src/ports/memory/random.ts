/** Randomness and ids that are the same in every run of a test: a small generator from a seed (mulberry32), not fit for secrets. */
import type { ClockPort } from "../clock.ts";
import type { IdsPort, RandomPort } from "../random.ts";

export function createSeededRandom(seed: number): RandomPort {
  let state = seed >>> 0;
  const float = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { float, bytes: (length) => Uint8Array.from({ length }, () => Math.floor(float() * 256)) };
}

/** Well-formed UUIDs: version 7 in order of creation, with the clock's time in front. */
export function createCountedIds(clock: ClockPort): IdsPort {
  let count = 0;
  const build = (head: string, version: string) => {
    const tail = (++count).toString(16).padStart(15, "0");
    return `${head.slice(0, 8)}-${head.slice(8, 12)}-${version}${tail.slice(0, 3)}-8${tail.slice(3, 6)}-${tail.slice(3)}`;
  };
  return {
    uuidv7: () => build(Math.floor(clock.nowMs()).toString(16).padStart(12, "0"), "7"),
    uuidv4: () => build("0".repeat(12), "4"),
  };
}
