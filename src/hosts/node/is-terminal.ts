/** Whether a descriptor is a terminal. Asks the file system first: what is none needs no `node:tty`, which loads half of `node:net`. */
import fs from "node:fs";
import { isatty } from "node:tty";

/** Of Linux: what /dev/null and /dev/zero are. */
const MEMORY_DEVICES = 1;

export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  try {
    const stat = fs.fstatSync(descriptor);
    if (!stat.isCharacterDevice()) return false;
    if (process.platform === "linux" && stat.rdev >> 8 === MEMORY_DEVICES) return false;
    return isatty(descriptor);
  } catch {
    // A descriptor that was closed before we started.
    return false;
  }
}
