/**
 * Is `dist/` built from the sources as they are? Told by times, so that a start need not read them: the newest of the sources and of the folders they
 * are in (whose time changes with what is added, removed or renamed) is the one that the build saw. Plain JavaScript that any Node can read.
 */
"use strict";
const { existsSync, readdirSync, readFileSync, statSync } = require("node:fs");
const { join } = require("node:path");

/** Of what lies under `src/`; 0 without sources, as in an installed package. Milliseconds. */
function newestSource(root) {
  const sources = join(root, "src");
  if (!existsSync(sources)) return 0;
  let newest = 0;
  const folders = [sources];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    newest = Math.max(newest, statSync(folder).mtimeMs);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else newest = Math.max(newest, statSync(path).mtimeMs);
    }
  }
  return newest;
}

function upToDate(root) {
  if (process.env.HARN_SOURCES) return false;
  try {
    const { newest } = JSON.parse(readFileSync(join(root, "dist", "built.json"), "utf8"));
    return newestSource(root) <= newest;
  } catch {
    return false;
  }
}

module.exports = { newestSource, upToDate };
