/** The files of a daemon: what it was started with (`daemon.meta.json`) and where it stands (`daemon.json`). */
import { Failure } from "../base/failure.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { parentPath } from "../base/path.ts";
import type { PendingEffect } from "../builtin/call.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { Performer } from "../ports/effects.ts";
import type { VmCall } from "../vm/vm-call.ts";

const WRITE = "daemon.write";

/** One write of a file at a time: one that nobody waits for any more still ends before the next begins. */
export function createDaemonFilePerformer(): Performer {
  const writing = new Map<string, Promise<void>>();
  return {
    kind: WRITE,
    version: 1,
    repeat: "safe",
    place: "any",
    async perform(args, { ports }) {
      const path = String(args.path);
      const before = writing.get(path) ?? Promise.resolve();
      const write = before.then(async () => {
        await ports.files.mkdir(parentPath(path));
        await ports.files.writeText(path, `${JSON.stringify(args.body, null, 2)}\n`);
      });
      // The next one does not mind how this one ended.
      const ended = write.catch(() => undefined);
      writing.set(path, ended);
      try {
        await write;
      } finally {
        if (writing.get(path) === ended) writing.delete(path);
      }
      return null;
    },
  };
}

export function writeDaemonFile(path: string, body: JsonObject): PendingEffect {
  return { kind: WRITE, version: 1, args: { path, body }, repeat: "safe", place: "any" };
}

/** `what`: `snapshot` or `meta`, for messages. */
export function readDaemonFile(call: VmCall, path: string, what: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(call.ports.files.readTextSync(path));
    if (isJsonObject(parsed)) return parsed;
    throw runtimeError(`daemon ${what} parse error: ${path} holds no object`);
  } catch (error) {
    if (error instanceof Failure) throw runtimeError(`daemon ${what} read error: ${error.message}`);
    if (error instanceof SyntaxError) throw runtimeError(`daemon ${what} parse error: ${path}: ${error.message}`);
    throw error;
  }
}

/** Raises when the scope does not allow the program to do this with the path itself. */
export function checkDaemonPath(call: VmCall, path: string, does: "read_file" | "write_file"): void {
  call.run.host.gate(call, call.run.host.table.builtins.get(does)!, [path, ""]);
}
