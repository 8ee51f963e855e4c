/** Sets of kinds of values, as bits: what a variable may hold. */
export const T = {
  NIL: 1,
  BOOL: 2,
  /** An int that is a JavaScript number. */
  INT: 4,
  BIG: 8,
  FLOAT: 16,
  STRING: 32,
  LIST: 64,
  DICT: 128,
  CLOSURE: 256,
  RANGE: 512,
  OTHER: 1024,
  /** The state of a loop over a range, taken apart into numbers. */
  CURSOR_RANGE: 2048,
} as const;

export const ANY = 2047;

/** All that a variable may hold is in `mask`. */
export function only(type: number, mask: number): boolean {
  return type !== 0 && (type & ~mask) === 0;
}
