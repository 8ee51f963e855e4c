/** Room for what a builtin is about to make: more than a program may hold is an error before it is made, not after. */
import type { Call } from "../builtin/call.ts";
import { Growth, holdItems, ITEM_BYTES } from "../value/cost.ts";

const MB = 1024 * 1024;

/** Raises when `bytes` more would be more than the limit. */
export function reserve(call: Call, bytes: number): void {
  call.hold(bytes);
}

/** The same for a list of so many items. */
export function reserveItems(call: Call, count: number): void {
  holdItems(call, count, ITEM_BYTES);
}

/** For a text whose length shows only while it is made: tell it the length so far after each piece. */
export function reserveGrowing(call: Call): (length: number) => void {
  const growth = new Growth(call);
  return (length) => growth.told(length);
}

/** For a text that is put together of others; at least a byte a character. */
export function reserveJoined(call: Call, parts: readonly string[], separator: string): void {
  let length = separator.length * Math.max(0, parts.length - 1);
  for (const part of parts) length += part.length;
  reserve(call, length);
}

/** For a text in which every `from` becomes `to`. */
export function reserveReplaced(call: Call, text: string, from: string, to: string): void {
  if (text.length * (to.length + 1) <= MB) return;
  let count = 0;
  const step = Math.max(1, from.length);
  for (let at = text.indexOf(from); at >= 0 && count <= text.length; at = text.indexOf(from, at + step)) count++;
  // The platform notes what lies before each and what comes in its place.
  holdItems(call, 2 * count, ITEM_BYTES);
  if (to.length > from.length) reserve(call, text.length + count * (to.length - from.length));
}
