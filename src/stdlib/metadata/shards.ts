/**
 * The files that hold the metadata of folders: `NAMESPACE/entries.json` each, in the reference's form, and the older `root.json` with all namespaces,
 * which is read and never written. Where both have fields for a folder and a namespace, those of the namespace's own file count.
 */
import { Failure } from "../../base/failure.ts";
import { joinPath } from "../../base/path.ts";
import type { FileReads } from "../../ports/files.ts";
import { parseJson, stringifyJson } from "../../value/json.ts";
import { HDict } from "../../value/value.ts";

/** Of several for the same folder and namespace the last one counts, whole. */
export interface Held {
  readonly folder: string;
  readonly namespace: string;
  readonly fields: HDict;
}

export interface Shards {
  readonly held: readonly Held[];
  /** The namespace that each file is for. */
  readonly files: ReadonlyMap<string, string>;
}

/** Throws a `Failure` that names the file that cannot be read. */
export function readShards(reads: FileReads, root: string): Shards {
  const held: Held[] = [];
  const files = new Map<string, string>();
  if (!reads.existsSync(root)) return { held, files };
  const older = joinPath(root, "root.json");
  if (reads.existsSync(older)) {
    for (const [folder, entry] of dictsIn(parse(older, reads.readTextSync(older)).get("entries"))) {
      for (const [namespace, fields] of dictsIn(entry.get("namespaces"))) held.push({ folder, namespace, fields });
    }
  }
  for (const { name, kind } of reads.listSync(root)) {
    const file = joinPath(root, name, "entries.json");
    if (kind !== "directory" || !reads.existsSync(file)) continue;
    const shard = parse(file, reads.readTextSync(file));
    const namespace = shard.get("namespace");
    if (typeof namespace !== "string")
      throw new Failure(`${file}: \`namespace\` must be a string; repair or remove it`);
    files.set(file, namespace);
    for (const [folder, fields] of dictsIn(shard.get("entries"))) held.push({ folder, namespace, fields });
  }
  return { held, files };
}

function parse(file: string, text: string): HDict {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Failure(`${file} is no JSON: ${parsed.message}; repair or remove it`);
  if (parsed.value instanceof HDict) return parsed.value;
  throw new Failure(`${file} must hold a JSON object; repair or remove it`);
}

function* dictsIn(dict: unknown): Generator<readonly [string, HDict]> {
  if (!(dict instanceof HDict)) return;
  for (const [key, value] of dict.entries()) if (value instanceof HDict) yield [key, value];
}

/** The text of a namespace's file; `entries`: folder → fields. */
export function shardText(namespace: string, entries: ReadonlyMap<string, HDict>, nowMs: number): string {
  const generatedAt = new Date(Math.floor(nowMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
  const body = HDict.of({
    version: 1,
    namespace,
    backend: "filesystem",
    generatedAt,
    entries: HDict.from([...entries]),
  });
  return stringifyJson(body, { indent: 2, keepFloats: true });
}

/** The folder of a namespace's file. Two namespaces may have the same one. */
export function shardFolder(root: string, namespace: string): string {
  const name = Array.from(namespace, (char) =>
    /[A-Za-z0-9._-]/.test(char) ? char : `_${char.codePointAt(0)!.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
  return joinPath(root, name === "" || name === "." || name === ".." ? "_" : name);
}
