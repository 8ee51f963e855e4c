/**
 * Lines and columns of a source text, and how wide text is on a terminal.
 *
 * Invariants
 * 1. Offsets are UTF-16 code units. Lines and columns count from 1; a column counts code points.
 * 2. Only `\n` ends a line; a `\r` before it belongs to the line but is not shown.
 */

/** Where each line of one text starts. */
export interface LineIndex {
  readonly text: string;
  /** Offset of each line's first character; the first is 0. */
  readonly starts: readonly number[];
}

export function indexLines(text: string): LineIndex {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return { text, starts };
}

/** Line and column of `offset`, which is moved into the text if it lies outside. */
export function positionAt(index: LineIndex, offset: number): { readonly line: number; readonly column: number } {
  const at = Math.max(0, Math.min(offset, index.text.length));
  let low = 0;
  let high = index.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (index.starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: countCodePoints(index.text, index.starts[low]!, at) + 1 };
}

/** Offset of a line and column; a column behind the line's end gives the line's end. */
export function offsetAt(index: LineIndex, line: number, column: number): number {
  const start = index.starts[line - 1];
  if (start === undefined) return index.text.length;
  const end = lineEnd(index, line);
  let at = start;
  for (let left = column - 1; left > 0 && at < end; left--) at += codeUnitsAt(index.text, at);
  return Math.min(at, end);
}

/** The text of a line, without its line break; empty for a line that does not exist. */
export function lineText(index: LineIndex, line: number): string {
  const start = index.starts[line - 1];
  return start === undefined ? "" : index.text.slice(start, lineEnd(index, line));
}

function lineEnd(index: LineIndex, line: number): number {
  const next = index.starts[line];
  if (next === undefined) return index.text.length;
  return index.text.charCodeAt(next - 2) === 0x0d ? next - 2 : next - 1;
}

function codeUnitsAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

export function countCodePoints(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += codeUnitsAt(text, at)) count++;
  return count;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Terminal columns that `text` takes; a tab counts as `tabWidth`. */
export function displayWidth(text: string, tabWidth = 4): number {
  let width = 0;
  for (const char of text) {
    if (char === "\t") width += tabWidth;
    else if (char <= "~") width += 1;
    else if (ZERO_WIDTH.test(char)) width += 0;
    else width += WIDE.test(char) ? 2 : 1;
  }
  return width;
}
