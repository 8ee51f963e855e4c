/**
 * Strings counted in code points, as Harn indexes them.
 *
 * Invariant: offsets and lengths here are code points; only this file converts them to UTF-16 units. For text without surrogates both are
 * the same, which one native scan finds out.
 */

import { holdItems, ITEM_BYTES, type Meter, PIECE_BYTES, textCost, UNMETERED } from "./cost.ts";

/** Going from character to character costs so much more than looking for something. */
const BY_CHARACTER = 16;

/** Anything that takes two UTF-16 units, or is half of such a pair. */
const SURROGATE = /[\ud800-\udfff]/;

/** Below this length a loop is faster than the pattern. */
const TINY = 24;

/** Texts below this length are looked through each time. */
const SHORT = 128;

/** The long texts that were asked about last: indexing goes through the same text again and again. Saves work, changes no answer. */
const RECENT = { texts: ["", "", "", ""], flat: [true, true, true, true], next: 0 };

/** True when code points and UTF-16 units coincide. */
export function isFlat(text: string, meter: Meter): boolean {
  if (text.length < TINY) {
    for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xf800) === 0xd800) return false;
    return true;
  }
  if (text.length < SHORT) return !SURROGATE.test(text);
  const { texts } = RECENT;
  for (let i = 0; i < 4; i++) {
    if (texts[i] !== text) continue;
    // Next time it is the same object, and not compared unit by unit.
    texts[i] = text;
    return RECENT.flat[i]!;
  }
  meter.spend(textCost(text.length));
  const flat = !SURROGATE.test(text);
  texts[RECENT.next] = text;
  RECENT.flat[RECENT.next] = flat;
  RECENT.next = (RECENT.next + 1) & 3;
  return flat;
}

/** Nothing has to be looked through to say that it is. */
export function isKnownFlat(text: string): boolean {
  return text.length < SHORT
    ? isFlat(text, UNMETERED)
    : RECENT.texts.some((known, i) => known === text && RECENT.flat[i]!);
}

export function codePointLength(text: string, meter: Meter): number {
  if (isFlat(text, meter)) return text.length;
  walked(text.length, meter);
  let count = 0;
  for (let at = 0; at < text.length; at += unitsAt(text, at)) count++;
  return count;
}

/** The character at `index`, counted from the end when negative; null when there is none. */
export function codePointAt(text: string, index: number, meter: Meter): string | null {
  if (isFlat(text, meter)) return text[index < 0 ? index + text.length : index] ?? null;
  const at = index < 0 ? index + codePointLength(text, meter) : index;
  if (at < 0) return null;
  const start = unitOffset(text, at, meter);
  return start < text.length ? text.slice(start, start + unitsAt(text, start)) : null;
}

/** Characters `start` to `end`, exclusive; both are moved into 0 … length. */
export function sliceCodePoints(text: string, start: number, end: number, meter: Meter): string {
  if (end <= start) return "";
  if (isFlat(text, meter)) return text.slice(Math.max(0, start), Math.max(0, end));
  const from = unitOffset(text, Math.max(0, start), meter);
  let to = from;
  for (let left = end - Math.max(0, start); left > 0 && to < text.length; left--) to += unitsAt(text, to);
  walked(to - from, meter);
  return text.slice(from, to);
}

/** From here on it is worth finding out what the characters will take: the platform keeps those below U+0100 once. */
const LONG_TEXT = 100_000;
const WIDE = /[\u0100-\uffff]/;

/** The characters of a string, each a string. A lone surrogate is a character of its own. */
export function codePoints(text: string, meter: Meter): string[] {
  const flat = isFlat(text, meter);
  if (text.length > LONG_TEXT) holdItems(meter, text.length, WIDE.test(text) ? PIECE_BYTES : ITEM_BYTES);
  return flat ? text.split("") : Array.from(text);
}

/** Where a UTF-16 offset stands in code points: for results of `indexOf`. */
export function codePointIndex(text: string, offset: number, meter: Meter): number {
  return isFlat(text, meter) ? offset : codePointLength(text.slice(0, offset), meter);
}

function walked(units: number, meter: Meter): void {
  const cost = textCost(units) * BY_CHARACTER;
  if (cost > 0) meter.spend(cost);
}

function unitsAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function unitOffset(text: string, index: number, meter: Meter): number {
  let at = 0;
  for (let left = index; left > 0 && at < text.length; left--) at += unitsAt(text, at);
  walked(at, meter);
  return at;
}
