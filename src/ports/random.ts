/** The door to randomness. */

export interface RandomPort {
  /** In [0, 1). */
  float(): number;
  /** Fit for keys and ids. */
  bytes(length: number): Uint8Array;
}

/** Fresh identifiers. */
export interface IdsPort {
  /** Time ordered, lower case, hyphenated. */
  uuidv7(): string;
  uuidv4(): string;
}
