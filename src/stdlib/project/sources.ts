/** The first source files of a project, for whoever wants to show some. */
import { joinPath } from "../../base/path.ts";
import type { FilesPort } from "../../ports/files.ts";
import { isVendor } from "./folder-tree.ts";

const MOST = 8;

const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  rust: ["rs"],
  go: ["go"],
  python: ["py"],
  typescript: ["ts", "tsx"],
  javascript: ["js", "jsx", "mjs", "cjs"],
  ruby: ["rb"],
};

/** Relative paths, depth first in the order of names. */
export async function findSources(
  files: FilesPort,
  start: string,
  languages: readonly string[],
): Promise<readonly string[]> {
  const extensions = new Set(
    languages.flatMap((language) => (Object.hasOwn(EXTENSIONS, language) ? EXTENSIONS[language]! : [])),
  );
  const found: string[] = [];
  const visit = async (folder: string, prefix: string): Promise<void> => {
    for (const { name, kind } of await files.list(folder).catch(() => [])) {
      if (found.length >= MOST) return;
      if (kind === "directory") {
        if (!name.startsWith(".") && !isVendor(name)) await visit(joinPath(folder, name), `${prefix}${name}/`);
      } else if (extensions.has(name.slice(name.lastIndexOf(".") + 1))) found.push(prefix + name);
    }
  };
  if (extensions.size > 0) await visit(start, "");
  return found;
}
