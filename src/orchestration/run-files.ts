/** Run records in files (worker-runtime.md 11.1, 11.2). */
import { joinPath } from "../base/path.ts";
import { runtimeError } from "../builtin/raise.ts";
import { FileFailure } from "../ports/files.ts";
import { parseJson } from "../value/json.ts";
import type { HDict, Value } from "../value/value.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { observed, readRun } from "./run-record.ts";

const LARGEST = 512 * 1024 * 1024;

/** The JSON of a file; `what` is read in messages. */
export function readJsonFile(call: VmCall, path: string, what: string): Value {
  const file = joinPath(call.scope.cwd, path);
  let text: string;
  try {
    text = call.ports.files.readTextSync(file, { maxBytes: LARGEST });
  } catch (error) {
    if (error instanceof FileFailure) throw runtimeError(`failed to read ${what} ${file}: ${error.reason}`);
    throw error;
  }
  const parsed = parseJson(text);
  if (!parsed.ok) throw runtimeError(`failed to parse ${what} ${file}: ${parsed.message}`);
  return parsed.value;
}

/** A run of a file, with what is derived from it made anew. */
export function loadRun(call: VmCall, path: string, who: string): HDict {
  const run = readRun(call, readJsonFile(call, path, "run record"), `${who} ${path}`);
  if (run.get("persisted_path") === null) run.set("persisted_path", joinPath(call.scope.cwd, path));
  run.set("observability", observed(call, run));
  return run;
}
