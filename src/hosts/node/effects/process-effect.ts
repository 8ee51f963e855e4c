/**
 * `process.run`: a program or a shell text, run once.
 *
 * Arguments: `argv` (list) or `shell` (text); `cwd`; `env` (the whole of it) or `overlay` (over the process's own; secrets are references, so that
 * none is stored); `stdin?`, `maxOutputBytes?` (default 16 MiB, each stream), `timeoutMs?`,
 * `graceMs?`, `repeatable?`. Result: `{status, signal, stdout, stderr, truncated}`; `status` null when a signal ended it.
 *
 * The note is the child's identity, on disk before its gate opens. So after a crash: no note, never opened, simply run; a note, and it may have run:
 * what still lives of it is killed, and it is run again only when it is repeatable.
 */
import { Failure } from "../../../base/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../base/json.ts";
import { resolveOverlay } from "../../../policy/secrets.ts";
import type { PerformContext, Performer } from "../../../ports/effects.ts";
import type { Command, ProcessIdentity } from "../../../ports/processes.ts";
import { EffectArguments } from "./arguments.ts";

const MAX_OUTPUT = 16 * 1024 * 1024;

export const processRun: Performer = { kind: "process.run", version: 1, repeat: "never", place: "host", perform };

async function perform(raw: JsonObject, context: PerformContext): Promise<Json> {
  const args = new EffectArguments("process.run", raw);
  const command: Command = args.has("shell")
    ? { kind: "shell", script: args.text("shell") }
    : { kind: "argv", argv: args.texts("argv") };
  if (context.again) await settleEarlier(command, args, context);

  const timeoutMs = args.optionalInteger("timeoutMs");
  const limit = timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs);
  const signal = limit === null ? context.signal : AbortSignal.any([context.signal, limit]);
  const stop = new AbortController();
  const child = await context.ports.processes.spawnGated(
    {
      command,
      cwd: args.path("cwd"),
      env: environmentOf(args, raw, context),
      stdin: args.optionalText("stdin"),
      maxOutputBytes: args.optionalInteger("maxOutputBytes") ?? MAX_OUTPUT,
      graceMs: args.optionalInteger("graceMs"),
      onChunk: (stream, text) => context.emit({ kind: stream, text }),
    },
    AbortSignal.any([signal, stop.signal]),
  );
  try {
    await context.note_({ process: { ...child.identity } });
  } catch (error) {
    stop.abort();
    await child.done;
    throw error;
  }
  child.open();
  const result = await child.done;
  if (context.signal.aborted) throw new Failure(`${nameOf(command)} was cancelled`, "cancelled");
  if (limit?.aborted) throw new Failure(`${nameOf(command)} did not end within ${timeoutMs} ms`, "timeout");
  return { ...result };
}

function environmentOf(
  args: EffectArguments,
  raw: JsonObject,
  { ports }: PerformContext,
): Readonly<Record<string, string>> {
  if (args.has("env")) return args.textMap("env");
  return {
    ...ports.environment.all(),
    ...resolveOverlay(isJsonObject(raw.overlay) ? raw.overlay : {}, ports.environment),
  };
}

async function settleEarlier(command: Command, args: EffectArguments, { note, ports }: PerformContext): Promise<void> {
  const identity = processIn(note);
  if (identity === null) return;
  await ports.processes.killRecorded(identity, { graceMs: args.optionalInteger("graceMs") });
  if (!args.flag("repeatable")) {
    throw new Failure(
      `${nameOf(command)} was running (pid ${identity.pid}) when this program's process died; whether it finished is not known, and it is not marked repeatable`,
      "effect_unknown",
    );
  }
}

/** The identity that a note of this shape holds; null: none. */
export function processIn(note: Json | null): ProcessIdentity | null {
  const found = isJsonObject(note) ? note.process : undefined;
  if (!isJsonObject(found)) return null;
  const { pid, startTime, pgid } = found;
  return typeof pid === "number" && typeof startTime === "string" && typeof pgid === "number"
    ? { pid, startTime, pgid }
    : null;
}

function nameOf(command: Command): string {
  const text = command.kind === "shell" ? command.script : command.argv.join(" ");
  return `command \`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``;
}
