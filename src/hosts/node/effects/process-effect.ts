/**
 * `process.run`: a program or a shell text, run once.
 *
 * Arguments: `argv` (list) or `shell` (text); `cwd`; `overlay?`, laid over the environment of our own process: a text sets a variable, null removes it,
 * and `{"$secret": {"env": NAME}}` is the value that NAME has when the effect is performed; `stdin?`, `maxOutputBytes?` (default 16 MiB, each stream),
 * `timeoutMs?`, `graceMs?`, `repeatable?`. Result: `{status, signal, stdout, stderr, truncated}`; `status` null when a signal ended it.
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

  if (context.signal.aborted) throw new Failure(`${nameOf(command)} was cancelled`, "cancelled");
  const timeoutMs = args.optionalInteger("timeoutMs");
  const limit = timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs);
  const signal = limit === null ? context.signal : AbortSignal.any([context.signal, limit]);
  const stop = new AbortController();
  const child = await context.ports.processes.spawnGated(
    {
      command,
      cwd: args.path("cwd"),
      env: environmentOf(args, context),
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

/** Secrets are put in here and nowhere else: neither the stored effect nor a message nor an event holds one. */
function environmentOf(args: EffectArguments, { ports }: PerformContext): Readonly<Record<string, string>> {
  const overlay = args.has("overlay") ? args.dict("overlay") : {};
  const env = { ...ports.environment.all() };
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(overlay)) {
    if (name === "" || /[=\0]/.test(name))
      throw new Failure(`process.run: environment overlay: ${JSON.stringify(name)} is no name of a variable`);
    if (value === null) delete env[name];
    else kept[name] = value;
  }
  return { ...env, ...resolveOverlay(kept, ports.environment) };
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
