/**
 * What is ours in a repository. `<git common dir>/harn/intents/<worker>.json` is written before git is asked to make anything for a worker, after it was
 * seen that neither the branch nor the path was there. So what stands there later, and the file with it, was made for that worker.
 *
 * Only what carries the intent of the same run and worker is adopted, repaired or removed; everything else belongs to the user.
 */
import path from "node:path";
import { Failure } from "../../../base/failure.ts";
import { isJsonObject, type Json } from "../../../base/json.ts";
import type { FilesPort } from "../../../ports/files.ts";
import type { EffectArguments } from "./arguments.ts";

export interface Intent {
  readonly run: string;
  readonly worker: string;
  readonly branch: string;
  /** The commit that the branch started from. */
  readonly base: string;
  /** Where the worktree is, or is being made; null once it was removed. The branch stays the worker's. */
  readonly path: string | null;
  /** Written once the worktree at `path` is whole: from then on there may be work in it. */
  readonly made: boolean;
}

export interface IntentOwner {
  readonly run: string;
  readonly worker: string;
}

export function ownerArguments(args: EffectArguments): IntentOwner {
  const owner = { run: args.text("run"), worker: args.text("worker") };
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/.test(owner.worker)) {
    throw new Failure(
      `${args.kind}: argument \`worker\` must be an id of letters, digits, "_", "." and "-", found ${JSON.stringify(owner.worker)}`,
    );
  }
  return owner;
}

/** Null: nothing was ever made for this worker. Someone else's file under its name, or a damaged one, is a `Failure`. */
export async function readIntent(files: FilesPort, commonDir: string, owner: IntentOwner): Promise<Intent | null> {
  const file = intentFile(commonDir, owner.worker);
  if (!(await files.exists(file))) return null;
  const intent = parseIntent(file, await files.readText(file));
  if (intent.worker !== owner.worker || intent.run !== owner.run) {
    throw new Failure(
      `worker ${owner.worker} of run ${owner.run}: its worktree belongs to run ${intent.run} (${file})`,
    );
  }
  return intent;
}

export async function writeIntent(files: FilesPort, commonDir: string, intent: Intent): Promise<void> {
  const file = intentFile(commonDir, intent.worker);
  await files.mkdir(path.dirname(file));
  await files.writeText(file, `${JSON.stringify(intent, null, 2)}\n`, { sync: true });
}

const intentFile = (commonDir: string, worker: string) => path.join(commonDir, "harn", "intents", `${worker}.json`);

function parseIntent(file: string, text: string): Intent {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    throw new Failure(`${file} is damaged: it should be the JSON that says which worktree is this worker's`);
  }
  const fields = isJsonObject(json) ? json : {};
  for (const key of ["run", "worker", "branch", "base"]) {
    if (typeof fields[key] !== "string") throw new Failure(`${file} is damaged: \`${key}\` must be a string`);
  }
  if (fields.path !== null && typeof fields.path !== "string")
    throw new Failure(`${file} is damaged: \`path\` must be a string or null`);
  return { ...(fields as unknown as Intent), made: fields.made === true };
}
