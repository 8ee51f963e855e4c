/** Has a folder changed since its hashes were stored? Hashes are of names and sizes (structure) and also of times (content), not of bytes. */

import { joinPath } from "../../base/path.ts";
import type { Call } from "../../builtin/call.ts";
import { FileFailure } from "../../ports/files.ts";
import { compareUtf8 } from "../../value/key-order.ts";
import { HDict, HList } from "../../value/value.ts";
import { fnv64 } from "../digests.ts";
import { folderNames, folderPath, folders, own } from "./state.ts";

/** A folder that cannot be read counts as empty. */
function hashOf(call: Call, folder: string, withTimes: boolean): string {
  const { files } = call.ports;
  const lines: string[] = [];
  try {
    for (const { name } of files.listSync(folder)) {
      const stat = files.statSync(joinPath(folder, name));
      if (stat === null) continue;
      lines.push(`${name}:${stat.size}${withTimes ? `:${Math.floor(stat.modifiedMs / 1000)}` : ""}`);
    }
  } catch (error) {
    if (!(error instanceof FileFailure)) throw error;
  }
  return fnv64(new TextEncoder().encode(lines.sort(compareUtf8).join("|"))).toString(16);
}

export const structureHash = (call: Call, folder: string): string => hashOf(call, folderPath(call, folder), false);
export const contentHash = (call: Call, folder: string): string => hashOf(call, folderPath(call, folder), true);

export const shownName = (folder: string): string => (folder.trim() === "" ? "." : folder);

/** `{any_stale, tier1 (structure), tier2 (content alone)}`. */
export function staleFolders(call: Call, show: (folder: string) => string): HDict {
  const tier1: string[] = [];
  const tier2: string[] = [];
  for (const folder of folderNames(call)) {
    const stored = own(folders(call)[folder]!, "classification") ?? {};
    if (typeof stored.structureHash === "string" && stored.structureHash !== structureHash(call, folder))
      tier1.push(show(folder));
    else if (typeof stored.contentHash === "string" && stored.contentHash !== contentHash(call, folder))
      tier2.push(show(folder));
  }
  return HDict.of({
    any_stale: tier1.length + tier2.length > 0,
    tier1: new HList(tier1),
    tier2: new HList(tier2),
  });
}
