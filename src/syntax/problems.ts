/**
 * Every problem that the lexer and the parser can report: wording, labels and advice.
 *
 * Invariant: `legacy` is the reference's text for the same problem, since programs' `.error` files quote it.
 */
import type { Label } from "../base/diagnostic.ts";
import type { SourceDiagnostic } from "../base/diagnostic-code.ts";
import { type Span, spanOf } from "../base/span.ts";
import { type LineIndex, positionAt } from "../base/text.ts";
import { adviceFor } from "./advice.ts";
import type { Token } from "./tokens.ts";
import { isKeyword } from "./tokens.ts";

function place(span: Span, lines: LineIndex): string {
  const { line, column } = positionAt(lines, span.start);
  return `at ${line}:${column}`;
}

// ---------------------------------------------------------------- characters

const ADVICE_FOR_CHARACTERS: readonly (readonly [characters: string, help: string])[] = [
  ["'`‘’“”„", 'strings are written in straight double quotes: "text"'],
  ["#", "comments start with `//`"],
  ["&", "the logical and is `&&`"],
  ["^~", "there are no bitwise operators"],
  ["\\", "a backslash outside a string may only stand at the end of a line, which it joins with the next one"],
  ["$", 'interpolation with `${…}` works inside strings only: "total: ${total}"'],
  [
    "\u00a0\u2007\u202f\u2003\u2002\u2009\u200b\ufeff",
    "this is an invisible special space: replace it with an ordinary one",
  ],
  ["–—−", "use the ordinary minus sign `-`"],
  ["×", "multiplication is `*`"],
  ["÷", "division is `/`"],
  ["≠", "not equal is `!=`"],
  ["≤", "less or equal is `<=`"],
  ["≥", "greater or equal is `>=`"],
  ["→", "the arrow is `->`"],
];

/** `char` is the first code point of `span`. */
export function unexpectedCharacter(char: string, span: Span, lines: LineIndex): SourceDiagnostic {
  return {
    severity: "error",
    code: "unexpected-character",
    message: `Unexpected character '${char}'`,
    legacy: `Unexpected character '${char}' ${place(span, lines)}`,
    labels: [{ span, text: "not part of the language" }],
    help: ADVICE_FOR_CHARACTERS.find(([characters]) => characters.includes(char))?.[1],
  };
}

/** `${}`; `brace` is its closing brace, behind which the reference places the problem. */
export function emptyInterpolation(brace: Span, lines: LineIndex): SourceDiagnostic {
  return {
    severity: "error",
    code: "empty-interpolation",
    message: "An interpolation needs an expression",
    legacy: `Unexpected character '}' ${place({ ...brace, start: brace.end }, lines)}`,
    labels: [{ span: brace, text: "expected an expression before this" }],
    help: "for the characters themselves write `\\${`",
  };
}

/** `span` is the opening quote, or the whole string as far as it was read. */
export function unterminatedString(
  span: Span,
  quote: '"' | '"""' | 'r"',
  openInterpolation: boolean,
  lines: LineIndex,
): SourceDiagnostic {
  const end = quote === '"""' ? '`"""`' : '`"`';
  return {
    severity: "error",
    code: "unterminated-string",
    message: "Unterminated string",
    legacy: `Unterminated string ${place(span, lines)}`,
    labels: [
      { span, text: openInterpolation ? "this string or an interpolation in it never ends" : "this string never ends" },
    ],
    help: openInterpolation
      ? `close the interpolation with \`}\` and the string with ${end}`
      : quote === '"""'
        ? `add the closing ${end}`
        : `add the closing ${end} on the same line, or use """ for text over several lines`,
  };
}

export function unterminatedComment(span: Span, lines: LineIndex): SourceDiagnostic {
  return {
    severity: "error",
    code: "unterminated-comment",
    message: "Unterminated block comment",
    legacy: `Unterminated block comment ${place(span, lines)}`,
    labels: [{ span, text: "this comment never ends" }],
    help: "block comments nest: every `/*` needs its own `*/`",
  };
}

// ---------------------------------------------------------------- tokens

/** How the reference writes a token in a message. */
function legacyToken(token: Token, text: string): string {
  switch (token.kind) {
    case "name":
      return `id(${token.value})`;
    case "string":
      return `str(${token.value})`;
    case "raw-string":
      return `rstr(${token.value})`;
    case "string-open":
      return "istr(...)";
    case "int":
      return `int(${token.value})`;
    case "float":
      return `float(${plainFloat(Number(token.value))})`;
    case "duration":
      return `duration(${token.value}ms)`;
    case "eof":
      return "EOF";
    default:
      return text.slice(token.start, token.end);
  }
}

/** A float in digits only, as the reference prints it: no exponent, no `.0`. */
function plainFloat(value: number): string {
  const text = String(value);
  return text.includes("e") ? BigInt(Math.trunc(value)).toString() : text;
}

/** How we name a token in a message. */
function tokenName(token: Token, text: string): string {
  switch (token.kind) {
    case "string":
    case "raw-string":
    case "string-open":
    case "string-text":
    case "string-close":
      return "a string";
    case "eof":
      return "the end of the file";
    default: {
      const shown = text.slice(token.start, token.end);
      if (isKeyword(token.kind)) return `the keyword \`${shown}\``;
      return `\`${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown}\``;
    }
  }
}

export interface ExpectedDetails {
  /** Our sentence, where "Expected <what>, got <token>" would not be one. */
  readonly message?: string;
  readonly label?: string;
  /** What is marked, if not the token. */
  readonly span?: Span;
  readonly help?: string;
  readonly also?: readonly Label[];
  /** The token is a keyword where a name is needed. */
  readonly reserved?: boolean;
}

/** `token` stands where `what` (in the reference's words) is needed. */
export function expectedToken(
  what: string,
  token: Token,
  lines: LineIndex,
  details: ExpectedDetails = {},
): SourceDiagnostic {
  const { text } = lines;
  const got = details.reserved
    ? `'${text.slice(token.start, token.end)}' (reserved keyword)`
    : legacyToken(token, text);
  const help = details.help ?? (details.reserved ? undefined : adviceFor(what, token, text));
  return expectedOther(what, got, token, tokenName(token, text), lines, { ...details, help });
}

/** A line break stands where `what` is needed; `span` is the line break. */
export function expectedNotNewline(
  what: string,
  span: Span,
  lines: LineIndex,
  details: ExpectedDetails = {},
): SourceDiagnostic {
  return expectedOther(what, "\\n", span, "a line break", lines, { label: "the line ends here", ...details });
}

/** Something that is no single token stands where `what` is needed: `got` in the reference's words, `name` in ours. */
export function expectedOther(
  what: string,
  got: string,
  span: Span,
  name: string,
  lines: LineIndex,
  details: ExpectedDetails = {},
): SourceDiagnostic {
  return {
    severity: "error",
    code: "unexpected-token",
    message: details.message ?? `Expected ${readable(what)}, got ${name}`,
    legacy: `Expected ${what}, got ${got} ${place(span, lines)}`,
    labels: [{ span: spanOf(details.span ?? span), text: details.label ?? "unexpected here" }, ...(details.also ?? [])],
    help:
      details.help ??
      (details.reserved
        ? `\`${name.replaceAll(/.*`(.*)`/g, "$1")}\` is a reserved word: choose another name`
        : HELP[what]),
  };
}

export function unexpectedEnd(what: string, eof: Span, details: ExpectedDetails = {}): SourceDiagnostic {
  return {
    severity: "error",
    code: "unexpected-end",
    message: details.message ?? `Unexpected end of file, expected ${readable(what)}`,
    legacy: `Unexpected end of file, expected ${what}`,
    labels: [
      { span: spanOf(details.span ?? eof), text: details.label ?? "the file ends here" },
      ...(details.also ?? []),
    ],
    help: details.help ?? HELP[what],
  };
}

/** Code nested too deeply; `limit` levels are allowed. */
export function nestedTooDeeply(span: Span, limit: number): SourceDiagnostic {
  return {
    severity: "error",
    code: "nested-too-deeply",
    message: `Nested too deeply: at most ${limit} levels`,
    labels: [{ span, text: "one level too many" }],
    help: "give a part of it a name with `let`, or move it into a function",
  };
}

/** A long row of operators, calls or accesses; `limit` of them are allowed. */
export function chainedTooLong(span: Span, limit: number): SourceDiagnostic {
  return {
    severity: "error",
    code: "nested-too-deeply",
    message: `Expression too long: at most ${limit} operators in a row`,
    labels: [{ span, text: "one too many" }],
    help: 'give a part of it a name with `let`, or use `join(list, "")` or a loop',
  };
}

/** A closing brace that nothing opened. */
export function strayBrace(span: Span, lines: LineIndex): SourceDiagnostic {
  return {
    severity: "error",
    code: "stray-brace",
    message: "Unexpected `}`: nothing is open here",
    legacy: `Expected statement, got } ${place(span, lines)}`,
    labels: [{ span, text: "no matching `{`" }],
    help: "remove it, or look for a `{` that is missing above",
  };
}

const HELP: Readonly<Record<string, string>> = {
  "}": "add a closing `}`",
  ")": "add a closing `)`",
  "]": "add a closing `]`",
};

/** Puts punctuation and keywords in the reference's words between backquotes. */
function readable(what: string): string {
  return /^[^a-zA-Z]+$/.test(what) || isKeyword(what) ? `\`${what}\`` : what;
}

/** More than one expression in an interpolation; the reference drops what follows the first. */
export function strayInInterpolation(token: Token, lines: LineIndex): SourceDiagnostic {
  return expectedToken("}", token, lines, {
    label: "the interpolation should end here",
    help: "an interpolation holds one expression; for the characters themselves write `\\${`",
  });
}

/** `<<TAG` in a program. */
export function heredoc(token: Span, lines: LineIndex): SourceDiagnostic {
  const what =
    'an expression — heredocs are only valid inside LLM tool-call argument JSON; for multiline strings in source code use triple-quoted `"""..."""`';
  return expectedOther(what, "`<<` heredoc-like syntax", token, "`<<`", lines, {
    message: "There are no here-documents in programs",
    help: 'for text over several lines use triple quotes: """…"""',
  });
}
