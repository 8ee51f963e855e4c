/**
 * Where compiled programs are kept: in the state root where there is one, else in the user's cache, so that running a program leaves nothing in the
 * folder it is run from. `HARN_CACHE=0` keeps nothing.
 */
import fs from "node:fs";
import path from "node:path";
import { createCodeCache } from "../hosts/node/code-cache.ts";
import type { CodeCachePort } from "../ports/code-cache.ts";
import { BUILD } from "./build.ts";

export function openCodeCache(stateRoot: string | undefined): CodeCachePort | null {
  const { HARN_CACHE, HARN_STATE_DIR } = process.env;
  if (BUILD === null || HARN_CACHE === "0") return null;
  const root = path.resolve(stateRoot ?? (HARN_STATE_DIR?.trim() || ".harn"));
  if (fs.existsSync(root)) return createCodeCache(path.join(root, "cache", "programs"), BUILD);
  const folder = userCache();
  return folder === null ? null : createCodeCache(path.join(folder, "harn", "programs"), BUILD);
}

/** As bin/harn.js has it. */
function userCache(): string | null {
  const { XDG_CACHE_HOME, LOCALAPPDATA, HOME, USERPROFILE } = process.env;
  const home = HOME || USERPROFILE;
  return XDG_CACHE_HOME || LOCALAPPDATA || (home ? path.join(home, ".cache") : null);
}
