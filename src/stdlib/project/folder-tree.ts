/**
 * Looking through a tree of folders without blocking: listings are read once, what git ignores is left out when that is wished.
 *
 * Invariants
 * 1. Depth first, names in order, symbolic links are not followed: no loop.
 * 2. A folder that cannot be read counts as empty.
 */
import { joinPath } from "../../base/path.ts";
import type { FileEntry, FilesPort } from "../../ports/files.ts";
import { FileFailure } from "../../ports/files.ts";

/** Made by tools, or kept by version control. */
const VENDOR: ReadonlySet<string> = new Set([
  ".git",
  ".hg",
  ".svn",
  ".venv",
  "__pycache__",
  "build",
  "dist",
  "node_modules",
  "target",
  "venv",
]);

export const isVendor = (name: string): boolean => VENDOR.has(name);

export interface TreeOptions {
  /** Levels below the start; null: all. */
  readonly depth: number | null;
  readonly hidden: boolean;
  readonly vendor: boolean;
  readonly gitignore: boolean;
}

export interface Folder {
  readonly path: string;
  /** Relative to the start; `.` is the start. */
  readonly relative: string;
  /** Those that the options leave. */
  readonly entries: readonly FileEntry[];
}

interface Ignorer {
  readonly folder: string;
  ignores(relative: string): boolean;
}

export class FolderTree {
  readonly options: TreeOptions;
  private readonly files: FilesPort;
  private readonly base: string;
  private readonly listings = new Map<string, readonly FileEntry[]>();
  constructor(files: FilesPort, base: string, options: TreeOptions) {
    this.files = files;
    this.base = base;
    this.options = options;
  }

  /** Everything in a folder. */
  async list(path: string): Promise<readonly FileEntry[]> {
    const known = this.listings.get(path);
    if (known !== undefined) return known;
    const entries = await this.files.list(path).catch((error: unknown): readonly FileEntry[] => {
      if (error instanceof FileFailure) return [];
      throw error;
    });
    this.listings.set(path, entries);
    return entries;
  }

  async *walk(): AsyncGenerator<Folder> {
    yield* this.below(this.base, ".", 0, await this.ignorers(this.base, []));
  }

  private async *below(
    path: string,
    relative: string,
    depth: number,
    ignorers: readonly Ignorer[],
  ): AsyncGenerator<Folder> {
    const entries = (await this.list(path)).filter((entry) => this.keeps(joinPath(path, entry.name), entry, ignorers));
    yield { path, relative, entries };
    this.listings.delete(path);
    if (this.options.depth !== null && depth >= this.options.depth) return;
    for (const { name, kind } of entries) {
      if (kind !== "directory") continue;
      const folder = joinPath(path, name);
      const below = relative === "." ? name : `${relative}/${name}`;
      yield* this.below(folder, below, depth + 1, await this.ignorers(folder, ignorers));
    }
  }

  private keeps(path: string, { name, kind }: FileEntry, ignorers: readonly Ignorer[]): boolean {
    if (!this.options.hidden && name.startsWith(".")) return false;
    if (kind === "directory" && !this.options.vendor && VENDOR.has(name)) return false;
    const suffix = kind === "directory" ? "/" : "";
    return !ignorers.some(({ folder, ignores }) => ignores(`${path.slice(folder.length + 1)}${suffix}`));
  }

  /** Those above, and the folder's own. */
  private async ignorers(folder: string, above: readonly Ignorer[]): Promise<readonly Ignorer[]> {
    if (!this.options.gitignore) return above;
    if (!(await this.list(folder)).some(({ name, kind }) => name === ".gitignore" && kind === "file")) return above;
    const rules = await this.files.readText(joinPath(folder, ".gitignore")).catch((error: unknown) => {
      if (error instanceof FileFailure) return "";
      throw error;
    });
    const { default: ignore } = await import("ignore");
    const matcher = ignore().add(rules);
    return [...above, { folder, ignores: (relative) => matcher.ignores(relative) }];
  }

  /** Is there a file that fits, in the folder or at most so many levels below? Hidden and vendor folders and nested projects are left out. */
  async hasFile(
    folder: string,
    levels: number | null,
    fits: (relative: string) => boolean,
    nested: (entries: readonly FileEntry[]) => boolean,
    relative = "",
  ): Promise<boolean> {
    const entries = await this.list(folder);
    if (relative !== "" && nested(entries)) return false;
    for (const { name, kind } of entries) {
      if (!this.options.hidden && name.startsWith(".")) continue;
      if (kind !== "directory") {
        if (fits(relative + name)) return true;
        continue;
      }
      if ((levels !== null && levels <= 0) || (!this.options.vendor && VENDOR.has(name))) continue;
      const inside = `${relative}${name}/`;
      const left = levels === null ? null : levels - 1;
      if (await this.hasFile(joinPath(folder, name), left, fits, nested, inside)) return true;
    }
    return false;
  }
}
