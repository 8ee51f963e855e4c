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
  STRUCT: 1024,
  OTHER: 2048,
  /** The state of a loop over a range, taken apart into numbers. */
  CURSOR_RANGE: 4096,
} as const;

export const ANY = 4095;

/** All that a variable may hold is in `mask`. */
export function only(type: number, mask: number): boolean {
  return type !== 0 && (type & ~mask) === 0;
}

/**
 * A test that `code` is an object of a class of values. Asking for the constructor costs V8 one look at the hidden class, which then is known for
 * the accesses that follow; `instanceof` walks the chain of prototypes each time.
 */
export function isA(code: string, type: number, kind: "HList" | "HDict" | "HStruct" | "HEnum" | "HClosure"): string {
  const test = `${code}.constructor === ${kind}`;
  return type & T.NIL ? `${code} !== null && ${test}` : test;
}
