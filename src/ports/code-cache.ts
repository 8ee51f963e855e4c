/**
 * The door to what was compiled before. A cache: whatever goes wrong reads as nothing kept, and nothing depends on what was written.
 *
 * Invariants
 * 1. A reader sees a whole text or none, whoever writes at the same time.
 * 2. Names are letters and digits.
 */
export interface CodeCachePort {
  /** Names the compiler that wrote the texts: what another one wrote is never read. */
  readonly build: string;
  read(name: string): string | null;
  write(name: string, text: string): void;
}
