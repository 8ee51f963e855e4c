/**
 * What to write instead, for mistakes that people bring from other languages.
 *
 * Invariant: advice never changes whether something is an error or what the error says; it only adds the help line.
 */
import type { Token } from "./tokens.ts";

interface Mistake {
  /** What was needed, in the reference's words; null: anything. */
  readonly what: string | null;
  /** Matches the text in front of the token (from the line of what stands before it), a `§`, and the text from it on, to its line's end. */
  readonly around: RegExp;
  readonly help: string;
}

const MISTAKES: readonly Mistake[] = [
  { what: null, around: /§=>|=§>/, help: "the arrow is `->`" },
  { what: null, around: /§\+\+|\+§\+(?!=)|§--|-§-(?!=)/, help: "there is no `++` or `--`: write `x += 1`" },
  { what: "dict key", around: /§\.{1,2}[^.]|\.§\./, help: "a spread has three dots: `{...other, key: value}`" },
  { what: null, around: /\d\s*§?\.§?\.=?/, help: "a range is `1 to 10`, or `1 to 10 exclusive`" },
  { what: null, around: /===|!==/, help: "equality is `==` and `!=`" },
  {
    what: "import path string",
    around: /import\s+§\w/,
    help: 'names stand in braces: `import { name } from "./file"`; for all of a file\'s exports: `import "./file"`',
  },
  {
    what: "type name",
    around: /§\?/,
    help: "a type that may be nil is `T | nil`; only fields and shape fields may be `name?: T`",
  },
  { what: "=", around: /:\s*\w+(<.*>)?\s*§\?/, help: "a type that may be nil is `T | nil`" },
  { what: "expression", around: /[^=]=\s*§/, help: "a value is missing behind the `=`" },
  {
    what: "{",
    around: /\b(if|while|for)\b[^{]*§/,
    help: "a body stands in braces, also when it is a single statement",
  },
  { what: "{", around: /\belse\b\s*§/, help: "a body stands in braces, also when it is a single statement" },
  { what: "parameter name", around: /\(.*§[{\n]/, help: "close the parameters with `)`" },
  {
    what: "(",
    around: /\bfn\s+\w+\s*§/,
    help: "a function has its parameters in parentheses, even if there are none: `fn name() { … }`",
  },
  { what: ":", around: /\{.*§[},]/, help: "an entry is `key: value`; there is no short form" },
];

/** One line, or undefined. `what` is in the reference's words. */
export function adviceFor(what: string, token: Pick<Token, "start">, text: string): string | undefined {
  // Long lines are generated ones: their authors need no advice.
  const before = text.slice(Math.max(0, token.start - 300), token.start);
  const line = before.slice(before.trimEnd().lastIndexOf("\n") + 1);
  const after = text.slice(token.start, token.start + 40).split("\n", 1)[0]!;
  const around = `${line}§${after}`;
  return MISTAKES.find((mistake) => (mistake.what === null || mistake.what === what) && mistake.around.test(around))
    ?.help;
}
