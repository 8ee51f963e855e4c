/**
 * Lines and columns of a source text, and how wide text is on a terminal.
 *
 * Invariants
 * 1. Offsets are UTF-16 code units. Lines and columns count from 1; a column counts code points.
 * 2. Only `\n` ends a line; a `\r` before it belongs to the line but is not shown.
 */

/** Where each line of one text starts. Made once for a text about which many questions are asked. */
export interface LineIndex {
  readonly text: string;
  /** Offset of each line's first character; the first is 0. */
  readonly starts: Int32Array;
  /** How many pairs of code units that are one code point end in front of each block of `BLOCK` units; null: there is none in the text. */
  readonly pairs: Int32Array | null;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

const BLOCK_BITS = 8;
const BLOCK = 1 << BLOCK_BITS;

export function indexLines(text: string): LineIndex {
  let count = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  const starts = new Int32Array(count);
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts[line++] = at + 1;
  return { text, starts, pairs: /[\ud800-\udfff]/.test(text) ? indexPairs(text) : null };
}

function indexPairs(text: string): Int32Array {
  const pairs = new Int32Array((text.length >> BLOCK_BITS) + 1);
  for (let block = 1; block < pairs.length; block++)
    pairs[block] = pairs[block - 1]! + countPairs(text, (block - 1) * BLOCK, block * BLOCK);
  return pairs;
}

/** Pairs whose second half stands between the offsets. */
function countPairs(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1))) count++;
  return count;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Line and column of `offset`, which is moved into the text if it lies outside. Fast for any text, whatever the length of its lines. */
export function positionAt(index: LineIndex, offset: number): Position {
  const line = lineAt(index, offset);
  return { line, column: columnIn(index, line, offset) };
}

/** Line of `offset`, from 1. */
export function lineAt({ starts }: LineIndex, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** Column of `offset`, from 1. */
export function columnAt(index: LineIndex, offset: number): number {
  return columnIn(index, lineAt(index, offset), offset);
}

function columnIn(index: LineIndex, line: number, offset: number): number {
  const at = Math.max(0, Math.min(offset, index.text.length));
  const start = index.starts[line - 1]!;
  return at - start + 1 - (index.pairs === null ? 0 : pairsBefore(index, at) - pairsBefore(index, start));
}

function pairsBefore({ text, pairs }: LineIndex, at: number): number {
  const block = at >> BLOCK_BITS;
  return pairs![block]! + countPairs(text, block * BLOCK, at);
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
