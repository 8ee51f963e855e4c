/**
 * Changes of dicts that are kept in JSON files, right across processes: under a lock that all processes of a state folder share, the file is read,
 * changed and replaced as a whole. Whoever reads it, at any time and without the lock, finds one whole state.
 *
 * Invariants
 * 1. When a change has been answered, the file holds it.
 * 2. A process that is killed lets its lock go and leaves the file as before its change or after it.
 * 3. A swap is made once: what is noted first tells whether it may have been made, and then it fails with `effect_unknown`.
 */
import { Failure } from "../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { parentPath } from "../base/path.ts";
import { createTurns, type Turns } from "../base/turns.ts";
import { unreachable } from "../base/unreachable.ts";
import type { PerformContext, Performer } from "../ports/effects.ts";
import { FileFailure, type FilesPort } from "../ports/files.ts";
import { UNMETERED } from "../value/cost.ts";
import { valuesEqual } from "../value/equality.ts";
import { parseJson, stringifyJson } from "../value/json.ts";
import { HDict, type Value } from "../value/value.ts";
import { locked } from "./locked.ts";

/** Everything but a swap: may be done again. */
export const KEPT_CHANGE = "kept.change";
export const KEPT_SWAP = "kept.swap";

/** Values are JSON text: numbers keep their kind. */
export type Change =
  | { readonly kind: "set"; readonly key: string; readonly value: string }
  | { readonly kind: "delete"; readonly key: string }
  | { readonly kind: "clear" }
  /** Writes what there is. */
  | { readonly kind: "save" }
  /** Sets `value` if the key holds `old`; nothing counts as null. */
  | { readonly kind: "swap"; readonly key: string; readonly old: string; readonly value: string };

type Swap = Extract<Change, { kind: "swap" }>;

/**
 * Both kinds: arguments `path`, `lock`, `change`; a swap answers whether it was made, the others null. In one process they queue for the lock
 * `inTurn`: who is next gets it without asking twice.
 */
export function createKeptPerformers(inTurn: Turns = createTurns()): readonly Performer[] {
  const perform = (args: JsonObject, context: PerformContext): Promise<Json> => {
    const [path, lock] = [String(args.path), String(args.lock)];
    return inTurn(lock, () => named(path, () => underLock(path, lock, args.change as Change, context)));
  };
  return [
    { kind: KEPT_CHANGE, version: 1, repeat: "safe", place: "any", perform },
    { kind: KEPT_SWAP, version: 1, repeat: "never", place: "any", perform },
  ];
}

/** Throws a `Failure` that says what is wrong with the text. */
export function parseEntries(path: string, text: string): HDict {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Failure(`${path} is no JSON: ${parsed.message}; repair or remove it`);
  if (parsed.value instanceof HDict) return parsed.value;
  throw new Failure(`${path} must hold a JSON object; repair or remove it`);
}

async function underLock(path: string, lock: string, change: Change, context: PerformContext): Promise<Json> {
  const { files } = context.ports;
  // Who comes too late need not wait for the others to see it.
  if (change.kind === "swap" && !context.again && !holds(readEntries(path, files), change)) return false;
  if (!files.existsSync(parentPath(path))) await files.mkdir(parentPath(path));
  return locked(files, lock, () => apply(path, change, context));
}

async function apply(path: string, change: Change, context: PerformContext): Promise<Json> {
  const { files } = context.ports;
  const entries = readEntries(path, files);
  if (change.kind === "swap") {
    if (context.again && isJsonObject(context.note)) {
      throw new Failure(
        `store_cas: whether \`${change.key}\` was swapped is not known: the process ended in the middle of it`,
        "effect_unknown",
      );
    }
    if (!holds(entries, change)) return false;
    await context.note_({ begun: true });
  }
  applyTo(entries, change);
  await files.writeText(path, stringifyJson(entries, { indent: 2, keepFloats: true }));
  return change.kind === "swap" ? true : null;
}

const holds = (entries: HDict, { key, old }: Swap): boolean =>
  valuesEqual(entries.get(key) ?? null, valueOf(old), UNMETERED);

function applyTo(entries: HDict, change: Change): void {
  switch (change.kind) {
    case "set":
    case "swap":
      entries.set(change.key, valueOf(change.value));
      return;
    case "delete":
      entries.delete(change.key);
      return;
    case "clear":
      for (const key of entries.keys().slice()) entries.delete(key);
      return;
    case "save":
      return;
    default:
      unreachable(change);
  }
}

/** At once: the lock is held no longer than it must be. */
function readEntries(path: string, files: FilesPort): HDict {
  return files.existsSync(path) ? parseEntries(path, files.readTextSync(path)) : HDict.empty();
}

function valueOf(text: string): Value {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Failure(`a kept value is no JSON: ${parsed.message}`);
  return parsed.value;
}

/** Says which file it was about, whatever file of it failed. */
async function named<T>(path: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof FileFailure && error.path !== path)
      throw new Failure(`cannot change ${path}: ${error.message}`);
    throw error;
  }
}
