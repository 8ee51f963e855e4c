/** `harn.lock`: where each installed package came from, and at which commit. The reference's format. */
import { parse as parseToml, TomlError } from "smol-toml";
import { Failure } from "../../base/failure.ts";
import type { Source } from "./dependencies.ts";

export interface Locked {
  readonly name: string;
  readonly source: Source;
  /** Of a git repository. */
  readonly commit: string | null;
}

/** `path` is for messages. Throws a `Failure` for a file that is no lock file. */
export function readLock(path: string, text: string): ReadonlyMap<string, Locked> {
  let tables: Readonly<Record<string, unknown>>;
  try {
    tables = parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new Failure(`${path}:${error.line}:${error.column}: ${error.message.split("\n")[0]}`);
  }
  const list = tables["package"] ?? [];
  if (!Array.isArray(list)) throw new Failure(`${path}: [[package]] must be a list of tables`);
  const found = new Map<string, Locked>();
  for (const entry of list as readonly Readonly<Record<string, unknown>>[]) {
    const text_ = (key: string) => (typeof entry[key] === "string" ? entry[key] : null);
    const [name, git, path_] = [text_("name"), text_("git"), text_("path")];
    if (name === null || (git === null) === (path_ === null)) {
      throw new Failure(`${path}: each [[package]] has a name, and git or path`);
    }
    const source: Source = git === null ? { kind: "path", path: path_! } : { kind: "git", url: git, tag: text_("tag") };
    found.set(name, { name, source, commit: text_("commit") });
  }
  return found;
}

export function writeLock(locked: Iterable<Locked>): string {
  const entries = [...locked]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, source, commit }) => {
      const lines: [string, string | null][] =
        source.kind === "path"
          ? [["path", source.path]]
          : [
              ["git", source.url],
              ["tag", source.tag],
              ["commit", commit],
            ];
      const all: [string, string | null][] = [["name", name], ...lines];
      return `[[package]]\n${all.flatMap(([key, value]) => (value === null ? [] : [`${key} = ${JSON.stringify(value)}\n`])).join("")}`;
    });
  return `# Written by \`harn install\`.\n\n${entries.join("\n")}`;
}
