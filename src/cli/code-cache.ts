/**
 * Where compiled programs are kept: in the state root where there is one, else beside the compiled code of the command itself, so that running a
 * program leaves nothing in the folder it is run from. `HARN_CACHE=0` keeps nothing.
 */
import fs from "node:fs";
import module from "node:module";
import path from "node:path";
import { createCodeCache } from "../hosts/node/code-cache.ts";
import type { CodeCachePort } from "../ports/code-cache.ts";
import { BUILD } from "./build.ts";

export function openCodeCache(stateRoot: string | undefined): CodeCachePort | null {
  if (BUILD === null || process.env.HARN_CACHE === "0") return null;
  const given = stateRoot ?? process.env.HARN_STATE_DIR?.trim();
  const root = path.resolve(given === undefined || given === "" ? ".harn" : given);
  if (fs.existsSync(root)) return createCodeCache(path.join(root, "cache", "programs"), BUILD);
  const compiled = module.getCompileCacheDir();
  return compiled === undefined ? null : createCodeCache(path.join(path.dirname(compiled), "programs"), BUILD);
}
