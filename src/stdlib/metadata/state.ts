/**
 * Metadata of a project's folders: folder → namespace → fields, kept in `metadata/NAMESPACE/entries.json` of the state folder. A folder inherits the
 * fields of those above it. Read once a run; changes stay in memory until they are saved.
 */
import { Failure } from "../../base/failure.ts";
import { joinPath } from "../../base/path.ts";
import type { Call } from "../../builtin/call.ts";
import { declareCell } from "../../builtin/cells.ts";
import { runtimeError } from "../../builtin/raise.ts";
import { compareUtf8 } from "../../value/key-order.ts";
import { HDict, share, type Value } from "../../value/value.ts";
import { programPlace, programStateRoot } from "../kept-dict.ts";
import { findProjectRoot } from "../surroundings.ts";
import { type Held, readShards } from "./shards.ts";

type Fields = Record<string, Value>;
type Namespaces = Record<string, Fields>;

interface Metadata {
  /** Null: not read yet. */
  folders: Record<string, Namespaces> | null;
}

/** Only what this run has set is ever written, so that what others saved since it read the files stays. */
interface Unsaved {
  /** `[namespace, folder, field]` as JSON text → number of the change that set it last. */
  readonly changes: HDict;
  last: number;
}

/** A folder or field may have any name, also that of something every object has. */
export const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const metadata = declareCell<Metadata>("metadata", () => ({ folders: null }));
const unsavedFields = declareCell<Unsaved>("metadata_unsaved", () => ({ changes: HDict.empty(), last: 0 }));

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
  const all: Record<string, Namespaces> = {};
  try {
    for (const { folder, namespace, fields } of readShards(call.ports.files, metadataRoot(call)).held)
      put(all, folder, namespace, fields);
  } catch (error) {
    throw error instanceof Failure ? runtimeError(error.message) : error;
  }
  return all;
}

function put(all: Record<string, Namespaces>, folder: string, namespace: string, fields: HDict): void {
  const namespaces = own(all, folder) ?? {};
  all[folder] = namespaces;
  namespaces[namespace] = Object.fromEntries(fields.entries());
}

/** No folder of a disk has a longer path, so nothing below inherits of one. */
const LONGEST_PATH = 4_096;

/** The folder's fields and those that it inherits, by namespace. */
export function resolved(call: Call, folder: string): ReadonlyMap<string, ReadonlyMap<string, Value>> {
  const all = folders(call);
  const parts = folder.split("/").filter((part) => part !== "" && part !== ".");
  const chain = [own(all, ".") ?? own(all, "")];
  let path = "";
  for (let i = 0; i < parts.length && path.length <= LONGEST_PATH; i++) {
    path += i === 0 ? parts[i]! : `/${parts[i]}`;
    chain.push(own(all, path));
  }
  if (path.length > LONGEST_PATH) chain.push(own(all, parts.join("/")));
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
  const all = call.change(metadata).folders!;
  const unsaved = call.change(unsavedFields);
  const namespaces = own(all, folder) ?? {};
  const target = own(namespaces, namespace) ?? {};
  unsaved.last += 1;
  for (const [key, value] of fields.entries()) {
    target[key] = share(value);
    unsaved.changes.set(JSON.stringify([namespace, folder, key]), unsaved.last);
  }
  namespaces[namespace] = target;
  all[folder] = namespaces;
}

/** All fields that are not saved, and the number of the change up to which they are. */
export function unsaved(call: Call): { readonly changes: readonly Held[]; readonly upTo: number } {
  const { changes, last } = call.read(unsavedFields);
  const byFolder = new Map<string, Held>();
  for (const [path] of changes.entries()) {
    const [namespace, folder, key] = JSON.parse(path) as [string, string, string];
    const place = JSON.stringify([namespace, folder]);
    const held = byFolder.get(place) ?? { namespace, folder, fields: HDict.empty() };
    byFolder.set(place, held);
    held.fields.set(key, share(folders(call)[folder]![namespace]![key]!));
  }
  return { changes: [...byFolder.values()], upTo: last };
}

/** What was set after the change `upTo` remains to be saved. */
export function markSaved(call: Call, upTo: number): void {
  const { changes } = call.change(unsavedFields);
  for (const [path, number] of [...changes.entries()]) if (Number(number) <= upTo) changes.delete(path);
}
