/**
 * Ids. Version 7 in order of their making within this process: the counter goes on inside a millisecond and when the clock steps back. Randomness
 * comes from a pool, since an event and a record of each step want an id.
 */
import { randomFillSync } from "node:crypto";
import fs from "node:fs";
import { v4, v7 } from "uuid";
import type { IdsPort } from "../../ports/random.ts";

const SIZE = 16;
const POOL = SIZE * 256;

export function createIdsPort(): IdsPort {
  const pool = new Uint8Array(POOL);
  let used = POOL;
  let msecs = 0;
  let seq = 0;
  return {
    uuidv7() {
      if (used === POOL) {
        fillRandomly(pool);
        used = 0;
      }
      const random = pool.subarray(used, used + SIZE);
      used += SIZE;
      const now = Date.now();
      if (now > msecs) {
        msecs = now;
        // The upper half stays free for counting.
        seq = ((random[6]! << 24) | (random[7]! << 16) | (random[8]! << 8) | random[9]!) & 0x7fffffff;
      } else if (++seq > 0xffffffff) {
        seq = 0;
        msecs++;
      }
      return v7({ random, msecs, seq });
    },
    uuidv4() {
      const random = new Uint8Array(SIZE);
      fillRandomly(random);
      return v4({ random });
    },
  };
}

/** From the system's own source where it is a file: loading node:crypto takes a sixth of the time of a whole start. */
function fillRandomly(bytes: Uint8Array): void {
  try {
    const source = fs.openSync("/dev/urandom", "r");
    try {
      if (fs.readSync(source, bytes) === bytes.length) return;
    } finally {
      fs.closeSync(source);
    }
  } catch {
    // Another system: what follows is slower and the same.
  }
  randomFillSync(bytes);
}
