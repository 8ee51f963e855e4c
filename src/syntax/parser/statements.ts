/** Productions for blocks and statements, and the recovery after a statement that cannot be read. */
import type { BinaryOp, Block, Expr, Pattern, Stmt } from "../ast.ts";
import type { ExpectedDetails } from "../problems.ts";
import type { Token, TokenKind } from "../tokens.ts";
import {
  parseDeadline,
  parseIf,
  parseMatch,
  parseMutex,
  parseParallel,
  parseRetry,
  parseSelect,
  parseTry,
  parseYield,
} from "./control.ts";
import { parseAttributed, parseDeclaration } from "./declarations.ts";
import { parseExpression } from "./expressions.ts";
import { parseBindingPattern } from "./patterns.ts";
import { standsLeftOf, synchronize } from "./recovery.ts";
import { exact, NONE, type ParserState, SyntaxFault } from "./state.ts";
import { parseTypeAnnotation } from "./types.ts";

/** From `{` to `}`. */
export function parseBlock(p: ParserState, details?: ExpectedDetails): Block {
  p.skipNewlines();
  const help = p.check("=") ? { help: "to compare, write `==`" } : details;
  return parseBlockRest(p, p.expect("{", "{", help));
}

/** Behind `open` (for closures behind their `->`), to its `}`. */
export function parseBlockRest(p: ParserState, open: Token): Block {
  const stmts: Stmt[] = [];
  p.skipNewlines();
  while (!p.atEnd && !p.check("}")) {
    const { start } = p;
    const recovered = recoverFrom(p, parseStatement, (stmt) => stmts.push(stmt));
    // The block was never closed: who called us has failed too.
    if (recovered && standsLeftOf(p, start)) throw recovered;
    p.skipNewlines();
  }
  p.expectClose("}", open);
  return { kind: "block", stmts: exact(stmts), start: open.start, end: p.end };
}

/** Reads one statement and keeps it, or moves behind it; then the answer is the fault. */
export function recoverFrom(
  p: ParserState,
  parse: (p: ParserState) => Stmt,
  keep: (stmt: Stmt) => void,
): SyntaxFault | null {
  const { pos, depth, height } = p;
  try {
    keep(parse(p));
    return null;
  } catch (fault) {
    if (!(fault instanceof SyntaxFault) || fault.fatal) throw fault;
    p.depth = depth;
    p.height = height;
    synchronize(p, pos);
    return fault;
  }
}

export function parseStatement(p: ParserState): Stmt {
  p.enter();
  const outerHeight = p.height;
  // The next statement is as high as this one, not higher: what stands in a row here is no chain.
  p.height = 0;
  p.skipNewlines();
  const stmt = parseByKeyword(p);
  p.height = Math.max(outerHeight, p.height);
  p.leave();
  return stmt;
}

function parseByKeyword(p: ParserState): Stmt {
  switch (p.kind) {
    case "@":
      return parseAttributed(p);
    case "pub":
    case "fn":
    case "tool":
    case "skill":
    case "type":
    case "enum":
    case "struct":
    case "interface":
    case "impl":
    case "override":
      return parseDeclaration(p, p.current, NONE);
    case "let":
    case "var":
      return parseBinding(p);
    case "for":
      return parseFor(p);
    case "while":
      return parseWhile(p);
    case "return":
      return parseReturn(p);
    case "throw":
      return parseThrow(p);
    case "guard":
      return parseGuard(p);
    case "require":
      return parseRequire(p);
    case "defer":
      return parseDefer(p);
    case "break":
    case "continue": {
      const token = p.advance();
      return { kind: token.kind as "break" | "continue", start: token.start, end: token.end };
    }
    case "if":
      return statementOf(parseIf(p));
    case "match":
      return statementOf(parseMatch(p));
    case "retry":
      return statementOf(parseRetry(p));
    case "parallel":
      return statementOf(parseParallel(p));
    case "try":
      return statementOf(parseTry(p));
    case "deadline":
      return statementOf(parseDeadline(p));
    case "yield":
      return statementOf(parseYield(p));
    case "mutex":
      return statementOf(parseMutex(p));
    case "select":
      return p.peekIs(1, "(") ? parseExpressionStatement(p) : statementOf(parseSelect(p));
    default:
      return parseExpressionStatement(p);
  }
}

function statementOf(expr: Expr): Stmt {
  return { kind: "expr", expr, start: expr.start, end: expr.end };
}

// ---------------------------------------------------------------- bindings and assignments

/** `let pattern = value`, `var name: type = value` */
function parseBinding(p: ParserState): Stmt {
  const start = p.advance();
  const pattern = parseBindingPattern(p);
  const type = pattern.kind === "pattern-name" ? parseTypeAnnotation(p) : null;
  p.expect("=");
  const value = parseExpression(p);
  return { kind: "binding", mutable: start.kind === "var", pattern, type, value, start: start.start, end: p.end };
}

const ASSIGNMENTS: ReadonlyMap<TokenKind, BinaryOp | null> = new Map<TokenKind, BinaryOp | null>([
  ["=", null],
  ["+=", "+"],
  ["-=", "-"],
  ["*=", "*"],
  ["/=", "/"],
  ["%=", "%"],
]);

function parseExpressionStatement(p: ParserState): Stmt {
  const target = parseExpression(p);
  const op = p.atNewline || !isAssignable(target) ? undefined : ASSIGNMENTS.get(p.kind);
  if (op === undefined) return statementOf(target);
  p.skip();
  const value = parseExpression(p);
  return { kind: "assign", target, op, value, start: target.start, end: p.end };
}

/** A name, `a.b` or `a[i]`; not `a?.b`, not a slice. */
function isAssignable(expr: Expr): boolean {
  return expr.kind === "name" || (expr.kind === "property" && !expr.optional) || expr.kind === "index";
}

// ---------------------------------------------------------------- loops and jumps

function parseFor(p: ParserState): Stmt {
  const start = p.advance();
  const pattern = p.check("(") ? parsePair(p) : parseBindingPattern(p);
  p.expect("in");
  const iterable = parseExpression(p);
  const body = parseBlock(p);
  return { kind: "for", pattern, iterable, body, start: start.start, end: p.end };
}

/** `(a, b)`, in `for` only. */
function parsePair(p: ParserState): Pattern {
  const open = p.advance();
  const first = p.expectName("pair pattern element");
  p.expect(",");
  const second = p.expectName("pair pattern element");
  p.expectClose(")", open);
  return { kind: "pattern-pair", first, second, start: open.start, end: p.end };
}

function parseWhile(p: ParserState): Stmt {
  const start = p.advance();
  const condition = parseExpression(p);
  const body = parseBlock(p);
  return { kind: "while", condition, body, start: start.start, end: p.end };
}

function parseReturn(p: ParserState): Stmt {
  const start = p.advance();
  const value = p.nothingLeft || p.atNewline || p.check("}") ? null : parseExpression(p);
  return { kind: "return", value, start: start.start, end: p.end };
}

function parseThrow(p: ParserState): Stmt {
  const start = p.advance();
  const value = parseExpression(p);
  return { kind: "throw", value, start: start.start, end: p.end };
}

function parseGuard(p: ParserState): Stmt {
  const start = p.advance();
  const condition = parseExpression(p);
  p.expect("else");
  const elseBody = parseBlock(p);
  return { kind: "guard", condition, elseBody, start: start.start, end: p.end };
}

function parseRequire(p: ParserState): Stmt {
  const start = p.advance();
  const condition = parseExpression(p);
  const message = p.accept(",") ? parseExpression(p) : null;
  return { kind: "require", condition, message, start: start.start, end: p.end };
}

function parseDefer(p: ParserState): Stmt {
  const start = p.advance();
  const body = parseBlock(p);
  return { kind: "defer", body, start: start.start, end: p.end };
}
