/** The terminal port over the standard streams. A reader that went away (`| head`) is no error of ours: what it does not read is dropped. */
import type { ReadStream, WriteStream } from "node:tty";
import type { TerminalPort } from "../../ports/terminal.ts";
import { isTerminal } from "./is-terminal.ts";
import { createLineReader } from "./line-reader.ts";

export function createTerminalPort(env: Readonly<Record<string, string | undefined>>): TerminalPort {
  // Each stream is made when it is first written to: making the three takes 5 ms.
  const broken = (problem: NodeJS.ErrnoException) => {
    if (problem.code !== "EPIPE" && problem.code !== "ERR_STREAM_DESTROYED") throw problem;
  };
  const watched = new Set<WriteStream>();
  const write = (stream: WriteStream, text: string) => {
    if (!watched.has(stream)) {
      watched.add(stream);
      stream.on("error", broken);
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
    writeOut: (text) => write(process.stdout as WriteStream, text),
    writeError: (text) => write(process.stderr as WriteStream, text),
    flush: async () => void (await Promise.all([...watched].map(drained))),
    isTty: { in: isTerminal(0), out: isTerminal(1), error: isTerminal(2) },
    columns: () => process.stdout.columns ?? 80,
    color: wantsColor(env, isTerminal(1)),
    readLine,
  };
}

/** NO_COLOR counts when it is not empty (no-color.org); FORCE_COLOR=0 means no. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return isTty && env.TERM !== "dumb";
}
