/**
 * Ids. Version 7 in order of their making within this process: the counter goes on inside a millisecond and when the clock steps back. Randomness
 * comes from a pool, since an event and a record of each step want an id.
 */
import { randomFillSync, randomUUID } from "node:crypto";
import { v7 } from "uuid";
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
        randomFillSync(pool);
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
    uuidv4: () => randomUUID(),
  };
}
