/**
 * Effects on state folders. A write looks who wrote the key before, writes the text, then notes the writer; writes to one key in one process come one
 * after the other. Done again after a crash it finds itself as the earlier writer, so both may simply be repeated.
 */
import { Failure } from "../../base/failure.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { isJsonObject } from "../../base/json.ts";
import { joinPath, parentPath } from "../../base/path.ts";
import { createTurns } from "../../base/turns.ts";
import type { Performer } from "../../ports/effects.ts";
import { FileFailure } from "../../ports/files.ts";
import type { Ports } from "../../ports/ports.ts";
import { META_FOLDER } from "./handle.ts";

/** Arguments `folder`, `key`, `content`, `policy`, `writer`; answers `{conflict: null | {previous, current}}`. */
export function createStateWrite(): Performer {
  const inTurn = createTurns();
  return {
    kind: "agent_state.write",
    version: 1,
    repeat: "safe",
    place: "any",
    perform(args, { ports }) {
      const path = joinPath(String(args.folder), String(args.key));
      return inTurn(path, () => write(path, args, ports));
    },
  };
}

/** Arguments `folder`, `key`. A key that is not there is fine. */
export const stateDelete: Performer = {
  kind: "agent_state.delete",
  version: 1,
  repeat: "safe",
  place: "any",
  async perform(args, { ports }) {
    const folder = String(args.folder);
    for (const path of [joinPath(folder, String(args.key)), metaPath(folder, String(args.key))]) {
      await named("delete", () => ports.files.remove(path));
      await pruneEmpty(parentPath(path), folder, ports);
    }
    return null;
  },
};

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
  await named("write", async () => {
    await ports.files.mkdir(parentPath(path));
    await ports.files.writeText(path, String(args.content), { sync: true });
    if (Object.keys(current).length === 0) return;
    await ports.files.mkdir(parentPath(meta));
    const note = { writer: current, updated_at: Math.floor(ports.clock.nowMs() / 1000) };
    await ports.files.writeText(meta, JSON.stringify(note, null, 2), { sync: true });
  });
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

/** Says which operation failed. Deleting what is not there is no failure. */
async function named(operation: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof FileFailure)) throw error;
    if (operation === "delete" && error.code === "ENOENT") return;
    throw new Failure(`agent_state.${operation}: failed to ${operation} ${error.path}: ${error.reason}`);
  }
}

async function pruneEmpty(from: string, stop: string, ports: Ports): Promise<void> {
  for (let folder = from; folder.startsWith(`${stop}/`); folder = parentPath(folder)) {
    try {
      if ((await ports.files.list(folder)).length > 0) return;
      await ports.files.remove(folder);
    } catch {
      return;
    }
  }
}
