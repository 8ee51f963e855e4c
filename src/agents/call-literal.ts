/**
 * The argument literal of a tool call that a model writes as text: JSON, with what models write instead of it. Bare keys, single quotes, backticks,
 * comments, commas at the end, `undefined`, and `<<TAG` … `TAG` for text of many lines without escaping.
 *
 * Invariant: linear in the length of the text; nesting is bounded (`DEEPEST`).
 */
import type { Json } from "../base/json.ts";

export type Literal =
  | { readonly kind: "value"; readonly value: Json; readonly end: number }
  | { readonly kind: "error"; readonly message: string; readonly at: number };

const DEEPEST = 64;
const NAME = /[A-Za-z_$][\w$]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const HEREDOC = /<<(["']?)([A-Za-z0-9_]+)\1\r?\n/y;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", "0": "\0", "\n": "" };

/** The literal that starts at `from`. */
export function readLiteral(text: string, from: number): Literal {
  const reader = new LiteralReader(text, from);
  try {
    const value = reader.value(0);
    return { kind: "value", value, end: reader.at };
  } catch (error) {
    if (error instanceof LiteralError) return { kind: "error", message: error.message, at: reader.at };
    throw error;
  }
}

class LiteralError extends Error {}

class LiteralReader {
  private readonly text: string;
  at: number;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  value(depth: number): Json {
    if (depth > DEEPEST) throw new LiteralError("the arguments are nested too deeply");
    this.skipBlanks();
    const c = this.text[this.at];
    switch (c) {
      case undefined:
        throw new LiteralError("the arguments end too early");
      case "{":
        return this.object(depth);
      case "[":
        return this.list(depth);
      case '"':
      case "'":
      case "`":
        return this.quoted(c);
      case "<":
        return this.heredoc();
      default:
        return this.wordOrNumber(c);
    }
  }

  private object(depth: number): Json {
    const fields: [string, Json][] = [];
    this.at++;
    for (;;) {
      this.skipBlanks();
      if (this.take("}")) return Object.fromEntries(fields);
      const key = this.key();
      this.skipBlanks();
      if (!this.take(":")) throw new LiteralError(`expected ":" after the key ${key}`);
      fields.push([key, this.value(depth + 1)]);
      this.skipBlanks();
      if (!this.take(",") && this.text[this.at] !== "}") throw this.unexpected(`"," or "}" after ${key}`);
    }
  }

  private list(depth: number): Json {
    const items: Json[] = [];
    this.at++;
    for (;;) {
      this.skipBlanks();
      if (this.take("]")) return items;
      items.push(this.value(depth + 1));
      this.skipBlanks();
      if (!this.take(",") && this.text[this.at] !== "]") throw this.unexpected('"," or "]"');
    }
  }

  private key(): string {
    const c = this.text[this.at];
    if (c === '"' || c === "'") return this.quoted(c);
    const name = this.match(NAME);
    if (name === null) throw this.unexpected("a key");
    return name[0];
  }

  private quoted(quote: string): string {
    this.at++;
    // A model that quotes a heredoc means the heredoc.
    if (this.text.startsWith("<<", this.at) && this.peek(HEREDOC)) {
      const inner = this.heredoc();
      this.take(quote);
      return inner;
    }
    let out = "";
    for (;;) {
      const c = this.text[this.at++];
      if (c === undefined) throw new LiteralError(`a text that starts with ${quote} does not end`);
      if (c === quote) return out;
      out += c === "\\" ? this.escape() : c;
    }
  }

  private escape(): string {
    const c = this.text[this.at++];
    if (c === undefined) throw new LiteralError("the arguments end in an escape");
    if (c !== "u" && c !== "x") return ESCAPES[c] ?? c;
    const hex = this.match(c === "x" ? /[\da-fA-F]{2}/y : /\{[\da-fA-F]{1,6}\}|[\da-fA-F]{4}/y);
    const point = hex === null ? Number.NaN : Number.parseInt(hex[0].replace(/[{}]/g, ""), 16);
    if (!(point <= 0x10ffff)) throw new LiteralError(`the escape \\${c} names no character`);
    return String.fromCodePoint(point);
  }

  /** Ends where a line starts with the tag, blanks before it aside; the line break before that line is not part of the text. */
  private heredoc(): string {
    const head = this.match(HEREDOC);
    if (head === null) throw this.unexpected("a heredoc (<<TAG and a line break)");
    const tag = head[2]!;
    const from = this.at;
    for (let line = from; line <= this.text.length; ) {
      const found = this.text.indexOf("\n", line);
      const next = found < 0 ? this.text.length : found;
      const content = this.text.slice(line, next);
      const start = line + (content.length - content.trimStart().length);
      if (this.text.startsWith(tag, start) && !/\w/.test(this.text[start + tag.length] ?? "")) {
        this.at = start + tag.length;
        return this.text.slice(from, Math.max(from, line - 1)).replace(/\r$/, "");
      }
      if (found < 0) break;
      line = next + 1;
    }
    throw new LiteralError(`the heredoc <<${tag} does not end: ${tag} must start a line`);
  }

  private wordOrNumber(c: string): Json {
    const number = c === "-" || (c >= "0" && c <= "9") ? this.match(NUMBER) : null;
    if (number !== null) return Number(number[0]);
    const word = this.match(NAME);
    switch (word?.[0]) {
      case "true":
        return true;
      case "false":
        return false;
      case "null":
      case "undefined":
      case "nil":
        return null;
      case undefined:
        throw this.unexpected("a value");
      default:
        throw new LiteralError(`expected a value, got ${word![0]}; texts stand in quotes`);
    }
  }

  private skipBlanks(): void {
    for (;;) {
      this.match(/\s+/y);
      if (this.match(/\/\/[^\n]*/y) !== null) continue;
      if (!this.text.startsWith("/*", this.at)) return;
      const end = this.text.indexOf("*/", this.at);
      if (end < 0) throw new LiteralError("a comment does not end");
      this.at = end + 2;
    }
  }

  private take(c: string): boolean {
    if (this.text[this.at] !== c) return false;
    this.at++;
    return true;
  }

  private peek(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at += found[0].length;
    return found;
  }

  private unexpected(wanted: string): LiteralError {
    const c = this.text[this.at];
    return new LiteralError(`expected ${wanted}, got ${c === undefined ? "the end" : JSON.stringify(c)}`);
  }
}
