/**
 * Our own JSON reader, for texts that the platform's would blur or refuse: exact numbers, and messages that say what is wrong and where.
 *
 * Invariants
 * 1. Accepts exactly JSON (RFC 8259), nested at most 128 deep.
 * 2. Line and column in messages count from 1 and in UTF-8 bytes, as the reference does; at the end of the text it is the last byte.
 */
import type { JsonResult } from "./json.ts";
import { makeFloat, normalizeInt } from "./numbers.ts";
import { dictOf } from "./record-copies.ts";
import type { Shape } from "./shape.ts";
import { HDict, HList, type Value } from "./value.ts";

const DEEPEST = 128;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** As much of a broken number as the reference reads before it stops. */
const NUMBER_START = /-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][+-]?\d*)?/y;
/** A run of plain string characters. */
const PLAIN = /[^"\\\u0000-\u001f]*/y;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const EXPONENT = 0x45;
const SMALL_EXPONENT = 0x65;
const [SMALL_T, SMALL_F, SMALL_N] = [0x74, 0x66, 0x6e];
/** From this length on V8 makes a slice a view of the whole text: slower to use, and it keeps the text in memory. */
const VIEW = 13;
/** Stand backslashes in front of it, so that it does not end a string? */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;

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

/** The keys of an object that was read, in their order. */
interface ExpectedKeys {
  readonly keys: readonly string[];
  /** As they stand in the text, and with the colon that mostly comes next. */
  readonly quoted: readonly string[];
  readonly marked: readonly string[];
  readonly shape: Shape;
  /** Where in the shape each key stands. */
  readonly places: readonly number[];
  /** Room for the values of the object that is read; there is one at a time of a depth. */
  readonly values: Value[];
}

/** Null when a key is not written as it is, or there are too many. */
function expectedKeys(keys: readonly string[], shape: Shape): ExpectedKeys | null {
  if (shape.large || keys.some((key) => /["\\\u0000-\u001f]/.test(key))) return null;
  const quoted = keys.map((key) => `"${key}"`);
  const places = keys.map((key) => shape.indexOf(key));
  const marked = quoted.map((key) => `${key}:`);
  return { keys, quoted, marked, shape, places, values: new Array(keys.length).fill(null) };
}

/** The first `count` values, in the order in which they were given. */
const given = (values: readonly Value[], places: readonly number[], count: number): Value[] =>
  places.slice(0, count).map((place) => values[place]!);

class Reader {
  readonly text: string;
  at = 0;
  /** By depth: the keys of the last object there, and once two had the same, how they are expected again. */
  private readonly known: { readonly keys: readonly string[]; readonly expected: ExpectedKeys | null }[] = [];

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
      if (c > SPACE) return;
      if (c !== SPACE && c !== 0x0a && c !== 0x0d && c !== 0x09) return;
    }
  }

  value(depth: number): Value {
    this.skipSpace();
    if (this.at >= this.text.length) this.failAtEnd("a value");
    const unit = this.text.charCodeAt(this.at);
    if (unit === QUOTE) {
      this.at++;
      return this.string();
    }
    if (unit === MINUS || isDigit(unit)) return this.number();
    switch (unit) {
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (depth >= DEEPEST - 1) this.fail("recursion limit exceeded", this.at + 1);
        this.at++;
        return unit === OPEN_BRACE ? this.object(depth + 1) : this.list(depth + 1);
      case SMALL_T:
        return this.word("true", true);
      case SMALL_F:
        return this.word("false", false);
      case SMALL_N:
        return this.word("null", null);
      default:
        return this.fail("expected value", this.at + 1);
    }
  }

  word(word: string, value: Value): Value {
    if (this.text.startsWith(word, this.at)) {
      this.at += word.length;
      return value;
    }
    let same = 0;
    while (this.at + same < this.text.length && this.text[this.at + same] === word[same]) same++;
    if (this.at + same >= this.text.length) this.failAtEnd("a value");
    return this.fail("expected ident", this.at + same + 1);
  }

  /** Most numbers are short and end with something plain. */
  number(): Value {
    const { text } = this;
    let at = this.at;
    const isNegative = text.charCodeAt(at) === MINUS;
    if (isNegative) at++;
    const first = at;
    let n = 0;
    let next = text.charCodeAt(at);
    for (; isDigit(next); next = text.charCodeAt(++at)) n = n * 10 + next - ZERO;
    const digits = at - first;
    const isPlain = digits > 0 && digits < 16 && (digits === 1 || text.charCodeAt(first) !== ZERO);
    if (!isPlain || (isNegative && n === 0) || next === EXPONENT || next === SMALL_EXPONENT) return this.anyNumber();
    if (next !== POINT) {
      this.at = at;
      return isNegative ? -n : n;
    }
    const fraction = ++at;
    while (isDigit(text.charCodeAt(at))) at++;
    const end = text.charCodeAt(at);
    if (at === fraction || end === EXPONENT || end === SMALL_EXPONENT) return this.anyNumber();
    const exact = makeFloat(Number(text.slice(this.at, at)));
    this.at = at;
    return exact;
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
    const { text } = this;
    const start = this.at;
    const end = Math.min(text.length, start + VIEW);
    for (let at = start; at < end; at++) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) {
        this.at = at + 1;
        return text.slice(start, at);
      }
      if (unit === BACKSLASH || unit < SPACE) break;
    }
    return this.longString() ?? this.stringWithEscapes();
  }

  /** By the platform; null when it has to be looked at character by character: halves of surrogate pairs, and what is no string. */
  longString(): string | null {
    const { text } = this;
    let end = text.indexOf('"', this.at);
    while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
    if (end < 0) return null;
    const raw = text.slice(this.at - 1, end + 1);
    if (raw.includes("\\ud") || raw.includes("\\uD")) return null;
    try {
      const whole = JSON.parse(raw) as string;
      this.at = end + 1;
      return whole;
    } catch {
      return null;
    }
  }

  stringWithEscapes(): string {
    let out = "";
    for (;;) {
      PLAIN.lastIndex = this.at;
      const run = PLAIN.exec(this.text)![0];
      out += run;
      this.at += run.length;
      if (this.at >= this.text.length) this.failAtEnd("a string");
      const char = this.text[this.at++]!;
      if (char === '"') return out;
      if (char !== "\\") this.fail("control character (\\u0000-\\u001F) found while parsing a string", this.at);
      out += this.escape();
    }
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
    if (this.text.charCodeAt(this.at) === CLOSE_BRACKET) {
      this.at++;
      return new HList(items);
    }
    if (this.at >= this.text.length) this.failAtEnd("a list");
    for (;;) {
      items.push(this.value(depth));
      if (this.separator(CLOSE_BRACKET, "a list")) return new HList(items);
    }
  }

  object(depth: number): Value {
    this.skipSpace();
    if (this.text.charCodeAt(this.at) === CLOSE_BRACE) {
      this.at++;
      return HDict.empty();
    }
    const known = this.known[depth];
    return known?.expected ? this.sameObject(depth, known.expected) : this.newObject(depth, [], []);
  }

  /** Objects of a list mostly have the keys of the one before, in the same order: then the keys are only compared. */
  sameObject(depth: number, expected: ExpectedKeys): Value {
    const { keys, marked, shape, places, values } = expected;
    for (let i = 0; i < keys.length; i++) {
      const mark = marked[i]!;
      if (this.text.startsWith(mark, this.at)) this.at += mark.length;
      else {
        const key = expected.quoted[i]!;
        this.skipSpace();
        if (!this.text.startsWith(key, this.at))
          return this.newObject(depth, keys.slice(0, i), given(values, places, i));
        this.at += key.length;
        this.expectColon();
      }
      values[places[i]!] = this.value(depth);
      if (this.separator(CLOSE_BRACE, "an object")) {
        if (i === keys.length - 1) return dictOf(shape, values);
        return HDict.fromKeys(keys.slice(0, i + 1), given(values, places, i + 1));
      }
    }
    return this.newObject(depth, keys.slice(), given(values, places, keys.length));
  }

  /** `keys` and `values`: what was read of it already. */
  newObject(depth: number, keys: string[], values: Value[]): Value {
    for (;;) {
      this.skipSpace();
      if (this.at >= this.text.length) this.failAtEnd("an object");
      if (this.text.charCodeAt(this.at) !== QUOTE) this.fail("key must be a string", this.at + 1);
      this.at++;
      keys.push(this.string());
      this.expectColon();
      values.push(this.value(depth));
      if (this.separator(CLOSE_BRACE, "an object")) break;
    }
    const dict = HDict.fromKeys(keys, values);
    const last = this.known[depth]?.keys;
    const isAgain = last?.length === keys.length && keys.every((key, i) => key === last[i]);
    this.known[depth] = {
      keys,
      expected: isAgain && dict.size === keys.length ? expectedKeys(keys, dict.shape) : null,
    };
    return dict;
  }

  expectColon(): void {
    this.skipSpace();
    if (this.at >= this.text.length) this.failAtEnd("an object");
    if (this.text.charCodeAt(this.at) !== COLON) this.fail("expected `:`", this.at + 1);
    this.at++;
  }

  /** After an item: true when the container ends. */
  separator(close: typeof CLOSE_BRACE | typeof CLOSE_BRACKET, what: string): boolean {
    this.skipSpace();
    const { text } = this;
    if (this.at >= text.length) this.failAtEnd(what);
    const unit = text.charCodeAt(this.at++);
    if (unit === close) return true;
    if (unit !== COMMA) this.fail(`expected \`,\` or \`${String.fromCharCode(close)}\``, this.at);
    this.skipSpace();
    if (text.charCodeAt(this.at) === close) this.fail("trailing comma", this.at + 1);
    if (this.at >= text.length) this.failAtEnd("a value");
    return false;
  }
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
