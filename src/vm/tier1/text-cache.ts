/** What a place in generated code knows of the text that it met last: that its characters are its UTF-16 units. */
import { codePointLength, isFlat } from "../../value/strings.ts";
import type { Value } from "../../value/value.ts";
import { getIndex } from "../places.ts";

export class TextCache {
  /** Empty: none. */
  text = "";
}

/** `text[index]`; remembers a text that can be indexed as it stands. */
export function readCharacter(text: string, index: Value, cache: TextCache): Value {
  if (isFlat(text)) cache.text = text;
  return getIndex(text, index);
}

export function textLength(text: string, cache: TextCache): number {
  if (text === cache.text) return text.length;
  if (isFlat(text)) {
    cache.text = text;
    return text.length;
  }
  return codePointLength(text);
}
