/** Worker records outside a run: read from the store for another run, written to files, read from them. */
import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { parentPath } from "../base/path.ts";
import { WORKER_EXPORT, WORKER_READ, workerSnapshot } from "../orchestration/worker-record.ts";
import { WORKER_TYPE, type WorkerState } from "../orchestration/worker-state.ts";
import type { Performer } from "../ports/effects.ts";
import type { FilesPort } from "../ports/files.ts";
import type { Store } from "../store/contract.ts";
import type { VmHost } from "../vm/host.ts";
import { Run } from "../vm/run.ts";
import { Freezer } from "../vm/snapshot/freeze.ts";
import { Thawer } from "../vm/snapshot/thaw.ts";

/** The record of a worker as of the last commit of its run, without secrets; null: the store knows no such worker. */
export async function storedWorker(store: Store, host: VmHost, id: string): Promise<JsonObject | null> {
  const row = await store.record("worker", id);
  if (row === null) return null;
  const unit = await store.unit(row.unit);
  if (unit === null) return null;
  const run = new Run(row.unit, host);
  const thawer = new Thawer(run, new Freezer(run), {
    rows: (table, of) => store.rows(row.unit, table, of),
    blob: (hash) => store.blob(hash),
  });
  await thawer.loadObject(id);
  const object = run.objects.get(id);
  if (object?.kind !== "record" || object.type !== WORKER_TYPE) return null;
  return host.redact(workerSnapshot(object.state as WorkerState));
}

export async function writeRecord(files: FilesPort, path: string, record: Json): Promise<void> {
  await files.mkdir(parentPath(path));
  await files.writeText(path, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

/** `store`: null when nothing was ever stored. */
export function workerRecordPerformers(store: () => Promise<Store | null>, host: () => VmHost): readonly Performer[] {
  return [
    {
      kind: WORKER_EXPORT,
      version: 1,
      repeat: "safe",
      place: "host",
      perform: async (args, { ports }) => {
        await writeRecord(ports.files, String(args.path), args.record!);
        return null;
      },
    },
    {
      kind: WORKER_READ,
      version: 1,
      repeat: "safe",
      place: "any",
      perform: async ({ id, path }, { ports }) => {
        const opened = await store();
        const record = opened === null ? null : await live(opened, host(), String(id));
        if (record !== null) return { record, path: path ?? null };
        if (typeof path !== "string") throw new Failure(`no worker ${id} in this store`, "not_found");
        return { record: readRecordText(path, await ports.files.readText(path, { maxBytes: LARGEST_RECORD })), path };
      },
    },
  ];
}

const LARGEST_RECORD = 64 * 1024 * 1024;

/** Refuses a worker that another process is running: there would be two of it. */
async function live(store: Store, host: VmHost, id: string): Promise<JsonObject | null> {
  const record = await storedWorker(store, host, id);
  if (record === null || record.status !== "running") return record;
  const unit = await store.unit((await store.record("worker", id))!.unit);
  if (unit?.owner?.alive !== true) return record;
  throw new Failure(`worker ${id} is running in run ${unit.unit} (process ${unit.owner.pid})`);
}

function readRecordText(path: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new Failure(`${path} is no worker record: ${(error as Error).message}`);
  }
}
