/** Which characters names, numbers and blanks are made of: Unicode's Alphabetic and Numeric, as the reference has it. */

const ALPHABETIC = /^\p{Alphabetic}$/u;
const ALPHANUMERIC = /^[\p{Alphabetic}\p{N}]$/u;
const BLANK = /^\p{White_Space}*$/u;

const UNDERSCORE = 0x5f;

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isAsciiLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** `code` is a code point; NaN (behind the end of the text) is nothing. */
export function isNameStart(code: number): boolean {
  if (code < 0x80) return isAsciiLetter(code) || code === UNDERSCORE;
  return code >= 0x80 && ALPHABETIC.test(String.fromCodePoint(code));
}

/** A letter or a number; an underscore is neither. */
export function isAlphanumeric(code: number): boolean {
  if (code < 0x80) return isAsciiLetter(code) || isDigit(code);
  return code >= 0x80 && ALPHANUMERIC.test(String.fromCodePoint(code));
}

export function isNamePart(code: number): boolean {
  return code === UNDERSCORE || isAlphanumeric(code);
}

/** Only white space, or nothing. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

/** Offset behind the longest run of name characters from `at`. */
export function skipNameParts(text: string, at: number): number {
  let pos = at;
  for (;;) {
    const code = text.charCodeAt(pos);
    if (code < 0x80) {
      if (!isNamePart(code)) return pos;
      pos++;
    } else {
      const point = text.codePointAt(pos);
      if (point === undefined || !isNamePart(point)) return pos;
      pos += point > 0xffff ? 2 : 1;
    }
  }
}
