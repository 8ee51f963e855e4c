/** Lines of an input stream, one at a time, kept until someone asks. The stream is touched only when the first line is wanted. */
import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";

export function createLineReader(open: () => Readable): (signal?: AbortSignal) => Promise<string | null> {
  const lines: string[] = [];
  const waiting: ((line: string | null) => void)[] = [];
  let reader: Interface | null = null;
  let ended = false;

  const start = () => {
    reader = createInterface({ input: open(), crlfDelay: Number.POSITIVE_INFINITY });
    reader.on("line", (line) => {
      const next = waiting.shift();
      if (next === undefined) lines.push(line);
      else next(line);
      if (waiting.length === 0) reader?.pause(); // else an open terminal keeps the process alive
    });
    reader.on("close", () => {
      ended = true;
      for (const next of waiting.splice(0)) next(null);
    });
  };

  return (signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const line = lines.shift();
      if (line !== undefined) return resolve(line);
      if (ended) return resolve(null);
      const abort = () => {
        waiting.splice(waiting.indexOf(take), 1);
        if (waiting.length === 0) reader?.pause();
        reject(signal!.reason);
      };
      const take = (next: string | null) => {
        signal?.removeEventListener("abort", abort);
        resolve(next);
      };
      waiting.push(take);
      signal?.addEventListener("abort", abort, { once: true });
      if (reader === null) start();
      else reader.resume();
    });
}
