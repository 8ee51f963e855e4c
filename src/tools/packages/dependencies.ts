/** `[dependencies]` of a manifest, read strictly: what `harn install` works from. */
import { Failure } from "../../base/failure.ts";
import type { Manifest } from "../manifest.ts";

export type Source =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "git"; readonly url: string; readonly tag: string | null };

export interface Dependency {
  readonly name: string;
  readonly source: Source;
}

/** Letters, digits, `_` and `-`: a name is a folder, and the first part of an import. */
export const PACKAGE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;

/** In the order of the file. Throws a `Failure` for what is none. */
export function readDependencies(manifest: Manifest): readonly Dependency[] {
  const table = manifest.tables["dependencies"] ?? {};
  if (!isTable(table)) throw new Failure(`${manifest.path}: [dependencies] must be a table`);
  return Object.entries(table).map(([name, value]) => {
    const where = `${manifest.path}: [dependencies] ${name}`;
    if (!PACKAGE_NAME.test(name)) throw new Failure(`${where}: a package's name is letters, digits, _ and -`);
    return { name, source: readSource(where, value) };
  });
}

function readSource(where: string, value: unknown): Source {
  if (typeof value === "string") return { kind: "path", path: value };
  if (isTable(value)) {
    const wrong = Object.keys(value).find((key) => !["git", "tag", "path"].includes(key));
    if (wrong !== undefined) throw new Failure(`${where} has no key ${wrong}: a dependency has git and tag, or path`);
    const { git, tag, path } = value;
    if (typeof path === "string" && git === undefined && tag === undefined) return { kind: "path", path };
    if (typeof git === "string" && path === undefined && (tag === undefined || typeof tag === "string")) {
      // What begins so would be an option of git.
      const odd = [git, tag].find((text) => text?.startsWith("-"));
      if (odd !== undefined) throw new Failure(`${where}: ${JSON.stringify(odd)} is neither a repository nor a tag`);
      return { kind: "git", url: git, tag: tag ?? null };
    }
  }
  throw new Failure(
    `${where} must be a folder as text, { path = "…" } or { git = "…", tag = "…" }, got ${JSON.stringify(value)}`,
  );
}

export function showSource(source: Source): string {
  if (source.kind === "path") return source.path;
  return source.tag === null ? source.url : `${source.url} at ${source.tag}`;
}

export function isSameSource(a: Source, b: Source): boolean {
  if (a.kind === "path") return b.kind === "path" && a.path === b.path;
  return b.kind === "git" && a.url === b.url && a.tag === b.tag;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
