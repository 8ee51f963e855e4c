/** What several processes change in files, one at a time. */
import { parentPath } from "../base/path.ts";
import type { FilesPort } from "../ports/files.ts";

/**
 * Runs the body while no other process, and nobody else in this one, is inside a body under the same lock file. Its folder is made; the file stays.
 * Code `locked` (`FileFailure`) if others hold it too long. The death of the process lets go, too.
 */
export async function locked<T>(files: FilesPort, lock: string, body: () => Promise<T>): Promise<T> {
  if (!files.existsSync(parentPath(lock))) await files.mkdir(parentPath(lock));
  const release = await files.lock(lock);
  try {
    return await body();
  } finally {
    release();
  }
}
