/** How deep generated code may call: the `room` of a call is frames that may still be pushed × FRAME + units of the host's stack that may still be used. */
export const FRAME = 65_536;

/** 16-byte units for large activations: 240 KB of the host's stack, of the 984 KB that it has by default. Small ones take 570 KB at most. */
export const STACK_UNITS = 15_000;

/** What a fiber that runs on top of others costs of the host's stack, and what must be left for it. */
export const HOSTING_UNITS = 1_000;
export const LEAST_UNITS = 4_000;
export const LEAST_FRAMES = 64;

/** No limit; a small integer, as all that is counted here. */
export const ANY_FRAMES = 1 << 30;

/** Frames that a room has. V8 makes a shift of this. */
export function framesOf(room: number): number {
  return (room / FRAME) | 0;
}
