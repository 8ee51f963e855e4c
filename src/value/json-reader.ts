/**
 * Our own JSON reader, for texts that the platform's would blur or refuse: exact numbers, and messages that say what is wrong and where.
 *
 * Invariants
 * 1. Accepts exactly JSON (RFC 8259), nested at most 128 deep.
 * 2. Line and column in messages count from 1 and in UTF-8 bytes, as the reference does; at the end of the text it is the last byte.
 */
import type { JsonResult } from "./json.ts";
import { makeFloat, normalizeInt } from "./numbers.ts";
import { HDict, HList, type Value } from "./value.ts";

const DEEPEST = 128;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** As much of a broken number as the reference reads before it stops. */
const NUMBER_START = /-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][+-]?\d*)?/y;
/** An int of so many digits is exact in a JavaScript number. */
const SHORT = 15;

export function readJson(text: string): JsonResult {
  const reader = new Reader(text);
  try {
    const value = reader.value(0);
    reader.skipSpace();
    if (reader.at < text.length) reader.fail("trailing characters", reader.at + 1);
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Problem) return { ok: false, message: error.text };
    throw error;
  }
}

class Problem {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

class Reader {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** `end`: how much of the text was read, the offending character included. */
  fail(what: string, end: number): never {
    const read = this.text.slice(0, Math.min(end, this.text.length));
    const lineStart = read.lastIndexOf("\n") + 1;
    const line = read.split("\n").length;
    throw new Problem(`${what} at line ${line} column ${utf8Length(read.slice(lineStart))}`);
  }

  /** The text ended while something was being read. */
  failAtEnd(what: string): never {
    return this.fail(`EOF while parsing ${what}`, this.text.length);
  }

  skipSpace(): void {
    for (; this.at < this.text.length; this.at++) {
      const c = this.text.charCodeAt(this.at);
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return;
    }
  }

  value(depth: number): Value {
    this.skipSpace();
    if (this.at >= this.text.length) this.failAtEnd("a value");
    const char = this.text[this.at]!;
    switch (char) {
      case "{":
      case "[":
        if (depth >= DEEPEST - 1) this.fail("recursion limit exceeded", this.at + 1);
        this.at++;
        return char === "{" ? this.object(depth + 1) : this.list(depth + 1);
      case '"':
        this.at++;
        return this.string();
      case "t":
        return this.word("true", true);
      case "f":
        return this.word("false", false);
      case "n":
        return this.word("null", null);
      default:
        if (char === "-" || (char >= "0" && char <= "9")) return this.number();
        return this.fail("expected value", this.at + 1);
    }
  }

  word(word: string, value: Value): Value {
    for (let i = 0; i < word.length; i++) {
      if (this.at + i >= this.text.length) this.failAtEnd("a value");
      if (this.text[this.at + i] !== word[i]) this.fail("expected ident", this.at + i + 1);
    }
    this.at += word.length;
    return value;
  }

  number(): Value {
    return this.shortInt() ?? this.anyNumber();
  }

  /** An int that is plain and short; null, and nothing is read: something else. */
  shortInt(): number | null {
    const { text } = this;
    const isNegative = text.charCodeAt(this.at) === 0x2d;
    const start = isNegative ? this.at + 1 : this.at;
    let n = 0;
    let end = start;
    for (; end - start <= SHORT; end++) {
      const c = text.charCodeAt(end);
      if (c < 0x30 || c > 0x39 || end >= text.length) break;
      n = n * 10 + (c - 0x30);
    }
    const digits = end - start;
    if (digits === 0 || digits > SHORT || (text.charCodeAt(start) === 0x30 && (digits > 1 || isNegative))) return null;
    const next = text[end];
    if (next === "." || next === "e" || next === "E") return null;
    this.at = end;
    return isNegative ? -n : n;
  }

  anyNumber(): Value {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text)?.[0];
    NUMBER_START.lastIndex = this.at;
    const start = NUMBER_START.exec(this.text)?.[0] ?? "";
    const end = this.at + start.length;
    if (match === undefined || match.length !== start.length) {
      if (end >= this.text.length) this.failAtEnd("a value");
      this.fail("invalid number", end + 1);
    }
    const next = this.text[end];
    // A zero that goes on is one number with a leading zero, not two.
    if ((match === "0" || match === "-0") && next !== undefined && next >= "0" && next <= "9")
      this.fail("invalid number", end + 1);
    this.at = end;
    return this.exactNumber(match);
  }

  exactNumber(text: string): Value {
    if (/[.eE]/.test(text) || text === "-0") {
      const n = Number(text);
      if (!Number.isFinite(n)) this.fail("number out of range", this.at);
      return makeFloat(n);
    }
    const n = Number(text);
    if (Number.isSafeInteger(n)) return n + 0;
    const exact = BigInt(text);
    return BigInt.asIntN(64, exact) === exact ? normalizeInt(exact) : makeFloat(n);
  }

  string(): string {
    let out = "";
    for (;;) {
      out += this.plainText();
      if (this.at >= this.text.length) this.failAtEnd("a string");
      const char = this.text[this.at++]!;
      if (char === '"') return out;
      if (char !== "\\") this.fail("control character (\\u0000-\\u001F) found while parsing a string", this.at);
      out += this.escape();
    }
  }

  /** Up to a quote, a backslash or a control character. */
  plainText(): string {
    const { text } = this;
    const start = this.at;
    let end = start;
    for (; end < text.length; end++) {
      const c = text.charCodeAt(end);
      if (c === 0x22 || c === 0x5c || c < 0x20) break;
    }
    this.at = end;
    return text.slice(start, end);
  }

  escape(): string {
    if (this.at >= this.text.length) this.failAtEnd("a string");
    const char = this.text[this.at++]!;
    switch (char) {
      case '"':
      case "\\":
      case "/":
        return char;
      case "b":
        return "\b";
      case "f":
        return "\f";
      case "n":
        return "\n";
      case "r":
        return "\r";
      case "t":
        return "\t";
      case "u":
        return this.unicodeEscape();
      default:
        return this.fail("invalid escape", this.at);
    }
  }

  unicodeEscape(): string {
    const unit = this.hexUnit();
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    if (unit > 0xdbff) this.fail("lone leading surrogate in hex escape", this.at);
    if (this.text.slice(this.at, this.at + 2) !== "\\u") this.fail("unexpected end of hex escape", this.at + 1);
    this.at += 2;
    const low = this.hexUnit();
    if (low < 0xdc00 || low > 0xdfff) this.fail("lone leading surrogate in hex escape", this.at);
    return String.fromCharCode(unit, low);
  }

  hexUnit(): number {
    const digits = this.text.slice(this.at, this.at + 4);
    if (digits.length < 4) this.failAtEnd("a string");
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail("invalid escape", this.at + 4);
    this.at += 4;
    return Number.parseInt(digits, 16);
  }

  list(depth: number): Value {
    const items: Value[] = [];
    this.skipSpace();
    if (this.text[this.at] === "]") {
      this.at++;
      return new HList(items);
    }
    if (this.at >= this.text.length) this.failAtEnd("a list");
    for (;;) {
      items.push(this.value(depth));
      if (this.separator("]", "a list")) return new HList(items);
    }
  }

  object(depth: number): Value {
    const keys: string[] = [];
    const values: Value[] = [];
    this.skipSpace();
    if (this.text[this.at] === "}") {
      this.at++;
      return new HDict();
    }
    for (;;) {
      this.skipSpace();
      if (this.at >= this.text.length) this.failAtEnd("an object");
      if (this.text[this.at] !== '"') this.fail("key must be a string", this.at + 1);
      this.at++;
      const key = this.string();
      this.skipSpace();
      if (this.at >= this.text.length) this.failAtEnd("an object");
      if (this.text[this.at] !== ":") this.fail("expected `:`", this.at + 1);
      this.at++;
      keys.push(key);
      values.push(this.value(depth));
      if (this.separator("}", "an object")) return HDict.fromKeys(keys, values);
    }
  }

  /** After an item: true when the container ends. */
  separator(close: string, what: string): boolean {
    this.skipSpace();
    if (this.at >= this.text.length) this.failAtEnd(what);
    const char = this.text[this.at]!;
    this.at++;
    if (char === close) return true;
    if (char !== ",") this.fail(`expected \`,\` or \`${close}\``, this.at);
    this.skipSpace();
    if (this.text[this.at] === close) this.fail("trailing comma", this.at + 1);
    if (this.at >= this.text.length) this.failAtEnd("a value");
    return false;
  }
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
