/**
 * The effect that saves metadata: only the fields that a run has set are put onto what the files hold now, under the lock of the project's store.
 *
 * Invariants
 * 1. What other processes saved meanwhile stays; of the same field the later save counts.
 * 2. Each file is replaced as a whole: a process that is killed leaves it as before or after, and lets its lock go. So it may be done again.
 */
import { Failure } from "../../base/failure.ts";
import { isJsonObject, type Json } from "../../base/json.ts";
import { joinPath } from "../../base/path.ts";
import type { Turns } from "../../base/turns.ts";
import type { Performer } from "../../ports/effects.ts";
import type { Ports } from "../../ports/ports.ts";
import { parseJson } from "../../value/json.ts";
import { HDict } from "../../value/value.ts";
import { locked } from "../locked.ts";
import { type Held, readShards, shardFolder, shardText } from "./shards.ts";

export const METADATA_SAVE = "metadata.save";

/**
 * Arguments `root` (the folder of the metadata), `lock`, `changes`: a list of `{namespace, folder, fields}`, the fields as JSON text, so that numbers
 * keep their kind. Answers null. `inTurn`: shared with whoever takes the same lock in this process.
 */
export function createMetadataSave(inTurn: Turns): Performer {
  return {
    kind: METADATA_SAVE,
    version: 1,
    repeat: "safe",
    place: "any",
    async perform(args, { ports }) {
      const [root, lock] = [String(args.root), String(args.lock)];
      const changes = Array.isArray(args.changes) ? args.changes.map(readChange) : [];
      await inTurn(lock, () => locked(ports.files, lock, () => save(root, changes, ports)));
      return null;
    },
  };
}

function readChange(change: Json): Held {
  if (!isJsonObject(change)) throw new Failure("a change of metadata must be an object");
  const parsed = parseJson(String(change.fields));
  if (!parsed.ok || !(parsed.value instanceof HDict)) throw new Failure("changed metadata must be a JSON object");
  return { namespace: String(change.namespace), folder: String(change.folder), fields: parsed.value };
}

async function save(root: string, changes: readonly Held[], ports: Ports): Promise<void> {
  const { held, files } = readShards(ports.files, root);
  const entries = new Map(changes.map(({ namespace }) => [namespace, new Map<string, HDict>()]));
  for (const { namespace, folder, fields } of held) entries.get(namespace)?.set(folder, fields);
  for (const { namespace, folder, fields } of changes) {
    const folders = entries.get(namespace)!;
    const target = folders.get(folder) ?? HDict.empty();
    for (const [key, value] of fields.entries()) target.set(key, value);
    folders.set(folder, target);
  }
  // Before anything is written: it is saved wholly or not at all.
  const owners = new Map(files);
  for (const namespace of entries.keys()) claim(owners, fileOf(root, namespace), namespace);
  for (const [namespace, folders] of entries) {
    await ports.files.mkdir(shardFolder(root, namespace));
    await ports.files.writeText(fileOf(root, namespace), shardText(namespace, folders, ports.clock.nowMs()));
  }
}

const fileOf = (root: string, namespace: string): string => joinPath(shardFolder(root, namespace), "entries.json");

function claim(owners: Map<string, string>, file: string, namespace: string): void {
  const owner = owners.get(file) ?? namespace;
  if (owner !== namespace) {
    throw new Failure(
      `metadata_save: the namespaces \`${owner}\` and \`${namespace}\` have the same file ${file}; rename one of them`,
    );
  }
  owners.set(file, namespace);
}
