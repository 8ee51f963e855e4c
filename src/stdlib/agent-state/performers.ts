/**
 * Effects on state folders. A write looks who wrote the key before, writes the text, then notes the writer.
 *
 * Invariants
 * 1. One lock a folder holds others off, of this and other processes: of two writers who must not overwrite each other the second sees the first,
 *    and no folder is removed as empty while another writes into it.
 * 2. Done again after a crash a write finds itself as the earlier writer, so both may simply be repeated.
 */
import { Failure } from "../../base/failure.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { isJsonObject } from "../../base/json.ts";
import { joinPath, parentPath } from "../../base/path.ts";
import type { Turns } from "../../base/turns.ts";
import type { Performer } from "../../ports/effects.ts";
import { FileFailure, type FilesPort } from "../../ports/files.ts";
import type { Ports } from "../../ports/ports.ts";
import { locked } from "../locked.ts";
import { LOCK_NAME, META_FOLDER } from "./handle.ts";

/**
 * `agent_state.write`: arguments `folder`, `key`, `content`, `policy`, `writer`; answers `{conflict: null | {previous, current}}`.
 * `agent_state.delete`: arguments `folder`, `key`; a key that is not there is fine.
 */
export function createStatePerformers(inTurn: Turns): readonly Performer[] {
  const underLock = (folder: string, { files }: Ports, body: () => Promise<Json>): Promise<Json> => {
    const lock = joinPath(folder, META_FOLDER, LOCK_NAME);
    return inTurn(lock, () => locked(files, lock, body));
  };
  return [
    {
      kind: "agent_state.write",
      version: 1,
      repeat: "safe",
      place: "any",
      perform(args, { ports }) {
        const folder = String(args.folder);
        const path = joinPath(folder, String(args.key));
        return named("write", () => underLock(folder, ports, () => write(path, args, ports)));
      },
    },
    {
      kind: "agent_state.delete",
      version: 1,
      repeat: "safe",
      place: "any",
      async perform(args, { ports }) {
        const [folder, key] = [String(args.folder), String(args.key)];
        if (!(await ports.files.exists(folder))) return null;
        return named("delete", () => underLock(folder, ports, () => remove(folder, key, ports)));
      },
    },
  ];
}

async function remove(folder: string, key: string, { files }: Ports): Promise<null> {
  for (const path of [joinPath(folder, key), metaPath(folder, key)]) {
    await removeIfThere(path, files);
    await pruneEmpty(parentPath(path), folder, files);
  }
  return null;
}

const metaPath = (folder: string, key: string): string => joinPath(folder, META_FOLDER, `${key}.json`);

async function write(path: string, args: JsonObject, ports: Ports): Promise<Json> {
  const meta = metaPath(String(args.folder), String(args.key));
  const current = isJsonObject(args.writer) ? args.writer : {};
  const previous = await earlierWriter(meta, ports);
  const twoWriters =
    typeof previous?.writer_id === "string" &&
    typeof current.writer_id === "string" &&
    previous.writer_id !== current.writer_id;
  if (twoWriters && args.policy === "error") throw new Failure(conflictText(String(args.key), previous, current));
  await ports.files.mkdir(parentPath(path));
  await ports.files.writeText(path, String(args.content), { sync: true });
  if (Object.keys(current).length > 0) {
    await ports.files.mkdir(parentPath(meta));
    const note = { writer: current, updated_at: Math.floor(ports.clock.nowMs() / 1000) };
    await ports.files.writeText(meta, JSON.stringify(note, null, 2), { sync: true });
  }
  return { conflict: twoWriters ? { previous, current } : null };
}

export function conflictText(key: string, previous: JsonObject, current: JsonObject): string {
  return `agent_state.write: key '${key}' was previously written by '${nameOf(previous)}' and is now being written by '${nameOf(current)}'`;
}

function nameOf(writer: JsonObject): string {
  const name = writer.writer_id ?? writer.worker_id ?? writer.stage_id ?? writer.session_id;
  return typeof name === "string" ? name : "unknown";
}

async function earlierWriter(meta: string, ports: Ports): Promise<JsonObject | null> {
  if (!(await ports.files.exists(meta))) return null;
  let parsed: Json;
  try {
    parsed = JSON.parse(await ports.files.readText(meta)) as Json;
  } catch (error) {
    throw new Failure(`agent_state: cannot read ${meta}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return isJsonObject(parsed) && isJsonObject(parsed.writer) ? parsed.writer : null;
}

async function removeIfThere(path: string, files: FilesPort): Promise<void> {
  try {
    await files.remove(path);
  } catch (error) {
    if (!(error instanceof FileFailure) || error.code !== "ENOENT") throw error;
  }
}

/** Says which operation failed. */
async function named<T>(operation: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof FileFailure)) throw error;
    throw new Failure(`agent_state.${operation}: failed to ${operation} ${error.path}: ${error.reason}`);
  }
}

async function pruneEmpty(from: string, stop: string, files: FilesPort): Promise<void> {
  for (let folder = from; folder.startsWith(`${stop}/`); folder = parentPath(folder)) {
    try {
      if ((await files.list(folder)).length > 0) return;
      await files.remove(folder);
    } catch {
      return;
    }
  }
}
