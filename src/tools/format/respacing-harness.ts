/**
 * Spoils the layout of programs, for tests: other blanks, other indentation, more blank lines, broken lists joined; and comments put in.
 *
 * Invariants
 * 1. The tokens stay the same, and so does the program.
 * 2. Line breaks that the layout keeps (in front of an operator or a `.`, between statements) stay.
 */
import { parseSource } from "../../syntax/parser.ts";
import type { Token } from "../../syntax/tokens.ts";

/** Numbers from 0 to below 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** `text` must be a formatted program. */
export function respace(text: string, random: () => number): string {
  return rebuild(text, (gap, previous, token) => {
    const newlines = gap.split("\n").length - 1;
    if (/\/[/*]|\\/.test(gap)) return reindent(gap, random);
    if (newlines > 0 && previous !== undefined && mayJoin(previous, token) && random() < 0.3) return blanks(random, 0);
    if (newlines > 0)
      return `${blanks(random, 0)}${"\n".repeat(newlines + Math.floor(random() * 3))}${blanks(random, 0)}`;
    if (previous === undefined || random() < 0.5) return gap;
    return mayTouch(previous, token) ? blanks(random, 0) : blanks(random, 1);
  });
}

/** `text` with comments of all kinds in places of all kinds, about one in `1 / rate` gaps; each holds a word of its own, `c0c`, `c1c` and so on. */
export function insertComments(text: string, random: () => number, rate: number): string {
  let count = 0;
  return rebuild(text, (gap) => {
    if (random() >= rate || gap.includes("\\")) return gap;
    const word = `c${count++}c`;
    const pick = (...forms: readonly string[]) => forms[Math.floor(random() * forms.length)]!;
    const at = gap.indexOf("\n");
    if (at === -1) return `${gap}${pick(` /* ${word} */ `, ` /** ${word} */ `, ` /* ${word}\n two */ `)}`;
    const comment = pick(
      ` // ${word}`,
      ` /* ${word} */`,
      `\n// ${word}`,
      `\n/// ${word}`,
      `\n\n/** ${word} */`,
      `\n/* ${word}\n   more */`,
      `\n// ---- ${word} ----`,
      `\n/// ${word} */`,
    );
    return gap.slice(0, at) + comment + gap.slice(at);
  });
}

/** The text with each gap in front of a token replaced, those in interpolations left alone. */
function rebuild(text: string, replace: (gap: string, previous: Token | undefined, token: Token) => string): string {
  const tokens = parseSource("respaced.harn", text).file.tokens.toArray();
  let out = "";
  let interpolations = 0;
  tokens.forEach((token, at) => {
    const gap = text.slice(token.leading, token.start);
    const isInString =
      token.kind === "string-text" || token.kind === "interpolation-open" || token.kind === "string-close";
    out += interpolations > 0 || isInString ? gap : replace(gap, tokens[at - 1], token);
    out += text.slice(token.start, token.end);
    if (token.kind === "interpolation-open") interpolations++;
    else if (token.kind === "interpolation-close") interpolations--;
  });
  return out;
}

function reindent(gap: string, random: () => number): string {
  const lines = gap.split("\n");
  const isSimple = lines.every((line) => /^\s*(\/\/.*|\\)?\s*$/.test(line));
  return isSimple ? lines.map((line, at) => (at === 0 ? line : blanks(random, 0) + line.trim())).join("\n") : gap;
}

function blanks(random: () => number, least: number): string {
  const count = least + Math.floor(random() * 3);
  return Array.from({ length: count }, () => (random() < 0.8 ? " " : "\t")).join("");
}

/** A line break that the layout makes itself, whenever it is due. */
function mayJoin(previous: Token, token: Token): boolean {
  return ["(", "[", "{", "->"].includes(previous.kind) || [")", "]", "}"].includes(token.kind);
}

const isWord = (token: Token): boolean => /^[a-z]/.test(token.kind) && token.kind !== "string-close";

/** Whether no blank between the two makes no other token of them. */
function mayTouch(previous: Token, token: Token): boolean {
  if (isWord(previous) && isWord(token)) return false;
  const isClosing = (kind: string) => [")", "]", "}", ","].includes(kind);
  return isClosing(token.kind) || ["(", "[", "{"].includes(previous.kind) || previous.kind === ",";
}
