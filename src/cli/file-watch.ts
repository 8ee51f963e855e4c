/**
 * Tells which programs and other files have changed on disk. Folders are watched, not files: editors replace files.
 *
 * Invariants
 * 1. A program counts as changed when its text differs from the one that was last seen: saving it as it is tells nothing.
 * 2. Changes that come close together are told together.
 */
import fs from "node:fs";
import path from "node:path";
import { Failure } from "../base/failure.ts";
import { systemReason } from "../hosts/node/errno.ts";

/** How long it must be quiet before a change is told. */
const QUIET_MS = 60;

export interface Watched {
  /** All programs below them. */
  readonly trees: ReadonlySet<string>;
  /** These files; whatever else is in their folders does not count. */
  readonly files: ReadonlySet<string>;
}

export class FileWatch {
  readonly #onChange: (changed: ReadonlySet<string>) => void;
  readonly #watchers = new Map<string, fs.FSWatcher>();
  readonly #texts = new Map<string, string | null>();
  #watched: Watched = { trees: new Set(), files: new Set() };
  #pending = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(onChange: (changed: ReadonlySet<string>) => void) {
    this.#onChange = onChange;
  }

  /** In the place of what was watched before. Throws a `Failure` when a folder cannot be watched. */
  watch(watched: Watched): void {
    this.#watched = watched;
    const wanted = new Map([...watched.files].map((file) => [path.dirname(file), false]));
    for (const tree of watched.trees) wanted.set(tree, true);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const [folder, recursive] of wanted) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = fs.watch(folder, { recursive }, (_event, name) => {
          if (name !== null) this.#noticed(path.join(folder, name));
        });
        // A folder that goes away is told by its files.
        watcher.on("error", () => watcher.close());
        this.#watchers.set(folder, watcher);
      } catch (error) {
        throw new Failure(`cannot watch ${folder}: ${systemReason(error)}`);
      }
    }
    for (const file of watched.files) this.#texts.set(file, textOf(file));
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #noticed(file: string): void {
    const { files, trees } = this.#watched;
    if (!files.has(file) && !(isProgram(file) && [...trees].some((tree) => file.startsWith(tree + path.sep)))) return;
    this.#pending.add(file);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), QUIET_MS);
  }

  #tell(): void {
    this.#timer = null;
    const changed = new Set<string>();
    for (const file of this.#pending) {
      const text = textOf(file);
      if (this.#texts.get(file) !== text) changed.add(file);
      this.#texts.set(file, text);
    }
    this.#pending = new Set();
    if (changed.size > 0) this.#onChange(changed);
  }
}

function isProgram(file: string): boolean {
  return file.endsWith(".harn") && path.basename(file) !== ".harn";
}

/** Null: it is gone, or cannot be read. */
function textOf(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
