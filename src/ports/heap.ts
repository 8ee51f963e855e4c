/** The door to what the process's memory holds. */

export interface HeapPort {
  /** Bytes that values take, garbage included. */
  used(): number;
  /** Bytes above which the process would end. */
  readonly limit: number;
  /** Gives garbage back, so that `used` tells what is held. Takes up to a second per gigabyte. */
  collect(): void;
}
