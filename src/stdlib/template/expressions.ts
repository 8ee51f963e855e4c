/**
 * Expressions of templates: literals, paths, `not`, comparisons, `and`, `or`, and filters behind `|`, loosest last. Problems are reported at
 * the directive.
 */
import { makeFloat, normalizeInt } from "../../value/numbers.ts";
import type { Value } from "../../value/value.ts";
import { type Comparison, type Expression, type Position, type Segment, TemplateProblem } from "./syntax.ts";

type Token =
  | { readonly kind: "name" | "sign"; readonly text: string }
  | { readonly kind: "string"; readonly text: string; readonly value: string }
  | { readonly kind: "number"; readonly text: string; readonly value: Value };

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /-?\d+(?:\.\d+)*/y;
const SIGN = /\|\||&&|[!=<>]=|[()[\].,:|!<>]/y;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
const LITERALS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["true", true],
  ["false", false],
  ["nil", null],
]);
const SPELLED: ReadonlyMap<string, string> = new Map([
  ["||", "or"],
  ["&&", "and"],
  ["!", "not"],
]);
const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);
const DEEPEST = 200;

/** The value of `true`, `false` and `nil`; undefined of any other word. */
export const literalWord = (word: string): Value | undefined => LITERALS.get(word);

export function parseExpression(source: string, at: Position): Expression {
  return new Parser(readTokens(source, at), at).whole();
}

function readTokens(source: string, at: Position): Token[] {
  const tokens: Token[] = [];
  let i = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = i;
    const text = pattern.exec(source)?.[0] ?? null;
    if (text !== null) i += text.length;
    return text;
  };
  while (i < source.length) {
    const char = source[i]!;
    if (/\s/.test(char)) {
      i++;
      continue;
    }
    if (char === '"' || char === "'") {
      const from = i;
      const value = readString(source, from, at);
      i = value.end;
      tokens.push({ kind: "string", text: source.slice(from, i), value: value.text });
      continue;
    }
    const number = match(NUMBER);
    if (number !== null) {
      tokens.push({ kind: "number", text: number, value: readNumber(number, at) });
      continue;
    }
    const name = match(NAME);
    if (name !== null) {
      const word = name === "and" || name === "or" || name === "not";
      tokens.push({ kind: word ? "sign" : "name", text: name });
      continue;
    }
    const sign = match(SIGN);
    if (sign !== null) {
      tokens.push({ kind: "sign", text: SPELLED.get(sign) ?? sign });
      continue;
    }
    if (char === "=") throw new TemplateProblem(at, "unexpected `=` (use `==`)");
    const shown = String.fromCodePoint(source.codePointAt(i)!);
    throw new TemplateProblem(at, `unexpected character \`${shown}\` in expression`);
  }
  return tokens;
}

function readString(source: string, from: number, at: Position): { readonly text: string; readonly end: number } {
  const quote = source[from];
  let text = "";
  for (let i = from + 1; i < source.length; i++) {
    const char = source[i]!;
    if (char === quote) return { text, end: i + 1 };
    if (char === "\\" && i + 1 < source.length) {
      i++;
      text += ESCAPES[source[i]!] ?? source[i]!;
    } else text += char;
  }
  throw new TemplateProblem(at, "unterminated string literal");
}

function readNumber(text: string, at: Position): Value {
  if (!text.includes(".")) {
    const whole = BigInt(text);
    if (BigInt.asIntN(64, whole) !== whole) throw new TemplateProblem(at, `invalid integer \`${text}\``);
    return normalizeInt(whole);
  }
  const value = Number(text);
  if (Number.isNaN(value)) throw new TemplateProblem(at, `invalid number \`${text}\``);
  return makeFloat(value);
}

class Parser {
  private readonly tokens: readonly Token[];
  private readonly at: Position;
  private next = 0;
  private depth = 0;
  constructor(tokens: readonly Token[], at: Position) {
    this.tokens = tokens;
    this.at = at;
  }

  whole(): Expression {
    const expression = this.filtered();
    const rest = this.tokens[this.next];
    if (rest !== undefined) throw this.problem(`unexpected \`${rest.text}\` in expression`);
    return expression;
  }

  private problem(message: string): TemplateProblem {
    return new TemplateProblem(this.at, message);
  }
  private eat(sign: string): boolean {
    const token = this.tokens[this.next];
    if (token?.kind !== "sign" || token.text !== sign) return false;
    this.next++;
    return true;
  }
  private eatName(): string | null {
    const token = this.tokens[this.next];
    if (token?.kind !== "name") return null;
    this.next++;
    return token.text;
  }

  private filtered(): Expression {
    let left = this.either();
    while (this.eat("|")) {
      const name = this.eatName();
      if (name === null) throw this.problem("expected filter name after `|`");
      const args: Expression[] = [];
      if (this.eat(":")) {
        do args.push(this.either());
        while (this.eat(","));
      }
      left = { kind: "filter", operand: left, name, args };
    }
    return left;
  }

  private either(): Expression {
    let left = this.both();
    while (this.eat("or")) left = { kind: "or", left, right: this.both() };
    return left;
  }

  private both(): Expression {
    let left = this.negated();
    while (this.eat("and")) left = { kind: "and", left, right: this.negated() };
    return left;
  }

  private negated(): Expression {
    return this.eat("not") ? { kind: "not", operand: this.deeper(() => this.negated()) } : this.compared();
  }

  private compared(): Expression {
    const left = this.operand();
    const token = this.tokens[this.next];
    if (token?.kind !== "sign" || !COMPARISONS.has(token.text)) return left;
    this.next++;
    return { kind: "compare", operator: token.text as Comparison, left, right: this.operand() };
  }

  private operand(): Expression {
    const token = this.tokens[this.next];
    if (token === undefined) throw this.problem("expected expression");
    if (this.eat("not")) return { kind: "not", operand: this.deeper(() => this.operand()) };
    if (this.eat("(")) {
      const inner = this.deeper(() => this.filtered());
      if (!this.eat(")")) throw this.problem("expected `)`");
      return inner;
    }
    this.next++;
    switch (token.kind) {
      case "string":
      case "number":
        return { kind: "literal", value: token.value };
      case "name": {
        const literal = LITERALS.get(token.text);
        return literal === undefined ? this.path(token.text) : { kind: "literal", value: literal };
      }
      case "sign":
        throw this.problem(`unexpected \`${token.text}\``);
    }
  }

  private path(name: string): Expression {
    const segments: Segment[] = [];
    for (;;) {
      if (this.eat(".")) {
        const field = this.eatName();
        if (field === null) throw this.problem("expected identifier after `.`");
        segments.push({ kind: "field", name: field });
      } else if (this.eat("[")) {
        const token = this.tokens[this.next++];
        if (token?.kind === "string") segments.push({ kind: "field", name: token.value });
        else if (token?.kind === "number" && typeof token.value === "number")
          segments.push({ kind: "index", index: token.value });
        else throw this.problem("expected integer or string inside `[...]`");
        if (!this.eat("]")) throw this.problem("expected `]`");
      } else return { kind: "path", name, segments };
    }
  }

  private deeper(parse: () => Expression): Expression {
    if (++this.depth > DEEPEST) throw this.problem(`expression nested deeper than ${DEEPEST}`);
    const expression = parse();
    this.depth--;
    return expression;
  }
}
