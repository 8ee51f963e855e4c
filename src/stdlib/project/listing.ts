/** All files and folders below a folder, as `scan_directory` gives them. */
import type { Json } from "../../base/json.ts";
import { joinPath } from "../../base/path.ts";
import type { FilesPort } from "../../ports/files.ts";

export interface ListingOptions {
  /** null: all. */
  readonly pattern: string | null;
  readonly maxDepth: number;
  readonly hidden: boolean;
  readonly folders: boolean;
  readonly files: boolean;
}

/** `{path (relative to base), size, modified, is_dir}`; links are not followed, what cannot be read is left out. */
export async function listTree(
  files: FilesPort,
  start: string,
  base: string,
  options: ListingOptions,
): Promise<readonly Json[]> {
  const found: Json[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = await files.list(folder).catch(() => []);
    for (const { name, kind } of entries) {
      if (!options.hidden && name.startsWith(".")) continue;
      const path = joinPath(folder, name);
      const relative = path.startsWith(`${base}/`) ? path.slice(base.length + 1) : path;
      const isFolder = kind === "directory";
      if ((isFolder ? options.folders : options.files) && fits(options.pattern, relative)) {
        const stat = await files.stat(path).catch(() => null);
        if (stat !== null)
          found.push({
            path: relative,
            size: stat.size,
            modified: Math.max(0, Math.floor(stat.modifiedMs / 1000)),
            is_dir: isFolder,
          });
      }
      if (isFolder && depth < options.maxDepth) await visit(path, depth + 1);
    }
  };
  await visit(start, 0);
  return found;
}

/** One `**` or one `*` stands for any text; a pattern without is looked for anywhere in the path. */
function fits(pattern: string | null, path: string): boolean {
  if (pattern === null) return true;
  const deep = pattern.split("**");
  if (deep.length === 2) {
    const [front, back] = [deep[0]!.replace(/\/+$/, ""), deep[1]!.replace(/^\/+/, "")];
    return path.startsWith(front) && path.endsWith(back.startsWith("*.") ? back.slice(1) : back);
  }
  const flat = pattern.split("*");
  return flat.length === 2 ? path.startsWith(flat[0]!) && path.endsWith(flat[1]!) : path.includes(pattern);
}
