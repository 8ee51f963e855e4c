/** Which programs a command line means: files as named, folders for the `.harn` files below them. */
import { Failure } from "../base/failure.ts";
import { joinPath } from "../base/path.ts";
import type { FilesPort } from "../ports/files.ts";
import { FolderTree } from "../stdlib/project/folder-tree.ts";

export interface ProgramFile {
  /** Absolute. */
  readonly path: string;
  /** As messages show it: the words of the command line, and what lies below. */
  readonly name: string;
}

/**
 * In the order of their names, each once. In folders, what git ignores, hidden folders, and folders that tools fill (`node_modules`, `target`
 * and their like) are left out; what is named itself never is. Throws a `Failure` for a name with nothing behind it, and when there is no program
 * at all.
 */
export async function findPrograms(
  files: FilesPort,
  cwd: string,
  names: readonly string[],
): Promise<readonly ProgramFile[]> {
  const found = new Map<string, ProgramFile>();
  for (const name of names) {
    const path = joinPath(cwd, name);
    const stat = files.statSync(path);
    if (stat === null || stat.kind === "symlink") throw new Failure(`cannot read ${name}: no such file or folder`);
    if (stat.kind !== "directory") {
      found.set(path, { path, name });
      continue;
    }
    const shown = name === "." ? "" : `${name.replace(/\/+$/, "")}/`;
    const tree = new FolderTree(files, path, { depth: null, hidden: false, vendor: false, gitignore: true });
    for await (const folder of tree.walk()) {
      const below = folder.relative === "." ? "" : `${folder.relative}/`;
      for (const entry of folder.entries) {
        if (entry.kind !== "file" || !entry.name.endsWith(".harn")) continue;
        const file = joinPath(folder.path, entry.name);
        if (!found.has(file)) found.set(file, { path: file, name: `${shown}${below}${entry.name}` });
      }
    }
  }
  if (found.size === 0) throw new Failure(`there is no .harn file below ${names.join(", ")}`);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
