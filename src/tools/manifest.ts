/**
 * Reads what `harn.toml` says to the tools. The nearest one counts: in the file's folder or above, not beyond the folder that holds `.git`.
 *
 * Invariants
 * 1. A file that is no TOML, and a value of the wrong kind, are failures that name file, key and what was expected.
 * 2. Unknown keys are reported, not refused: a newer version may know them.
 */
import { parse as parseToml, TomlError } from "smol-toml";
import { Failure } from "../base/failure.ts";
import { joinPath, parentPath } from "../base/path.ts";
import { closestName } from "../check/suggestion.ts";
import type { FilesPort } from "../ports/files.ts";

export const MANIFEST = "harn.toml";
/** Folders that are looked through upwards. */
const MOST_LEVELS = 16;

export interface Manifest {
  /** Absolute path. */
  readonly path: string;
  readonly tables: Readonly<Record<string, unknown>>;
}

/** Finds manifests, each read once. */
export class ManifestFinder {
  readonly #files: FilesPort;
  readonly #byFolder = new Map<string, Manifest | null>();

  constructor(files: FilesPort) {
    this.#files = files;
  }

  /** The manifest that counts for a file or folder in `folder`; null when there is none. */
  nearest(folder: string, levels = MOST_LEVELS): Manifest | null {
    const known = this.#byFolder.get(folder);
    if (known !== undefined) return known;
    const found = this.#look(folder, levels);
    this.#byFolder.set(folder, found);
    return found;
  }

  /** Where it looks for the one that counts, from `folder` upwards. */
  places(folder: string): readonly string[] {
    const places: string[] = [];
    for (let at = folder; places.length < MOST_LEVELS; at = parentPath(at)) {
      const place = joinPath(at, MANIFEST);
      places.push(place);
      if (this.#files.existsSync(place) || parentPath(at) === at || this.#files.existsSync(joinPath(at, ".git"))) break;
    }
    return places;
  }

  #look(folder: string, levels: number): Manifest | null {
    const path = joinPath(folder, MANIFEST);
    if (this.#files.statSync(path)?.kind === "file") return { path, tables: readTables(path, this.#files) };
    const parent = parentPath(folder);
    if (levels <= 1 || parent === folder || this.#files.existsSync(joinPath(folder, ".git"))) return null;
    return this.nearest(parent, levels - 1);
  }
}

function readTables(path: string, files: FilesPort): Readonly<Record<string, unknown>> {
  try {
    return parseToml(files.readTextSync(path));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason] = error.message.split("\n");
    throw new Failure(`${path}:${error.line}:${error.column}: ${reason}`);
  }
}

/** One table of a manifest, read key by key; names may be written with `_` or with `-`. */
export class ManifestTable {
  readonly #where: string;
  readonly #name: string;
  readonly #values: Map<string, unknown>;
  readonly #known = new Set<string>();

  constructor(manifest: Manifest | null, name: string) {
    this.#where = manifest?.path ?? "";
    this.#name = name;
    const table = manifest?.tables[name] ?? {};
    if (!isTable(table)) throw new Failure(`${this.#where}: [${name}] must be a table`);
    this.#values = new Map(Object.entries(table).map(([key, value]) => [key.replaceAll("-", "_"), value]));
  }

  /** Text, a whole number of at least `least`, or true and false; null when it is missing. */
  count(key: string, least: number): number | null {
    const isFine = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= least;
    return this.#read(key, isFine, `a whole number of at least ${least}`);
  }

  flag(key: string): boolean | null {
    return this.#read(key, (value): value is boolean => typeof value === "boolean", "true or false");
  }

  text(key: string): string | null {
    return this.#read(key, (value): value is string => typeof value === "string", "a text");
  }

  choice<T extends string>(key: string, allowed: readonly T[]): T | null {
    const isFine = (value: unknown): value is T => allowed.includes(value as T);
    return this.#read(key, isFine, allowed.map((word) => `"${word}"`).join(" or "));
  }

  /** A table of lists of texts. */
  textLists(key: string): ReadonlyMap<string, readonly string[]> {
    const isFine = (value: unknown): value is Readonly<Record<string, readonly string[]>> =>
      isTable(value) &&
      Object.values(value).every((list) => Array.isArray(list) && list.every((item) => typeof item === "string"));
    return new Map(Object.entries(this.#read(key, isFine, "a table of lists of texts") ?? {}));
  }

  texts(key: string): readonly string[] | null {
    const isFine = (value: unknown): value is readonly string[] =>
      Array.isArray(value) && value.every((item) => typeof item === "string");
    return this.#read(key, isFine, "a list of texts");
  }

  /** A table of texts; each must be one of `allowed`. */
  choices<T extends string>(key: string, allowed: readonly T[]): ReadonlyMap<string, T> {
    const isFine = (value: unknown): value is Readonly<Record<string, T>> =>
      isTable(value) && Object.values(value).every((item) => allowed.includes(item as T));
    const found = this.#read(key, isFine, `a table of ${allowed.map((word) => `"${word}"`).join(", ")}`);
    return new Map(Object.entries(found ?? {}));
  }

  /** A message for each key that nobody asked for. */
  unknownKeys(): readonly string[] {
    return [...this.#values.keys()]
      .filter((key) => !this.#known.has(key))
      .map((key) => {
        const near = closestName(key, this.#known);
        const hint = near === null ? "" : `; did you mean ${near}?`;
        return `${this.#where}: [${this.#name}] has no key ${key}${hint}`;
      });
  }

  #read<T>(key: string, isFine: (value: unknown) => value is T, expected: string): T | null {
    this.#known.add(key);
    const value = this.#values.get(key);
    if (value === undefined) return null;
    if (!isFine(value)) {
      const got = typeof value === "bigint" ? String(value) : JSON.stringify(value);
      throw new Failure(`${this.#where}: [${this.#name}] ${key} must be ${expected}, got ${got}`);
    }
    return value;
  }
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
