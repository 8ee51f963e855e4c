/**
 * `project.scan`: looks through folders. An effect although it only reads: a large tree takes long, and other fibers go on meanwhile.
 * Arguments: `what` (folder, tree, walk, sources, listing), `path`, `root`, `options`.
 */
import type { Json, JsonObject } from "../../base/json.ts";
import type { Performer } from "../../ports/effects.ts";
import type { ListingOptions } from "./listing.ts";
import { listTree } from "./listing.ts";
import type { ScanOptions } from "./scan.ts";
import { scanFolder, scanTree, walkTree } from "./scan.ts";
import { findSources } from "./sources.ts";

export const projectPerformer: Performer = {
  kind: "project.scan",
  version: 1,
  repeat: "safe",
  place: "host",
  async perform(args: JsonObject, { ports: { files } }): Promise<Json> {
    const path = String(args.path);
    const root = String(args.root);
    const options = args.options as unknown;
    switch (args.what) {
      case "folder":
        return scanFolder(files, path, options as ScanOptions);
      case "tree":
        return scanTree(files, path, options as ScanOptions);
      case "walk":
        return walkTree(files, path, root, options as ScanOptions);
      case "sources":
        return findSources(files, path, (args.options as { readonly languages: readonly string[] }).languages);
      case "listing":
        return listTree(files, path, root, options as ListingOptions);
      default:
        throw new Error(`project.scan: no such scan ${String(args.what)}`);
    }
  },
};
