/** Compiled programs as files of one folder. Synchronous: a start has nothing else to do meanwhile, and promises of files cost more than the files. */
import fs from "node:fs";
import path from "node:path";
import type { CodeCachePort } from "../../ports/code-cache.ts";

/** When there are more, the older half goes. */
const MOST_FILES = 512;

export function createCodeCache(folder: string, build: string): CodeCachePort {
  const fileOf = (name: string) => path.join(folder, `${name}.json`);
  return {
    build,
    read(name) {
      try {
        return fs.readFileSync(fileOf(name), "utf8");
      } catch {
        return null;
      }
    },
    write(name, text) {
      const staged = path.join(folder, `${name}.${process.pid}.new`);
      try {
        fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
        fs.writeFileSync(staged, text, { mode: 0o600 });
        fs.renameSync(staged, fileOf(name));
        prune(folder);
      } catch {
        // A read-only or full disk: the next start compiles again.
        discard(staged);
      }
    },
  };
}

function discard(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Nothing depends on it.
  }
}

function prune(folder: string): void {
  const names = fs.readdirSync(folder);
  if (names.length <= MOST_FILES) return;
  const aged = names.flatMap((name) => {
    const file = path.join(folder, name);
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ file, time: stat.mtimeMs }];
  });
  aged.sort((a, b) => a.time - b.time);
  for (const { file } of aged.slice(0, aged.length >> 1)) discard(file);
}
