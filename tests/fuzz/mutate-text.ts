/**
 * Turns programs into texts that are almost programs: changes of bytes, of tokens and of subtrees, splices of two programs, and extremes (deep nesting,
 * huge literals, odd characters). Whatever comes out is a string; it may hold lone surrogates and NUL.
 */
import fc from "fast-check";
import { tokenize } from "../../src/syntax/lexer.ts";
import { parseSource } from "../../src/syntax/parser.ts";
import { KEYWORDS, PUNCTUATORS, type Token } from "../../src/syntax/tokens.ts";
import { programText } from "../programs/arbitrary-program.ts";
import { terminatingProgram } from "../programs/terminating-program.ts";
import type { CorpusProgram } from "./corpus.ts";
import { extremeText } from "./extremes.ts";
import type { Random } from "./random.ts";

/** Texts are cut to this many UTF-16 units, but for the extremes. */
const LONGEST = 24_000;

export function fuzzedText(random: Random, corpus: readonly CorpusProgram[]): string {
  if (random.chance(0.06)) return extremeText(random);
  let text = baseText(random, corpus);
  const rounds = 1 + random.skewed(12);
  for (let i = 0; i < rounds; i++) text = mutateOnce(random, text, () => baseText(random, corpus));
  return text.slice(0, 2 * LONGEST);
}

/** A program as it is, or a part of a long one. */
function baseText(random: Random, corpus: readonly CorpusProgram[]): string {
  if (random.chance(0.15)) {
    const arbitrary = random.chance(0.5) ? programText : terminatingProgram;
    return fc.sample(arbitrary, { numRuns: 1, seed: random.bits() | 0 })[0]!;
  }
  const { text } = random.pick(corpus);
  if (text.length <= LONGEST && !random.chance(0.3)) return text;
  const lines = text.split("\n");
  const from = random.below(lines.length);
  return lines
    .slice(from, from + 1 + random.skewed(120))
    .join("\n")
    .slice(0, LONGEST);
}

function mutateOnce(random: Random, text: string, other: () => string): string {
  const kind = random.below(10);
  if (kind < 2) return mutateBytes(random, text);
  if (kind < 4) return mutateUnits(random, text);
  if (kind < 7) return mutateTokens(random, text, other);
  if (kind < 9) return mutateTree(random, text, other);
  return splice(random, text, other());
}

/** Of the encoded text, as a damaged file would have it. */
function mutateBytes(random: Random, text: string): string {
  const bytes = [...Buffer.from(text, "utf8")];
  const at = random.below(bytes.length + 1);
  switch (random.below(4)) {
    case 0:
      bytes.splice(at, 1 + random.skewed(8));
      break;
    case 1:
      bytes.splice(at, 0, random.below(256));
      break;
    case 2:
      if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
      break;
    default:
      bytes.splice(at, 0, ...bytes.slice(at, at + random.skewed(64)));
  }
  return Buffer.from(bytes).toString("utf8");
}

const ODD_UNITS = [
  "\0",
  "\r\n",
  "\r",
  "\u2028",
  "\ufeff",
  "\ud800",
  "\udc00",
  "😀",
  "é",
  "e\u0301",
  "\u200d",
  "\u202e",
  "\uffff",
  "\u00a0",
  "\v",
  "\f",
  "\x7f",
  "“",
  "'",
  "`",
  "#",
  "\\",
  "\\\n",
  "${",
  '"',
  '"""',
  '\\"',
  "/*",
  "*/",
  "//",
  "///",
  "/**",
  'r"',
  "}",
  "{",
  "漢字",
  "\\u{110000}",
  "\\u{",
  "\\x",
];

function mutateUnits(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at) + random.pick(ODD_UNITS) + text.slice(at);
    case 1:
      return text.slice(0, at) + random.pick(ODD_UNITS) + text.slice(at + 1 + random.skewed(6));
    case 2:
      return text.slice(0, at);
    case 3:
      return text.replaceAll("\n", random.pick(["\r\n", "\r", "\n\n", "", " ", ";", "\\\n"]));
    default: {
      const end = at + random.skewed(200);
      return text.slice(0, end) + text.slice(at);
    }
  }
}

const LITERALS = [
  "0",
  "1.5",
  "9223372036854775808",
  "1_000",
  "0x",
  '""',
  "nil",
  "5s",
  "1e9",
  "_",
  "x",
  "a.b",
  "...",
  '"${x}"',
];

function mutateTokens(random: Random, text: string, other: () => string): string {
  const tokens = tokenize(text).tokens.toArray();
  if (tokens.length < 2) return text + random.pick(LITERALS);
  const pieces = tokens.map((token) => text.slice(token.leading, token.end));
  const at = random.below(pieces.length - 1);
  switch (random.below(6)) {
    case 0:
      pieces.splice(at, 1 + random.skewed(4));
      break;
    case 1:
      pieces.splice(at, 0, ` ${random.pick<string>(random.chance(0.5) ? KEYWORDS : PUNCTUATORS)}`);
      break;
    case 2:
      pieces[at] = ` ${random.pick<string>(random.chance(0.3) ? LITERALS : [...KEYWORDS, ...PUNCTUATORS])}`;
      break;
    case 3: {
      const from = random.below(pieces.length - 1);
      [pieces[at], pieces[from]] = [pieces[from]!, pieces[at]!];
      break;
    }
    case 4:
      pieces.splice(at, 0, ...pieces.slice(at, at + 1 + random.skewed(20)));
      break;
    default:
      pieces.splice(at, random.below(3), ...someTokens(random, other()));
  }
  return pieces.join("");
}

function someTokens(random: Random, text: string): readonly string[] {
  const tokens: readonly Token[] = tokenize(text).tokens.toArray();
  const from = random.below(tokens.length);
  return tokens.slice(from, from + 1 + random.skewed(12)).map((token) => text.slice(token.leading, token.end));
}

interface Piece {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/** Every node of the tree that has a place. */
function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) visit(item);
      return;
    }
    const { kind, span } = node as { readonly kind?: unknown; readonly span?: { start: number; end: number } };
    if (typeof kind === "string" && span !== undefined) pieces.push({ kind, start: span.start, end: span.end });
    for (const [key, value] of Object.entries(node)) if (key !== "span" && key !== "tokens") visit(value);
  };
  visit(parseSource("fuzz.harn", text).file.items);
  return pieces;
}

function mutateTree(random: Random, text: string, other: () => string): string {
  const pieces = piecesOf(text);
  if (pieces.length === 0) return splice(random, text, other());
  const { kind, start, end } = random.pick(pieces);
  const own = text.slice(start, end);
  const put = (piece: string): string => text.slice(0, start) + piece + text.slice(end);
  switch (random.below(6)) {
    case 0:
      return put("");
    case 1:
      return put(`${own}\n${own}`);
    case 2:
      return put(random.pick(WRAPPERS)(own));
    case 3: {
      const piece = random.pick(pieces);
      return put(text.slice(piece.start, piece.end));
    }
    default: {
      const source = other();
      const found = piecesOf(source);
      const same = found.filter((piece) => piece.kind === kind);
      const from = same.length > 0 && random.chance(0.7) ? same : found;
      if (from.length === 0) return put("");
      const piece = random.pick(from);
      return put(source.slice(piece.start, piece.end));
    }
  }
}

const WRAPPERS: readonly ((text: string) => string)[] = [
  (text) => `(${text})`,
  (text) => `[${text}]`,
  (text) => `{ x -> ${text} }`,
  (text) => `{a: ${text}}`,
  (text) => `if ${text} { ${text} } else { ${text} }`,
  (text) => `"\${${text}}"`,
  (text) => `try { ${text} } catch (e) { ${text} }`,
  (text) => `match ${text} { ${text} -> { ${text} } }`,
  (text) => `-${text}`,
  (text) => `${text}?`,
  (text) => `${text}.x`,
  (text) => `${text} ? ${text} : ${text}`,
  (text) => `fn f(${text}) { ${text} }`,
  (text) => `list<${text}>`,
  (text) => `spawn { ${text} }`,
  (text) => `${text} |> ${text}`,
  (text) => `f(${text})`,
  (text) => `...${text}`,
];

/** The front of one and the back of the other. */
function splice(random: Random, text: string, other: string): string {
  return text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1));
}
