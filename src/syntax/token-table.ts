/**
 * The tokens of a text, a few bytes each: a text may be nothing but tokens of one character. Whoever looks at one gets it as an object.
 *
 * Invariants
 * 1. The trivia of a token starts where the token before it ends.
 * 2. What a name or a number means is read from the text again; only strings have a value that is kept.
 */
import { readNumber } from "./number-literal.ts";
import { KEYWORDS, PUNCTUATORS, type Token, type TokenKind, type TokenValue } from "./tokens.ts";

const KINDS: readonly TokenKind[] = [
  ...KEYWORDS,
  ...PUNCTUATORS,
  "name",
  "int",
  "float",
  "duration",
  "string",
  "raw-string",
  "string-open",
  "string-text",
  "interpolation-open",
  "interpolation-close",
  "string-close",
  "error",
  "eof",
  // Once more: one with an arrow directly inside.
  "{",
];
const ARROW_BRACE = KINDS.length - 1;
const NUMBERS: ReadonlyMap<TokenKind, number> = new Map(KINDS.slice(0, -1).map((kind, at) => [kind, at]));

/** Bits of `#kinds`: the kind's number, and whether a line break stands before. */
const KIND = 0x7f;
const ON_NEW_LINE = 0x80;

const LEAST_ROOM = 64;

export class TokenTable {
  readonly #text: string;
  #length = 0;
  #kinds = new Uint8Array(LEAST_ROOM);
  #starts = new Int32Array(LEAST_ROOM);
  #ends = new Int32Array(LEAST_ROOM);
  /** Of the tokens `#valued`, which rise. */
  #values: string[] = [];
  #valued: number[] = [];
  /** Where the last value was found. */
  #found = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get length(): number {
    return this.#length;
  }

  /** `value`: of a string, or of a piece of one. `onNewLine`: a line break that counts stands in the trivia before it. */
  push(kind: TokenKind, value: string | null, start: number, end: number, onNewLine: boolean): void {
    const at = this.#length++;
    if (at === this.#kinds.length) this.#resize(Math.ceil(at * 1.5));
    this.#kinds[at] = NUMBERS.get(kind)! | (onNewLine ? ON_NEW_LINE : 0);
    this.#starts[at] = start;
    this.#ends[at] = end;
    if (value === null) return;
    this.#valued.push(at);
    this.#values.push(value);
  }

  #resize(room: number): void {
    const length = Math.min(this.#length, room, this.#kinds.length);
    const kinds = new Uint8Array(room);
    kinds.set(this.#kinds.subarray(0, length));
    this.#kinds = kinds;
    const starts = new Int32Array(room);
    starts.set(this.#starts.subarray(0, length));
    this.#starts = starts;
    const ends = new Int32Array(room);
    ends.set(this.#ends.subarray(0, length));
    this.#ends = ends;
  }

  /** Gives back the room for more. */
  trim(): void {
    this.#resize(this.#length);
    this.#values = this.#values.slice();
    this.#valued = this.#valued.slice();
  }

  /** Drops the tokens from `length` on. */
  truncate(length: number): void {
    this.#length = length;
    while (this.#valued.length > 0 && this.#valued.at(-1)! >= length) {
      this.#valued.pop();
      this.#values.pop();
    }
  }

  /** Another value for a token that has one. */
  setValue(at: number, value: string): void {
    this.#values[this.#indexOfValue(at)] = value;
  }

  /** Lets the last token end there. */
  stretch(end: number): void {
    this.#ends[this.#length - 1] = end;
  }

  /** The `{` at this place has an arrow directly inside. */
  markArrowBrace(at: number): void {
    this.#kinds[at] = (this.#kinds[at]! & ON_NEW_LINE) | ARROW_BRACE;
  }

  isArrowBrace(at: number): boolean {
    return (this.#kinds[at]! & KIND) === ARROW_BRACE;
  }

  kind(at: number): TokenKind {
    return KINDS[this.#kinds[at]! & KIND]!;
  }

  value(at: number): TokenValue {
    switch (this.kind(at)) {
      case "name":
        return this.#text.slice(this.#starts[at], this.#ends[at]);
      case "int":
      case "float":
      case "duration":
        return readNumber(this.#text, this.#starts[at]!).value;
      case "string":
      case "raw-string":
      case "string-text":
        return this.#values[this.#indexOfValue(at)]!;
      default:
        return null;
    }
  }

  /** Whoever reads the tokens in order finds the next one beside the last one. */
  #indexOfValue(at: number): number {
    const valued = this.#valued;
    let index = this.#found;
    if (valued[index] !== at && valued[++index] !== at) {
      let low = 0;
      let high = valued.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (valued[middle]! < at) low = middle + 1;
        else high = middle;
      }
      index = low;
    }
    this.#found = index;
    return index;
  }

  start(at: number): number {
    return this.#starts[at]!;
  }

  end(at: number): number {
    return this.#ends[at]!;
  }

  onNewLine(at: number): boolean {
    return (this.#kinds[at]! & ON_NEW_LINE) !== 0;
  }

  at(at: number): Token {
    return {
      kind: this.kind(at),
      value: this.value(at),
      start: this.#starts[at]!,
      end: this.#ends[at]!,
      leading: at === 0 ? 0 : this.#ends[at - 1]!,
      onNewLine: this.onNewLine(at),
    };
  }

  /** null: there is none at this place. */
  find(at: number): Token | null {
    return at >= 0 && at < this.#length ? this.at(at) : null;
  }

  /** Its kind; null: there is none at this place. */
  findKind(at: number): TokenKind | null {
    return at >= 0 && at < this.#length ? this.kind(at) : null;
  }

  /** The first one that starts at `offset` or behind it; the last one if none does. */
  indexAt(offset: number): number {
    let low = 0;
    let high = this.#length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  toArray(): Token[] {
    return Array.from({ length: this.#length }, (_, at) => this.at(at));
  }
}
