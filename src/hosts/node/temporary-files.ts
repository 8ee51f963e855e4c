/**
 * Names of the temporary files that whole-file writes go through, and the removal of those that a killed process left.
 *
 * Invariants
 * 1. A name tells machine and process, so that only what a dead process of this machine left is removed.
 * 2. A folder is looked through once a process, before the first temporary file is made there: a write that is done again after a crash finds
 *    the rest of the first attempt.
 */
import { createHash, randomBytes } from "node:crypto";
import fsp from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { errorCode } from "./errno.ts";

export interface TemporaryFiles {
  /** A name in this folder that no other write has. */
  nameIn(folder: string): Promise<string>;
}

export function createTemporaryFiles(pid = process.pid): TemporaryFiles {
  // When the first file is written: a program that writes none must not wait for it.
  let machine = "";
  let pattern = /^$/;
  const prepare = () => {
    if (machine !== "") return;
    machine = createHash("sha256").update(os.hostname()).digest("hex").slice(0, 8);
    pattern = new RegExp(`^\\.harn-${machine}-(\\d+)-[0-9a-f]{18}\\.tmp$`);
  };
  const swept = new Map<string, Promise<void>>();

  async function sweep(folder: string): Promise<void> {
    // A folder that may be written to but not read cannot be looked through; its leftovers do no harm.
    const names = await fsp.readdir(folder).catch(() => []);
    for (const name of names) {
      const owner = pattern.exec(name)?.[1];
      if (owner !== undefined && Number(owner) !== pid && !isAlive(Number(owner))) {
        await fsp.rm(path.join(folder, name), { force: true }).catch(() => {});
      }
    }
  }

  return {
    async nameIn(folder) {
      prepare();
      let done = swept.get(folder);
      if (done === undefined) {
        done = sweep(folder);
        swept.set(folder, done);
      }
      await done;
      return path.join(folder, `.harn-${machine}-${pid}-${randomBytes(9).toString("hex")}.tmp`);
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}
