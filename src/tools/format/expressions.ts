/**
 * The layout of expressions.
 *
 * Invariants
 * 1. An expression's text starts where it stands; what breaks inside is indented from `Layout.base`.
 * 2. A binary operator and a method call that began a line in the source, or whose operand came out longer than a line, begin a line.
 */
import type { Span } from "../../base/span.ts";
import { unreachable } from "../../base/unreachable.ts";
import type { Block, DictEntry, Expr, Ident, MatchPattern, Stmt } from "../../syntax/ast.ts";
import { floatText } from "../../syntax/printer/literals.ts";
import { formatBody, formatIf, formatMatch, formatParallel, formatSelect, formatTry } from "./blocks.ts";
import type { Brackets, Layout } from "./layout.ts";
import { mayBeginLine, needsParentheses, type Place } from "./operands.ts";
import { formatParam } from "./signatures.ts";
import { formatStmt } from "./statements.ts";
import { escapePlain, formatInterpolation, formatString } from "./strings.ts";

/** Between the parts of something longer: in parentheses if `place` demands them. */
export function formatOperand(l: Layout, expr: Expr, place: Place): string {
  const text = formatExpr(l, expr);
  return needsParentheses(l, expr, place) ? `(${text})` : text;
}

export function formatExpr(l: Layout, expr: Expr): string {
  switch (expr.kind) {
    case "int":
      return String(expr.value);
    case "float":
      return floatText(expr.value);
    case "string":
      return formatString(l, expr);
    case "interpolation":
      return formatInterpolation(l, expr);
    case "bool":
      return String(expr.value);
    case "nil":
      return "nil";
    case "duration":
      return formatDuration(expr.ms);
    case "name":
      return expr.name;
    case "list":
      return `[${l.sequence(expr.items, inside(expr), (item) => formatExpr(l, item))}]`;
    case "dict":
      return `{${formatEntries(l, expr.entries, inside(expr))}}`;
    case "struct-literal": {
      const { name, end } = expr.name;
      const brackets = { open: end, close: expr.end - 1, prefix: l.bytes(name) + 2 };
      return `${name} {${formatEntries(l, expr.entries, brackets)}}`;
    }
    case "spread":
      return `...${formatExpr(l, expr.value)}`;
    case "unary":
      return expr.op + formatOperand(l, expr.operand, { kind: "unary" });
    case "binary":
      return formatBinary(l, expr);
    case "ternary": {
      const condition = formatOperand(l, expr.condition, { kind: "ternary", part: "condition" });
      const whenTrue = formatOperand(l, expr.whenTrue, { kind: "ternary", part: "true" });
      return `${condition} ? ${whenTrue} : ${formatOperand(l, expr.whenFalse, { kind: "ternary", part: "false" })}`;
    }
    case "call": {
      const callee = formatExpr(l, expr.callee);
      return `${callee}(${formatArgs(l, expr.args, expr.callee.end, expr.end, l.bytes(callee) + 1)})`;
    }
    case "method-call":
      return formatMethodCall(l, expr);
    case "property":
      return `${object(l, expr.object)}${expr.optional ? "?." : "."}${expr.name.name}`;
    case "index":
      return `${object(l, expr.object)}[${formatExpr(l, expr.index)}]`;
    case "slice": {
      const from = expr.from ? formatExpr(l, expr.from) : "";
      return `${object(l, expr.object)}[${from}:${expr.to ? formatExpr(l, expr.to) : ""}]`;
    }
    case "range": {
      const [from, to] = [expr.from, expr.to].map((end) => formatOperand(l, end, { kind: "range" }));
      return `${from} to ${to}${expr.exclusive ? " exclusive" : ""}`;
    }
    case "closure":
      return formatClosure(l, expr);
    case "if":
      return formatIf(l, expr, l.base, false);
    case "match":
      return formatMatch(l, expr, false);
    case "try":
      return formatTry(l, expr, l.base, false);
    case "try-star":
      return `try* ${formatOperand(l, expr.value, { kind: "unary" })}`;
    case "propagate":
      return `${object(l, expr.value)}?`;
    case "retry":
      return `retry ${formatOperand(l, expr.count, { kind: "primary" })} ${formatBody(l, expr.body, l.base, false)}`;
    case "deadline": {
      const duration = formatOperand(l, expr.duration, { kind: "primary" });
      return `deadline ${duration} ${formatBody(l, expr.body, l.base, false)}`;
    }
    case "mutex":
    case "spawn":
      return `${expr.kind} ${formatBody(l, expr.body, l.base, false)}`;
    case "yield":
      return expr.value ? `yield ${formatExpr(l, expr.value)}` : "yield";
    case "parallel":
      return formatParallel(l, expr, false);
    case "select":
      return formatSelect(l, expr);
    default:
      return unreachable(expr);
  }
}

function object(l: Layout, expr: Expr): string {
  return formatOperand(l, expr, { kind: "object" });
}

/** Of a literal in brackets. */
function inside({ start, end }: Span): Brackets {
  return { open: start + 1, close: end - 1, prefix: 1 };
}

/** `calleeEnd`: where the text in front of the parentheses ends; `end`: behind the closing one. */
function formatArgs(l: Layout, args: readonly Expr[], calleeEnd: number, end: number, prefix: number): string {
  return l.sequence(args, { open: calleeEnd + 1, close: end - 1, prefix }, (arg) => formatExpr(l, arg));
}

function formatBinary(l: Layout, expr: Extract<Expr, { kind: "binary" }>): string {
  const { op } = expr;
  const left = formatOperand(l, expr.left, { kind: "binary", op, isRight: false });
  const safe = mayBeginLine(op);
  const pad = "  ".repeat(l.base + 1);
  const between = safe ? l.comments.take(expr.left.end, expr.right.start) : [];
  const right = formatOperand(l, expr.right, { kind: "binary", op, isRight: true });
  const inline = `${left} ${op} ${right}`;
  const mustBreak =
    l.breaksBetween(expr.left.start, expr.right.start) ||
    left.includes("\n") ||
    between.length > 0 ||
    l.base * 2 + l.bytes(inline) > l.width;
  if (!mustBreak) return inline;
  return `${left}${safe ? "" : " \\"}\n${l.commentLines(between, l.base + 1)}${pad}${op} ${right}`;
}

function formatMethodCall(l: Layout, expr: Extract<Expr, { kind: "method-call" }>): string {
  const target = object(l, expr.object);
  const dot = expr.optional ? "?." : ".";
  const between = l.comments.take(expr.object.end, expr.method.start);
  const prefix = l.bytes(target) + l.bytes(expr.method.name) + 1 + dot.length;
  const args = formatArgs(l, expr.args, expr.method.end, expr.end, prefix);
  const call = `${dot}${expr.method.name}(${args})`;
  const mustBreak = between.length > 0 || l.breaksBetween(expr.object.end, expr.end) || args.includes("\n");
  if (!mustBreak) return target + call;
  return `${target}\n${l.commentLines(between, l.base + 1)}${"  ".repeat(l.base + 1)}${call}`;
}

function formatEntries(l: Layout, entries: readonly DictEntry[], brackets: Brackets): string {
  return l.sequence(entries, brackets, (entry) => formatEntry(l, entry));
}

function formatEntry(l: Layout, { key, value }: DictEntry): string {
  if (key === null) return `...${formatExpr(l, value)}`;
  const name = key.kind === "key-name" ? formatKey(key.name) : formatComputedKey(l, key.expr);
  return `${name}: ${formatExpr(l, value)}`;
}

/** A computed key that is a plain text reads like a name. */
function formatComputedKey(l: Layout, expr: Expr): string {
  if (expr.kind === "string" && expr.style !== "raw") return formatKey(expr.value);
  return `[${formatExpr(l, expr)}]`;
}

function formatKey(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `["${escapePlain(name)}"]`;
}

export function formatDuration(ms: number): string {
  if (ms === 0) return "0ms";
  for (const [unit, size] of [
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
  ] as const) {
    if (ms % size === 0) return `${BigInt(ms / size)}${unit}`;
  }
  return `${BigInt(ms)}ms`;
}

// ---------------------------------------------------------------- closures

function formatClosure(l: Layout, expr: Extract<Expr, { kind: "closure" }>): string {
  const { body, style } = expr;
  const params = expr.params.map((param) => formatParam(l, param)).join(", ");
  const inline = inlineBody(l, body);
  if (style === "fn") {
    return `fn(${params}) ${inline === null ? formatBody(l, body, l.base, false) : `{ ${inline} }`}`;
  }
  const head = params === "" ? "->" : `${params} ->`;
  if (inline !== null) return `{ ${head} ${inline} }`;
  return `{ ${head}${formatBody(l, body, l.base, false).slice(1)}`;
}

/** The text of a body that is one simple statement and so stands on its head's line, or null. */
export function inlineBody(l: Layout, body: Block): string | null {
  const [only, second] = body.stmts;
  if (only === undefined || second !== undefined || !isSimple(only)) return null;
  return l.comments.has(body.start, body.end) ? null : formatStmt(l, only, l.base, false);
}

function isSimple(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case "assign":
    case "return":
    case "break":
    case "continue":
    case "require":
      return true;
    case "expr":
      return isSimpleExpr(stmt.expr);
    default:
      return false;
  }
}

function isSimpleExpr(expr: Expr): boolean {
  switch (expr.kind) {
    case "string":
      return expr.style !== "raw";
    case "interpolation":
    case "int":
    case "float":
    case "bool":
    case "nil":
    case "name":
    case "duration":
    case "binary":
    case "unary":
    case "call":
    case "method-call":
    case "property":
    case "index":
    case "slice":
    case "ternary":
    case "list":
    case "dict":
    case "range":
    case "propagate":
    case "try-star":
      return true;
    default:
      return false;
  }
}

// ---------------------------------------------------------------- match patterns

export function formatMatchPattern(l: Layout, pattern: MatchPattern): string {
  switch (pattern.kind) {
    case "match-wildcard":
      return "_";
    case "match-name":
      return pattern.name;
    case "match-value":
      return formatExpr(l, pattern.value);
    case "match-enum":
      return formatExpr(l, pattern.value);
    case "match-dict": {
      const field = (part: (typeof pattern.fields)[number]) =>
        `${formatKey(part.key)}: ${formatMatchPattern(l, part.pattern)}`;
      return `{${l.sequence(pattern.fields, inside(pattern), field)}}`;
    }
    case "match-list": {
      const { elements, rest } = pattern;
      const parts: readonly (MatchPattern | Ident)[] = rest ? [...elements, rest] : elements;
      const element = (part: MatchPattern | Ident) =>
        part === rest ? `...${rest.name}` : formatMatchPattern(l, part as MatchPattern);
      return `[${l.sequence(parts, inside(pattern), element)}]`;
    }
    case "match-or":
      return pattern.options.map((option) => formatMatchPattern(l, option)).join(" | ");
    default:
      return unreachable(pattern);
  }
}
