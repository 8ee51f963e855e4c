/**
 * What the text between a string's quotes means.
 *
 * Invariants
 * 1. A plain string knows five escapes (`\n \t \\ \" \$`); any other backslash stays, with the character behind it.
 * 2. A triple-quoted string knows none. It loses the line break after the opening quotes, the indentation common to its lines that are
 *    not blank, and one line break before the closing quotes. A line that holds an interpolation is not blank.
 */
import { isBlank } from "./characters.ts";

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\", '"': '"', $: "$" };

export function unescapePlain(raw: string): string {
  if (!raw.includes("\\")) return raw;
  return raw.replace(/\\([nt\\"$])/g, (_, char: string) => ESCAPES[char]!);
}

/**
 * The texts of a triple-quoted string. `raw` holds the pieces between the quotes, split at its interpolations (so one more piece than
 * interpolations, empty ones included), without the line break after the opening quotes. The answer is as long.
 */
export function dedent(raw: readonly string[]): string[] {
  const lastPiece = raw.length - 1;
  const pieces = raw.map((piece) => piece.split("\n"));
  // A piece's first segment continues the line of the interpolation before it; its last one is continued by the interpolation behind it.
  const startsLine = (piece: number, segment: number) => segment > 0 || piece === 0;
  const isBlankLine = (piece: number, segment: number) =>
    isBlank(pieces[piece]![segment]!) && (segment < pieces[piece]!.length - 1 || piece === lastPiece);

  let indent = Number.POSITIVE_INFINITY;
  pieces.forEach((segments, piece) => {
    segments.forEach((segment, at) => {
      if (startsLine(piece, at) && !isBlankLine(piece, at)) indent = Math.min(indent, indentOf(segment));
    });
  });
  if (indent === Number.POSITIVE_INFINITY) return [...raw];

  const texts =
    indent === 0
      ? [...raw]
      : pieces.map((segments, piece) =>
          segments
            .map((segment, at) => {
              if (!startsLine(piece, at)) return segment;
              return isBlankLine(piece, at) ? "" : segment.slice(indent);
            })
            .join("\n"),
        );
  const last = texts[lastPiece]!;
  // Closing quotes on a line of their own behind an interpolation end the text there, however they are indented.
  if (lastPiece > 0 && last.includes("\n") && isBlank(last)) texts[lastPiece] = indent === 0 ? "" : last.slice(0, -1);
  else if (last.endsWith("\n")) texts[lastPiece] = last.slice(0, -1);
  return texts;
}

function indentOf(line: string): number {
  let width = 0;
  while (line[width] === " " || line[width] === "\t") width++;
  return width;
}
