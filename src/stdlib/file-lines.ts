/**
 * `read_lines`: a file line by line, however long it is. What an iterator keeps between two lines is the path, an offset and the lines of one piece, so a
 * run that is continued later goes on where it was.
 */
import type { Call } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin } from "../builtin/declaration.ts";
import { thrownError } from "../builtin/raise.ts";
import { FileFailure } from "../ports/files.ts";
import { HDict, HList } from "../value/value.ts";
import { readingNeed, resolvePath } from "./files.ts";
import { lazily } from "./iterators.ts";
import { reserve } from "./reserve.ts";
import { splitLines } from "./text-edges.ts";

const PIECE_BYTES = 65_536;
const LINE_FEED = 0x0a;

interface Piece {
  readonly lines: string[];
  /** Where the next one begins; null: the file has ended. */
  readonly next: number | null;
}

/** The lines that begin at `start`, as many as there are whole ones in a piece; at least one. */
function readPiece(call: Call, path: string, start: number): Piece {
  for (let size = PIECE_BYTES; ; size *= 2) {
    reserve(call, size);
    const bytes = call.ports.files.readRangeSync(path, start, size);
    const isEnd = bytes.length < size;
    const end = isEnd ? bytes.length : bytes.lastIndexOf(LINE_FEED) + 1;
    // A line that is longer than the piece.
    if (end === 0 && !isEnd) continue;
    const text = decode(path, bytes.subarray(0, end));
    return { lines: splitLines(text, call), next: isEnd ? null : start + end };
  }
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FileFailure("read", path, "not_utf8", "stream did not contain valid UTF-8");
  }
}

export const fileLineBuiltins: readonly Builtin[] = [
  builtin("read_lines", {
    sig: "(path: any) -> any",
    doc: "An iterator over the lines of a file, without their ends. Only a piece of the file is in memory at a time.",
    needs: readingNeed("workspace.read_text"),
    examples: [
      {
        code: 'write_file("log.txt", "ok\\nbad: 1\\nok\\nbad: 2\\n")\nfor line in read_lines("log.txt") {\n  if line.starts_with("bad") {\n    println(line)\n  }\n}',
        prints: "bad: 1\nbad: 2",
      },
    ],
    run(call, args) {
      const path = resolvePath(call, args.text("path"));
      const stat = call.ports.files.statSync(path);
      if (stat === null) throw thrownError(`Failed to read file ${path}: No such file or directory (os error 2)`);
      if (stat.kind === "directory") throw thrownError(`Failed to read file ${path}: Is a directory (os error 21)`);
      return lazily(call, "lazy_lines", [path]);
    },
  }),
  builtin("__read_lines", {
    sig: "(path: string, start: int) -> dict",
    doc: "A piece of a file: {lines, next}.",
    needs: readingNeed("workspace.read_text"),
    borrows: true,
    run(call, args) {
      const path = args.text("path");
      try {
        const { lines, next } = readPiece(call, path, args.int("start", 0));
        return HDict.of({ lines: new HList(lines), next });
      } catch (error) {
        if (error instanceof FileFailure) throw thrownError(`Failed to read file ${path}: ${error.reason}`);
        throw error;
      }
    },
  }),
];
