/**
 * A dict that is kept in a JSON file of the project: the store and the checkpoints. What stands in the file is the truth, for this process and all
 * others: it is read again whenever it may have changed, and each change is made by an effect (kept-change.ts).
 *
 * Invariants
 * 1. The caller of a change waits until it is on disk; from then on everybody reads it.
 * 2. Only the change itself is handed on, never the whole dict, so changes of several fibers and processes do not undo each other.
 */
import { Failure } from "../base/failure.ts";
import type { JsonObject } from "../base/json.ts";
import { joinPath, parentPath } from "../base/path.ts";
import type { Call, Outcome, Suspension } from "../builtin/call.ts";
import { awaitEffect } from "../builtin/call.ts";
import { declareCell } from "../builtin/cells.ts";
import { raiseFailure, runtimeError } from "../builtin/raise.ts";
import { FileFailure, type FileStat } from "../ports/files.ts";
import { parseJson, stringifyJson } from "../value/json.ts";
import { HDict, HList, share, type Value } from "../value/value.ts";
import { vmCall } from "../vm/vm-call.ts";
import { type Change, KEPT_CHANGE, KEPT_SWAP, parseEntries } from "./kept-change.ts";
import { findProjectRoot, stateRootOf } from "./surroundings.ts";

/** What was last read of a file. */
interface Kept {
  readonly path: string;
  entries: HDict;
  size: number;
  modifiedMs: number;
  readMs: number;
}

/** Nothing but what the files hold, so it need not be written with the turn. */
const keptFiles = declareCell<{ files: Kept[] }>("kept_dicts", () => ({ files: [] }));

/** Two changes this close to each other may leave the same time and size: a file is known by them only when it is older than this. */
const SETTLED_MS = 2_000;

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

/** The lock of all that several processes may keep in the state folder. */
export const keptLock = (call: Call): string => joinPath(programStateRoot(call), "kept.lock");

/** To look at only. */
function entriesOf(call: Call, path: string): HDict {
  const stat = call.ports.files.statSync(path);
  if (stat === null) return HDict.empty();
  const { files } = call.read(keptFiles);
  const known = files.find((file) => file.path === path);
  if (known !== undefined && isUnchanged(known, stat)) return known.entries;
  const readMs = call.ports.clock.nowMs();
  const entries = readEntries(call, path);
  if (known === undefined) files.push({ path, entries, size: stat.size, modifiedMs: stat.modifiedMs, readMs });
  else Object.assign(known, { entries, size: stat.size, modifiedMs: stat.modifiedMs, readMs });
  return entries;
}

function isUnchanged(known: Kept, { size, modifiedMs }: FileStat): boolean {
  return known.size === size && known.modifiedMs === modifiedMs && known.readMs - modifiedMs > SETTLED_MS;
}

function readEntries(call: Call, path: string): HDict {
  try {
    return parseEntries(path, call.ports.files.readTextSync(path));
  } catch (error) {
    if (error instanceof FileFailure) throw runtimeError(`cannot read ${path}: ${error.reason}`);
    throw error instanceof Failure ? raiseFailure(error) : error;
  }
}

export function keptValue(call: Call, path: string, key: string): Value {
  return share(entriesOf(call, path).get(key) ?? null);
}

export const hasKept = (call: Call, path: string, key: string): boolean => entriesOf(call, path).has(key);

export const keptKeys = (call: Call, path: string): HList => new HList(entriesOf(call, path).keys().slice());

/** Changes the entries and waits until that is on disk; finish with `finishKept`. */
export function changeKept(call: Call, path: string, change: Change): Suspension {
  const args: JsonObject = { path, lock: keptLock(call), change };
  return change.kind === "swap"
    ? awaitEffect({ kind: KEPT_SWAP, version: 1, args, repeat: "never", place: "any" })
    : awaitEffect({ kind: KEPT_CHANGE, version: 1, args, repeat: "safe", place: "any" });
}

/** A value as the file will hold it. What has no form in JSON is null, sets are lists, structs dicts. */
export const keptText = (value: Value): string => stringifyJson(value, { keepFloats: true });

/** As JSON will give it back. */
export function keepable(value: Value): Value {
  const parsed = parseJson(keptText(value));
  return parsed.ok ? parsed.value : null;
}

/** Nil, but of a swap: whether it was made. */
export function finishKept(_call: Call, outcome: Outcome): Value {
  if (outcome.kind === "failed") throw raiseFailure(outcome);
  return outcome.kind === "result" && typeof outcome.result === "boolean" ? outcome.result : null;
}
