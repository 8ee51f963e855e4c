/**
 * A dict that is kept in a JSON file of the project: the store and the checkpoints. Read once a run, held in a cell, written whole after each change.
 *
 * Invariants
 * 1. A change is seen by all fibers at once; the caller waits until it is on disk.
 * 2. When writes of several fibers cross, the last to end makes sure that the newest state is what stands in the file: a write that finds a newer
 *    version when it is done writes again.
 */
import { joinPath, parentPath } from "../base/path.ts";
import type { Call, Outcome, Suspension } from "../builtin/call.ts";
import { awaitEffect } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import { raiseFailure, runtimeError } from "../builtin/raise.ts";
import { FileFailure } from "../ports/files.ts";
import { parseJson, stringifyJson } from "../value/json.ts";
import { HDict, HList, share, type Value } from "../value/value.ts";
import { vmCall } from "../vm/vm-call.ts";
import { findProjectRoot, stateRootOf } from "./environment.ts";

interface Kept {
  readonly path: string;
  entries: HDict;
  /** Counts the changes. */
  version: number;
}

const keptFiles = declareCell<{ files: Kept[] }>("kept_dicts", () => ({ files: [] }));

/** Folder of the program's entry, and the name of its file without the extension. */
export function programPlace(call: Call): { readonly folder: string; readonly name: string } {
  const entry = joinPath(call.ports.environment.cwd(), vmCall(call).run.entry);
  const name = entry.slice(entry.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
  return { folder: parentPath(entry), name: name === "" ? "default" : name };
}

/** State root of the project that the program belongs to. */
export function programStateRoot(call: Call): string {
  const { folder } = programPlace(call);
  return stateRootOf(call, findProjectRoot(call, folder) ?? folder);
}

function load(call: Call, path: string): Kept {
  const known = call.read(keptFiles).files.find((file) => file.path === path);
  if (known !== undefined) return known;
  const kept: Kept = { path, entries: readEntries(call, path), version: 0 };
  call.change(keptFiles).files.push(kept);
  return kept;
}

function readEntries(call: Call, path: string): HDict {
  if (!call.ports.files.existsSync(path)) return new HDict();
  let text: string;
  try {
    text = call.ports.files.readTextSync(path);
  } catch (error) {
    if (error instanceof FileFailure) throw runtimeError(`cannot read ${path}: ${error.reason}`);
    throw error;
  }
  const parsed = parseJson(text);
  if (!parsed.ok) throw runtimeError(`${path} is no JSON: ${parsed.message}; repair or remove it`);
  if (parsed.value instanceof HDict) return parsed.value;
  throw runtimeError(`${path} must hold a JSON object; repair or remove it`);
}

export function keptValue(call: Call, path: string, key: string): Value {
  return share(load(call, path).entries.get(key) ?? null);
}

export const hasKept = (call: Call, path: string, key: string): boolean => load(call, path).entries.has(key);

export const keptKeys = (call: Call, path: string): HList => new HList(load(call, path).entries.keys().slice());

/** Changes the entries and waits until they are on disk; finish with `finishKept`. */
export function changeKept(call: Call, path: string, change: (entries: HDict) => void): Suspension {
  const kept = load(call, path);
  call.change(keptFiles);
  change(kept.entries);
  kept.version++;
  return write(call, kept);
}

/** As JSON will give it back: what has no form there is nil, sets are lists, structs dicts. */
export function keepable(value: Value): Value {
  const parsed = parseJson(stringifyJson(value, { keepFloats: true }));
  return parsed.ok ? parsed.value : null;
}

function write(call: Call, kept: Kept): Suspension {
  const folder = parentPath(kept.path);
  if (!call.ports.files.existsSync(folder)) {
    return awaitEffect(
      { kind: "file.mkdir", version: 1, args: { path: folder }, repeat: "safe", place: "any" },
      new HList([kept.path, -1]),
    );
  }
  const text = stringifyJson(kept.entries, { indent: 2, keepFloats: true });
  return awaitEffect(
    { kind: "file.write", version: 1, args: { path: kept.path, text }, repeat: "safe", place: "any" },
    new HList([kept.path, kept.version]),
  );
}

export function finishKept(call: Call, outcome: Outcome, data: Value): Value | Suspension {
  if (outcome.kind === "failed") throw raiseFailure(outcome);
  const [path, version] = data instanceof HList ? data.items : [];
  if (typeof path !== "string") return null;
  const kept = load(call, path);
  return kept.version === version ? null : write(call, kept);
}
