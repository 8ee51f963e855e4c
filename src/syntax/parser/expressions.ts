/**
 * Productions for expressions, from the loosest operator to accesses and calls.
 *
 * Invariants
 * 1. The order of `LEVELS` is the grammar: `|>`, then `to`, `? :`, and the levels from loose to tight, then unary, then postfix.
 * 2. Only the operators marked `across` may start a continuation line; no operator may end one.
 */
import type { BinaryOp, Expr } from "../ast.ts";
import type { TokenKind } from "../tokens.ts";
import { parseDictEntries, parseItems, parsePrimary } from "./primaries.ts";
import type { ParserState } from "./state.ts";

export function parseExpression(p: ParserState): Expr {
  p.enter();
  const outerHeight = p.height;
  p.height = 0;
  p.skipNewlines();
  const expr = parsePipe(p);
  p.grow();
  p.height = Math.max(outerHeight, p.height);
  p.leave();
  return expr;
}

function parsePipe(p: ParserState): Expr {
  let left = parseRange(p);
  while (p.checkAcross("|>")) left = parseRightOperand(p, left, "|>", parseRange);
  return left;
}

function parseRange(p: ParserState): Expr {
  const from = parseTernary(p);
  if (!p.accept("to")) return from;
  const to = parseTernary(p);
  const exclusive = p.accept("exclusive");
  return { kind: "range", from, to, exclusive, start: from.start, end: p.end };
}

function parseTernary(p: ParserState): Expr {
  const condition = parseBinary(p, LOOSEST);
  if (!p.accept("?")) return condition;
  const whenTrue = parseBinary(p, LOOSEST);
  p.expect(":");
  const whenFalse = parseBinary(p, LOOSEST);
  return { kind: "ternary", condition, whenTrue, whenFalse, start: condition.start, end: p.end };
}

// ---------------------------------------------------------------- binary operators

interface Operator {
  readonly op: BinaryOp;
  readonly level: number;
  /** May stand at the start of a continuation line. */
  readonly across: boolean;
}

/** From loose to tight. `**`, tighter still, groups to the right; `not in` is two tokens. */
const LEVELS: readonly (readonly (readonly [op: BinaryOp & TokenKind, across: boolean])[])[] = [
  [["||", true]],
  [["&&", true]],
  [
    ["==", false],
    ["!=", false],
  ],
  [
    ["<", false],
    [">", false],
    ["<=", false],
    [">=", false],
    ["in", false],
  ],
  [
    ["+", true],
    ["-", false],
  ],
  [["??", false]],
  [
    ["*", true],
    ["/", true],
    ["%", true],
  ],
];
const LOOSEST = 0;
const COMPARISON = 3;

const OPERATORS: ReadonlyMap<TokenKind, Operator> = new Map(
  LEVELS.flatMap((operators, level) => operators.map(([op, across]) => [op, { op, level, across }] as const)),
);
const NOT_IN: Operator = { op: "not in", level: COMPARISON, across: false };

/** The operator at the current token, if it binds at least as tightly as `loosest`. */
function operatorHere(p: ParserState, loosest: number): Operator | null {
  const isNotIn = p.kind === "name" && p.current.value === "not" && p.peekIs(1, "in");
  const operator = isNotIn ? NOT_IN : OPERATORS.get(p.kind);
  if (!operator || operator.level < loosest || (p.atNewline && !operator.across)) return null;
  return operator;
}

function parseBinary(p: ParserState, loosest: number): Expr {
  let left = parsePower(p);
  for (;;) {
    const operator = operatorHere(p, loosest);
    if (!operator) return left;
    if (operator.op === "not in") p.skip();
    left = parseRightOperand(p, left, operator.op, () => parseBinary(p, operator.level + 1));
  }
}

/** At an operator's (last) token: reads it and what stands on its right. */
function parseRightOperand(p: ParserState, left: Expr, op: BinaryOp, parseRight: (p: ParserState) => Expr): Expr {
  const opToken = op === "not in" ? p.previous : p.current;
  p.skip();
  const leftHeight = p.height;
  p.height = 0;
  const right = parseRight(p);
  p.height = Math.max(leftHeight, p.height);
  p.grow();
  return { kind: "binary", op, left, right, opStart: opToken.start, start: left.start, end: p.end };
}

function parsePower(p: ParserState): Expr {
  const left = parseUnary(p);
  if (!p.checkAcross("**")) return left;
  p.enter();
  const power = parseRightOperand(p, left, "**", parsePower);
  p.leave();
  return power;
}

// ---------------------------------------------------------------- unary and postfix

export function parseUnary(p: ParserState): Expr {
  if (!p.check("!") && !p.check("-")) return parsePostfix(p);
  p.enter();
  const start = p.advance();
  const operand = parseUnary(p);
  p.grow();
  p.leave();
  return { kind: "unary", op: start.kind as "!" | "-", operand, start: start.start, end: p.end };
}

function parsePostfix(p: ParserState): Expr {
  let expr = parsePrimary(p);
  for (;;) {
    const next = parseSuffix(p, expr);
    if (!next) return expr;
    p.grow();
    expr = next;
  }
}

/**
 * `Name {field:`: a struct of another module, of which this file's text says nothing. A block cannot begin like this, and a closure has an arrow.
 */
function opensFields(p: ParserState, name: string): boolean {
  if (!/^\p{Lu}/u.test(name) || p.tokens.isArrowBrace(p.pos)) return false;
  return p.peek(1).kind === "name" && p.peekIs(2, ":");
}

/** One access, call or `?` behind `object`, or null. */
function parseSuffix(p: ParserState, object: Expr): Expr | null {
  if (p.checkAcross(".") || p.checkAcross("?.")) return parseMember(p, object);
  if (p.check("[")) return parseSubscript(p, object);
  if (object.kind === "name") {
    // In parentheses it is a value: `while (point) {`.
    const isBare = p.previous.kind === "name";
    if (isBare && p.check("{") && (p.structNames.has(object.name) || opensFields(p, object.name))) {
      const open = p.advance();
      const entries = parseDictEntries(p, open);
      const name = { name: object.name, start: object.start, end: object.end };
      return { kind: "struct-literal", name, entries, start: object.start, end: p.end };
    }
    if (p.check("(")) return { kind: "call", callee: object, args: parseArgs(p), start: object.start, end: p.end };
  }
  if (p.check("?") && !startsTernaryBranch(p)) {
    p.skip();
    return { kind: "propagate", value: object, start: object.start, end: p.end };
  }
  return null;
}

/** What can follow the `?` of a ternary; anything else makes it the operator of one operand. */
export const TERNARY_STARTS: ReadonlySet<TokenKind> = new Set([
  "name",
  "int",
  "float",
  "string",
  "string-open",
  "true",
  "false",
  "nil",
  "(",
  "[",
  "{",
  "!",
  "-",
  "fn",
] as const);

/** `c ? a : b` rather than `r?`: what follows on the same line can begin a value. */
function startsTernaryBranch(p: ParserState): boolean {
  const next = p.peek(1);
  return !next.onNewLine && TERNARY_STARTS.has(next.kind);
}

function parseMember(p: ParserState, object: Expr): Expr {
  const optional = p.advance().kind === "?.";
  const name = p.expectNameOrKeyword("member name");
  if (!p.check("(")) return { kind: "property", object, name, optional, start: object.start, end: p.end };
  const args = parseArgs(p);
  return { kind: "method-call", object, method: name, args, optional, start: object.start, end: p.end };
}

/** `[i]`, `[a:b]`, `[a:]`, `[:b]`, `[:]`. */
function parseSubscript(p: ParserState, object: Expr): Expr {
  const open = p.advance();
  const from = p.check(":") ? null : parseExpression(p);
  if (!p.accept(":")) {
    p.expectClose("]", open);
    return { kind: "index", object, index: from!, start: object.start, end: p.end };
  }
  const to = p.check("]") ? null : parseExpression(p);
  p.expectClose("]", open);
  return { kind: "slice", object, from, to, start: object.start, end: p.end };
}

/** From `(` to `)`. */
function parseArgs(p: ParserState): readonly Expr[] {
  const open = p.advance();
  const args = parseItems(p, ")");
  p.expectClose(")", open);
  return args;
}
