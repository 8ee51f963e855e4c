/**
 * Metadata of a project's folders: folder → namespace → fields, kept in `metadata/NAMESPACE/entries.json` of the state folder. A folder inherits the
 * fields of those above it. Read once a run; changes stay in memory until they are saved.
 */
import { joinPath } from "../../base/path.ts";
import type { Call } from "../../builtin/call.ts";
import { declareCell } from "../../builtin/cells.ts";
import { runtimeError } from "../../builtin/raise.ts";
import { FileFailure } from "../../ports/files.ts";
import { parseJson, stringifyJson } from "../../value/json.ts";
import { compareUtf8 } from "../../value/key-order.ts";
import { HDict, share, type Value } from "../../value/value.ts";
import { findProjectRoot } from "../environment.ts";
import { programPlace, programStateRoot } from "../kept-dict.ts";

type Fields = Record<string, Value>;
type Namespaces = Record<string, Fields>;

interface Metadata {
  /** Null: not read yet. */
  folders: Record<string, Namespaces> | null;
  /** Namespaces that differ from what is on disk. */
  changed: string[];
}

/** A folder or field may have any name, also that of something every object has. */
export const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const metadata = declareCell<Metadata>("metadata", () => ({ folders: null, changed: [] }));

/** The folder that names are relative to. */
export function metadataBase(call: Call): string {
  const { folder } = programPlace(call);
  return findProjectRoot(call, folder) ?? folder;
}

export const metadataRoot = (call: Call): string => joinPath(programStateRoot(call), "metadata");

export function folderPath(call: Call, folder: string): string {
  return joinPath(metadataBase(call), folder);
}

export function folders(call: Call): Record<string, Namespaces> {
  const known = call.read(metadata).folders;
  if (known !== null) return known;
  const read = readAll(call);
  call.change(metadata).folders = read;
  return read;
}

export const folderNames = (call: Call): string[] => Object.keys(folders(call)).sort(compareUtf8);

function readAll(call: Call): Record<string, Namespaces> {
  const root = metadataRoot(call);
  const { files } = call.ports;
  const all: Record<string, Namespaces> = {};
  if (!files.existsSync(root)) return all;
  const older = joinPath(root, "root.json");
  if (files.existsSync(older)) {
    for (const [folder, entry] of entriesOf(call, older)) {
      const namespaces = entry.get("namespaces");
      if (namespaces instanceof HDict) for (const [name, fields] of dictsIn(namespaces)) put(all, folder, name, fields);
    }
  }
  for (const { name, kind } of files.listSync(root)) {
    const file = joinPath(root, name, "entries.json");
    if (kind !== "directory" || !files.existsSync(file)) continue;
    const namespace = shard(call, file).get("namespace");
    if (typeof namespace !== "string")
      throw runtimeError(`${file}: \`namespace\` must be a string; repair or remove it`);
    for (const [folder, fields] of entriesOf(call, file)) put(all, folder, namespace, fields);
  }
  return all;
}

function put(all: Record<string, Namespaces>, folder: string, namespace: string, fields: HDict): void {
  const namespaces = own(all, folder) ?? {};
  all[folder] = namespaces;
  namespaces[namespace] = Object.fromEntries(fields.entries());
}

function shard(call: Call, file: string): HDict {
  let text: string;
  try {
    text = call.ports.files.readTextSync(file);
  } catch (error) {
    if (error instanceof FileFailure) throw runtimeError(`cannot read ${file}: ${error.reason}`);
    throw error;
  }
  const parsed = parseJson(text);
  if (!parsed.ok) throw runtimeError(`${file} is no JSON: ${parsed.message}; repair or remove it`);
  if (parsed.value instanceof HDict) return parsed.value;
  throw runtimeError(`${file} must hold a JSON object; repair or remove it`);
}

function entriesOf(call: Call, file: string): Iterable<readonly [string, HDict]> {
  const entries = shard(call, file).get("entries");
  return entries instanceof HDict ? dictsIn(entries) : [];
}

function* dictsIn(dict: HDict): Generator<readonly [string, HDict]> {
  for (const [key, value] of dict.entries()) if (value instanceof HDict) yield [key, value];
}

/** The folder's fields and those that it inherits, by namespace. */
export function resolved(call: Call, folder: string): ReadonlyMap<string, ReadonlyMap<string, Value>> {
  const all = folders(call);
  const parts = folder.split("/").filter((part) => part !== "" && part !== ".");
  const chain = [
    own(all, ".") ?? own(all, ""),
    ...parts.map((_, index) => own(all, parts.slice(0, index + 1).join("/"))),
  ];
  const merged = new Map<string, Map<string, Value>>();
  for (const namespaces of chain) {
    for (const [name, fields] of Object.entries(namespaces ?? {})) {
      const target = merged.get(name) ?? new Map<string, Value>();
      for (const [key, value] of Object.entries(fields)) target.set(key, value);
      merged.set(name, target);
    }
  }
  return merged;
}

export function setFields(call: Call, folder: string, namespace: string, fields: HDict): void {
  folders(call);
  const state = call.change(metadata);
  const all = state.folders!;
  const namespaces = own(all, folder) ?? {};
  const target = own(namespaces, namespace) ?? {};
  for (const [key, value] of fields.entries()) target[key] = share(value);
  namespaces[namespace] = target;
  all[folder] = namespaces;
  if (!state.changed.includes(namespace)) state.changed.push(namespace);
}

/** The next namespace that is to be written, as the file it belongs into; null: all is saved. */
export function takeChanged(call: Call): { readonly folder: string; readonly text: string } | null {
  const [namespace] = call.read(metadata).changed;
  if (namespace === undefined) return null;
  call.change(metadata).changed.shift();
  const all = folders(call);
  const entries = Object.keys(all).flatMap((folder) => {
    const fields = own(all[folder]!, namespace);
    return fields === undefined ? [] : [[folder, HDict.from(Object.entries(fields))] as const];
  });
  const generatedAt = new Date(Math.floor(call.ports.clock.nowMs() / 1000) * 1000).toISOString().replace(".000Z", "Z");
  const body = HDict.of({ version: 1, namespace, backend: "filesystem", generatedAt, entries: HDict.from(entries) });
  return {
    folder: joinPath(metadataRoot(call), folderName(namespace)),
    text: stringifyJson(body, { indent: 2, keepFloats: true }),
  };
}

/** A namespace as the name of a folder. */
function folderName(namespace: string): string {
  const name = Array.from(namespace, (char) =>
    /[A-Za-z0-9._-]/.test(char) ? char : `_${char.codePointAt(0)!.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
  return name === "" || name === "." || name === ".." ? "_" : name;
}
