/**
 * Cuts a text into tokens. Any text gives tokens: what is none becomes an `error` token and a diagnostic.
 *
 * Invariants
 * 1. Linear time, no recursion: strings with interpolations are modes on a stack.
 * 2. Tokens with their leading trivia cover the text without gap or overlap; the last one is `eof`.
 * 3. A plain string that never ends stops at its line's end, so that one missing quote does not swallow the file.
 */
import type { SourceDiagnostic } from "../base/diagnostic-code.ts";
import { indexLines, type LineIndex } from "../base/text.ts";
import { isNameStart, skipNameParts } from "./characters.ts";
import { readNumber } from "./number-literal.ts";
import { emptyInterpolation, unexpectedCharacter, unterminatedComment, unterminatedString } from "./problems.ts";
import { dedent, unescapePlain } from "./string-content.ts";
import { TokenTable } from "./token-table.ts";
import { isKeyword, PUNCTUATORS, type Punctuator, type TokenKind } from "./tokens.ts";

export interface TokenizeResult {
  readonly tokens: TokenTable;
  readonly diagnostics: readonly SourceDiagnostic[];
}

export function tokenize(text: string): TokenizeResult {
  return new Lexer(text).run();
}

/** More reports than this help nobody: the text is no Harn program. */
const MOST_DIAGNOSTICS = 100;

/** In the interpolation of a plain string a quote may be escaped, like one of the string itself; it closes in the same way. */
type Quote = '"' | '"""' | '\\"';

/** We are inside a string (between its interpolations), or in the code of one. */
type Mode =
  | {
      readonly kind: "string";
      readonly quote: Quote;
      /** Index of its `string-open` token. */
      readonly open: number;
      /** How many problems had been reported before it. */
      readonly problems: number;
      /** Its texts so far: index of the token, -1 for an empty one; and the raw text. */
      readonly texts: { readonly token: number; readonly raw: string }[];
    }
  | { readonly kind: "code"; braces: number };

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const DOLLAR = 0x24;
const STAR = 0x2a;
const SLASH = 0x2f;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const BACKSLASH = 0x5c;
const LETTER_R = 0x72;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const BYTE_ORDER_MARK = 0xfeff;

/** Punctuators by their first character, longest first. */
const PUNCTUATORS_BY_START: ReadonlyMap<number, readonly Punctuator[]> = Map.groupBy(PUNCTUATORS, (text) =>
  text.charCodeAt(0),
);

/** Quotes of other languages: what they enclose on one line is one mistake, not many. */
const FOREIGN_QUOTES: Readonly<Record<string, string>> = { "'": "'", "`": "`", "“": "”", "‘": "’", "„": "“" };

/** Where a text in a string ends: at `${`, at the closing quotes, or (its line or the file ended) nowhere. */
interface StringStop {
  readonly at: "interpolation" | "close" | "nowhere";
  readonly pos: number;
}

class Lexer {
  readonly #text: string;
  readonly #tokens: TokenTable;
  readonly #diagnostics: SourceDiagnostic[] = [];
  readonly #modes: Mode[] = [];
  #pos = 0;
  /** A line break stands in the trivia of the next token. */
  #onNewLine = false;
  /** For the places in reports; null while there is none. */
  #lines: LineIndex | null = null;
  /** A piece of a line that ends with it. */
  #lineFrom = 0;
  #lineEnd = -1;
  /** Of closing quotes of other languages: from where the next one was searched, and where it is; -1: nowhere. */
  readonly #closings = new Map<string, { readonly from: number; readonly found: number }>();
  /** Set when an interpolation ran to the end of the file: from then on a line break ends a plain string with all that is in it. */
  #strict = false;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = new TokenTable(text);
  }

  run(): TokenizeResult {
    for (;;) {
      const mode = this.#modes.at(-1);
      if (mode?.kind === "string") this.#readStringText(mode);
      else if (!this.#readCode(mode)) break;
    }
    this.#tokens.trim();
    return { tokens: this.#tokens, diagnostics: this.#diagnostics };
  }

  // -------------------------------------------------------------- code

  /** Reads one token of code; false behind the last. */
  #readCode(mode: Extract<Mode, { kind: "code" }> | undefined): boolean {
    this.#onNewLine = false;
    if (!this.#skipTrivia(mode !== undefined)) return true;
    const text = this.#text;
    const start = this.#pos;
    if (start >= text.length) {
      if (mode) {
        this.#failOpenStringAtEnd();
        return true;
      }
      this.#push("eof", null, start, start);
      return false;
    }
    const code = text.charCodeAt(start);
    if (code === QUOTE) this.#readString(text.startsWith('"""', start) ? '"""' : '"');
    else if (mode && code === BACKSLASH && text.charCodeAt(start + 1) === QUOTE) this.#readString('\\"');
    else if (code === LETTER_R && text.charCodeAt(start + 1) === QUOTE) this.#readRawString();
    else if (code >= DIGIT_0 && code <= DIGIT_9) {
      const number = readNumber(text, start);
      this.#push(number.kind, null, start, number.end);
    } else if (isNameStart(code < 0x80 ? code : text.codePointAt(start)!)) {
      const end = skipNameParts(text, start);
      const name = text.slice(start, end);
      if (isKeyword(name)) this.#push(name, null, start, end);
      else this.#push("name", null, start, end);
    } else if (mode && code === CLOSE_BRACE && mode.braces === 0) {
      if (this.#tokens.kind(this.#tokens.length - 1) === "interpolation-open")
        this.#report(emptyInterpolation({ start, end: start + 1 }, this.#lineIndex()));
      this.#push("interpolation-close", null, start, start + 1);
      this.#modes.pop();
    } else {
      const punctuator = PUNCTUATORS_BY_START.get(code)?.find((candidate) => text.startsWith(candidate, start));
      if (punctuator) {
        if (mode && code === OPEN_BRACE) mode.braces++;
        if (mode && code === CLOSE_BRACE) mode.braces--;
        this.#push(punctuator, null, start, start + punctuator.length);
      } else this.#readUnexpected();
    }
    return true;
  }

  /** Moves behind white space, line breaks and comments; false if a string was given up meanwhile. */
  #skipTrivia(interpolated: boolean): boolean {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#pos);
      if (code === SPACE || code === TAB || code === RETURN) this.#pos++;
      else if (code === NEWLINE) {
        if (interpolated && this.#strict && this.#failPlainString()) return false;
        this.#onNewLine = true;
        this.#pos++;
      } else if (code === SLASH && text.charCodeAt(this.#pos + 1) === SLASH) this.#skipLineComment(interpolated);
      else if (code === SLASH && text.charCodeAt(this.#pos + 1) === STAR) this.#skipBlockComment();
      else if (code === BACKSLASH && text.charCodeAt(this.#pos + 1) === NEWLINE) this.#pos += 2;
      else if (code === BACKSLASH && text.startsWith("\r\n", this.#pos + 1)) this.#pos += 3;
      else if (code === BYTE_ORDER_MARK && this.#pos === 0) this.#pos++;
      else return true;
    }
  }

  /** In an interpolation the comment ends before its closing brace. */
  #skipLineComment(interpolated: boolean): void {
    const text = this.#text;
    let end = text.indexOf("\n", this.#pos);
    if (end === -1) end = text.length;
    if (interpolated) {
      for (let at = this.#pos; at < end; at++) if (text.charCodeAt(at) === CLOSE_BRACE) end = at;
    }
    this.#pos = end;
  }

  #skipBlockComment(): void {
    const marks = /\/\*|\*\//g;
    marks.lastIndex = this.#pos;
    let depth = 0;
    do {
      const mark = marks.exec(this.#text);
      if (!mark) {
        this.#report(unterminatedComment({ start: this.#pos, end: this.#pos + 2 }, this.#lineIndex()));
        this.#pos = this.#text.length;
        return;
      }
      depth += mark[0] === "/*" ? 1 : -1;
    } while (depth > 0);
    this.#pos = marks.lastIndex;
  }

  #readUnexpected(): void {
    const text = this.#text;
    const start = this.#pos;
    const char = String.fromCodePoint(text.codePointAt(start)!);
    let end = start + char.length;
    const closing = FOREIGN_QUOTES[char];
    if (closing) {
      const close = this.#closingFrom(closing, end);
      if (close !== -1 && close < this.#endOfLine(start)) end = close + closing.length;
    }
    this.#report(unexpectedCharacter(char, { start, end }, this.#lineIndex()));
    this.#pushError(start, end);
  }

  /** The first `closing` from `at` on, or -1. It is searched once for all that open in front of it. */
  #closingFrom(closing: string, at: number): number {
    const known = this.#closings.get(closing);
    if (known !== undefined && known.from <= at && (known.found === -1 || known.found >= at)) return known.found;
    const found = this.#text.indexOf(closing, at);
    this.#closings.set(closing, { from: at, found });
    return found;
  }

  // -------------------------------------------------------------- strings

  /** At a quote: reads the whole string, or as far as its first interpolation. */
  #readString(quote: Quote): void {
    const start = this.#pos;
    const textStart = start + quote.length;
    const stop = this.#findStringStop(textStart, quote);
    if (stop.at === "close") {
      const raw = this.#text.slice(textStart, stop.pos);
      const value = quote === '"""' ? dedent([withoutFirstBreak(raw)])[0]! : unescapePlain(raw);
      this.#push("string", value, start, stop.pos + quote.length);
      return;
    }
    this.#modes.push({
      kind: "string",
      quote,
      open: this.#tokens.length,
      problems: this.#diagnostics.length,
      texts: [],
    });
    this.#push("string-open", null, start, textStart);
  }

  /** Reads text up to the next interpolation or the closing quotes, and what stands there. */
  #readStringText(mode: Mode & { kind: "string" }): void {
    const start = this.#pos;
    this.#onNewLine = false;
    const multi = mode.quote === '"""';
    const stop = this.#findStringStop(start, mode.quote);
    if (stop.at === "nowhere") {
      if (multi) this.#failOpenStringAtEnd();
      else this.#failPlainString();
      return;
    }
    const raw = this.#text.slice(start, stop.pos);
    const piece = multi && mode.texts.length === 0 ? withoutFirstBreak(raw) : raw;
    mode.texts.push({ token: stop.pos > start ? this.#tokens.length : -1, raw: piece });
    if (stop.pos > start) this.#push("string-text", multi ? "" : unescapePlain(raw), start, stop.pos);
    if (stop.at === "interpolation") {
      this.#push("interpolation-open", null, stop.pos, stop.pos + 2);
      this.#modes.push({ kind: "code", braces: 0 });
      return;
    }
    this.#push("string-close", null, stop.pos, stop.pos + mode.quote.length);
    this.#modes.pop();
    if (!multi) return;
    const texts = dedent(mode.texts.map((part) => part.raw));
    mode.texts.forEach((part, at) => {
      if (part.token >= 0) this.#tokens.setValue(part.token, texts[at]!);
    });
  }

  /** Where string text from `from` ends: at `${`, at the closing quotes, or (line or file ended) nowhere. */
  #findStringStop(from: number, quote: Quote): StringStop {
    const text = this.#text;
    for (let pos = from; pos < text.length; pos++) {
      const code = text.charCodeAt(pos);
      if (code === DOLLAR) {
        if (text.charCodeAt(pos + 1) === OPEN_BRACE) return { at: "interpolation", pos };
      } else if (quote === '"""') {
        if (code === QUOTE && text.startsWith(quote, pos)) return { at: "close", pos };
      } else if (code === QUOTE || code === NEWLINE) {
        return { at: code === QUOTE && quote === '"' ? "close" : "nowhere", pos };
      } else if (code === BACKSLASH) {
        if (quote === '\\"' && text.charCodeAt(pos + 1) === QUOTE) return { at: "close", pos };
        pos++;
      }
    }
    return { at: "nowhere", pos: text.length };
  }

  #readRawString(): void {
    const text = this.#text;
    const start = this.#pos;
    const lineEnd = this.#endOfLine(start);
    const close = text.indexOf('"', start + 2);
    if (close === -1 || close > lineEnd) {
      if (this.#failPlainString()) return;
      this.#report(unterminatedString({ start, end: lineEnd }, 'r"', false, this.#lineIndex()));
      this.#push("raw-string", text.slice(start + 2, lineEnd), start, lineEnd);
    } else this.#push("raw-string", text.slice(start + 2, close), start, close + 1);
  }

  // -------------------------------------------------------------- strings that never end

  /**
   * Gives up the outermost plain string that we are in without a triple-quoted one between: it ends at a line's end.
   * False if there is none.
   */
  #failPlainString(): boolean {
    let outermost = -1;
    for (let at = this.#modes.length - 1; at >= 0; at--) {
      const mode = this.#modes[at]!;
      if (mode.kind !== "string") continue;
      if (mode.quote === '"""') break;
      outermost = at;
    }
    const mode = this.#modes[outermost];
    if (mode?.kind !== "string") return false;
    const firstLine = this.#endOfLine(this.#tokens.start(mode.open));
    // Reading again from the first line's end happens once; afterwards no string gets that far.
    const end = this.#strict ? this.#endOfLine(this.#pos) : firstLine;
    if (end < this.#pos) this.#strict = true;
    this.#giveUpString(outermost, end);
    return true;
  }

  /** The file ended inside a string. A plain one is read again as if it ended with its first line. */
  #failOpenStringAtEnd(): void {
    const outermost = this.#modes.findIndex((mode) => mode.kind === "string");
    const mode = this.#modes[outermost];
    if (mode?.kind !== "string") throw new Error("an interpolation stands in a string");
    if (mode.quote === '"""') {
      this.#giveUpString(outermost, this.#text.length);
      return;
    }
    this.#strict = true;
    this.#giveUpString(outermost, this.#endOfLine(this.#tokens.start(mode.open)));
  }

  /** Replaces all tokens since the opening of the string at `modeIndex` by one string that ends at `end`. */
  #giveUpString(modeIndex: number, end: number): void {
    const mode = this.#modes[modeIndex];
    if (mode?.kind !== "string") throw new Error("only a string can be given up");
    const open = this.#tokens.at(mode.open);
    const hasInterpolation = this.#tokens.length > mode.open + 1 || this.#text.slice(open.end, end).includes("${");
    this.#tokens.truncate(mode.open);
    this.#diagnostics.length = mode.problems;
    this.#modes.length = modeIndex;
    this.#onNewLine = open.onNewLine;
    const shown = mode.quote === '"""' ? open.end : end;
    this.#report(
      unterminatedString(
        { start: open.start, end: shown },
        mode.quote === '"""' ? '"""' : '"',
        hasInterpolation,
        this.#lineIndex(),
      ),
    );
    this.#push("string", this.#text.slice(open.end, end), open.start, end);
  }

  // -------------------------------------------------------------- bookkeeping

  #endOfLine(at: number): number {
    if (at < this.#lineFrom || at > this.#lineEnd) {
      const end = this.#text.indexOf("\n", at);
      this.#lineFrom = at;
      this.#lineEnd = end === -1 ? this.#text.length : end;
    }
    return this.#lineEnd;
  }

  #report(diagnostic: SourceDiagnostic): void {
    if (this.#diagnostics.length < MOST_DIAGNOSTICS) this.#diagnostics.push(diagnostic);
  }

  #push(kind: TokenKind, value: string | null, start: number, end: number): void {
    this.#tokens.push(kind, value, start, end, this.#onNewLine);
    this.#pos = end;
    this.#onNewLine = false;
  }

  /** What stands side by side and is no token is one mistake. */
  #pushError(start: number, end: number): void {
    const last = this.#tokens.length - 1;
    if (last < 0 || this.#tokens.kind(last) !== "error" || this.#tokens.end(last) !== start) {
      this.#push("error", null, start, end);
      return;
    }
    this.#tokens.stretch(end);
    this.#pos = end;
  }

  #lineIndex(): LineIndex {
    this.#lines ??= indexLines(this.#text);
    return this.#lines;
  }
}

function withoutFirstBreak(raw: string): string {
  return raw.startsWith("\n") ? raw.slice(1) : raw;
}
