/**
 * Text to the standard streams. What is no terminal is written to at once: a file or a pipe needs none of what a stream of Node loads, and Node, too,
 * writes to it at once where we do so. A terminal, Windows and a pipe that is full go by the stream.
 */
import fs from "node:fs";
import { isTerminal } from "../../hosts/node/is-terminal.ts";

export function createStandardWriter(descriptor: 1 | 2): (text: string) => void {
  let direct = process.platform !== "win32" && !isTerminal(descriptor);
  return (text) => {
    let left: Uint8Array | string = text;
    if (direct) {
      left = writeNow(descriptor, text);
      if (left.length === 0) return;
      direct = false;
    }
    const stream = descriptor === 1 ? process.stdout : process.stderr;
    if (stream.writable) stream.write(left);
  };
}

/** Answers what could not be written. What nobody reads any more counts as written. */
function writeNow(descriptor: number, text: string): Uint8Array {
  const bytes = Buffer.from(text);
  let at = 0;
  try {
    while (at < bytes.length) at += fs.writeSync(descriptor, bytes, at);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EPIPE") return new Uint8Array();
    if (code !== "EAGAIN") throw error;
  }
  return bytes.subarray(at);
}
