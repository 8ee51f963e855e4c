/** Content hashes. No door to anything, but the fast implementation is the host's. */

export interface HashPort {
  /** Lower-case hex; text counts as its UTF-8 bytes. */
  sha256(content: string | Uint8Array): string;
}
