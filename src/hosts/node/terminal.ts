/** The terminal port over the standard streams. A reader that went away (`| head`) is no error of ours: what it does not read is dropped. */
import type { ReadStream, WriteStream } from "node:tty";
import type { TerminalPort } from "../../ports/terminal.ts";
import { createLineReader } from "./line-reader.ts";

export function createTerminalPort(env: Readonly<Record<string, string | undefined>>): TerminalPort {
  const out = process.stdout as WriteStream;
  const error = process.stderr as WriteStream;
  const broken = (problem: NodeJS.ErrnoException) => {
    if (problem.code !== "EPIPE" && problem.code !== "ERR_STREAM_DESTROYED") throw problem;
  };
  let watching = false;
  const write = (stream: WriteStream, text: string) => {
    if (!watching) {
      watching = true;
      out.on("error", broken);
      error.on("error", broken);
    }
    if (stream.writable) stream.write(text);
  };
  const drained = (stream: WriteStream) =>
    new Promise<void>((resolve) => {
      if (stream.writable) stream.write("", () => resolve());
      else resolve();
    });
  const readLine = createLineReader(() => process.stdin as ReadStream);

  return {
    writeOut: (text) => write(out, text),
    writeError: (text) => write(error, text),
    flush: async () => void (await Promise.all([drained(out), drained(error)])),
    isTty: { in: process.stdin.isTTY === true, out: out.isTTY === true, error: error.isTTY === true },
    columns: () => out.columns ?? 80,
    color: wantsColor(env, out.isTTY === true),
    readLine,
  };
}

/** NO_COLOR counts when it is not empty (no-color.org); FORCE_COLOR=0 means no. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return isTty && env.TERM !== "dumb";
}
