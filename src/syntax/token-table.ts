/**
 * The tokens of a text, a few bytes each: a text may be nothing but tokens of one character. Whoever looks at one gets it as an object.
 *
 * Invariant: the trivia of a token starts where the token before it ends.
 */
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
];
const NUMBERS: ReadonlyMap<TokenKind, number> = new Map(KINDS.map((kind, at) => [kind, at]));

/** Words of `#places` for each token. */
const WIDTH = 5;
const START = 0;
const END = 1;
const LINE = 2;
const COLUMN = 3;
const NEWLINE = 4;

const LEAST_ROOM = 64;

export class TokenTable {
  #length = 0;
  #kinds = new Uint8Array(LEAST_ROOM);
  #places = new Int32Array(LEAST_ROOM * WIDTH);
  readonly #values: TokenValue[] = [];

  get length(): number {
    return this.#length;
  }

  push(
    kind: TokenKind,
    value: TokenValue,
    start: number,
    end: number,
    line: number,
    column: number,
    newline: number,
  ): void {
    const at = this.#length++;
    if (at === this.#kinds.length) this.#grow();
    this.#kinds[at] = NUMBERS.get(kind)!;
    const base = at * WIDTH;
    const places = this.#places;
    places[base + START] = start;
    places[base + END] = end;
    places[base + LINE] = line;
    places[base + COLUMN] = column;
    places[base + NEWLINE] = newline;
    this.#values.push(value);
  }

  #grow(): void {
    const room = Math.ceil(this.#kinds.length * 1.5);
    const kinds = new Uint8Array(room);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
    const places = new Int32Array(room * WIDTH);
    places.set(this.#places);
    this.#places = places;
  }

  /** Drops the tokens from `length` on. */
  truncate(length: number): void {
    this.#length = length;
    this.#values.length = length;
  }

  setValue(at: number, value: TokenValue): void {
    this.#values[at] = value;
  }

  kind(at: number): TokenKind {
    return KINDS[this.#kinds[at]!]!;
  }

  value(at: number): TokenValue {
    return this.#values[at]!;
  }

  start(at: number): number {
    return this.#places[at * WIDTH + START]!;
  }

  end(at: number): number {
    return this.#places[at * WIDTH + END]!;
  }

  column(at: number): number {
    return this.#places[at * WIDTH + COLUMN]!;
  }

  newline(at: number): number {
    return this.#places[at * WIDTH + NEWLINE]!;
  }

  at(at: number): Token {
    const base = at * WIDTH;
    const places = this.#places;
    return {
      kind: KINDS[this.#kinds[at]!]!,
      value: this.#values[at]!,
      start: places[base + START]!,
      end: places[base + END]!,
      line: places[base + LINE]!,
      column: places[base + COLUMN]!,
      leading: at === 0 ? 0 : places[base - WIDTH + END]!,
      newline: places[base + NEWLINE]!,
    };
  }

  toArray(): Token[] {
    return Array.from({ length: this.#length }, (_, at) => this.at(at));
  }
}
