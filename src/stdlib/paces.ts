/**
 * What builtins cost for each character, item or entry, as a multiple of looking at it once (value/cost.ts). Measured with large values and rounded up:
 * `npm run bench:limits -- builtins` shows what takes longer than it says.
 */

/** A text of pieces: taken apart, or put together. */
export const PIECES = 8;
/** From word to word, with letters in another case. */
export const WORDS = 32;
export const IDENTIFIERS = 64;
/** A path, segment by segment. */
export const SEGMENTS = 64;
/** Bytes that are worked on: digests and encodings. */
export const BYTES = 128;
/** Something is made for each item. */
export const MAKING = 16;
/** The keys of a dict with their values. */
export const ENTRIES = 8;
/** A set of items whose keys are known. */
export const COPYING = 8;
/** A key is made of each item, and looked up. */
export const HASHING = 64;
export const SORTING = 40;
/** JSON, and what other libraries read and write. */
export const JSON_WRITING = 16;
export const JSON_READING = 48;
export const YAML = 2_000;
export const TOML = 64;
