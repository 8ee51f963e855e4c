/** Trimming, case and splitting as Unicode defines them, where JavaScript's own differ. */
import { holdItems, type Meter, PIECE_BYTES, SHORT_TEXT } from "../value/cost.ts";
import { codePoints } from "../value/strings.ts";

const LEADING = /^\p{White_Space}+/u;
const TRAILING = /\p{White_Space}+$/u;

export const trimStart = (text: string): string => text.replace(LEADING, "");

/** Looks at the end only: a pattern anchored at the end alone would try every run of blanks on the way. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && TRAILING.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}

export const trimBoth = (text: string): string => trimEnd(trimStart(text));

/** An empty separator stands before, between and after all characters. */
export function splitText(text: string, separator: string, meter: Meter): string[] {
  if (separator === "") return ["", ...codePoints(text, meter), ""];
  holdPieces(text, separator, meter);
  return text.split(separator);
}

/** Room for what lies between the separators in a long text. */
function holdPieces(text: string, separator: string, meter: Meter): void {
  if (text.length <= SHORT_TEXT) return;
  let count = 1;
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + separator.length)) count++;
  holdItems(meter, count, PIECE_BYTES);
}

/** Every occurrence, as it stands; an empty `from` stands before, between and after all characters. */
export function replaceText(text: string, from: string, to: string, meter: Meter): string {
  if (from === "") return splitText(text, from, meter).join(to);
  if (!text.includes(from)) return text;
  // The platform gives a meaning to some signs behind a dollar sign.
  return to.includes("$") ? text.split(from).join(to) : text.replaceAll(from, to);
}

export function upperFirst(text: string): string {
  const first = firstCharacter(text);
  return first.toUpperCase() + text.slice(first.length);
}

export function lowerFirst(text: string): string {
  const first = firstCharacter(text);
  return first.toLowerCase() + text.slice(first.length);
}

function firstCharacter(text: string): string {
  const point = text.codePointAt(0);
  return point === undefined ? "" : String.fromCodePoint(point);
}

/** Upper case after white space, lower case elsewhere. */
export function titleCase(text: string): string {
  return text.replace(
    /(\P{White_Space})(\P{White_Space}*)/gu,
    (_, head: string, rest: string) => head.toUpperCase() + rest.toLowerCase(),
  );
}

/** Lines without their ends; an end of line at the end begins no further line. */
export function splitLines(text: string, meter: Meter): string[] {
  holdPieces(text, "\n", meter);
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}
